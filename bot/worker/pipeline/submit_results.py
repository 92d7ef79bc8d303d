"""Outcomes of a submission, each recorded in one transaction."""

import asyncio
import logging
from typing import Any, Final

from bot.failpoints import point
from bot.provider.errors import ProviderThrottled
from bot.provider.wire import CreatedTask
from bot.services.operations import circuit_breaker
from bot.services.quotas.costs import COST_CHECK_MS, SaidCost, micros_of, note_cost
from bot.services.quotas.reservations import give_cost_back
from bot.services.requests import lifecycle
from bot.services.requests.failures import Failure
from bot.services.wakeup import Topic
from bot.worker.context import WorkerContext
from bot.worker.pipeline.poll_schedule import SHORTEST_MS, next_poll_ms
from bot.worker.pipeline.slots import SLOT_MS, UNCERTAIN_SLOT_MS
from bot.worker.pipeline.task_id_journal import JournalEntry, journaled_ids, remove_journaled_id
from bot.worker.pipeline.transitions import move
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import Conflict, StorageError, StorageUnavailable
from storage.quotas import cost_checks
from storage.records import Request, State
from storage.requests import fair_queue, requests

logger = logging.getLogger(__name__)

THROTTLE_JITTER_MS: Final = 2_000
KEEP_ID_PAUSE_S: Final = 1.0
JOURNAL_AFTER_S: Final = 1.0
"""How long recording a task id may take before the id is also written to disk."""
NOTHING_SAID: Final = SaidCost(None, "create", 0)


async def accepted(
    context: WorkerContext, request: Request, created: CreatedTask
) -> Request | None:
    """Record the task id, which must not get lost once it is known.

    Waits while the database is unavailable, with the id in the journal. None when the request
    had moved on meanwhile.
    """
    task_id = created.task_id
    logger.info(
        "A request was submitted",
        extra={"action": "request.submitted", "request_id": request.id, "task_id": task_id},
    )
    # a shot waits from its turn in its series on
    asked_at_ms = request.acked_at_ms if request.series_of else request.created_at_ms
    context.metrics.submitted(context.clock() - asked_at_ms)
    running = await _running(context, request, task_id)
    said = SaidCost(micros_of(created.cost), "create", request.intent_at_ms)
    journal = JournalEntry(context.settings.data_dir, request.id, task_id)
    while True:
        recording = asyncio.ensure_future(_run_it(context, request, running, said))
        try:
            # a database that hangs says nothing for minutes: the id is on disk by then
            await asyncio.wait({recording}, timeout=JOURNAL_AFTER_S)
            if not recording.done():
                await journal.keep()
            moved = await recording
            break
        except asyncio.CancelledError:
            await journal.keep()
            recording.cancel()
            raise
        except StorageError as error:
            logger.error(
                "A task id cannot be recorded yet",
                extra={
                    "action": "submit.journal",
                    "request_id": request.id,
                    "task_id": task_id,
                    "error": repr(error),
                },
            )
            await journal.keep()
            if not isinstance(error, StorageUnavailable):
                raise
        # A billed task whose id is nowhere else: waiting is the only choice.
        await asyncio.sleep(KEEP_ID_PAUSE_S)
    point("submit.recorded")
    await journal.forget()
    context.wakeup(Topic.REQUESTS, Topic.CARDS)
    return moved


async def _run_it(
    context: WorkerContext, request: Request, running: dict[str, Any], said: SaidCost
) -> Request | None:
    try:
        return await _run_at_once(context, request, running, said)
    except Conflict:
        # Cancelled, or declared uncertain, before the answer arrived: keep the id.
        if not await _late_id(context, request.id, running, said):
            _report_second_task(request.id, running["task_id"])
        now_ms = context.clock()
        await context.database.write(lambda tx: circuit_breaker.note_success(tx, now_ms))
        return None


@repeated
async def _run_at_once(
    context: WorkerContext, request: Request, running: dict[str, Any], said: SaidCost
) -> Request:
    """Record the task id, that the provider answers, and the cost so far. Raises: LeaseLost."""
    now_ms = context.clock()

    async def record(tx: Transaction) -> Request:
        moved = await requests.move(
            tx,
            request.id,
            source=request.state,
            target=State.RUNNING,
            owner=context.settings.owner,
            now_ms=now_ms,
            **running,
        )
        await circuit_breaker.note_success(tx, now_ms)
        return await note_cost(tx, request.id, said, now_ms) if said.is_known else moved

    return await context.database.write(record)


async def _running(context: WorkerContext, request: Request, task_id: str) -> dict[str, Any]:
    now_ms = context.clock()
    first_poll_ms = context.settings.fixed_poll_ms or await _first_poll_ms(context, request, now_ms)
    return {
        "task_id": task_id,
        "submitted_at_ms": now_ms,
        "slot_until_ms": now_ms + SLOT_MS,
        "due_at_ms": now_ms + first_poll_ms,
        "lease_owner": "",
    }


async def _first_poll_ms(context: WorkerContext, request: Request, now_ms: int) -> int:
    """When to poll first: just after the time at which similar videos were ready."""
    try:
        samples = await context.database.read(
            lambda tx: requests.samples(tx, request.model, request.seconds)
        )
    except StorageError:
        return SHORTEST_MS
    return next_poll_ms(samples, now_ms, now_ms)


