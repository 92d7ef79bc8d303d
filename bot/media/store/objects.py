"""Objects of a media store: put, got, deleted and listed under one prefix, streamed."""

import asyncio
import hashlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import ObjectStore

from bot.media.errors import DiskUnavailable, FileMissing, StoreUnavailable

logger = logging.getLogger(__name__)

PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 15.0)
"""How long nothing is asked of a store after its failures in a row."""
_NO_SUCH_KEY: Final = "<Code>NoSuchKey</Code>"
_BLOCK_BYTES: Final = 1024 * 1024
_PARTS_AT_ONCE: Final = 3
"""Of one upload; each holds a part of 5 MiB in memory."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An object as the store lists it: `modified_ms` in UTC by the store's clock."""

    key: str
    size_bytes: int
    modified_ms: int


Observe = Callable[[str, str, float], None]
"""Counts a call (`get`, `put`, `delete`, `list`) by its outcome (`ok`, `failed`) and seconds."""


def _unobserved(call: str, outcome: str, seconds: float) -> None:
    """Count nothing."""


class Objects:
    """The objects of one store, which has the prefix: no key outside it can be named or listed.

    After a failure the store is left alone for a moment, so that work that needs it fails at once
    instead of waiting for the same time-out again; `pauses_s` by the number of failures in a row.
    """

    def __init__(
        self,
        store: ObjectStore,
        *,
        observe: Observe = _unobserved,
        monotonic: Callable[[], float] = time.monotonic,
        pauses_s: Sequence[float] = PAUSES_S,
    ) -> None:
        self._store = store
        self._observe = observe
        self._monotonic = monotonic
        self._pauses_s = pauses_s
        self._failures = 0
        self._paused_until_s = 0.0

    @property
    def is_away(self) -> bool:
        """Whether the last call failed."""
        return self._failures > 0

    def require(self) -> None:
        """Raises: StoreUnavailable while the store is left alone after a failure."""
        if self._monotonic() < self._paused_until_s:
            raise StoreUnavailable("it failed a moment ago")

    async def put(self, key: str, source: Path) -> None:
        """Upload a file whole or not at all; the signature of each part has its sha256.

        Raises: StoreUnavailable, FileMissing where the file is not there.
        """
        if not await asyncio.to_thread(source.is_file):
            raise FileMissing("the file to be stored is not there")
        with self._call("put"):
            await obstore.put_async(self._store, key, source, max_concurrency=_PARTS_AT_ONCE)

    async def get(self, key: str, target: Path) -> str:
        """Stream an object to a file, which gets its name once complete; returns its sha256.

        Raises: FileMissing where there is no such object; StoreUnavailable, DiskUnavailable.
        """
        part = target.with_name(f"{target.name}.{uuid4().hex}.part")
        try:
            sha256 = await self._stream(key, part)
            await asyncio.to_thread(part.replace, target)
        except OSError as error:
            raise DiskUnavailable("a stored file could not be written to disk") from error
        finally:
            await asyncio.shield(asyncio.to_thread(_discard, part))
        return sha256

    async def _stream(self, key: str, part: Path) -> str:
        digest = hashlib.sha256()
        with self._call("get"):
            found = await obstore.get_async(self._store, key)
            stream = aiter(found.stream(min_chunk_size=_BLOCK_BYTES))
        await asyncio.to_thread(part.parent.mkdir, parents=True, exist_ok=True)
        with await asyncio.to_thread(part.open, "wb") as file:
            while True:
                with self._call("get", counts=False):
                    block = await anext(stream, None)
                if block is None:
                    return digest.hexdigest()
                digest.update(block)
                await asyncio.to_thread(file.write, block)

    async def read(self, key: str) -> bytes:
        """A small object. Raises: FileMissing, StoreUnavailable."""
        with self._call("get"):
            found = await obstore.get_async(self._store, key)
            return bytes(await found.bytes_async())

    async def write(self, key: str, data: bytes) -> None:
        """Write a small object. Raises: StoreUnavailable."""
        with self._call("put"):
            await obstore.put_async(self._store, key, data)

    async def delete(self, keys: Sequence[str]) -> None:
        """Delete objects; what is not there is fine. Raises: StoreUnavailable."""
        for key in keys:
            with self._call("delete"):
                try:
                    await obstore.delete_async(self._store, key)
                except FileNotFoundError as error:
                    # of a directory; an S3 store says nothing of what was not there
                    if not _is_missing(error):
                        raise

    async def modified_ms(self, key: str) -> int:
        """When an object was last written, by the store's clock. Raises: as `read`."""
        with self._call("get"):
            found = await obstore.head_async(self._store, key)
        return round(found["last_modified"].timestamp() * 1000)

    async def pages(self, folder: str) -> AsyncIterator[list[Listed]]:
        """Every object in a folder, a page of up to 1000 at a time. Raises: StoreUnavailable."""
        stream = aiter(obstore.list(self._store, folder, chunk_size=1000))
        while True:
            with self._call("list"):
                page = await anext(stream, None)
            if page is None:
                return
            yield [
                Listed(each["path"], each["size"], round(each["last_modified"].timestamp() * 1000))
                for each in page
            ]

    @contextmanager
    def _call(self, call: str, *, counts: bool = True) -> Iterator[None]:
        """Translate the errors of one call, count it, and remember how the store is."""
        if counts:
            self.require()
        began_s = time.monotonic()
        try:
            yield
        except FileNotFoundError as error:
            if not _is_missing(error):
                # a bucket that is not there, or a page of something in between
                raise self._failed(call, error, began_s) from None
            self._succeeded(call, began_s)
            raise FileMissing("the store has no such object") from None
        except (BaseError, OSError, ValueError) as error:
            raise self._failed(call, error, began_s) from None
        if counts:
            self._succeeded(call, began_s)

    def _succeeded(self, call: str, began_s: float) -> None:
        if self._failures:
            logger.info("The media store answers again", extra={"action": "store.back"})
        self._failures = 0
        self._paused_until_s = 0.0
        self._observe(call, "ok", time.monotonic() - began_s)

    def _failed(self, call: str, error: Exception, began_s: float) -> StoreUnavailable:
        pause_s = self._pauses_s[min(self._failures, len(self._pauses_s) - 1)]
        self._failures += 1
        self._paused_until_s = self._monotonic() + pause_s
        self._observe(call, "failed", time.monotonic() - began_s)
        reason = first_line(error)
        logger.warning(
            "The media store failed",
            extra={"action": "store.away", "call": call, "wait_s": pause_s, "error": reason},
        )
        return StoreUnavailable(reason)


def _discard(part: Path) -> None:
    with suppress(OSError):
        part.unlink(missing_ok=True)


def first_line(error: Exception) -> str:
    """What went wrong in one line: the rest of such an error is for debugging the library."""
    return f"{type(error).__name__}: {str(error).partition(chr(10))[0]}"[:500]


def _is_missing(error: FileNotFoundError) -> bool:
    """Whether it is the store's own word that there is no such object.

    Any 404 becomes this error, a proxy's page and a missing bucket included; a directory gives an
    operating system's error.
    """
    return error.errno is not None or _NO_SUCH_KEY in str(error)
