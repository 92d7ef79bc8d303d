"""Proxy configuration: reads `HTTPS_PROXY` and `NO_PROXY` and picks the proxy for a URL."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Self

from yarl import URL

_DEFAULT_PORT: Final = 8080


class ProxyMalformed(ValueError):
    """The text is not a usable proxy; `str()` says why without repeating it."""


def read_proxy(text: str) -> URL:
    """Parse `http://[user:password@]host[:port]`; the scheme is optional, as with curl.

    Raises: ProxyMalformed.
    """
    written = text.strip()
    scheme, separator, _ = written.partition("://")
    if separator and scheme.lower() != "http":
        raise ProxyMalformed(
            f"takes the address of an HTTP proxy (http://…), and {scheme[:10]}:// is none"
        )
    try:
        url = URL(written if separator else f"http://{written}")
        port = url.explicit_port or _DEFAULT_PORT
        f"{url.user or ''}{url.password or ''}".encode("latin-1")
    except ValueError:
        # the original message would repeat the password
        raise ProxyMalformed("is no address of a proxy") from None
    if not url.host or url.path not in ("", "/") or url.query_string or url.fragment:
        raise ProxyMalformed("takes host and port alone, without path or query")
    return URL.build(scheme="http", user=url.user, password=url.password, host=url.host, port=port)


@dataclass(frozen=True, slots=True)
class Proxies:
    """The process's proxy, if any, and the hosts that bypass it.

    All schemes use it. `direct` holds the entries of `NO_PROXY`: a host with its subdomains
    (`example.org`, `.example.org`, `*.example.org`), `host:port`, an address, a network such as
    `10.0.0.0/8`, or `*` for everything.
    """

    proxy: URL | None = None
    direct: tuple[str, ...] = ()

    @classmethod
    def read(cls, proxy: str, direct: Iterable[str] = ()) -> Self:
        """Parse the settings; an empty proxy means none. Raises: ProxyMalformed."""
        return cls(read_proxy(proxy) if proxy.strip() else None, tuple(direct))

    @property
    def shown(self) -> str:
        """The proxy's `host:port` without credentials; empty without a proxy."""
        return f"{self.proxy.host}:{self.proxy.port}" if self.proxy is not None else ""

    def of(self, url: URL) -> URL | None:
        """The proxy for a connection to `url`; None connects directly."""
        if self.proxy is None or self._is_direct(url.host or "", url.port):
            return None
        return self.proxy

    def _is_direct(self, host: str, port: int | None) -> bool:
        host = host.rstrip(".").lower()
        return any(_covers(entry.lower(), host, port) for entry in self.direct)


NO_PROXY: Final = Proxies()
"""Connect directly to every host."""


def _covers(entry: str, host: str, port: int | None) -> bool:
    """Whether an entry of `NO_PROXY` matches this host; malformed entries match nothing."""
    if entry == "*":
        return True
    if "/" in entry:
        return _is_in(entry, host)
    # a bare IPv6 address has more than one colon and no brackets
    if entry.count(":") == 1 or "]:" in entry:
        entry, _, wanted = entry.rpartition(":")
        if wanted != str(port):
            return False
    name = entry.strip("[]").removeprefix("*").strip(".")
    return bool(name) and (host == name or host.endswith(f".{name}"))


def _is_in(network: str, host: str) -> bool:
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