@repeated
async def _late_id(
    context: WorkerContext,
    request_id: str,
    running: dict[str, Any],
    said: SaidCost = NOTHING_SAID,
) -> bool:
    """Record a task id of a request that has moved on; False where it has another task by now.

    An uncertain one resumes running, and so does one that an owner has queued again meanwhile: it
    is not submitted a second time. What one that has ended cost is asked later.
    """
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        # locked: whoever has the lease by now may be making it uncertain at this moment
        now = await requests.locked(tx, request_id)
        if now is None or (now.task_id and now.state is not State.UNCERTAIN):
            return now is not None and now.task_id == running["task_id"]
        is_queued = now.state is State.QUEUED and not now.shots
        if is_queued or now.state in (State.UNCERTAIN, State.SUBMITTING):
            await requests.move(
                tx,
                request_id,
                source=now.state,
                target=State.RUNNING,
                now_ms=now_ms,
                **running,
            )
        else:
            await requests.note(tx, request_id, source=now.state, owner=None, **running)
            await cost_checks.expect(tx, request_id, now_ms + COST_CHECK_MS)
        await note_cost(tx, request_id, said, now_ms)
    context.wakeup()
    return True


def _report_second_task(request_id: str, task_id: str) -> None:
    """An owner had it sent again, and the first answer came after all: both are billed."""
    logger.error(
        "A request has a second task, which nothing is done with; the bill shows its cost",
        extra={"action": "submit.second-task", "request_id": request_id, "task_id": task_id},
    )


async def adopt_journaled_ids(context: WorkerContext) -> None:
    """Record the task ids that an earlier process could only write to the journal."""
    kept = await asyncio.to_thread(journaled_ids, context.settings.data_dir)
    for request_id, task_id in kept.items():
        about = {"action": "submit.adopt", "request_id": request_id, "task_id": task_id}
        try:
            async with context.database.reading() as tx:
                request = await requests.get(tx, request_id)
            if request is None or not await _late_id(
                context, request_id, await _running(context, request, task_id)
            ):
                # of another database, or of a request that was sent again: somebody must look
                logger.error("A journaled task id belongs to no request that waits", extra=about)
                continue
        except StorageError as error:
            logger.error(
                "A journaled task id could not be recorded", extra={**about, "error": repr(error)}
            )
            continue
        await asyncio.to_thread(remove_journaled_id, context.settings.data_dir, request_id)
        logger.info("A journaled task id was recorded", extra=about)


@repeated
async def become_uncertain(
    context: WorkerContext, request: Request, *, task_id: str = "", text: str = ""
) -> Request:
    """Mark a request uncertain and notify everybody concerned; never resubmitted automatically.

    `task_id`: what an answer named although it was an error; kept for whoever settles it.
    """
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        moved = await lifecycle.make_uncertain(
            tx,
            request,
            now_ms=now_ms,
            slot_until_ms=now_ms + UNCERTAIN_SLOT_MS,
            owner=context.settings.owner,
            task_id=task_id,
            provider_text=text,
            owner_ids=context.settings.owner_ids,
        )
    point("uncertain.recorded")
    context.wakeup()
    return moved


@repeated
async def throttled(context: WorkerContext, request: Request, error: ProviderThrottled) -> Request:
    """Handle a 429: lower the limit for a while, and submit nothing before the given time."""
    now_ms = context.clock()
    wait_ms = round(error.retry_after_s * 1000 + context.jitter() * THROTTLE_JITTER_MS)
    async with context.database.transaction() as tx:
        taken = await fair_queue.slots_taken(tx, now_ms)
        await circuit_breaker.note_throttled(
            tx, limit=taken - 1, until_ms=now_ms + wait_ms, now_ms=now_ms
        )
    return await return_to_queue(context, request, wait_ms=wait_ms)


@repeated
async def never_taken(context: WorkerContext, request: Request, failure: Failure) -> Request | None:
    """Handle a refusal of a request that has moved on: nothing runs and nothing is billed.

    A cancelled one releases its slot and cost. An uncertain one fails, and so does one that another
    worker is about to make uncertain. What was sent again since is another submission.
    """
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        now = await requests.locked(tx, request.id)
        if now is None or now.task_id or now.intent_at_ms != request.intent_at_ms:
            return now
        if now.state is State.CANCELLED:
            await give_cost_back(tx, now, now_ms)
            # nobody will ever say what it cost; while that is open, nothing can be told by the key
            await cost_checks.drop(tx, now.id)
            now = await requests.note(
                tx, now.id, source=now.state, owner=None, intent_at_ms=0, slot_until_ms=0
            )
        elif now.state in (State.UNCERTAIN, State.SUBMITTING):
            now = await lifecycle.fail(tx, now, failure, now_ms=now_ms, intent_at_ms=0)
    context.wakeup()
    return now


async def return_to_queue(
    context: WorkerContext, request: Request, *, wait_ms: int, **changes: object
) -> Request:
    """Release the slot and queue the request again: certainly no task was started."""
    moved = await move(
        context,
        request,
        State.QUEUED,
        intent_at_ms=0,
        slot_until_ms=0,
        lease_owner="",
        due_at_ms=context.clock() + wait_ms,
        **{"attempt": request.attempt + 1, **changes},
    )
    context.wakeup()
    return moved
