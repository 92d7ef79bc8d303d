r"""Expand the choices in a prompt: `a {red|blue} car` stands for one prompt with each of them.

The grammar, the same for members' prompts and templates:

- `{a|b|c}` is a group: it stands for each choice in turn, without the spaces around it. Several
  groups multiply, the last one turning fastest.
- Braces without a bar of their own are plain, so `{text}` stays, also inside a choice.
- A backslash makes the brace or bar behind it plain and is itself dropped. Before one of them, two
  backslashes stand for one; anywhere else a backslash is plain.
- The full-width signs `｛`, `｜`, `｝` count as the others, since Chinese keyboards type them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, product
from math import prod
from typing import Final

from bot.rules.check import is_blank
from bot.rules.violation import Violation

MOST_VARIATIONS: Final = 4
TEXT: Final = "{text}"
"""Where a member's words go in a template's prompt."""

_OPEN: Final = "{｛"
_BAR: Final = "|｜"
_CLOSE: Final = "}｝"
_ESCAPED: Final = "\\{"
_SIGNS: Final = frozenset(_OPEN + _BAR + _CLOSE)
_MOST_SHOWN: Final = 999_999
"""A larger number of prompts is not spelt out: a long prompt stands for more than a line holds."""


@dataclass(frozen=True, slots=True)
class Expansion:
    """The prompts that a typed one stands for, in order; empty where `faults` says why."""

    prompts: tuple[str, ...] = ()
    faults: tuple[Violation, ...] = ()


@dataclass(slots=True)
class _Brace:
    """An opening brace at a token's index, with the bars and the end that belong to it."""

    start: int
    bars: list[int] = field(default_factory=list)
    end: int = -1


Token = tuple[str, bool]
"""A character, and whether it is a sign of the grammar."""


def expand(prompt: str, *, text: str = TEXT) -> Expansion:
    """Read a prompt as it was typed. `text` takes the place of each plain `{text}`, unread.

    At most MOST_VARIATIONS prompts; a group in a group, an empty choice and an unclosed group are
    violations.
    """
    tokens = tuple(_tokens(prompt))
    braces = _braces(tokens)
    groups = [brace for brace in braces if brace.bars]
    faults = tuple(_faults(tokens, groups))
    if faults:
        return Expansion(faults=faults)
    parts: list[tuple[str, ...]] = []
    at = 0
    for group in groups:
        parts.append((_plain(tokens[at : group.start], text),))
        parts.append(tuple(_plain(choice, text).strip() for choice in _choices(tokens, group)))
        at = group.end + 1
    parts.append((_plain(tokens[at:], text),))
    return Expansion(tuple("".join(chosen) for chosen in product(*parts)))


def wants_text(prompt: str) -> bool:
    """Whether a template's prompt has a plain `{text}`."""
    tokens = tuple(_tokens(prompt))
    return any(_is_text(tokens, at) for at in range(len(tokens)))


def escape(prompt: str) -> str:
    """A plain prompt as it is to be typed: `expand` reads it as this one prompt.

    Left as it is where it already reads so.
    """
    if expand(prompt).prompts == (prompt,):
        return prompt
    typed: list[str] = []
    slashes = 0
    for sign in prompt:
        if sign in _SIGNS:
            typed.append("\\" * (slashes + 1))
        typed.append(sign)
        slashes = slashes + 1 if sign == "\\" else 0
    return "".join(typed)


def _tokens(prompt: str) -> Iterator[Token]:
    slashes = 0
    for sign in prompt:
        if sign == "\\":
            slashes += 1
            continue
        is_sign = sign in _SIGNS
        for _ in range(slashes // 2 if is_sign else slashes):
            yield "\\", False
        yield sign, is_sign and slashes % 2 == 0
        slashes = 0
    for _ in range(slashes):
        yield "\\", False


def _braces(tokens: Sequence[Token]) -> list[_Brace]:
    """Every opening brace in order, with what belongs to it."""
    found: list[_Brace] = []
    is_open: list[_Brace] = []
    for at, (sign, is_syntax) in enumerate(tokens):
        if not is_syntax:
            continue
        if sign in _OPEN:
            is_open.append(_Brace(at))
            found.append(is_open[-1])
        elif is_open and sign in _BAR:
            is_open[-1].bars.append(at)
        elif is_open and sign in _CLOSE:
            is_open.pop().end = at
    return found


def _faults(tokens: Sequence[Token], groups: Sequence[_Brace]) -> Iterator[Violation]:
    if any(group.end < 0 for group in groups):
        yield _broken("variations-unclosed", allowed=_ESCAPED)
        return
    if any(inner.start < outer.end for outer, inner in pairwise(groups)):
        yield _broken("variations-nested", allowed=_ESCAPED)
        return
    choices = [_choices(tokens, group) for group in groups]
    if any(is_blank(_plain(choice)) for group in choices for choice in group):
        yield _broken("variations-empty", allowed=_ESCAPED)
    count = prod(len(group) for group in choices)
    if count > MOST_VARIATIONS:
        shown = str(count) if count <= _MOST_SHOWN else f"> {_MOST_SHOWN}"
        yield _broken("variations-too-many", shown, str(MOST_VARIATIONS))


def _broken(rule: str, value: str = "", allowed: str = "") -> Violation:
    return Violation(field="prompt", rule=rule, value=value, allowed=allowed)


def _choices(tokens: Sequence[Token], group: _Brace) -> list[Sequence[Token]]:
    edges = (group.start, *group.bars, group.end)
    return [tokens[start + 1 : end] for start, end in pairwise(edges)]


def _plain(tokens: Sequence[Token], text: str = TEXT) -> str:
    """Tokens as plain text, with `text` for each `{text}`."""
    signs: list[str] = []
    at = 0
    while at < len(tokens):
        is_text = _is_text(tokens, at)
        signs.append(text if is_text else tokens[at][0])
        at += len(TEXT) if is_text else 1
    return "".join(signs)


def _is_text(tokens: Sequence[Token], at: int) -> bool:
    found = tokens[at : at + len(TEXT)]
    return (
        len(found) == len(TEXT)
        and found[0][1]
        and found[-1][1]
        and "".join(sign for sign, _ in found) == TEXT
    )
