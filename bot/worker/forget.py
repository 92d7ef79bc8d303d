"""Carries out what was decided about old and deleted data: prompts, messages, files."""

import asyncio
import logging
from pathlib import Path
from typing import Final

from bot.desk.counting import count_days
from bot.desk.forgetting import end_pseudonyms, erase_old, erase_ownerless, go_on
from bot.desk.forms import SKETCH_MS
from bot.desk.servers import read_settings
from bot.worker.parts import Parts
from bot.worker.removing import remove_files
from bot.worker.takedown import take_down, take_down_films
from storage import erasure, sketches

logger = logging.getLogger(__name__)

DAY_MS: Final = 24 * 60 * 60 * 1000
RETENTION_EVERY_MS: Final = 60 * 60 * 1000
CHUNK: Final = 500
TAKEN_DOWN_AT_ONCE: Final = 50
FOLDERS: Final = ("inputs", "results")


class Forgetter:
    """One pass after another; each finds what is left to do in the database and on the disk.

    Files are looked for on this machine's own disk: with several, nobody else can.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._retention_at_ms = 0
        self._count_at_ms = 0

    async def forget(self) -> None:
        """One pass over everything. Raises: StorageError; the next pass does what is left."""
        now_ms = self._parts.clock()
        if now_ms >= self._retention_at_ms:
            await self._erase_old(now_ms)
            self._retention_at_ms = now_ms + RETENTION_EVERY_MS
        await go_on(self._parts.database, self._parts.clock)
        await erase_ownerless(self._parts.database, self._parts.clock)
        if now_ms >= self._count_at_ms and await count_days(self._parts.database, now_ms):
            self._count_at_ms = now_ms + RETENTION_EVERY_MS
        await self._remove_files()
        await self._take_down()
        await take_down_films(self._parts)

    async def _erase_old(self, now_ms: int) -> None:
        """Every server's time is its own: one that keeps long does not keep others waiting."""
        database, clock = self._parts.database, self._parts.clock
        async with database.reading() as tx:
            guild_ids = await erasure.guilds_with_old(tx, now_ms - DAY_MS)
            days = {each: (await read_settings(tx, each)).retention_days for each in guild_ids}
        for guild_id, kept_days in days.items():
            before_ms = now_ms - kept_days * DAY_MS
            number = await erase_old(database, guild_id, before_ms=before_ms, clock=clock)
            if number:
                logger.info(
                    "Old requests were erased",
                    extra={"action": "requests.erased", "requests": number, "guild": guild_id},
                )
        await end_pseudonyms(database, now_ms)
        async with database.transaction() as tx:
            await sketches.drop_old(tx, now_ms - SKETCH_MS)

    async def _remove_files(self) -> None:
        data_dir = self._parts.settings.data_dir
        there = sorted(await asyncio.to_thread(_ids_on_disk, data_dir))
        for start in range(0, len(there), CHUNK):
            chunk = there[start : start + CHUNK]
            async with self._parts.database.reading() as tx:
                gone = await erasure.erased_of(tx, chunk)
            if gone:
                for request_id in gone:
                    await asyncio.to_thread(remove_files, data_dir, request_id)
                logger.info(
                    "Files were removed", extra={"action": "files.removed", "requests": len(gone)}
                )

    async def _take_down(self) -> None:
        """Remove what stands in Discord about members whose data was deleted."""
        while True:
            async with self._parts.database.reading() as tx:
                found = await erasure.orphaned_posts(tx, limit=TAKEN_DOWN_AT_ONCE)
            for post in found:
                if not await take_down(self._parts, post):
                    return
            if len(found) < TAKEN_DOWN_AT_ONCE:
                return


def _ids_on_disk(data_dir: Path) -> set[str]:
    return {
        path.name.partition(".")[0]
        for folder in FOLDERS
        if (data_dir / folder).is_dir()
        for path in (data_dir / folder).iterdir()
    }
