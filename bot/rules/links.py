"""Parse the links that members type into `links`, `first_link` and `last_link`."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef
from bot.rules.violation import Violation

SHOWN_CHARACTERS: Final = 100
"""Characters of a bad link that the refusal quotes."""

ASSET_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._~:=+%/-]{0,254}")
ASSET: Final = re.compile(r"(?:(image|video|audio):)?asset://(.*)", re.IGNORECASE)
SEPARATORS: Final = ",;，；、"
BETWEEN: Final = re.compile(
    rf"[{SEPARATORS}]+(?=<?(?:https?://|(?:(?:image|video|audio):)?asset://))|[，；、]+|(?<=>)(?=<)",
    re.IGNORECASE,
)
"""Separators besides spaces; only ASCII ones can be part of a link."""
HOST: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?|\[[0-9a-f:.]+\]")


def read_links(
    text: str, *, field: str = "links", role: MediaRole = MediaRole.REFERENCE
) -> tuple[tuple[MediaRef, ...], tuple[Violation, ...]]:
    """Parse a list into references, in order, and a violation for each invalid entry.

    Entries are separated by spaces, commas or semicolons of any script. A comma or semicolon inside
    a link belongs to the link unless another reference follows it.

    Accepted: `https://…`, `asset://…` (a picture), `video:asset://…`, `audio:asset://…`, and any of
    them in the angle brackets that suppress Discord's preview.
    """
    found: list[MediaRef] = []
    faults: list[Violation] = []
    for token in _tokens(text):
        read = _read_one(_bare(token), field, role)
        if isinstance(read, MediaRef):
            found.append(read)
        else:
            faults.append(read)
    return tuple(found), tuple(faults)


def _tokens(text: str) -> Iterator[str]:
    """Split at separators; lone surrogates are replaced."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    for piece in whole.split():
        stripped = (part.strip(SEPARATORS) for part in BETWEEN.split(piece))
        yield from (token for token in stripped if token)


def _bare(token: str) -> str:
    if token.startswith("<") and token.endswith(">"):
        return token[1:-1]
    return token


def _read_one(token: str, field: str, role: MediaRole) -> MediaRef | Violation:
    asset = ASSET.fullmatch(token)
    if asset is not None:
        kind, asset_id = asset.groups()
        if not ASSET_ID.fullmatch(asset_id):
            return _fault("asset-malformed", field, token, "asset://…")
        return MediaRef(
            source=MediaSource.ASSET,
            url=f"asset://{asset_id}",
            kind=MediaKind(kind.lower()) if kind else MediaKind.IMAGE,
            role=role,
            field=field,
        )
    if not _is_https(token):
        return _fault("link-malformed", field, token, "https:// asset://")
    # schemes are case-insensitive, but the provider may expect lower case
    url = "https" + token[len("https") :]
    return MediaRef(source=MediaSource.LINK, url=url, role=role, field=field)


def _is_https(token: str) -> bool:
    if "\\" in token or not token.isprintable():
        return False
    try:
        parts = urlsplit(token)
        port = parts.port
        host = _ascii_host(parts.netloc, port)
    except ValueError:
        return False
    return (
        parts.scheme == "https"
        and "@" not in parts.netloc
        and port != 0
        and HOST.fullmatch(host) is not None
    )


def _ascii_host(netloc: str, port: int | None) -> str:
    """The link's host including brackets, in ASCII. Raises UnicodeError for an invalid name."""
    host = netloc.rpartition(":")[0] if port is not None else netloc.removesuffix(":")
    if host.isascii():
        return host.lower()
    return host.encode("idna").decode("ascii").lower()


def _fault(rule: str, field: str, token: str, allowed: str) -> Violation:
    shown = token if len(token) <= SHOWN_CHARACTERS else token[: SHOWN_CHARACTERS - 1] + "…"
    return Violation(field=field, rule=rule, value=shown, allowed=allowed)
