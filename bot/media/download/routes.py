"""Choose how a link is fetched: directly under the SSRF guard, or through the operator's proxy."""

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import aiohttp
from aiohttp.abc import AbstractResolver
from yarl import URL

from bot.media.download.allowed_hosts import AllowedHosts, is_fake_ip, is_public
from bot.media.download.proxied_names import TrustedNames
from bot.media.download.ssrf_guard import AddressPolicy, open_session
from bot.media.errors import FetchForbidden, FetchUnavailable
from bot.proxy import Proxies

_PRIVATE: Final = "the link leads to a private address"


@dataclass(frozen=True, slots=True)
class Route:
    """How to send one GET. `name` is the certificate's host name if it is not the URL's."""

    session: aiohttp.ClientSession
    url: URL
    name: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    async def get(self, headers: Mapping[str, str]) -> aiohttp.ClientResponse:
        """Send the request without following redirects."""
        return await self.session.get(
            self.url,
            headers={**headers, **self.headers},
            allow_redirects=False,
            server_hostname=self.name,
        )


class Routes:
    """Chooses how to fetch a link, and checks its target before asking a proxy to connect.

    With a proxy the dialled address is the proxy's, so the guard at the socket sees nothing. The
    name is therefore resolved here and the proxy is asked for exactly that public address, which
    rules out DNS rebinding by a second resolution. A trusted name is sent to the proxy as a name,
    even if it does not resolve here or resolves to fake IPs; any other such name is refused.
    """

    def __init__(
        self,
        allowed: AllowedHosts,
        trusted: TrustedNames,
        proxies: Proxies,
        *,
        resolver: AbstractResolver,
        connect_s: float,
        inactivity_s: float,
    ) -> None:
        self._allowed = allowed
        self._trusted = trusted
        self._proxies = proxies
        self._resolver = resolver
        self._connect_s = connect_s
        self._inactivity_s = inactivity_s
        self._sessions: dict[tuple[AddressPolicy, URL | None], aiohttp.ClientSession] = {}

    async def choose(self, url: URL) -> Route:
        """Choose the route for a link that has passed `check_url`.

        Raises: FetchForbidden, FetchUnavailable.
        """
        proxy = self._proxies.of(url)
        is_allowed, is_trusted = url in self._allowed, url in self._trusted
        if proxy is None:
            guarded = AddressPolicy.FAKE_IP if is_trusted else AddressPolicy.PUBLIC
            return Route(self._session(AddressPolicy.ANYWHERE if is_allowed else guarded), url)
        session = self._session(AddressPolicy.ANYWHERE, proxy)
        if is_allowed:
            return Route(session, url)
        address = await self._judge(url, is_trusted=is_trusted)
        if is_trusted or address is None:
            return Route(session, url)
        if url.scheme != "https":
            # a plain-HTTP proxy request has the IP in its request line, which loses the host name
            raise FetchForbidden(url.host or "", "through the proxy only https links are fetched")
        pinned = url.with_host(address).with_port(url.port)
        return Route(session, pinned, url.raw_host, {"Host": _authority(url)})

    async def close(self) -> None:
        """Close all sessions."""
        for session in self._sessions.values():
            await session.close()

    def _session(self, policy: AddressPolicy, proxy: URL | None = None) -> aiohttp.ClientSession:
        key = (policy, proxy)
        if key not in self._sessions:
            self._sessions[key] = open_session(
                policy,
                resolver=self._resolver,
                connect_s=self._connect_s,
                inactivity_s=self._inactivity_s,
                proxy=proxy,
            )
        return self._sessions[key]

    async def _judge(self, url: URL, *, is_trusted: bool) -> str | None:
        """The public address to ask the proxy for; None keeps the link's host."""
        host = url.raw_host or ""
        if _is_numeric(host):
            if not is_public(host):
                raise FetchForbidden(host, _PRIVATE)
            return None
        addresses = await self._look_up(host, url.port or 443)
        if not addresses:
            if is_trusted:
                return None
            raise FetchUnavailable(host, "the name can't be looked up outside the proxy")
        fake_ips = [address for address in addresses if is_fake_ip(address)]
        real_addresses = [address for address in addresses if address not in fake_ips]
        if not all(is_public(address) for address in real_addresses) or (
            fake_ips and not is_trusted
        ):
            raise FetchForbidden(host, _PRIVATE)
        # prefer IPv4, which every proxy has
        return min(real_addresses, key=lambda address: ":" in address) if real_addresses else None

    async def _look_up(self, host: str, port: int) -> list[str]:
        try:
            async with asyncio.timeout(self._connect_s):
                found = await self._resolver.resolve(host, port, socket.AF_UNSPEC)
        except OSError:
            return []
        return [answer["host"] for answer in found]


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return True


def _authority(url: URL) -> str:
    host = url.raw_host or ""
    return host if url.is_default_port() else f"{host}:{url.port}"
