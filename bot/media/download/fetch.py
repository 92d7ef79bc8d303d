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
    """A completely downloaded file; `content_type` is the host's claim, possibly empty."""

    size_bytes: int
    sha256: str
    content_type: str


@dataclass(frozen=True, slots=True)
class _Download:
    """Target and limits of one fetch."""

    url: URL
    https_only: bool
    max_bytes: int


class Fetcher:
    """Fetches media from the public internet and from the hosts in `allow_private`.

    `timeout_s` bounds a whole fetch, `inactivity_s` the time between reads, `connect_s` DNS and
    connecting. A broken transfer is resumed, with up to `tries` attempts and a linear back-off of
    `pause_s`. At most `parallel` fetches run at once; time spent waiting for a slot does not count
    against the time-out. Use it as an async context manager.

    `proxies` selects the operator's proxy per URL; `trusted` names may be fetched even if only the
    proxy can resolve them. See `Routes`.
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
        # own threads: a slow disk must not block the event loop's default executor
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
        """Download a file atomically: it gets its name once it is complete and synced to disk.

        Until then it is `<to>.part`, which is removed on failure. The URL's query is sent verbatim,
        without credentials or cookies. `https_only` applies to redirects too.
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
        """Retry until the file is complete; return the host's content type."""
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
                # before the first response, retrying is up to the caller
                if known is None or attempt == self._tries:
                    raise
                _log.debug(
                    "Resuming an interrupted transfer",
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
                # keep what arrived before the break, to resume from there
                await self._on_disk(part.write, bytes(waiting))
                raise
        await self._on_disk(part.write, bytes(waiting))
        if version.size_bytes not in (None, part.size_bytes):
            raise FetchUnavailable(host, "the file ended early")

    @asynccontextmanager
    async def _open(
        self, url: URL, https_only: bool, headers: Mapping[str, str]
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send the GET, follow redirects and yield a successful response.

        Each redirect is checked like the first link and gets its own route.
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
