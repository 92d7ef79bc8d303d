"""SSRF guard: HTTP sessions that connect to public addresses only, checked when dialling."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from enum import StrEnum
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType
from yarl import URL

from bot.connection import RoutedConnector
from bot.media.download.allowed_hosts import AllowedHosts, is_fake_ip, is_public
from bot.media.errors import FetchForbidden

MAX_URL_CHARACTERS: Final = 8192
_WEB_PORTS: Final = frozenset({80, 443})
_LOOK_UP_THREADS: Final = 8
_USER_AGENT: Final = "video-bot"


class AddressRefused(OSError):
    """A connection to a non-public address was refused.

    The text is constant, so that when several addresses of one name are refused, the connector
    raises the first error instead of joining their texts.
    """

    def __init__(self) -> None:
        super().__init__("the address is not public")


class ThreadResolver(AbstractResolver):
    """The system resolver on its own thread pool.

    A member's link can name a host whose name server never answers. On the event loop's shared
    threads a few of those would block all name look-ups and disk writes.
    """

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_LOOK_UP_THREADS, thread_name_prefix="media-names")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Resolve a name to all its addresses; raises OSError if there is none."""
        answers = await asyncio.get_running_loop().run_in_executor(
            self._threads, _look_up, host, port, family
        )
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=found,
                proto=protocol,
                flags=socket.AI_NUMERICHOST | socket.AI_NUMERICSERV,
            )
            for found, protocol, address in answers
        ]

    async def close(self) -> None:
        """Stop without waiting for pending look-ups."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(host: str, port: int, family: int) -> list[tuple[int, int, str]]:
    try:
        found = socket.getaddrinfo(
            host, port, family, socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG
        )
    except UnicodeError as exc:
        raise OSError("this cannot be a host's name") from exc
    return [(kind, protocol, str(address[0])) for kind, _, protocol, _, address in found]


def _public_socket(addr_info: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, address = addr_info
    if not is_public(str(address[0])):
        raise AddressRefused
    return socket.socket(family=family, type=kind, proto=protocol)


def _public_or_fake_ip_socket(addr_info: AddrInfoType) -> socket.socket:
    family, kind, protocol, _, address = addr_info
    if not is_public(str(address[0])) and not is_fake_ip(str(address[0])):
        raise AddressRefused
    return socket.socket(family=family, type=kind, proto=protocol)


class AddressPolicy(StrEnum):
    """Which addresses a session may connect to."""

    PUBLIC = "public"
    FAKE_IP = "stand-in"
    """`PUBLIC` plus a proxy's fake IPs; for names whose TLS certificate proves the host."""
    ANYWHERE = "anywhere"


_SOCKETS: Final[Mapping[AddressPolicy, Callable[[AddrInfoType], socket.socket] | None]] = {
    AddressPolicy.PUBLIC: _public_socket,
    AddressPolicy.FAKE_IP: _public_or_fake_ip_socket,
    AddressPolicy.ANYWHERE: None,
}


def open_session(
    policy: AddressPolicy,
    *,
    resolver: AbstractResolver,
    connect_s: float,
    inactivity_s: float,
    proxy: URL | None = None,
) -> aiohttp.ClientSession:
    """Open a session without cookies, netrc or decompression, optionally through `proxy`.

    The policy is enforced on the address dialled, whatever the spelling of the name and even under
    DNS rebinding. With a proxy that address is the proxy's, so `policy` is `ANYWHERE` and the
    caller has checked the target.
    """
    return aiohttp.ClientSession(
        connector=RoutedConnector(
            lambda _: proxy,
            socket_factory=_SOCKETS[policy],
            resolver=resolver,
            use_dns_cache=False,
            limit=0,
        ),
        timeout=aiohttp.ClientTimeout(total=None, connect=connect_s, sock_read=inactivity_s),
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        headers={"User-Agent": _USER_AGENT, "Accept": "*/*", "Accept-Encoding": "identity"},
    )


def read_url(text: str) -> URL:
    """Parse a URL verbatim: a signed query must reach its host byte for byte.

    Raises FetchForbidden for text that is not a URL.
    """
    if len(text) > MAX_URL_CHARACTERS or any(char <= " " or char == "\x7f" for char in text):
        raise FetchForbidden("", "this is not a link")
    try:
        url = URL(text, encoded=text.isascii())
        # yarl parses the authority of an encoded URL lazily
        _ = url.host, url.port
    except (ValueError, IndexError) as exc:
        raise FetchForbidden("", "this is not a link") from exc
    return url


def check_url(url: URL, *, allowed: AllowedHosts, https_only: bool) -> None:
    """Check scheme, credentials, host and port before connecting.

    Raises FetchForbidden. Addresses are checked later, when they are dialled.
    """
    host = url.host or ""
    schemes = {"https"} if https_only else {"http", "https"}
    if url.scheme not in schemes:
        raise FetchForbidden(host, "only web links are fetched")
    if not host:
        raise FetchForbidden(host, "the link names no host")
    if url.user is not None or url.password is not None:
        raise FetchForbidden(host, "the link carries a login")
    if url in allowed:
        return
    # low ports belong to mail, databases and the like, which a stranger could reach through us
    if url.port is None or (url.port < 1024 and url.port not in _WEB_PORTS):
        raise FetchForbidden(host, "the link names a port that is not the web's")
