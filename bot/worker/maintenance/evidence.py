"""Gathers evidence about uncertain requests and, where the owner allows it, settles by it.

Only "not billed" settles, and only with a key that nobody else uses; nothing is ever sent again.
"""

import logging
from collections.abc import Sequence
from typing import Final

from bot.provider.errors import ProviderError
from bot.services.operations.evidence import Evidence, Finding, evidence_of
from bot.services.quotas.costs import note_cost
from bot.services.requests import lifecycle
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from bot.worker.maintenance.cost_checks import ask_cost
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.errors import Conflict
from storage.operations import key_usage, status
from storage.records import Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)

REGULAR_MS: Final = 5 * 60_000
"""The key's use is noted so often."""
CLOSE_MS: Final = 60_000
"""And so often while a request that is uncertain could be decided by the next note; a task that
stands in the way is asked about no more often."""
CLOSE_FOR_MS: Final = 2 * 60 * 60_000
"""For so long after it became uncertain; later notes say no more than the regular ones."""
AT_ONCE: Final = 20
FIRST: Final = (-1, "")
ASKED_AT_ONCE: Final = 5
THIN_AFTER_MS: Final = 3 * DAY_MS
"""Older notes are thinned out to one a day."""


class EvidenceGatherer:
    """Looks at every uncertain request in turn, some in each pass."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._after: tuple[int, str] = FIRST
        """Intent and id of the last one that was looked at: some can never be decided, and those
        behind them have their turn."""
        self._items = ItemRunner("uncertain.evidence", context.clock)
        self._asked_ms: dict[str, int] = {}
        """When tasks that stand in the way were last asked about, by request."""

    async def gather(self) -> None:
        """Note what the key has used if that is due, and look at the next uncertain requests.

        Raises: StorageError.
        """
        context, now_ms = self._context, self._context.clock()
        after_ms, after_id = self._after
        async with context.database.reading() as tx:
            rows = await status.uncertain_after(
                tx, after_ms=after_ms, after_id=after_id, limit=AT_ONCE
            )
            _, newest_ms = await status.count_uncertain(tx)
            first = await key_usage.last(tx, context.settings.key_id)
        self._after = (rows[-1].intent_at_ms, rows[-1].id) if len(rows) == AT_ONCE else FIRST
        if first is None:
            # the first submission makes the first note: before it the key was not used here
            return
        is_close = now_ms - newest_ms < CLOSE_FOR_MS
        await context.key_usage.ensure(CLOSE_MS if is_close else REGULAR_MS)
        await self._items.each(rows, lambda row: row.id, self._look_at)

    async def _look_at(self, row: Request) -> None:
        """Settle a request if the evidence allows it; ask about tasks that stand in the way."""
        context, settings = self._context, self._context.settings
        async with context.database.reading() as tx:
            found = await evidence_of(tx, row, settings.key_id, context.clock())
        if found.finding is Finding.NOT_BILLED and settings.is_key_exclusive:
            await _settle(context, row)
        for request_id in self._due_of(found.asked)[:ASKED_AT_ONCE]:
            await _ask_about(context, request_id)

    def _due_of(self, asked: Sequence[str]) -> list[str]:
        """Those that were not asked about a moment ago: every wake-up is a pass."""
        now_ms = self._context.clock()
        self._asked_ms = {
            each: at_ms for each, at_ms in self._asked_ms.items() if 0 <= now_ms - at_ms < CLOSE_MS
        }
        due = [each for each in asked if each not in self._asked_ms]
        self._asked_ms |= dict.fromkeys(due[:ASKED_AT_ONCE], now_ms)
        return due


async def _ask_about(context: WorkerContext, request_id: str) -> None:
    """Ask what an ended task costs now, so that the next look knows."""
    async with context.database.reading() as tx:
        request = await requests.get(tx, request_id)
    if request is None or not request.task_id:
        return
    try:
        said = await ask_cost(context, request)
    except ProviderError:
        return
    async with context.database.transaction() as tx:
        await note_cost(tx, request_id, said, context.clock())


@repeated
async def _settle(context: WorkerContext, row: Request) -> None:
    """End an uncertain request as never taken, if that is still what the evidence says."""
    now_ms = context.clock()
    try:
        async with context.database.transaction() as tx:
            await requests.lock(tx, row.id)
            request = await requests.get(tx, row.id)
            if request is None or request.intent_at_ms != row.intent_at_ms:
                return
            if request.state is not State.UNCERTAIN:
                return
            found = await evidence_of(tx, request, context.settings.key_id, now_ms)
            if found.finding is not Finding.NOT_BILLED:
                return
            await lifecycle.fail(
                tx,
                request,
                "not-run",
                now_ms=now_ms,
                provider_text=request.provider_text,
                intent_at_ms=0,
                lease_owner="",
                event_note="settled: the key's use did not rise",
            )
    except Conflict:
        return
    _log_settled(row, found)
    context.wakeup()


def _log_settled(row: Request, found: Evidence) -> None:
    notes = (found.before, found.after)
    logger.warning(
        "An uncertain request was settled: the key's use did not rise",
        extra={
            "action": "uncertain.settled",
            "request_id": row.id,
            "used_micros": [note.used_micros for note in notes if note is not None],
            "noted_at_ms": [note.asked_at_ms for note in notes if note is not None],
        },
    )


@repeated
async def thin_out_notes(context: WorkerContext) -> None:
    """Delete notes of the key's use that nothing needs any more. Raises: StorageError."""
    before_ms = context.clock() - THIN_AFTER_MS
    async with context.database.transaction() as tx:
        await key_usage.thin_out(tx, since_ms=before_ms - THIN_AFTER_MS, before_ms=before_ms)
