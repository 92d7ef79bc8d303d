"""Grants provider slots over all processes: fairly, and never more than the limit."""

import logging
from collections.abc import Sequence
from typing import Final

from bot.failpoints import point
from bot.services.moderation.review_lifecycle import inputs_are_ready
from bot.services.operations.circuit_breaker import (
    FACT,
    PAUSED,
    THROTTLE,
    is_paused,
    read_health,
    throttled_limit,
)
from bot.worker.context import WorkerContext
from bot.worker.pipeline.transitions import note
from storage.engine.database import slots_lock
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import Conflict
from storage.operations import key_values
from storage.records import NEVER_DUE, Request, State
from storage.requests import fair_queue, inputs, requests

logger = logging.getLogger(__name__)

SLOT_MS: Final = 30 * 60_000
"""The longest a running task holds its slot, so that stuck ones cannot block the bot."""
AT_ONCE: Final = 50
"""So many slots are given in one transaction: it holds the lock of all processes."""
TRIES: Final = 3
UNCERTAIN_SLOT_MS: Final = 15 * 60_000


async def take_slots(context: WorkerContext) -> list[Request]:
    """Choose the next requests in fair order and move them to `submitting`.

    Returns them leased to this process. Nothing passes while the owner has paused the bot, while
    the circuit breaker is open, or while the provider asked for patience.
    """
    chosen = list[Request]()
    for _ in range(TRIES):
        line = await context.database.read(lambda tx: _next_in_line(context, tx))
        if not line:
            return []
        try:
            chosen = await _grant_all(context, line)
        except Conflict:
            # one of them was cancelled at this very moment
            continue
        if chosen:
            break
        # another process took them, or the last slot, since they were read
    if chosen:
        point("slot.given")
    for request in chosen:
        logger.info(
            "A request got a provider slot",
            extra={"action": "request.slot", "request_id": request.id, "model": request.model},
        )
    return chosen


async def _next_in_line(context: WorkerContext, tx: Transaction) -> list[Request]:
    """As many as there are free slots; without a lock, as ordering a long queue takes long."""
    now_ms = context.clock()
    limit = min(await _free_slots(context, tx, now_ms), AT_ONCE)
    if limit <= 0:
        return []
    host = context.settings.host
    return await fair_queue.next_in_queue(tx, now_ms, host=host, limit=limit)


@repeated
async def _grant_all(context: WorkerContext, line: Sequence[Request]) -> list[Request]:
    """Give slots to those that still wait, one process at a time, and never more than are free."""
    now_ms = context.clock()

    async def grant(tx: Transaction) -> list[Request]:
        await slots_lock(tx)
        free = await _free_slots(context, tx, now_ms)
        if free <= 0:
            return []
        waiting = await fair_queue.still_waiting(tx, line, now_ms, host=context.settings.host)
        return [await _grant(context, tx, request, now_ms) for request in waiting[:free]]

    return await context.database.write(grant)


async def _grant(context: WorkerContext, tx: Transaction, request: Request, now_ms: int) -> Request:
    return await requests.move(
        tx,
        request.id,
        source=State.QUEUED,
        target=State.SUBMITTING,
        now_ms=now_ms,
        lease_owner=context.settings.owner,
        due_at_ms=now_ms + context.settings.lease_ms,
        # "try later" refusals count across all its submissions
        attempt=request.attempt,
        started_at_ms=now_ms,
        intent_at_ms=0,
        slot_until_ms=now_ms + SLOT_MS,
    )


async def _free_slots(context: WorkerContext, tx: Transaction, now_ms: int) -> int:
    await key_values.read_ahead(tx, FACT, PAUSED, THROTTLE)
    health = await read_health(tx)
    if health.is_open or await is_paused(tx):
        return 0
    if health.is_suspect:
        counts = await requests.count_by_state(tx)
        if counts.get(State.SUBMITTING):
            return 0
    lowered, _ = await throttled_limit(tx, now_ms)
    limit = (
        context.settings.max_active
        if lowered is None
        else min(lowered, context.settings.max_active)
    )
    free = limit - await fair_queue.slots_taken(tx, now_ms)
    return min(1, free) if health.is_suspect else free


async def ready_again(context: WorkerContext, request: Request) -> Request:
    """Make a delayed request eligible for a slot again, if its files are still there.

    A held one, which an owner let go on after a restore, gets its review card.
    """
    async with context.database.reading() as tx:
        rows = await inputs.of_request(tx, request.id)
    if await context.files.are_there([row.path for row in rows if row.path]):
        return await _rest(context, request)
    return await note(context, request, prepared_at_ms=0, host="", due_at_ms=context.clock())


@repeated
async def _rest(context: WorkerContext, request: Request) -> Request:
    async with context.database.transaction() as tx:
        rested = await requests.note(
            tx,
            request.id,
            source=request.state,
            owner=context.settings.owner,
            due_at_ms=NEVER_DUE,
            lease_owner="",
        )
        await inputs_are_ready(tx, rested, context.clock())
    return rested
