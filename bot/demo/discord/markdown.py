"""Patch SimCord's Markdown renderer where it is stricter than Discord."""

import re
from collections import ChainMap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from simcord.preview import _markdown as simcords

EMBEDS: Final = ("embed_description", "embed_field_value")
ALLOWED: Final[Mapping[str, bool | str]] = {"mentions": True, "commands": True, "subtext": True}
"""What Discord renders in these fields."""

_BEFORE_END: Final = re.compile(r"(?<=[，。、：；！？）」』》…])\*\*")
_AFTER_START: Final = re.compile(r"\*\*(?=[（「『《])")
_NOTHING: Final = "\N{ZERO WIDTH SPACE}"


@contextmanager
def read_like_discord() -> Iterator[None]:
    """Within the block, render mentions in embeds and bold beside Chinese punctuation."""
    policies, make_parser = dict(simcords._FIELD_POLICIES), simcords._markdown_parser  # noqa: SLF001

    made: dict[tuple[tuple[str, Any], ...], tuple[Any, ChainMap[str, Any]]] = {}

    def parser_like_discord(policy: Mapping[str, Any], context: Mapping[str, Any]) -> Any:
        # made once for each kind of field: SimCord makes one for each text, which takes longer
        # than all else that shows a page
        key = tuple(sorted(policy.items()))
        if key not in made:
            current = ChainMap[str, Any]()
            parser = make_parser(policy, current)
            for name in ("parse", "parseInline"):
                setattr(parser, name, _loosened(getattr(parser, name)))
            made[key] = parser, current
        parser, current = made[key]
        current.maps = [dict(context)]
        return parser

    for name in EMBEDS:
        simcords._FIELD_POLICIES[name] = {**policies[name], **ALLOWED}  # noqa: SLF001
    simcords._markdown_parser = parser_like_discord  # noqa: SLF001
    try:
        yield
    finally:
        simcords._FIELD_POLICIES.update(policies)  # noqa: SLF001
        simcords._markdown_parser = make_parser  # noqa: SLF001


def _loosened(parse: Any) -> Any:
    """Wrap a parser that needs a space or punctuation next to bold, which Chinese lacks."""

    def parse_loosely(text: str, env: Any) -> Any:
        text = _BEFORE_END.sub(f"{_NOTHING}**", text)
        return parse(_AFTER_START.sub(f"**{_NOTHING}", text), env)

    return parse_loosely
