"""Where the files of requests and names lie, whichever place `MEDIA_STORE` names.

A file is named by its key, such as `inputs/<request id>/0` or `results/<request id>.mp4`. Steps
work on local files, since decoders and uploads need them: `path` is where a file lies or is made,
`bring` gets it there, and `keep` makes it last.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol


class MediaFiles(Protocol):
    """The files of one bot, as one process reaches them."""

    @property
    def host(self) -> str:
        """The machine to record as the one with a file; empty where every machine can get it."""
        ...

    @property
    def is_away(self) -> bool:
        """Whether the place did not answer when it was last asked."""
        ...

    def require(self) -> None:
        """Raises: StoreUnavailable where it is known that nothing can be kept now."""
        ...

    def path(self, key: str) -> Path:
        """Where the file lies on this machine, or is to be made; no call is made."""
        ...

    def key(self, path: Path) -> str:
        """The key of a file that `path` gave the place of."""
        ...

    async def bring(self, key: str, sha256: str = "") -> Path:
        """The file on this machine, checked against `sha256` where one is given.

        Raises: FileMissing where there is no such file, or another one; StoreUnavailable,
        DiskUnavailable, StorageError.
        """
        ...

    async def keep(self, *keys: str) -> None:
        """Make files last that lie at their `path`; whole or not at all.

        Raises: FileMissing, StoreUnavailable, StorageError.
        """
        ...

    async def are_there(self, keys: Sequence[str]) -> bool:
        """Whether every file should be to be had; the store itself is not asked.

        Raises: StorageError.
        """
        ...

    async def remove(self, owner_id: str, beginning: str = "") -> None:
        """Remove all files of a request or name, or those whose key begins so; idempotent.

        Raises: StoreUnavailable, StorageError; OSError for the first that can't be removed, after
        all others are.
        """
        ...

    def hold(self, owner_id: str) -> AbstractContextManager[None]:
        """Keep a request's or name's local files while the block runs."""
        ...

    async def erased(self, *, exclude: Sequence[str], limit: int) -> list[str]:
        """Erased requests whose files are still to be removed. Raises: StorageError."""
        ...

    async def used_bytes(self) -> int:
        """How much is kept. Raises: StorageError, OSError."""
        ...

    async def trim(self) -> None:
        """Remove local copies that no step is using."""
        ...
