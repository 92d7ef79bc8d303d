"""Data retention: erases old and deleted data, such as prompts, messages and files."""

import logging
from typing import Final

from bot.services.moderation.precedents import KEPT_MS
from bot.services.privacy.erasure import end_pseudonyms, erase_old, erase_ownerless, go_on
from bot.services.requests.saved_forms import SAVED_FORM_MS
from bot.services.server_settings import read_settings
from bot.services.showcase.service import VOTING_DAYS
from bot.services.stats.daily_counts import count_days
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner
from bot.worker.maintenance.file_removal import FileRemover
from bot.worker.maintenance.takedown import take_down_all, take_down_films
from storage.durations import DAY_MS
from storage.moderation import decided_content
from storage.privacy import erasure
from storage.requests import saved_forms
from storage.showcase import votes

logger = logging.getLogger(__name__)

RETENTION_EVERY_MS: Final = 60 * 60 * 1000
TAKEN_DOWN_AT_ONCE: Final = 50
ROWS: Final = 500


class Retention:
    """Each pass finds what is left to do in the database and on this machine's disk.

    With several machines each one cleans its own disk.
    """

    def __init__(self, context: WorkerContext, remover: FileRemover) -> None:
        self._context = context
        self._remover = remover
        self._servers = ItemRunner("requests.erased", context.clock)
        self._retention_at_ms = 0
        self._count_at_ms = 0

    async def erase(self) -> None:
        """Erase expired data, and remove files that are no longer needed. Raises: StorageError."""
        try:
            await self._erase()
        finally:
            await self._remover.look_through()

    async def _erase(self) -> None:
        """Erase old requests, and data that no longer belongs to a member."""
        now_ms = self._context.clock()
        if now_ms >= self._retention_at_ms:
            await self._erase_old(now_ms)
            self._retention_at_ms = now_ms + RETENTION_EVERY_MS
        await go_on(self._context.database, self._context.clock)
        await erase_ownerless(self._context.database, self._context.clock)
        if now_ms >= self._count_at_ms and await count_days(self._context.database, now_ms):
            self._count_at_ms = now_ms + RETENTION_EVERY_MS

    async def _erase_old(self, now_ms: int) -> None:
        """Erase old requests by each server's own retention time."""
        async with self._context.database.reading() as tx:
            guild_ids = await erasure.guilds_with_old(tx, now_ms - DAY_MS)
        await self._servers.each(guild_ids, str, self._erase_old_of)
        await end_pseudonyms(self._context.database, now_ms)
        async with self._context.database.transaction() as tx:
            await saved_forms.drop_old(tx, now_ms - SAVED_FORM_MS)
        while await self._forget_decided(now_ms - KEPT_MS):
            pass
        while await self._forget_votes(now_ms - VOTING_DAYS * DAY_MS):
            pass

    async def _forget_decided(self, before_ms: int) -> bool:
        """Forget some of what was decided about words and pictures long ago; False: all of it."""
        async with self._context.database.transaction() as tx:
            return await decided_content.drop_old(tx, before_ms, limit=ROWS)

    async def _forget_votes(self, before_ms: int) -> bool:
        """Forget some votes for videos that take none any more; False: all of them."""
        async with self._context.database.transaction() as tx:
            return await votes.drop_old(tx, before_ms, limit=ROWS)

    async def _erase_old_of(self, guild_id: int) -> None:
        database, clock = self._context.database, self._context.clock
        async with database.reading() as tx:
            kept_days = (await read_settings(tx, guild_id)).retention_days
        before_ms = clock() - kept_days * DAY_MS
        number = await erase_old(database, guild_id, before_ms=before_ms, clock=clock)
        if number:
            logger.info(
                "Old requests were erased",
                extra={"action": "requests.erased", "requests": number, "guild": guild_id},
            )

    async def take_down(self) -> None:
        """Delete messages about members whose data was erased, and their films."""
        await take_down_films(self._context)
        while True:
            async with self._context.database.reading() as tx:
                found = await erasure.orphaned_messages(
                    tx, now_ms=self._context.clock(), limit=TAKEN_DOWN_AT_ONCE
                )
            await take_down_all(self._context, found)
            if len(found) < TAKEN_DOWN_AT_ONCE:
                return
