"""Matches listed words in a text, also when obfuscated, but never inside another word.

Found are `f.u c k`, `fuuuck`, letters of other alphabets that look the same, invisible signs
between letters, `f*ck` and `fvck`, all for the one word. Not found are `class` for its last three
letters, nor `pen is` for two words that say nothing. Words of scripts that write no spaces are
found anywhere.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from ahocorasick_rs import AhoCorasick, MatchKind

from bot.services.moderation.word_filter.common_words import SHORT_WORDS
from bot.services.moderation.word_filter.homoglyphs import (
    SYMBOLS,
    WILD,
    fold,
    is_unspaced,
    readings,
)

_VOWELS: Final = frozenset("aeiouy")
_NATURAL_DOUBLES: Final = frozenset("bcdefglmnoprstz")
_CLASSES: Final = str.maketrans("l1!|0345$@7+g869v2", "iiiioeassattbbbbuz")
"""Signs that may mean one another fall together; what is found is then looked at sign by sign."""

_WILD_SHARE: Final = 0.5
_MANY_SINGLES: Final = 3
"""No sentence has so many lone letters in a row by chance."""
_LONE_LETTERS: Final = frozenset("ai")

_SIGN: Final = r"[^\W_]"
_SYMBOL: Final = r"[@$!|+]"
_PIECE: Final = re.compile(rf"(?:{_SIGN}|{_SYMBOL})+")
"""Letters, digits, and signs among them that may be meant as letters. All patterns here read each
sign once: what a member typed may be long, and made to be slow.
"""
_SYMBOLS: Final = re.compile(_SYMBOL)
_LETTER: Final = re.compile(_SIGN)
_RUN: Final = re.compile(r"\S+")
_WILD_SIGNS: Final = "".join(sorted(WILD))
_CONTRACTED: Final = re.compile(r"(?<=[^\W\d_])['’](?:ll|s|t|re|ve|d|m)(?![\w'’])", re.IGNORECASE)
"""As in `he'll` and `fox's`: the end of another word, and no part of this one."""


@dataclass(frozen=True, slots=True)
class _Piece:
    """Signs of a text without a gap between them; `gap` is what stands before it."""

    signs: str
    start: int
    gap: str

    @property
    def end(self) -> int:
        return self.start + len(self.signs)


def folded(word: str) -> str:
    """A listed word as it is compared and kept; empty where it has neither letter nor digit."""
    return "".join(piece.signs for piece in _pieces(fold(word, by_look=True)))


def has_word(words: tuple[str, ...], text: str) -> bool:
    """Whether one of the words stands in the text."""
    return bool(words) and _matcher(words).is_in(text)


@lru_cache(maxsize=64)
def _matcher(words: tuple[str, ...]) -> "WordMatcher":
    return WordMatcher(words)


class WordMatcher:
    """A list of words, ready to be looked for: once as written, once by how signs look."""

    def __init__(self, words: Sequence[str]) -> None:
        self._lists = _both_ways(words)
        self._contracted = _both_ways([word for word in words if _CONTRACTED.search(word)])

    def is_in(self, text: str) -> bool:
        """Whether the text has one of the words."""
        if any(words.is_in(text) for words in self._contracted):
            return True
        text = _CONTRACTED.sub("", text)
        if any(words.is_in(text) for words in self._lists):
            return True
        # the same signs stand between words and letters, too
        parted = _SYMBOLS.sub("-", text)
        return parted != text and any(words.is_in(parted) for words in self._lists)


def _both_ways(words: Sequence[str]) -> tuple["_WordList", ...]:
    return tuple(_WordList(words, by_look=by_look) for by_look in (False, True))


class _WordList:
    def __init__(self, words: Sequence[str], *, by_look: bool) -> None:
        self._by_look = by_look
        self._splits: dict[str, set[tuple[str, ...]]] = {}
        for word in words:
            pieces = tuple(piece.signs for piece in _pieces(fold(word, by_look=by_look)))
            for variant in _spellings("".join(pieces)):
                self._splits.setdefault(variant, set()).add(pieces)
        self._words = tuple(self._splits)
        self._by_length: dict[int, list[str]] = {}
        for word in self._words:
            self._by_length.setdefault(len(word), []).append(word)
        self._by_outline: dict[str, list[str]] = {}
        for word in self._words:
            self._by_outline.setdefault(_outline(word), []).append(word)
        patterns = [word.translate(_CLASSES) for word in self._words]
        self._finder = AhoCorasick(patterns, matchkind=MatchKind.Standard) if patterns else None

    def is_in(self, text: str) -> bool:
        if self._finder is None:
            return False
        pieces = list(_pieces(fold(text, by_look=self._by_look)))
        if any(self._is_word(piece.signs) for piece in pieces):
            return True
        if any(self._is_blotted(piece) for piece in _blotted(text, by_look=self._by_look)):
            return True
        stream = "".join(piece.signs for piece in pieces)
        starts = {piece.start: number for number, piece in enumerate(pieces)}
        ends = {piece.end: number for number, piece in enumerate(pieces)}
        for which, start, end in self._finder.find_matches_as_indexes(
            stream.translate(_CLASSES), overlapping=True
        ):
            word, seen = self._words[which], stream[start:end]
            if not _reads_as(seen, word):
                continue
            if is_unspaced(word[0]) and is_unspaced(word[-1]):
                return True
            first, last = starts.get(start), ends.get(end)
            if first is None or last is None:
                continue
            if self._is_split(word, pieces, first, last):
                return True
        return False

    def _is_word(self, signs: str) -> bool:
        """Whether one piece is one of the words, letters drawn out or not."""
        return any(
            _reads_stretched(signs, word) for word in self._by_outline.get(_outline(signs), ())
        )

    def _is_blotted(self, signs: str) -> bool:
        """Whether a piece is one of the words with some letters hidden by signs like `*`."""
        hidden = sum(sign in WILD for sign in signs)
        if not hidden or hidden > len(signs) * _WILD_SHARE or signs[0] in WILD:
            return False
        return any(
            all(
                sign in WILD or letter in readings(sign)
                for sign, letter in zip(signs, word, strict=True)
            )
            for word in self._by_length.get(len(signs), ())
        )

    def _is_split(self, word: str, pieces: Sequence[_Piece], first: int, last: int) -> bool:
        """Whether a word that lies over several pieces was split to hide it."""
        parts = [piece.signs for piece in pieces[first : last + 1]]
        if len(parts) == 1 or tuple(parts) in self._splits[word]:
            return True
        if not any(sign.isalpha() for part in parts for sign in part):
            return False
        gaps = [piece.gap for piece in pieces[first + 1 : last + 1]]
        before = pieces[first].gap if first else " "
        after = pieces[last + 1].gap if last + 1 < len(pieces) else " "
        if all(len(part) == 1 for part in parts):
            return _is_spelled_out(parts, pieces, first, last)
        if not any(" " in gap for gap in gaps):
            return len(set(gaps)) == 1 and before != gaps[0] != after
        if " " not in before or " " not in after:
            return False
        if sum(len(part) == 1 for part in parts) >= _MANY_SINGLES:
            return True
        odd = any(len(part) > 1 and part not in SHORT_WORDS for part in parts)
        return odd or all(len(part) >= 3 for part in parts)


def _is_spelled_out(parts: Sequence[str], pieces: Sequence[_Piece], first: int, last: int) -> bool:
    """Whether single letters make the word by themselves and not as a part of more of them."""
    if len(parts) >= 4:
        return True
    if len(parts) < 3:
        return False
    around = [pieces[number].signs for number in (first - 1, last + 1) if 0 <= number < len(pieces)]
    return all(len(signs) > 1 or signs in _LONE_LETTERS for signs in around)


def _pieces(text: str) -> Iterator[_Piece]:
    """The pieces of a folded text; a mark that ends a sentence belongs to none."""
    start, gap_from = 0, 0
    for found in _PIECE.finditer(text):
        if not _may_be_letters(found[0]):
            continue
        whole = found[0].rstrip("!|") if not found[0][-1].isalnum() else found[0]
        gap = text[gap_from : found.start()]
        gap_from = found.start() + len(whole)
        for part in _cut(whole):
            yield _Piece(part, start, gap)
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


def _blotted(text: str, *, by_look: bool) -> Iterator[str]:
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


def _spellings(word: str) -> Iterator[str]:
    """The word, and with two signs for one: `ph` for `f`, `vv` for `w`."""
    if word:
        yield word
        if "w" in word:
            yield word.replace("w", "vv")
        if word.startswith("f") and len(word) > 3:
            yield "ph" + word[1:]


def _outline(signs: str) -> str:
    """Signs by their classes, none twice in a row."""
    return "".join(sign for sign, _ in groupby(signs.translate(_CLASSES)))


def _reads_as(seen: str, word: str) -> bool:
    """Whether each sign may be read as the word's; digits alone are a number."""
    if seen == word:
        return True
    if not any(sign.isalpha() or sign in SYMBOLS for sign in seen):
        return False
    return all(
        letter in readings(sign) or _is_bent(seen, place, letter)
        for place, (sign, letter) in enumerate(zip(seen, word, strict=True))
    )


