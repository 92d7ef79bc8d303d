"""Removes objects of the media store that nothing needs: left by a crash, or by a restore."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from bot.media.errors import FileMissing, StoreUnavailable
from bot.media.store.local_files import FOLDERS, owner_of
from bot.services.media_files.files import MediaFiles
from storage.cast import entries
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.files import stored_files
from storage.operations import key_values
from storage.privacy import retention

if TYPE_CHECKING:
    # the worker knows this class with or without a store, and the client takes 7 MB
    from bot.media.store.objects import Listed, Objects

logger = logging.getLogger(__name__)

MARKER: Final = "video-bot-store"
"""The object that says whose the prefix is."""
OWN_ID: Final = "media-store"
"""The key value that says so in the database; a copy of the database has it too."""
_TURN: Final = "media-store-sweep"
EVERY_MS: Final = 6 * 60 * 60 * 1000
OLD_MS: Final = 24 * 60 * 60 * 1000
"""An object without a row may be one that is being put there now; after a day it is none."""


class StoreLeftovers:
    """Looks through the store now and then, one process at a time.

    Only a prefix whose marker has this database's id is cleared: with the bucket of another bot
    every object would look left over.
    """

    def __init__(
        self, database: Database, objects: Objects, files: MediaFiles, clock: Callable[[], int]
    ) -> None:
        self._database = database
        self._objects = objects
        self._files = files
        self._clock = clock

    async def look(self) -> None:
        """Ask a store that was away whether it is back, and clear it when that is due.

        Raises: StorageError.
        """
        try:
            if self._objects.is_away:
                await self._marked()
            if await self._is_my_turn():
                await self.clear()
        except StoreUnavailable as error:
            logger.warning(
                "The media store can't be looked through now",
                extra={"action": "store.leftovers", "error": repr(error)},
            )

    @repeated
    async def _is_my_turn(self) -> bool:
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            return await key_values.take_turn(
                tx, _TURN, "", now_ms=now_ms, at_ms=now_ms, pace_ms=EVERY_MS
            )

    async def clear(self) -> int:
        """Delete what is left over and return how many objects that was.

        Raises: StoreUnavailable, StorageError.
        """
        if not await self.is_ours():
            logger.error(
                "The media store's prefix belongs to another database: nothing is cleared there",
                extra={"action": "store.foreign"},
            )
            return 0
        number = 0
        before_ms = self._clock() - OLD_MS
        for folder in FOLDERS:
            async for page in self._objects.pages(folder):
                old = [each for each in page if each.modified_ms < before_ms]
                if old:
                    await self._remove_unneeded(folder, {owner_of(each.key) for each in old})
                    number += await self._delete_unknown(old)
        if number:
            logger.info(
                "Objects that nothing names were deleted",
                extra={"action": "store.cleared", "objects": number},
            )
        return number

    async def _remove_unneeded(self, folder: str, owner_ids: set[str]) -> None:
        """Remove what a step stored after the request that it was for had ended."""
        async with self._database.reading() as tx:
            if folder == "cast":
                gone = owner_ids - await entries.known(tx, owner_ids)
            else:
                gone = await retention.removable(tx, owner_ids, self._clock())
        for owner_id in sorted(gone):
            await self._files.remove(owner_id)

    async def _delete_unknown(self, objects: Sequence[Listed]) -> int:
        keys = [each.key for each in objects]
        async with self._database.reading() as tx:
            known = await stored_files.known(tx, keys)
        unknown = [key for key in keys if key not in known]
        await self._objects.delete(unknown)
        return len(unknown)

    async def is_ours(self) -> bool:
        """Whether the prefix is this database's; an unmarked one becomes it.

        Raises: StoreUnavailable, StorageError.
        """
        own = await self._own_id()
        found = await self._marked()
        if not found:
            await self._objects.write(MARKER, own.encode())
            found = await self._marked()
        return found == own

    async def _marked(self) -> str:
        try:
            return (await self._objects.read(MARKER)).decode("ascii", "replace")
        except FileMissing:
            return ""

    @repeated
    async def _own_id(self) -> str:
        async with self._database.transaction() as tx:
            new = secrets.token_hex(16)
            await key_values.compare_and_set(
                tx, OWN_ID, expected=None, value=new, now_ms=self._clock()
            )
            return await key_values.get(tx, OWN_ID) or new
