"""Makes posted videos look as reports and moderators have it: hidden, shown again, gone."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.errors import DeliveryError, DiscordUnavailable
from bot.services.outbox import enqueue_log
from bot.services.server_settings import read_settings
from bot.worker.claim_loop import IDLE_S, ClaimLoop, Outlook
from bot.worker.context import WorkerContext
from bot.worker.maintenance.visibility_steps import NextAttempt, VisibilitySteps, about
from bot.worker.outbox.review_cards import ReviewMessenger
from bot.worker.step_slots import Slots, SlotTable
from bot.worker.wakeup import Wakeup
from storage.engine.transaction import Transaction
from storage.errors import LeaseLost, StorageError
from storage.moderation import visibility
from storage.moderation.visibility import Display, VisibilityChange
from storage.records import NEVER_DUE, Request
from storage.requests import due_work, requests
from storage.requests.due_work import Due, StepKind

logger = logging.getLogger(__name__)

SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {StepKind.SHOW: Slots(8, 2), StepKind.RESHOW: Slots(2, 1)}
)
"""Hiding by an edit never waits for a file that goes up anew, nor one channel for another."""
BACKOFF_MS: Final = (5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
OUTAGE_BACKOFF_MS: Final = 300_000
"""What Discord refuses is tried ever more rarely; while it is only away, at least so often."""
TELL_AFTER: Final = 2
"""So many refusals before the log channel is told that a video still stands unhidden."""
GIVE_UP_AFTER: Final = 40
"""Failures, over a day and a half, after which the place counts as gone for good."""


class VisibilityChanges:
    """Claims what is due, so that one worker at a time changes a message, and tries until it holds.

    What fails is tried ever more rarely, after a restart and by another worker as well.
    """

    def __init__(self, context: WorkerContext, messenger: ReviewMessenger, wakeup: Wakeup) -> None:
        self._context = context
        self._steps = VisibilitySteps(context, messenger)
        self._loop: ClaimLoop[VisibilityChange] = ClaimLoop(
            "showings",
            self,
            SlotTable(SLOTS),
            renew_every_s=context.settings.lease_ms / 3000,
            wakeup=wakeup,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        await self._loop.run(stop)

    async def finish(self, grace_s: float) -> None:
        """Give what is in work so long to end."""
        await self._loop.finish(grace_s)

    async def step(self, row: VisibilityChange) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        change = row
        try:
            await self._steps.change(change)
        except LeaseLost:
            logger.info("Another worker has this video", extra=about(change, "visibility.lease"))
        except StorageError as error:
            logger.warning(
                "The database can't be asked; how a video is shown stays due",
                extra={**about(change, "visibility.storage"), "error": repr(error)},
            )
        except NextAttempt as how:
            await self._put_off(change, how)
        except (DeliveryError, OSError) as error:
            await self._wait(change, error)

    async def _wait(self, change: VisibilityChange, error: DeliveryError | OSError) -> None:
        """The same way again, after a while that grows."""
        wait_ms = BACKOFF_MS[min(change.attempt, len(BACKOFF_MS) - 1)]
        is_away = isinstance(error, DiscordUnavailable | OSError)
        if isinstance(error, DiscordUnavailable):
            wait_ms = min(wait_ms, OUTAGE_BACKOFF_MS)
            wait_ms = max(wait_ms, round((error.retry_after_s or 0) * 1000))
        await self._later(
            change,
            error,
            wait_ms=wait_ms,
            is_edit_refused=change.is_edit_refused,
            limit_bytes=change.limit_bytes,
            is_refusal=not is_away,
        )

    async def _put_off(self, change: VisibilityChange, how: NextAttempt) -> None:
        wait_ms = 0 if how.at_once else BACKOFF_MS[min(change.attempt, len(BACKOFF_MS) - 1)]
        await self._later(
            change,
            how,
            wait_ms=wait_ms,
            is_edit_refused=how.is_edit_refused,
            limit_bytes=how.limit_bytes,
            is_refusal=not how.at_once,
        )

    async def _later(
        self,
        change: VisibilityChange,
        error: Exception,
        *,
        wait_ms: int,
        is_edit_refused: bool,
        limit_bytes: int,
        is_refusal: bool,
    ) -> None:
        now_ms = self._context.clock()
        gives_up = is_refusal and change.attempt >= GIVE_UP_AFTER
        logger.log(
            logging.ERROR if gives_up else logging.WARNING,
            "A posted video can't be changed now",
            extra={**about(change, "visibility.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        async with self._context.database.transaction() as tx:
            await visibility.put_off(
                tx,
                change,
                now_ms=now_ms,
                due_at_ms=NEVER_DUE if gives_up else now_ms + wait_ms,
                is_edit_refused=is_edit_refused,
                limit_bytes=limit_bytes,
            )
            request = await requests.get(tx, change.request_id)
            is_plain = change.wanted is Display.SPOILER
            if request is not None and is_plain and is_refusal and change.attempt >= TELL_AFTER:
                await _tell(tx, change, request, now_ms)
        self._context.wakeup()

    async def look(self, at_work: Sequence[VisibilityChange]) -> Outlook:  # noqa: ARG002 - as asked for
        """See `bot.worker.claim_loop.Queue`; a newer request follows the one in progress."""
        async with self._context.database.reading() as tx:
            due_ms = await visibility.next_due_ms(tx)
        return Outlook(IDLE_S if due_ms is None else (due_ms - self._context.clock()) / 1000)

    async def due(self, exclude: Collection[str], *, share: int, window: int) -> Sequence[Due]:
        """See `bot.worker.claim_loop.Queue`."""
        async with self._context.database.reading() as tx:
            return await due_work.visibility_due(
                tx, now_ms=self._context.clock(), exclude=exclude, share=share, window=window
            )

    async def claim(self, ids: Collection[str]) -> Sequence[VisibilityChange]:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        async with self._context.database.transaction() as tx:
            return await visibility.claim(
                tx,
                ids,
                owner=settings.owner,
                now_ms=self._context.clock(),
                lease_ms=settings.lease_ms,
            )

    async def renew(self, ids: Collection[str]) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        until_ms = self._context.clock() + settings.lease_ms
        async with self._context.database.transaction() as tx:
            await visibility.renew(tx, owner=settings.owner, ids=ids, until_ms=until_ms)


async def _tell(tx: Transaction, change: VisibilityChange, request: Request, now_ms: int) -> None:
    """Say once in the log channel that a video which should be hidden is not."""
    await enqueue_log(
        tx,
        await read_settings(tx, request.guild_id),
        request.guild_id,
        f"{request.id}:hiding:{change.version}:log",
        "log-not-hidden",
        {"id": request.id, "user": str(request.user_id)},
        now_ms=now_ms,
        request_id=request.id,
    )
