"""Removes the files of names that are gone, once no request needs them."""

import asyncio
from pathlib import Path
from typing import Final

from bot.worker.cast.fetch import FOLDER
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from storage.cast import entries
from storage.engine.retry import repeated

BATCH: Final = 50
CHUNK: Final = 500
TOLD_MS: Final = 60_000
"""A refused entry stays so long, for the answer that tells why."""


class CastFiles:
    """The files of the cast, in a folder for each entry."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._removed = ItemRunner("cast.removed", context.clock)

    async def clean(self) -> None:
        """One pass over removed entries, and over folders without one. Raises: StorageError."""
        before_ms = self._context.clock() - TOLD_MS
        async with self._context.database.reading() as tx:
            ids = await entries.unused(
                tx, self._context.settings.host, before_ms=before_ms, limit=BATCH
            )
        await self._removed.each(ids, str, self._delete)
        await self._removed.each(await self._unknown(), str, self._remove)

    async def _unknown(self) -> list[str]:
        """Folders without an entry: what a process left that died, or an older backup's."""
        there = await asyncio.to_thread(_ids_in, self._context.settings.data_dir / FOLDER)
        unknown: list[str] = []
        for start in range(0, len(there), CHUNK):
            chunk = there[start : start + CHUNK]
            async with self._context.database.reading() as tx:
                known = await entries.known(tx, chunk)
            unknown += [entry_id for entry_id in chunk if entry_id not in known]
        return unknown

    @repeated
    async def _delete(self, entry_id: str) -> None:
        await self._remove(entry_id)
        async with self._context.database.transaction() as tx:
            await entries.delete(tx, [entry_id])

    async def _remove(self, entry_id: str) -> None:
        await self._context.files.remove(entry_id)


def _ids_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []
