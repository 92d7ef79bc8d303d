"""Files in an S3-compatible store: every machine can get them, and its disk is scratch room."""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from bot.media.errors import DiskUnavailable, FileMissing
from bot.media.store.local_files import (
    is_file,
    link_or_copy,
    owner_of,
    remove_files,
    sha256_of,
)
from bot.media.store.objects import Objects
from bot.media.store.scratch import Scratch
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.files import stored_files
from storage.files.stored_files import StoredFile

logger = logging.getLogger(__name__)


class StoreFiles:
    """Files in the store, listed in the database with their sizes and hashes.

    What was left in `data_dir` before there was a store is used from there by the machine that has
    it, and moved into the store when it is used.
    """

    host = ""

    def __init__(
        self,
        database: Database,
        objects: Objects,
        scratch: Scratch,
        data_dir: Path,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self.objects = objects
        self._scratch = scratch
        self._data_dir = data_dir
        self._clock = clock

    @property
    def is_away(self) -> bool:
        """Whether the store's last answer was a failure, or there was none."""
        return self.objects.is_away

    def require(self) -> None:
        """Raises: StoreUnavailable shortly after a failure."""
        self.objects.require()

    def path(self, key: str) -> Path:
        """The file's place in the scratch folder."""
        return self._scratch.folder / key

    def key(self, path: Path) -> str:
        """The path below the scratch folder."""
        return str(path.relative_to(self._scratch.folder))

    async def bring(self, key: str, sha256: str = "") -> Path:
        """Download the file unless a copy is here; one with another hash than recorded is none.

        Raises: FileMissing, StoreUnavailable, DiskUnavailable, StorageError.
        """
        target = self.path(key)
        self._scratch.use(owner_of(key))
        if await _is_here(target, sha256):
            return target
        async with self._database.reading() as tx:
            stored = await stored_files.get(tx, key)
        if stored is None:
            return await self._move_in(key, sha256)
        found = await self.objects.get(key, target)
        if found != stored.sha256 or (sha256 and found != sha256):
            await asyncio.to_thread(target.unlink, missing_ok=True)
            logger.error(
                "A file in the media store is not the one that was put there",
                extra={"action": "store.changed", "file": key},
            )
            raise FileMissing("the stored file has changed")
        return target

    async def _move_in(self, key: str, sha256: str) -> Path:
        """Move a file from the data directory, where it was left before there was a store.

        Raises: FileMissing, StoreUnavailable, DiskUnavailable, StorageError.
        """
        left = self._data_dir / key
        if not await _is_here(left, sha256):
            raise FileMissing("neither in the store nor on this machine")
        target = self.path(key)
        try:
            await asyncio.to_thread(link_or_copy, left, target)
        except OSError as error:
            raise DiskUnavailable("a file could not be moved to the scratch folder") from error
        await self.keep(key)
        try:
            await asyncio.to_thread(left.unlink, missing_ok=True)
        except OSError as error:
            # it goes with its request at the latest
            logger.warning(
                "A file was moved into the media store and can't be removed from the disk",
                extra={"action": "store.left", "file": key, "error": repr(error)},
            )
        return target

    async def keep(self, *keys: str) -> None:
        """Upload the files, then record them; a file that was there before is replaced.

        Raises: FileMissing, StoreUnavailable, StorageError.
        """
        files = []
        for key in keys:
            path = self.path(key)
            self._scratch.use(owner_of(key))
            try:
                sha256 = await asyncio.to_thread(sha256_of, path)
                size_bytes = (await asyncio.to_thread(path.stat)).st_size
            except OSError as error:
                raise FileMissing("the file to be stored is not there") from error
            await self.objects.put(key, path)
            files.append(StoredFile(key, owner_of(key), size_bytes, sha256, self._clock()))
        await self._record(files)

    @repeated
    async def _record(self, files: Sequence[StoredFile]) -> None:
        async with self._database.transaction() as tx:
            for file in files:
                await stored_files.put(tx, file)

    async def are_there(self, keys: Sequence[str]) -> bool:
        """Whether all are recorded, or were left on this machine. Raises: StorageError."""
        async with self._database.reading() as tx:
            known = await stored_files.known(tx, keys) if keys else set()
        rest = [key for key in keys if key not in known]
        return await asyncio.to_thread(
            lambda: all((self._data_dir / key).is_file() for key in rest)
        )

    async def remove(self, owner_id: str, beginning: str = "") -> None:
        """Delete copies and objects, then their rows; after a failure it may be repeated.

        Raises: OSError, StoreUnavailable, StorageError.
        """
        for folder in (self._scratch.folder, self._data_dir):
            await asyncio.to_thread(remove_files, folder, owner_id, beginning)
        async with self._database.reading() as tx:
            files = await stored_files.of_owner(tx, owner_id)
        paths = [file.path for file in files if file.path.startswith(beginning)]
        if not paths:
            return
        await self.objects.delete(paths)
        await self._forget(paths)

    @repeated
    async def _forget(self, paths: Sequence[str]) -> None:
        async with self._database.transaction() as tx:
            await stored_files.delete(tx, paths)

    def hold(self, owner_id: str) -> AbstractContextManager[None]:
        """Keep the owner's copies in the scratch folder."""
        return self._scratch.hold(owner_id)

    async def erased(self, *, exclude: Sequence[str], limit: int) -> list[str]:
        """Erased requests whose objects are still listed. Raises: StorageError."""
        async with self._database.reading() as tx:
            return await stored_files.erased(tx, exclude=exclude, limit=limit)

    async def used_bytes(self) -> int:
        """What the list adds up to, for every machine alike. Raises: StorageError."""
        async with self._database.reading() as tx:
            return (await stored_files.total(tx))[0]

    async def trim(self) -> None:
        """Remove copies that no step has used for a while, or that are too many."""
        await self._scratch.trim()


async def _is_here(path: Path, sha256: str) -> bool:
    try:
        return await asyncio.to_thread(is_file, path, sha256)
    except OSError as error:
        raise DiskUnavailable("a file on this machine could not be read") from error
