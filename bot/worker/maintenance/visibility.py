"""Makes posted videos look as reports and moderators have it: hidden, shown again, gone."""

import asyncio
import logging
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.errors import DeliveryError, DiscordUnavailable
from bot.services.requests.lifecycle import owe_log
from bot.worker.claim_loop import IDLE_S, ClaimLoop, Outlook
from bot.worker.context import Parts
from bot.worker.maintenance.visibility_steps import ShowingSteps, TryOtherwise, about
from bot.worker.outbox.review_cards import ReviewMessenger
from bot.worker.step_slots import Slots, SlotTable
from bot.worker.wakeup import Nudge
from storage.engine.database import Transaction
from storage.errors import LeaseLost, StorageError
from storage.moderation import visibility
from storage.moderation.visibility import Showing, Shown
from storage.records import PARKED, Request
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


class Showings:
    """Claims what is due, so that one worker at a time changes a message, and tries until it holds.

    What fails is tried ever more rarely, after a restart and by another worker as well.
    """

    def __init__(self, parts: Parts, messenger: ReviewMessenger, nudge: Nudge) -> None:
        self._parts = parts
        self._steps = ShowingSteps(parts, messenger)
        self._loop: ClaimLoop[Showing] = ClaimLoop(
            "showings",
            self,
            SlotTable(SLOTS),
            renew_every_s=parts.settings.lease_ms / 3000,
            nudge=nudge,
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set."""
        await self._loop.run(stop)

    async def finish(self, grace_s: float) -> None:
        """Give what is in work so long to end."""
        await self._loop.finish(grace_s)

    async def step(self, row: Showing) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        showing = row
        try:
            await self._steps.change(showing)
        except LeaseLost:
            logger.info("Another worker has this video", extra=about(showing, "showing.lease"))
        except StorageError as error:
            logger.warning(
                "The database can't be asked; how a video is shown stays due",
                extra={**about(showing, "showing.storage"), "error": repr(error)},
            )
        except TryOtherwise as how:
            await self._put_off(showing, how)
        except (DeliveryError, OSError) as error:
            await self._wait(showing, error)

    async def _wait(self, showing: Showing, error: DeliveryError | OSError) -> None:
        """The same way again, after a while that grows."""
        wait_ms = BACKOFF_MS[min(showing.attempt, len(BACKOFF_MS) - 1)]
        is_away = isinstance(error, DiscordUnavailable | OSError)
        if isinstance(error, DiscordUnavailable):
            wait_ms = min(wait_ms, OUTAGE_BACKOFF_MS)
            wait_ms = max(wait_ms, round((error.retry_after_s or 0) * 1000))
        await self._later(
            showing,
            error,
            wait_ms=wait_ms,
            is_edit_refused=showing.is_edit_refused,
            limit_bytes=showing.limit_bytes,
            is_refusal=not is_away,
        )

    async def _put_off(self, showing: Showing, how: TryOtherwise) -> None:
        wait_ms = 0 if how.at_once else BACKOFF_MS[min(showing.attempt, len(BACKOFF_MS) - 1)]
        await self._later(
            showing,
            how,
            wait_ms=wait_ms,
            is_edit_refused=how.is_edit_refused,
            limit_bytes=how.limit_bytes,
            is_refusal=not how.at_once,
        )

    async def _later(
        self,
        showing: Showing,
        error: Exception,
        *,
        wait_ms: int,
        is_edit_refused: bool,
        limit_bytes: int,
        is_refusal: bool,
    ) -> None:
        now_ms = self._parts.clock()
        gives_up = is_refusal and showing.attempt >= GIVE_UP_AFTER
        logger.log(
            logging.ERROR if gives_up else logging.WARNING,
            "A posted video can't be changed now",
            extra={**about(showing, "showing.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        async with self._parts.database.transaction() as tx:
            await visibility.put_off(
                tx,
                showing,
                now_ms=now_ms,
                due_at_ms=PARKED if gives_up else now_ms + wait_ms,
                is_edit_refused=is_edit_refused,
                limit_bytes=limit_bytes,
            )
            request = await requests.get(tx, showing.request_id)
            is_plain = showing.wanted is Shown.SPOILER
            if request is not None and is_plain and is_refusal and showing.attempt >= TELL_AFTER:
                await _tell(tx, showing, request, now_ms)
        self._parts.nudge()

    async def look(self, at_work: Sequence[Showing]) -> Outlook:  # noqa: ARG002 - as asked for
        """See `bot.worker.claim_loop.Queue`; a newer request follows the one in progress."""
        async with self._parts.database.reading() as tx:
            due_ms = await visibility.next_due_ms(tx)
        return Outlook(IDLE_S if due_ms is None else (due_ms - self._parts.clock()) / 1000)

    async def due(self, exclude: Collection[str], *, share: int, window: int) -> Sequence[Due]:
        """See `bot.worker.claim_loop.Queue`."""
        async with self._parts.database.reading() as tx:
            return await due_work.showings_due(
                tx, now_ms=self._parts.clock(), exclude=exclude, share=share, window=window
            )

    async def claim(self, ids: Collection[str]) -> Sequence[Showing]:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._parts.settings
        async with self._parts.database.transaction() as tx:
            return await visibility.claim(
                tx,
                ids,
                owner=settings.owner,
                now_ms=self._parts.clock(),
                lease_ms=settings.lease_ms,
            )

    async def renew(self, ids: Collection[str]) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._parts.settings
        until_ms = self._parts.clock() + settings.lease_ms
        async with self._parts.database.transaction() as tx:
            await visibility.renew(tx, owner=settings.owner, ids=ids, until_ms=until_ms)


async def _tell(tx: Transaction, showing: Showing, request: Request, now_ms: int) -> None:
    """Say once in the log channel that a video which should be hidden is not."""
    await owe_log(
        tx,
        request.guild_id,
        f"{request.id}:hiding:{showing.version}:log",
        "log-not-hidden",
        {"id": request.id, "user": str(request.user_id)},
        now_ms=now_ms,
        request_id=request.id,
    )
