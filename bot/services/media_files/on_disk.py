"""Files in `DATA_DIR`: they belong to the machine whose disk they lie on."""

import asyncio
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path

from bot.media.errors import FileMissing
from bot.media.store.local_files import is_file, remove_files


class DiskFiles:
    """Files that lie where they are made; downloads and encodes put them there atomically."""

    is_away = False

    def __init__(self, data_dir: Path, host: str) -> None:
        self._data_dir = data_dir
        self.host = host

    def require(self) -> None:
        """A disk is always there."""

    def path(self, key: str) -> Path:
        """The file's place in the data directory."""
        return self._data_dir / key

    def key(self, path: Path) -> str:
        """The path below the data directory."""
        return str(path.relative_to(self._data_dir))

    async def bring(self, key: str, sha256: str = "") -> Path:
        """The file itself. Raises: FileMissing."""
        path = self.path(key)
        if not await asyncio.to_thread(is_file, path, sha256):
            raise FileMissing("not on this machine")
        return path

    async def keep(self, *keys: str) -> None:
        """Nothing: what is made in the data directory lasts."""

    async def are_there(self, keys: Sequence[str]) -> bool:
        """Whether all lie on this machine."""
        return await asyncio.to_thread(lambda: all(self.path(key).is_file() for key in keys))

    async def remove(self, owner_id: str, beginning: str = "") -> None:
        """Remove them from the disk. Raises: OSError."""
        await asyncio.to_thread(remove_files, self._data_dir, owner_id, beginning)

    def hold(self, owner_id: str) -> AbstractContextManager[None]:  # noqa: ARG002 - nothing goes by itself
        """Nothing: a file stays until it is removed."""
        return nullcontext()

    async def erased(self, *, exclude: Sequence[str], limit: int) -> list[str]:  # noqa: ARG002 - as above
        """None: what lies in the data directory is looked through instead."""
        return []

    async def used_bytes(self) -> int:
        """All that lies in the data directory; what can't be looked at counts as nothing."""
        return await asyncio.to_thread(_add_up, self._data_dir)

    async def trim(self) -> None:
        """Nothing: there are no copies."""


def _add_up(folder: Path) -> int:
    used = 0
    for below, _, names in os.walk(folder):
        for name in names:
            try:
                used += (Path(below) / name).lstat().st_size
            except OSError:
                continue
    return used
