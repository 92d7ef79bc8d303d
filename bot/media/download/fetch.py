"""Guarded downloads: streamed to disk with a size cap, resumed when cut off."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self, TypeVar

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media.download.allowed_hosts import AllowedHosts
from bot.media.download.http_range import REDIRECTS, Version, check_status, translated
from bot.media.download.partial_file import PartFile
from bot.media.download.proxied_names import TrustedNames
from bot.media.download.routes import Routes
from bot.media.download.ssrf_guard import ThreadResolver, check_url, read_url
from bot.media.errors import DiskUnavailable, FetchForbidden, FetchTooLarge, FetchUnavailable
from bot.proxy import NO_PROXY, Proxies

_log = logging.getLogger(__name__)

_MAX_REDIRECTS: Final = 3
_BLOCK_BYTES: Final = 256 * 1024
_DISK_THREADS: Final = 4

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Fetched:
    """A file that is whole on our disk; `content_type` is what its host claimed, perhaps empty."""

    size_bytes: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True)
class _Download:
    """One fetch: what it asks for, and what it must not pass."""

    url: URL
    https_only: bool
    max_bytes: int


class Fetcher:
    """Fetches media from the internet, and from nowhere else but `allow_private`.

    `timeout_s` bounds one whole fetch, `inactivity_s` each silence in it, `connect_s` look-up and
    connection. A transfer that breaks off is continued up to `tries` times in all, `pause_s` times
    the try's number apart. At most `parallel` fetches run at once; the others wait, and their
    waiting does not count as time. Use it as an async context manager.

    `proxies` says what goes through the operator's proxy; `trusted` are the names that may be
    fetched where only the proxy can look them up. See `Routes`.
    """

    def __init__(
        self,
        *,
        allow_private: Collection[str] = (),
        timeout_s: float = 300,
        inactivity_s: float = 30,
        connect_s: float = 10,
        tries: int = 4,
        pause_s: float = 0.5,
        parallel: int = 32,
        resolver: AbstractResolver | None = None,
        proxies: Proxies = NO_PROXY,
        trusted: TrustedNames | None = None,
    ) -> None:
        self._allowed = AllowedHosts(allow_private)
        self._timeout_s = timeout_s
        self._inactivity_s = inactivity_s
        self._connect_s = connect_s
        self._tries = tries
        self._pause_s = pause_s
        self._turns = asyncio.Semaphore(parallel)
        self._resolver = resolver
        self._proxies = proxies
        self._trusted = trusted if trusted is not None else TrustedNames()
        # not the loop's own threads: a slow disk must not hold up the rest of the program
        self._disk = ThreadPoolExecutor(_DISK_THREADS, thread_name_prefix="media-disk")

    async def __aenter__(self) -> Self:
        if self._resolver is None:
            self._resolver = ThreadResolver()
        self._routes = Routes(
            self._allowed,
            self._trusted,
            self._proxies,
            resolver=self._resolver,
            connect_s=self._connect_s,
            inactivity_s=self._inactivity_s,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._routes.close()
        if self._resolver is not None:
            await self._resolver.close()
        self._disk.shutdown(wait=False)

    async def fetch(
        self, url: str, to: Path, *, max_bytes: int, https_only: bool = False
    ) -> Fetched:
        """Downloads a file; it stands under its name only when it is whole and synced to disk.

        Until then it is `<to>.part`, which is gone after any failure. The URL's query is sent as it
        is written, and no login or cookie with it. `https_only` holds for every redirect as well.
        Raises: FetchForbidden, FetchTooLarge, FetchGone, FetchRefused, FetchUnavailable,
        DiskUnavailable.
        """
        download = _Download(read_url(url), https_only, max_bytes)
        host = download.url.host or ""
        part = PartFile(to)
        async with self._turns:
            try:
                with translated(host):
                    async with asyncio.timeout(self._timeout_s):
                        content_type = await self._transfer(download, part)
                sha256 = await self._on_disk(part.finish)
            finally:
                await asyncio.shield(self._on_disk(part.discard))
        return Fetched(part.size_bytes, sha256, content_type)

    async def _transfer(self, download: _Download, part: PartFile) -> str:
        """Runs tries until the part is whole; the answer is the host's content type."""
        known: Version | None = None
        for attempt in range(1, self._tries + 1):
            have = part.size_bytes
            headers = known.headers_for_rest(have) if known and have else {}
            try:
                async with self._open(download.url, download.https_only, headers) as response:
                    version = Version.of(response)
                    if response.status == 200 or known is None:
                        await self._on_disk(part.restart)
                    elif not version.continues(known, part.size_bytes):
                        await self._on_disk(part.restart)
                        known = None
                        continue
                    known = version
                    await self._drain(response, version, part, download.max_bytes)
                    return response.headers.get("Content-Type", "")
            except FetchUnavailable as exc:
                # before the first answer it is the caller's to choose when to ask again
                if known is None or attempt == self._tries:
                    raise
                _log.debug(
                    "A transfer broke off and is continued",
                    extra={"action": "media.resumed", "host": exc.host, "have": part.size_bytes},
                )
            await asyncio.sleep(self._pause_s * attempt)
        raise FetchUnavailable(download.url.host or "", "the file kept changing while it was read")

    async def _drain(
        self, response: aiohttp.ClientResponse, version: Version, part: PartFile, max_bytes: int
    ) -> None:
        host = response.url.host or ""
        if (version.size_bytes or 0) > max_bytes:
            raise FetchTooLarge(host, max_bytes)
        waiting = bytearray()
        with translated(host):
            try:
                while block := await response.content.readany():
                    waiting += block
                    if part.size_bytes + len(waiting) > max_bytes:
                        raise FetchTooLarge(host, max_bytes)
                    if len(waiting) >= _BLOCK_BYTES:
                        full, waiting = waiting, bytearray()
                        await self._on_disk(part.write, bytes(full))
            except (aiohttp.ClientError, OSError):
                # what came before the break is good, and spares asking for it again
                await self._on_disk(part.write, bytes(waiting))
                raise
        await self._on_disk(part.write, bytes(waiting))
        if version.size_bytes not in (None, part.size_bytes):
            raise FetchUnavailable(host, "the file ended early")

    @asynccontextmanager
    async def _open(
        self, url: URL, https_only: bool, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Sends the GET, follows redirects by hand, and yields an answer that has a body to read.

        Each hop is checked like the first link, and its way is chosen anew.
        """
        for _ in range(_MAX_REDIRECTS + 1):
            host = url.host or ""
            check_url(url, allowed=self._allowed, https_only=https_only)
            with translated(host):
                route = await self._routes.choose(url)
                response = await route.get(headers)
            async with response:
                location = response.headers.get("Location")
                if response.status not in REDIRECTS or location is None:
                    check_status(response, host, is_part="Range" in headers)
                    yield response
                    return
                url = url.join(read_url(location))
        raise FetchForbidden(url.host or "", "the link redirects too often")

    async def _on_disk(self, work: Callable[..., _T], *arguments: object) -> _T:
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._disk, work, *arguments)
        except OSError as exc:
            raise DiskUnavailable("the file could not be written to disk") from exc
