"""Matches keywords in a text, also when obfuscated, but never inside another word.

Found are `f.u c k`, `fuuuck`, letters of other alphabets that look the same, invisible signs
between letters, `f*ck` and `fvck`, all for the one word. Not found are `class` for its last three
letters, nor `pen is` for two words that say nothing. Words of scripts that write no spaces are
found anywhere. A keyword with an open side is found in longer words as well.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, groupby
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.services.moderation.word_filter.homoglyphs import WILD, fold, readings
from bot.services.moderation.word_filter.keyword import Keyword
from bot.services.moderation.word_filter.pieces import (
    CONTRACTED,
    SYMBOL_SIGNS,
    Piece,
    blotted_pieces,
    pieces_of,
)
from bot.services.moderation.word_filter.placement import Place, stands
from bot.services.moderation.word_filter.spelling import (
    CLASSES,
    outline,
    reads_as,
    reads_stretched,
    spellings,
)

_WILD_SHARE: Final = 0.5


def folded(word: str) -> str:
    """A listed word as it is compared and kept; empty where it has neither letter nor digit."""
    return "".join(piece.signs for piece in pieces_of(fold(word, by_look=True)))


def has_word(words: tuple[str, ...], text: str) -> bool:
    """Whether one of the words stands in the text."""
    return first_word(words, text) is not None


def first_word(words: tuple[str, ...], text: str) -> str | None:
    """One of the words that stands in the text, or None."""
    found = _matcher(words).first_in(text) if words else None
    return None if found is None else found.text


@lru_cache(maxsize=64)
def _matcher(words: tuple[str, ...]) -> "WordMatcher":
    return WordMatcher([Keyword(word) for word in words])


class WordMatcher:
    """A list of keywords, ready to be looked for: once as written, once by how signs look.

    What lies within one of `allowed`, as it is written, is not found.
    """

    def __init__(self, keywords: Sequence[Keyword], allowed: Sequence[Keyword] = ()) -> None:
        self._lists = _both_ways(keywords, allowed)
        contracted = [each for each in keywords if CONTRACTED.search(each.text)]
        self._contracted = _both_ways(contracted, allowed)

    def first_in(self, text: str) -> Keyword | None:
        """One of the keywords that stands in the text, or None."""
        plain = CONTRACTED.sub("", text)
        tries = [(self._contracted, text), (self._lists, plain)]
        # the same signs stand between words and letters, too
        parted = SYMBOL_SIGNS.sub("-", plain)
        if parted != plain:
            tries.append((self._lists, parted))
        for lists, tried in tries:
            for each, by_look in lists:
                if (found := each.first_in(tried, by_look=by_look)) is not None:
                    return found
        return None


def _both_ways(
    keywords: Sequence[Keyword], allowed: Sequence[Keyword]
) -> tuple[tuple["_KeywordList", bool], ...]:
    """Each with whether texts are folded by look for it."""
    plain = _forms(keywords, by_look=False), _forms(allowed, by_look=False)
    looks = _forms(keywords, by_look=True), _forms(allowed, by_look=True)
    as_written = _KeywordList(*plain)
    # most keywords look like themselves, and a long list takes a while to make
    by_look = as_written if looks == plain else _KeywordList(*looks)
    return (as_written, False), (by_look, True)


@dataclass(frozen=True, slots=True)
class _Form:
    """A keyword in one spelling, folded and joined; `splits` are its parts as it was written."""

    word: str
    keyword: Keyword
    splits: frozenset[tuple[str, ...]]

    @property
    def is_open(self) -> bool:
        return self.keyword.is_open_left or self.keyword.is_open_right

    def stands_at(self, place: Place) -> bool:
        return stands(
            place,
            self.word,
            self.splits,
            is_open_left=self.keyword.is_open_left,
            is_open_right=self.keyword.is_open_right,
        )

    def fits(self, start: int, end: int, length: int) -> bool:
        """Whether it may lie there in a piece of so many signs."""
        keyword = self.keyword
        return (keyword.is_open_left or start == 0) and (keyword.is_open_right or end == length)


def _forms(keywords: Sequence[Keyword], *, by_look: bool) -> list[_Form]:
    splits: dict[tuple[str, bool, bool], set[tuple[str, ...]]] = {}
    first: dict[tuple[str, bool, bool], Keyword] = {}
    for keyword in keywords:
        parts = tuple(piece.signs for piece in pieces_of(fold(keyword.text, by_look=by_look)))
        for spelling in spellings("".join(parts)):
            key = (spelling, keyword.is_open_left, keyword.is_open_right)
            splits.setdefault(key, set()).add(parts)
            first.setdefault(key, keyword)
    return [_Form(key[0], first[key], frozenset(parts)) for key, parts in splits.items()]


class _Finder:
    """Forms by a text of theirs; finds those whose text is in another."""

    def __init__(self, forms: Sequence[tuple[str, _Form]]) -> None:
        groups: dict[str, list[_Form]] = {}
        for text, form in forms:
            groups.setdefault(text, []).append(form)
        self._groups = list(groups.values())
        self._automaton = AhoCorasick(groups, matchkind=MatchKind.Standard) if groups else None

    def find(self, text: str) -> Iterator[tuple[_Form, int, int]]:
        if self._automaton is None:
            return
        for which, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            for form in self._groups[which]:
                yield form, start, end


class _KeywordList:
    def __init__(self, forms: Sequence[_Form], allowed: Sequence[_Form]) -> None:
        self._by_outline: dict[str, list[_Form]] = {}
        self._by_length: dict[tuple[int, str], list[_Form]] = {}
        self._open_by_letter: dict[str, list[_Form]] = {}
        for form in forms:
            self._by_outline.setdefault(outline(form.word), []).append(form)
            self._by_length.setdefault((len(form.word), form.word[0]), []).append(form)
            if form.is_open:
                self._open_by_letter.setdefault(form.word[0], []).append(form)
        self._finder = _Finder([(form.word.translate(CLASSES), form) for form in forms])
        self._outlines = _Finder([(outline(form.word), form) for form in forms if form.is_open])
        self._allowed = _Finder([(form.word, form) for form in allowed])
        self._is_empty = not forms

    def first_in(self, text: str, *, by_look: bool) -> Keyword | None:
        if self._is_empty:
            return None
        pieces = list(pieces_of(fold(text, by_look=by_look)))
        stream = "".join(piece.signs for piece in pieces)
        spans = _Spans(self._allowed_in(pieces, stream))
        for form, start, end in self._hits(pieces, stream):
            if not spans.cover(start, end):
                return form.keyword
        for signs in blotted_pieces(text, by_look=by_look):
            for form in self._blotted(signs):
                return form.keyword
        return None

    def _hits(self, pieces: Sequence[Piece], stream: str) -> Iterator[tuple[_Form, int, int]]:
        for piece in pieces:
            for form in self._by_outline.get(outline(piece.signs), ()):
                if reads_stretched(piece.signs, form.word):
                    yield form, piece.start, piece.end
            if self._open_by_letter:
                yield from self._stretched_inside(piece)
        for form, place in _places(self._finder, pieces, stream.translate(CLASSES)):
            seen = stream[place.start : place.end]
            if reads_as(seen, form.word) and form.stands_at(place):
                yield form, place.start, place.end

    def _allowed_in(self, pieces: Sequence[Piece], stream: str) -> Iterator[tuple[int, int]]:
        """Where allowed words stand: the whole of them, with what their open sides take in."""
        for form, place in _places(self._allowed, pieces, stream):
            if form.stands_at(place):
                yield pieces[place.first].start, pieces[place.last].end

    def _stretched_inside(self, piece: Piece) -> Iterator[tuple[_Form, int, int]]:
        """Keywords with an open side in a longer piece, letters drawn out or not."""
        runs = [len(list(run)) for _, run in groupby(piece.signs.translate(CLASSES))]
        bounds = [0, *accumulate(runs)]
        for form, first, last in self._outlines.find(outline(piece.signs)):
            start, end = bounds[first], bounds[last]
            is_there = form.fits(start, end, len(piece.signs))
            if is_there and reads_stretched(piece.signs[start:end], form.word):
                yield form, piece.start + start, piece.start + end

    def _blotted(self, signs: str) -> Iterator[_Form]:
        """Keywords of which some letters are hidden by signs like `*`."""
        if not signs or signs[0] in WILD:
            return
        for letter in readings(signs[0]):
            for form in self._by_length.get((len(signs), letter), ()):
                if _is_hidden(signs, form.word):
                    yield form
        for start, sign in enumerate(signs if self._open_by_letter else ""):
            for letter in "" if sign in WILD else readings(sign):
                for form in self._open_by_letter.get(letter, ()):
                    if _is_hidden_inside(form, signs, start):
                        yield form


def _places(finder: _Finder, pieces: Sequence[Piece], stream: str) -> Iterator[tuple[_Form, Place]]:
    starts = [piece.start for piece in pieces]
    for form, start, end in finder.find(stream):
        first, last = bisect_right(starts, start) - 1, bisect_left(starts, end) - 1
        yield form, Place(pieces, first, last, start, end)


class _Spans:
    """Parts of a text; tells whether another part lies within one of them."""

    def __init__(self, spans: Iterator[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))

    def cover(self, start: int, end: int) -> bool:
        at = bisect_right(self._starts, start) - 1
        return at >= 0 and self._ends[at] >= end


def _is_hidden_inside(form: _Form, signs: str, start: int) -> bool:
    """Whether a keyword with an open side begins there; a hidden letter says nothing at its end."""
    end = start + len(form.word)
    if end > len(signs) or signs[end - 1] in WILD or not form.fits(start, end, len(signs)):
        return False
    return _is_hidden(signs[start:end], form.word)


def _is_hidden(signs: str, word: str) -> bool:
    """Whether signs are the word, with at most half of its letters hidden."""
    hidden = sum(sign in WILD for sign in signs)
    if not hidden or hidden > len(signs) * _WILD_SHARE:
        return False
    return all(
        sign in WILD or letter in readings(sign) for sign, letter in zip(signs, word, strict=True)
    )
