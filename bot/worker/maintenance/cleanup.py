"""Cleans up after crashed processes: partial downloads and unacknowledged requests."""

import logging
import os
import time
from pathlib import Path
from typing import Final

from bot.services.requests import lifecycle
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from storage.engine.retry import repeated
from storage.errors import Conflict
from storage.records import Request
from storage.requests import acknowledgements

logger = logging.getLogger(__name__)

BATCH: Final = 100
UNACKNOWLEDGED_AFTER_MS: Final = 2 * 60 * 1000


class UnacknowledgedRequests:
    """Expires requests that were never acknowledged.

    Their interaction response was lost and their card could not be sent: nothing may be spent on
    them, so they would wait for ever.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._items = ItemRunner("request.unacknowledged", context.clock)

    async def end(self) -> None:
        """One pass. Raises: StorageError."""
        before_ms = self._context.clock() - UNACKNOWLEDGED_AFTER_MS
        async with self._context.database.reading() as tx:
            lost = await acknowledgements.unacknowledged(
                tx, before_ms=before_ms, exclude=self._items.backing_off, limit=BATCH
            )
        await self._items.each(lost, lambda request: request.id, self._end)
        if lost:
            self._context.wakeup()

    @repeated
    async def _end(self, request: Request) -> None:
        try:
            async with self._context.database.transaction() as tx:
                await lifecycle.fail(tx, request, "unseen", now_ms=self._context.clock())
        except Conflict:
            # it has just moved
            return
        logger.warning(
            "An unacknowledged request expired",
            extra={"action": "request.unacknowledged", "request_id": request.id},
        )


def remove_broken_downloads(data_dir: Path, *, older_than_s: float) -> None:
    """Delete partial downloads of a crashed process; called once at the start.

    `older_than_s` spares those of another live worker on the same directory. What can't be deleted
    is logged and does not prevent the start.
    """
    now_s = time.time()
    for folder, _, names in os.walk(data_dir):
        for name in names:
            path = Path(folder) / name
            if ".part" not in name:
                continue
            try:
                if now_s - path.lstat().st_mtime >= older_than_s:
                    path.unlink(missing_ok=True)
            except FileNotFoundError:
                continue
            except OSError as error:
                logger.error(
                    "A partial download cannot be removed",
                    extra={"action": "files.broken", "file": name, "error": repr(error)},
                )
