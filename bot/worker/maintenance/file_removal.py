"""Removes a request's files at its end or when it is erased."""

import asyncio
import logging
from pathlib import Path
from typing import Final

from bot.media.store.local_files import REQUEST_FOLDERS
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from storage.engine.retry import repeated
from storage.privacy import retention

logger = logging.getLogger(__name__)

BATCH: Final = 50
CHUNK: Final = 500


class FileRemover:
    """Frees the space that ended requests take.

    Without a media store each of several machines clears its own disk.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._ended = ItemRunner("files.ended", context.clock)
        self._on_disk = ItemRunner("files.removed", context.clock)

    async def catch_up(self) -> int:
        """Remove files of ended requests that will never be posted; return of how many requests.

        Raises: StorageError.
        """
        host = self._context.settings.host
        number = 0
        while True:
            async with self._context.database.reading() as tx:
                ids = await retention.left_over(
                    tx,
                    host,
                    now_ms=self._context.clock(),
                    exclude=self._ended.backing_off,
                    limit=BATCH,
                )
            done = await self._ended.each(ids, str, self._free)
            if done:
                logger.info(
                    "Files of ended requests were removed",
                    extra={"action": "files.ended", "requests": done},
                )
            number += done
            if len(ids) < BATCH:
                return number

    @repeated
    async def _free(self, request_id: str) -> None:
        context = self._context
        await context.files.remove(request_id)
        async with context.database.transaction() as tx:
            await retention.removed(tx, request_id, context.settings.host, context.clock())

    async def look_through(self) -> None:
        """Remove files that no request needs any more. Raises: StorageError."""
        await self._remove_erased()
        data_dir = self._context.settings.data_dir
        backing_off = set(self._on_disk.backing_off)
        there = sorted(await asyncio.to_thread(_ids_on_disk, data_dir) - backing_off)
        for start in range(0, len(there), CHUNK):
            async with self._context.database.reading() as tx:
                gone = await retention.removable(
                    tx, there[start : start + CHUNK], self._context.clock()
                )
            done = await self._on_disk.each(sorted(gone), str, self._remove)
            if done:
                logger.info(
                    "Files were removed", extra={"action": "files.removed", "requests": done}
                )

    async def _remove_erased(self) -> None:
        while True:
            gone = await self._context.files.erased(exclude=self._on_disk.backing_off, limit=CHUNK)
            if not await self._on_disk.each(gone, str, self._remove):
                return

    async def _remove(self, request_id: str) -> None:
        await self._context.files.remove(request_id)


def _ids_on_disk(data_dir: Path) -> set[str]:
    return {
        path.name.partition(".")[0]
        for folder in REQUEST_FOLDERS
        if (data_dir / folder).is_dir()
        for path in (data_dir / folder).iterdir()
    }