def _is_bent(seen: str, place: int, letter: str) -> bool:
    """Whether an l is meant as i, or a v as u: where no vowel is beside it, nobody could say it."""
    if (seen[place], letter) not in {("l", "i"), ("v", "u")}:
        return False
    around = seen[max(0, place - 1) : place] + seen[place + 1 : place + 2]
    return not any(sign in _VOWELS for sign in around)


def _runs(signs: str) -> list[tuple[str, int]]:
    return [(sign, len(list(group))) for sign, group in groupby(signs)]


def _reads_stretched(seen: str, word: str) -> bool:
    """Whether a piece is the word, with letters held longer than any language would."""
    if len(seen) == len(word):
        return _reads_as(seen, word)
    if len(seen) < len(word):
        return False
    if not any(sign.isalpha() or sign in SYMBOLS for sign in seen):
        return False
    return _fits(seen, word)


def _fits(seen: str, word: str) -> bool:
    """Walk both by runs: each run of the word's takes one run of signs that read so.

    Two where the word has one may be another word (`good`), unless other letters are held, too.
    """
    place, doubled, held = 0, 0, 0
    for letter, count in _runs(word):
        begin = place
        while place < len(seen) and (
            letter in readings(seen[place]) or _is_bent(seen, place, letter)
        ):
            place += 1
        length = place - begin
        if length < count:
            return False
        if length == 2 and count == 1 and letter in _NATURAL_DOUBLES:
            doubled += 1
        elif length > count:
            held += 1
    return place == len(seen) and (not doubled or held > 0)
