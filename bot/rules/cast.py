"""Named pictures in prompts: where `@name` stands, and the words that a model reads in its place.

Names are compared in their folded form, without case and without compatibility variants (NFKC).
"""

import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from bot.rules.media import MediaKind, MediaRole
from bot.rules.media_kinds import kind_of
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest

SHORTEST: Final = 2
LONGEST: Final = 32
RESERVED: Final = frozenset({"everyone", "here"})
"""What Discord itself means by these words is never somebody's picture."""

_SIGNS: Final = "@＠"
"""Chinese keyboards type the full-width one."""
_LONGEST_TYPED: Final = 4 * LONGEST
"""Characters of a text that may make up a name; compatibility variants can be longer than it."""
_EMAIL: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._%+-")
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3005, 0x3007),
    (0x3040, 0x30FF),  # kana
    (0x31F0, 0x31FF),
    (0x3400, 0x4DBF),  # Han
    (0x4E00, 0x9FFF),
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
"""Scripts without spaces between words: a name may end in the middle of their letters."""


@dataclass(frozen=True, slots=True)
class Mention:
    """`text[start:end]` is `@` and a known name; `name` is folded."""

    start: int
    end: int
    name: str


def fold(name: str) -> str:
    """The form in which names are compared."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def as_name(typed: str) -> str:
    """A name as it is kept and shown: without `@` and spaces around, in composed form."""
    return unicodedata.normalize("NFKC", typed.strip()).removeprefix("@").strip()


def is_name(name: str) -> bool:
    """Whether it is 2–32 letters, digits or `_` of any script, and no word of Discord's own."""
    folded = fold(name)
    return (
        SHORTEST <= len(name) <= LONGEST
        and len(folded) <= 2 * LONGEST
        and all(_is_letter(character) for character in name)
        and not unicodedata.category(name[0]).startswith("M")
        and folded not in RESERVED
    )


def names_in(option: str) -> tuple[str, ...]:
    """The names of the option `cast`, each once, in its order."""
    for comma in ",，、;；":
        option = option.replace(comma, " ")
    names = (as_name(word) for word in option.split())
    return tuple({fold(name): name for name in names if name}.values())


def mentions(text: str, names: Collection[str]) -> tuple[Mention, ...]:
    """Where the text mentions one of the folded `names`, first to last.

    No mention: an email address, a link, Discord's own `<@123>`, and a longer word that only
    begins like a name. In scripts without spaces the longest known name counts.
    """
    return tuple(_mentions(text, frozenset(names))) if names else ()


def _mentions(text: str, names: frozenset[str]) -> Iterator[Mention]:
    at = 0
    while at < len(text):
        end = _name_end(text, at, names) if text[at] in _SIGNS else 0
        if end:
            yield Mention(at, end, fold(text[at + 1 : end]))
        at = end or at + 1


def _name_end(text: str, at: int, names: frozenset[str]) -> int:
    """Where the name ends whose sign stands at `at`; 0 where there is none."""
    before = text[at - 1] if at else ""
    if before == "<" or (before in _EMAIL and before) or _is_in_link(text, at):
        return 0
    end = at + 1
    while end < len(text) and end - at <= _LONGEST_TYPED and _is_letter(text[end]):
        end += 1
    is_whole = True
    while end > at + 1:
        if (is_whole or _may_end(text, end)) and fold(text[at + 1 : end]) in names:
            return end
        end, is_whole = end - 1, False
    return 0


def _may_end(text: str, end: int) -> bool:
    """Whether a name may end before a letter: where one of both sides has no spaces."""
    if unicodedata.category(text[end]).startswith("M"):
        return False
    return _is_unspaced(text[end - 1]) or _is_unspaced(text[end])


def _is_in_link(text: str, at: int) -> bool:
    begin = at
    while begin and not text[begin - 1].isspace() and at - begin < 2000:
        begin -= 1
    return "://" in text[begin:at]


def _is_letter(character: str) -> bool:
    category = unicodedata.category(character)
    return character == "_" or category[0] in "LM" or category == "Nd"


def _is_unspaced(character: str) -> bool:
    return any(low <= ord(character) <= high for low, high in _UNSPACED)


def cast_names(video: VideoRequest) -> tuple[str, ...]:
    """The names whose pictures a request takes, as they are shown, in its order."""
    return tuple({fold(media.cast): media.cast for media in video.media if media.cast}.values())


def without_cast(media: Collection[MediaRef]) -> tuple[MediaRef, ...]:
    """The references that do not come from a name."""
    return tuple(each for each in media if not each.cast)


def worded(spec: ModelSpec, video: VideoRequest) -> VideoRequest:
    """The request with the prompt that is sent: each name says which of its pictures it means.

    A name that the prompt does not mention is said in a line of its own. Pictures are counted in
    the order in which they are sent; a link of unknown kind counts as one until it is fetched.
    What the member typed stays as `typed` where that is another text. Idempotent.
    """
    text = video.shown_prompt
    places = _places(video)
    if not places:
        return video.model_copy(update={"prompt": text, "typed": None})
    words = {
        name: ", ".join(spec.picture_name.word.replace("{n}", str(number)) for number in numbers)
        for name, numbers in places.items()
    }
    found = mentions(text, places)
    missing = {mention.name for mention in found}
    lines = [
        f"{name}: {words[fold(name)]}" for name in cast_names(video) if fold(name) not in missing
    ]
    prompt = "\n".join([_replaced(text, found, words), *lines])
    return video.model_copy(update={"prompt": prompt, "typed": text})


def _places(video: VideoRequest) -> dict[str, list[int]]:
    """The numbers of each name's pictures among all that are sent, from 1."""
    places: dict[str, list[int]] = {}
    number = 0
    for media in video.media:
        if media.role is MediaRole.REFERENCE and kind_of(media) in (MediaKind.IMAGE, None):
            number += 1
            if media.cast:
                places.setdefault(fold(media.cast), []).append(number)
    return places


def _replaced(text: str, found: Collection[Mention], words: Mapping[str, str]) -> str:
    """The text with words in place of its mentions, apart from letters beside them."""
    parts: list[str] = []
    after = 0
    for mention in found:
        before = text[after : mention.start]
        glue = " " if before and _is_letter(before[-1]) else ""
        tail = " " if mention.end < len(text) and _is_letter(text[mention.end]) else ""
        parts += (before, glue, words[mention.name], tail)
        after = mention.end
    return "".join((*parts, text[after:]))


def unmentioned(text: str, names: Collection[str]) -> str:
    """The text with its mentions as plain words: without their `@`."""
    found = mentions(text, {fold(name) for name in names})
    words = {mention.name: text[mention.start + 1 : mention.end] for mention in found}
    return _replaced(text, found, words)
