"""Host names that may be fetched through the operator's proxy without resolving them here."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from yarl import URL

DISCORD_CDN: Final = ("discordapp.com", "discordapp.net")
"""Discord's own domains for files; nobody else controls names below them."""

_NAME: Final = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*\.[a-z][a-z0-9-]+")
_NEAR: Final = (
    "corp", "home", "home.arpa", "internal", "intranet", "lan", "local", "localhost", "private",
)  # fmt: skip
"""Suffixes of local-network names."""


@dataclass(frozen=True, slots=True)
class TrustedNames:
    """Discord's file hosts and `hosts`; with `is_any`, every public name.

    `is_any` is for result links from the provider, which the operator trusts anyway. Only `https`
    is trusted, as the certificate proves the host.
    """

    hosts: Collection[str] = ()
    is_any: bool = False

    def __contains__(self, url: URL) -> bool:
        host = (url.host or "").lower().rstrip(".")
        if url.scheme != "https" or _NAME.fullmatch(host) is None or _is_below(host, _NEAR):
            return False
        return self.is_any or host in self.hosts or _is_below(host, DISCORD_CDN)


def _is_below(host: str, domains: Collection[str]) -> bool:
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
