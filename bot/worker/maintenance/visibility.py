"""Hides, shows and deletes posted videos as reports and moderators decided; retries failures."""

import logging
from typing import Final

from bot.errors import DeliveryError, DiscordUnavailable
from bot.media.errors import StoreUnavailable
from bot.services.log_lines import enqueue_log
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.maintenance.visibility_changer import NextAttempt, VisibilityChanger, about
from storage.engine.transaction import Transaction
from storage.errors import LeaseLost, StorageError
from storage.moderation import visibility
from storage.moderation.visibility import Display, VisibilityChange
from storage.records import NEVER_DUE, Request
from storage.requests import requests

logger = logging.getLogger(__name__)

BACKOFF_MS: Final = (5_000, 15_000, 60_000, 300_000, 900_000, 3_600_000)
OUTAGE_BACKOFF_MS: Final = 300_000
"""The longest wait during an outage; after refusals the waits go on growing."""
WARN_AFTER: Final = 2
"""Refusals before the log channel is told that a video is still visible."""
GIVE_UP_AFTER: Final = 40
"""Failures, over a day and a half, after which the change is given up."""


class VisibilityStep:
    """The step for one claimed change: one attempt, or when to try again.

    Failures are counted in the row, so that waits grow across restarts and workers.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._changer = VisibilityChanger(context)

    async def run(self, change: VisibilityChange) -> None:
        """Make one attempt; handles its own errors."""
        try:
            with self._context.files.hold(change.request_id):
                await self._changer.change(change)
        except LeaseLost:
            logger.info(
                "Another worker has this visibility change", extra=about(change, "visibility.lease")
            )
        except StorageError as error:
            logger.warning(
                "The database is unavailable; the visibility change stays due",
                extra={**about(change, "visibility.storage"), "error": repr(error)},
            )
        except NextAttempt as how:
            await self._try_otherwise(change, how)
        except (DeliveryError, StoreUnavailable, OSError) as error:
            await self._back_off(change, error)

    async def _back_off(
        self, change: VisibilityChange, error: DeliveryError | StoreUnavailable | OSError
    ) -> None:
        """Try the same way again, with growing waits."""
        wait_ms = BACKOFF_MS[min(change.attempt, len(BACKOFF_MS) - 1)]
        is_outage = isinstance(error, DiscordUnavailable | StoreUnavailable | OSError)
        if isinstance(error, DiscordUnavailable):
            wait_ms = min(wait_ms, OUTAGE_BACKOFF_MS)
            wait_ms = max(wait_ms, round((error.retry_after_s or 0) * 1000))
        await self._reschedule(
            change,
            error,
            wait_ms=wait_ms,
            is_edit_refused=change.is_edit_refused,
            limit_bytes=change.limit_bytes,
            is_refusal=not is_outage,
        )

    async def _try_otherwise(self, change: VisibilityChange, how: NextAttempt) -> None:
        wait_ms = 0 if how.at_once else BACKOFF_MS[min(change.attempt, len(BACKOFF_MS) - 1)]
        await self._reschedule(
            change,
            how,
            wait_ms=wait_ms,
            is_edit_refused=how.is_edit_refused,
            limit_bytes=how.limit_bytes,
            is_refusal=not how.at_once,
        )

    async def _reschedule(
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
            if request is not None and is_plain and is_refusal and change.attempt >= WARN_AFTER:
                await _enqueue_warning(tx, change, request, now_ms)
        self._context.wakeup()


async def _enqueue_warning(
    tx: Transaction, change: VisibilityChange, request: Request, now_ms: int
) -> None:
    """Tell the log channel once that a video which should be hidden is not."""
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
