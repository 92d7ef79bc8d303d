"""Removes a request's files from disk at its end or when it is erased."""

import asyncio
import logging
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from storage.engine.retry import repeated
from storage.privacy import retention

logger = logging.getLogger(__name__)

BATCH: Final = 50
CHUNK: Final = 500
FOLDERS: Final = ("inputs", "results")


def remove_files(data_dir: Path, request_id: str) -> None:
    """Delete a request's references and its video in every size; what is not there is fine.

    Raises: OSError for the first that can't be deleted, after all others are.
    """
    failed: list[OSError] = []
    for path in _of_request(data_dir, request_id):
        try:
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
        except FileNotFoundError:
            continue
        except OSError as error:
            failed.append(error)
    if failed:
        raise failed[0]


def _of_request(data_dir: Path, request_id: str) -> Iterator[Path]:
    folder = data_dir / "inputs" / request_id
    if folder.exists():
        yield folder
    yield from sorted((data_dir / "results").glob(f"{request_id}.*"))


class FileRemover:
    """Frees the disk space of ended requests; with several machines each on its own disk."""

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
        await asyncio.to_thread(remove_files, context.settings.data_dir, request_id)
        async with context.database.transaction() as tx:
            await retention.removed(tx, request_id, context.settings.host, context.clock())

    async def look_through(self) -> None:
        """Remove files on disk that no request needs. Raises: StorageError."""
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

    async def _remove(self, request_id: str) -> None:
        await asyncio.to_thread(remove_files, self._context.settings.data_dir, request_id)


def _ids_on_disk(data_dir: Path) -> set[str]:
    return {
        path.name.partition(".")[0]
        for folder in FOLDERS
        if (data_dir / folder).is_dir()
        for path in (data_dir / folder).iterdir()
    }
