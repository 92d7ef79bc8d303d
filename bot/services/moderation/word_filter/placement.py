"""Whether a keyword that was found in a row of pieces stands there, or only seems to.

A word may lie over several pieces because it was split to hide it, or because two words that say
nothing happen to follow each other.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from bot.services.moderation.word_filter.common_words import SHORT_WORDS
from bot.services.moderation.word_filter.homoglyphs import is_unspaced
from bot.services.moderation.word_filter.pieces import Piece

_MANY_SINGLES: Final = 3
"""No sentence has so many lone letters in a row by chance."""
_LONE_LETTERS: Final = frozenset("ai")
_LEAST_CUT: Final = 4
"""Letters of a keyword that may lie over words with spaces and end inside one of them."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something was found: in the pieces `first` to `last`, between two signs of the text."""

    pieces: Sequence[Piece]
    first: int
    last: int
    start: int
    end: int

    @property
    def begins_piece(self) -> bool:
        """Whether no letter stands before it."""
        return self.pieces[self.first].start == self.start

    @property
    def ends_piece(self) -> bool:
        """Whether no letter stands behind it."""
        return self.pieces[self.last].end == self.end

    @property
    def parts(self) -> tuple[str, ...]:
        """What lies in each of the pieces."""
        return tuple(
            piece.signs[max(0, self.start - piece.start) : self.end - piece.start]
            for piece in self.pieces[self.first : self.last + 1]
        )

    @property
    def gaps(self) -> list[str]:
        """What lies between the pieces."""
        return [piece.gap for piece in self.pieces[self.first + 1 : self.last + 1]]

    @property
    def before(self) -> str:
        """What lies before the first piece."""
        return self.pieces[self.first].gap if self.first else " "

    @property
    def after(self) -> str:
        """What lies behind the last piece."""
        is_end = self.last + 1 == len(self.pieces)
        return " " if is_end else self.pieces[self.last + 1].gap


def stands(
    place: Place,
    word: str,
    splits: Collection[tuple[str, ...]],
    *,
    is_open_left: bool,
    is_open_right: bool,
) -> bool:
    """Whether the word stands at a place where its letters are.

    `splits`: the ways in which it is written by itself, such as `("hot", "dog")`.
    """
    if is_unspaced(word[0]) and is_unspaced(word[-1]):
        return True
    if not (place.begins_piece or is_open_left) or not (place.ends_piece or is_open_right):
        return False
    parts = place.parts
    if len(parts) == 1 or parts in splits:
        return True
    if not any(sign.isalpha() for part in parts for sign in part):
        return False
    if place.begins_piece and place.ends_piece:
        return _is_split(place, parts, is_open_left=is_open_left, is_open_right=is_open_right)
    return _is_split_and_cut(place, parts, word)


def _is_split(
    place: Place, parts: Sequence[str], *, is_open_left: bool, is_open_right: bool
) -> bool:
    """Whether a word that fills its pieces was split to hide it."""
    gaps, before, after = place.gaps, place.before, place.after
    if all(len(part) == 1 for part in parts):
        return _is_spelled_out(place, parts, is_open_left=is_open_left, is_open_right=is_open_right)
    if not any(" " in gap for gap in gaps):
        begins = is_open_left or before != gaps[0]
        ends = is_open_right or after != gaps[0]
        return len(set(gaps)) == 1 and begins and ends
    if " " not in before or " " not in after:
        return False
    if sum(len(part) == 1 for part in parts) >= _MANY_SINGLES:
        return True
    return _has_odd(parts) or all(len(part) >= 3 for part in parts)


def _is_split_and_cut(place: Place, parts: Sequence[str], word: str) -> bool:
    """Whether a word with an open side was split to hide it, and goes on inside the last piece.

    Or begins inside the first; both would be found in any text.
    """
    gaps = place.gaps
    if not (place.begins_piece or place.ends_piece):
        return False
    outer = place.before if place.begins_piece else place.after
    if not any(" " in gap for gap in gaps):
        return len(set(gaps)) == 1 and outer != gaps[0]
    whole = parts[:-1] if place.begins_piece else parts[1:]
    return len(word) >= _LEAST_CUT and " " in outer and _has_odd(whole)


def _has_odd(parts: Sequence[str]) -> bool:
    """Whether a part is no word by itself."""
    return any(len(part) > 1 and part not in SHORT_WORDS for part in parts)


def _is_spelled_out(
    place: Place, parts: Sequence[str], *, is_open_left: bool, is_open_right: bool
) -> bool:
    """Whether single letters make the word by themselves and not as a part of more of them."""
    if len(parts) >= 4:
        return True
    if len(parts) < 3:
        return False
    numbers = [place.first - 1] if not is_open_left else []
    numbers += [place.last + 1] if not is_open_right else []
    around = [place.pieces[n].signs for n in numbers if 0 <= n < len(place.pieces)]
    return all(len(signs) > 1 or signs in _LONE_LETTERS for signs in around)
