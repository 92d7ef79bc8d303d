"""Address rules for downloads: public addresses, plus hosts the operator has allowed."""

import ipaddress
from collections.abc import Iterable
from typing import Final

from yarl import URL

# `is_global` alone lets these through: multicast, protocol assignments, relays into IPv4, and
# Azure's metadata host, which sits on a public address.
_REFUSED_V4: Final = tuple(
    ipaddress.IPv4Network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "224.0.0.0/4", "240.0.0.0/4", "168.63.129.16/32")
)
_UNICAST_V6: Final = ipaddress.IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    ipaddress.IPv6Network(text) for text in ("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20")
)
_FAKE_IP_NETWORKS: Final = tuple(
    ipaddress.ip_network(text) for text in ("198.18.0.0/15", "fc00::/18", "fdfe:dcba:9876::/64")
)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether a numeric address is on the public internet.

    IPv4 embedded in IPv6 is checked as IPv4: mapped (`::ffff:127.0.0.1`) and NAT64
    (`64:ff9b::7f00:1`, needed by IPv6-only networks). 6to4 and Teredo are refused entirely.
    Text that is not an address is not public.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed in _NAT64:
            return _is_public_v4(ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF))
        if parsed.ipv4_mapped is not None:
            return _is_public_v4(parsed.ipv4_mapped)
        return _is_public_v6(parsed)
    return _is_public_v4(parsed)


def is_fake_ip(address: str) -> bool:
    """Whether an address is one that proxies in fake-ip mode return instead of the real one.

    These are 198.18.0.0/15, reserved for benchmarks (RFC 2544), and for IPv6 the usual proxies'
    default ranges.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(parsed in network for network in _FAKE_IP_NETWORKS)


def _is_public_v4(address: ipaddress.IPv4Address) -> bool:
    return address.is_global and not any(address in network for network in _REFUSED_V4)


def _is_public_v6(address: ipaddress.IPv6Address) -> bool:
    return (
        address in _UNICAST_V6
        and address.is_global
        and not any(address in network for network in _REFUSED_V6)
    )


class AllowedHosts:
    """Hosts the operator allows, private or not: `host` (any port) or `host:port`.

    Compared with the URL's host as written; other names of the same address do not match. Raises
    ValueError for a malformed entry.
    """

    def __init__(self, entries: Iterable[str] = ()) -> None:
        self._entries = frozenset(_read_entry(entry) for entry in entries)

    def __contains__(self, url: URL) -> bool:
        host = (url.host or "").lower()
        return (host, None) in self._entries or (host, url.port) in self._entries


def _read_entry(entry: str) -> tuple[str, int | None]:
    text = entry.strip()
    # a bare IPv6 address has more than one colon and no brackets
    authority = f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else text
    try:
        url = URL(f"http://{authority}")
        host, port = url.host, url.explicit_port
    except ValueError:
        host, port = None, None
    if not host or url.raw_path != "/" or url.user is not None:
        raise ValueError(f"not a host or host:port: {entry!r}")
    return host.lower(), port
