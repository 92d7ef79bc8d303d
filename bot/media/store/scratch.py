"""Scratch room: local copies of stored files while steps work on them."""

import asyncio
import contextlib
import fcntl
import logging
import secrets
import shutil
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from bot.media.store.local_files import files_of, remove_files

logger = logging.getLogger(__name__)

FOLDER: Final = "scratch"
_LOCK: Final = "lock"
MOST_BYTES: Final = 1_000_000_000
"""How much of it may be copies that no step is using."""
IDLE_S: Final = 600.0
"""How long a copy stays that no step is using: the next step often needs it."""


class Scratch:
    """A folder of this process alone in `DATA_DIR`, empty at its start and gone at its end.

    Files are kept and removed by owner: the request or name that they belong to. Those of an owner
    stay while a step holds it; after that they go when they have been idle for `idle_s`, or when
    copies that nobody holds take more than `most_bytes`, least recently used first.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        most_bytes: int = MOST_BYTES,
        idle_s: float = IDLE_S,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parent = data_dir / FOLDER
        self.folder = self._parent / secrets.token_hex(8)
        self._most_bytes = most_bytes
        self._idle_s = idle_s
        self._monotonic = monotonic
        self._held: Counter[str] = Counter()
        self._used_s: OrderedDict[str, float] = OrderedDict()
        self._lock: IO[bytes] | None = None

    def open(self) -> None:
        """Make the folder, and remove those of processes that died. Raises: OSError."""
        self._parent.mkdir(parents=True, exist_ok=True)
        # one process at a time, or another could take a folder whose lock is not held yet for left
        with (self._parent / _LOCK).open("wb") as turn:
            _try_lock(turn)
            for folder in self._parent.iterdir():
                if folder.is_dir() and _is_abandoned(folder):
                    shutil.rmtree(folder, ignore_errors=True)
            self.folder.mkdir()
            self._lock = (self.folder / _LOCK).open("wb")
            _try_lock(self._lock)

    def close(self) -> None:
        """Remove the folder with all that is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        if self._lock is not None:
            self._lock.close()

    @contextmanager
    def hold(self, owner_id: str) -> Iterator[None]:
        """Keep an owner's files for as long as the block runs."""
        self._held[owner_id] += 1
        try:
            yield
        finally:
            self._held[owner_id] -= 1
            if not self._held[owner_id]:
                del self._held[owner_id]
            self.use(owner_id)

    def use(self, owner_id: str) -> None:
        """Note that an owner's files were used just now."""
        self._used_s[owner_id] = self._monotonic()
        self._used_s.move_to_end(owner_id)

    async def remove(self, owner_id: str) -> None:
        """Remove an owner's files. Raises: OSError."""
        await asyncio.to_thread(remove_files, self.folder, owner_id)

    async def trim(self) -> None:
        """Remove what nobody holds and is idle, or too much."""
        resting = [owner_id for owner_id in self._used_s if not self._held[owner_id]]
        sizes = await asyncio.to_thread(_sizes, self.folder, resting)
        too_much = sum(sizes.values()) - self._most_bytes
        before_s = self._monotonic() - self._idle_s
        for owner_id in resting:
            if too_much <= 0 and self._used_s.get(owner_id, before_s) > before_s:
                break
            if self._held[owner_id]:
                continue
            self._used_s.pop(owner_id, None)
            too_much -= sizes[owner_id]
            try:
                await self.remove(owner_id)
            except OSError as error:
                logger.error(
                    "A copy of a stored file can't be removed",
                    extra={"action": "scratch.trim", "error": repr(error)},
                )


def _sizes(folder: Path, owners: list[str]) -> dict[str, int]:
    return {
        owner_id: sum(_size(path) for path in files_of(folder, owner_id)) for owner_id in owners
    }


def _size(path: Path) -> int:
    try:
        if not path.is_dir():
            return path.stat().st_size
        return sum(_size(each) for each in path.iterdir())
    except OSError:
        return 0


def _try_lock(file: IO[bytes]) -> None:
    # some network file systems have no locks; what a process left there stays
    with contextlib.suppress(OSError):
        fcntl.flock(file, fcntl.LOCK_EX)


def _is_abandoned(folder: Path) -> bool:
    """Whether no living process holds the folder's lock."""
    try:
        with (folder / _LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
