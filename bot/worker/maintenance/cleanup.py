"""Takes away what a dead process left behind: broken downloads, requests nobody saw."""

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
from storage.requests import requests

logger = logging.getLogger(__name__)

BATCH: Final = 100
UNSEEN_AFTER_MS: Final = 2 * 60 * 1000


class UnacknowledgedRequests:
    """Ends requests that were taken in without their member ever seeing it.

    Their answer was lost, and their card has no place to stand: without a sign nothing may be
    spent on them, and they would wait for ever.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._items = ItemRunner("request.unacknowledged", context.clock)

    async def end(self) -> None:
        """One pass. Raises: StorageError."""
        before_ms = self._context.clock() - UNSEEN_AFTER_MS
        async with self._context.database.reading() as tx:
            lost = await requests.unacknowledged(
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
            # it has moved in this very moment
            return
        logger.warning(
            "A request of which its member saw nothing was ended",
            extra={"action": "request.unacknowledged", "request_id": request.id},
        )


def remove_broken_downloads(data_dir: Path, *, older_than_s: float) -> None:
    """Delete what a dead process left half-downloaded; called once at the start.

    `older_than_s` spares what another live worker on the same directory is just downloading. What
    can't be deleted stays, and is logged: it keeps nobody from starting.
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
                    "A broken download can't be removed",
                    extra={"action": "files.broken", "file": name, "error": repr(error)},
                )
