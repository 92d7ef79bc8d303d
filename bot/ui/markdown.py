"""Escapes members' text for display: nothing in it pings, links, formats or forges a line.

Lengths are code points of what a reader sees.
"""

import re
import unicodedata
from typing import Final

ELLIPSIS: Final = "…"

_KEPT_FORMAT: Final = frozenset("\u200c\u200d")
"""Zero-width joiners: emoji sequences and some scripts need them; they change no direction."""

_DROPPED: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_MARKS_IN_A_ROW: Final = 4
"""More combining marks than any script stacks; with more, text draws over other lines."""

_SPECIAL: Final = re.compile(r"[\\*_~|`<\[\]]")
_AT_START: Final = re.compile(r"^(?=[#>+-])|^(\d+)(?=[.)])")
_LINK: Final = re.compile(
    r":(?=//)|(?<=discord\.gg)/|(?<=discord\.com)/|(?<=discordapp\.com)/", re.IGNORECASE
)
"""Where a bare link or an invite would become clickable or get a preview."""

_PING: Final = re.compile(r"@(?=everyone|here|[!&]?\d)", re.IGNORECASE)
_ZERO_WIDTH: Final = "\u200b"


def fold(text: str) -> str:
    """Put text on one line: no breaks, controls, direction marks or other invisible characters."""
    if text.isascii() and text.isprintable():
        return _collapsed(text)
    kept: list[str] = []
    marks = 0
    for sign in text:
        category = unicodedata.category(sign)
        if category[0] == "Z" or sign in "\t\n\v\f\r\x85":
            kept.append(" ")
        elif category not in _DROPPED or sign in _KEPT_FORMAT:
            marks = marks + 1 if category in ("Mn", "Me") else 0
            if marks <= _MARKS_IN_A_ROW:
                kept.append(sign)
    return _collapsed("".join(kept))


def _collapsed(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip()


def shorten(text: str, limit: int) -> str:
    """Truncate to `limit` code points, at a word boundary if one is near, with an ellipsis."""
    if len(text) <= limit:
        return text
    cut = text[: max(limit - 1, 0)]
    head, space, _ = cut.rpartition(" ")
    if space and text[len(cut)] != " " and len(head) >= len(cut) * 3 // 4:
        cut = head
    return cut.rstrip() + ELLIPSIS if limit > 0 else ""


def inline(text: str, limit: int) -> str:
    """Text for the middle of a line: shortened, with every special character escaped."""
    escaped = _SPECIAL.sub(_escape, shorten(fold(text), limit))
    escaped = _LINK.sub(_escape, _AT_START.sub(r"\1\\", escaped))
    # Discord parses mentions before backslashes
    return _PING.sub("@" + _ZERO_WIDTH, escaped)


def _escape(found: re.Match[str]) -> str:
    return "\\" + found[0]


def code(text: str, limit: int = 100) -> str:
    """Text verbatim in a code span, such as a model's name or typed text."""
    plain = shorten(fold(text).replace("`", "'"), limit)
    return f"`{_PING.sub('@' + _ZERO_WIDTH, plain)}`" if plain else "` `"
