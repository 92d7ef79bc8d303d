"""Whether signs may be read as a word: look-alikes, letters drawn out, two signs for one."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from bot.services.moderation.word_filter.homoglyphs import SYMBOLS, readings

_VOWELS: Final = frozenset("aeiouy")
_NATURAL_DOUBLES: Final = frozenset("bcdefglmnoprstz")
CLASSES: Final = str.maketrans("l1!|0345$@7+g869v2", "iiiioeassattbbbbuz")
"""Signs that may mean one another fall together; what is found is then looked at sign by sign."""


def spellings(word: str) -> Iterator[str]:
    """The word, and with two signs for one: `ph` for `f`, `vv` for `w`."""
    if word:
        yield word
        if "w" in word:
            yield word.replace("w", "vv")
        if word.startswith("f") and len(word) > 3:
            yield "ph" + word[1:]


def outline(signs: str) -> str:
    """Signs by their classes, none twice in a row."""
    return "".join(sign for sign, _ in groupby(signs.translate(CLASSES)))


def reads_as(seen: str, word: str) -> bool:
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


def reads_stretched(seen: str, word: str) -> bool:
    """Whether a piece is the word, with letters held longer than any language would."""
    if len(seen) == len(word):
        return reads_as(seen, word)
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
