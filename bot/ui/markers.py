"""Markers by which a posted message is found again after a crash, so that none is posted twice.

A nonce is forgotten by Discord within minutes; a marker is part of the message itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from bot.services.outbox import SERIES_LATE, SERIES_REJECTED, SERIES_UNCERTAIN
from bot.ui.markdown import code
from bot.ui.requests.list import Cancel
from storage.records import MessageKind

_SERIES_SIGNS: Final = {SERIES_REJECTED: "🛡️", SERIES_UNCERTAIN: "❔", SERIES_LATE: "🎞️"}


def film_name(request_id: str) -> str:
    """The file name of a joined film, its marker; no result's name ends like it."""
    return f"{request_id}-film.mp4"


def carries_marker(
    kind: MessageKind,
    request_id: str,
    *,
    content: str,
    file_names: tuple[str, ...],
    custom_ids: tuple[str, ...],
) -> bool:
    """Whether a message of the bot is this request's of this kind; no kind matches another's."""
    lines = content.split("\n")
    shown = code(request_id)
    if kind is MessageKind.CARD:
        begins = any(each.startswith(f"-# {shown} · ") for each in lines)
        return begins or Cancel(request_id).to_custom_id() in custom_ids
    if kind is MessageKind.FILM:
        return any(name.endswith(film_name(request_id)) for name in file_names)
    if kind is MessageKind.RESULT:
        has_file = any(name.endswith(f"{request_id}.mp4") for name in file_names)
        return has_file or any(
            each.startswith("-# ") and each.endswith(f" · {shown}") for each in lines
        )
    return f"-# {shown}" in lines


def series_mark(series_id: str, body: Mapping[str, Any]) -> str:
    """The line by which a notice of a series under way is known: of which shot, and why.

    A series may have several on their way at once, so it is none that any other message has.
    """
    sign = _SERIES_SIGNS.get(str(body.get("state")), "⏸️")
    return f"-# {sign} {body.get('shot', 0)}/{body.get('count', 0)} {code(series_id)}"
