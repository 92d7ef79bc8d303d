"""Cuts a folded text into pieces: signs without a gap between them. Linear in the text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from bot.services.moderation.word_filter.homoglyphs import WILD, fold, is_unspaced

_SIGN: Final = r"[^\W_]"
_SYMBOL: Final = r"[@$!|+]"
_PIECE: Final = re.compile(rf"(?:{_SIGN}|{_SYMBOL})+")
"""Letters, digits, and signs among them that may be meant as letters. All patterns here read each
sign once: what a member typed may be long, and made to be slow.
"""
SYMBOL_SIGNS: Final = re.compile(_SYMBOL)
"""Signs that stand between words as well as in them."""
_LETTER: Final = re.compile(_SIGN)
_RUN: Final = re.compile(r"\S+")
_WILD_SIGNS: Final = "".join(sorted(WILD))
CONTRACTED: Final = re.compile(r"(?<=[^\W\d_])['’](?:ll|s|t|re|ve|d|m)(?![\w'’])", re.IGNORECASE)
"""As in `he'll` and `fox's`: the end of another word, and no part of this one."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Signs of a text without a gap between them; `gap` is what stands before it."""

    signs: str
    start: int
    gap: str

    @property
    def end(self) -> int:
        """Where it ends among the signs of all pieces."""
        return self.start + len(self.signs)


def pieces_of(text: str) -> Iterator[Piece]:
    """The pieces of a folded text; a mark that ends a sentence belongs to none."""
    start, gap_from = 0, 0
    for found in _PIECE.finditer(text):
        if not _may_be_letters(found[0]):
            continue
        whole = found[0].rstrip("!|") if not found[0][-1].isalnum() else found[0]
        gap = text[gap_from : found.start()]
        gap_from = found.start() + len(whole)
        for part in _cut(whole):
            yield Piece(part, start, gap)
            start += len(part)
            gap = ""


def _may_be_letters(signs: str) -> bool:
    """Whether a run has a letter or digit, or begins with signs that may be meant as some."""
    return _LETTER.search(signs) is not None or "@" in signs[:-1] or "$" in signs[:-1]


def _cut(signs: str) -> Iterator[str]:
    """Signs of scripts without spaces stand alone; all others stay together."""
    for alone, group in groupby(signs, key=is_unspaced):
        run = "".join(group)
        yield from run if alone else (run,)


def blotted_pieces(text: str, *, by_look: bool) -> Iterator[str]:
    """Pieces of the text with signs like `*` inside them."""
    kept = "".join(sign for sign in text if sign not in "_~`")
    for found in _RUN.finditer(kept):
        run = found[0].lstrip(_WILD_SIGNS)
        if WILD.isdisjoint(run):
            continue
        folded_signs = "".join(
            sign if sign in WILD else fold(sign, by_look=by_look) for sign in run
        )
        yield folded_signs.strip('.,;:?!()[]{}"<>')
