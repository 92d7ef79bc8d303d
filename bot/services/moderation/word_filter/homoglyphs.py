"""Homoglyphs: which letters a character may stand for (look-alikes, leet, invisible characters)."""

import re
import unicodedata
from functools import lru_cache
from types import MappingProxyType
from typing import Final

_LATIN_NAME: Final = re.compile(
    r"(?:NEGATIVE |CROSSED )?(?:CIRCLED |SQUARED |PARENTHESIZED )?"
    r"(?:LATIN|REGIONAL INDICATOR) (?:(?:SMALL|CAPITAL|LETTER|SYMBOL|SUBSCRIPT|MODIFIER|TURNED"
    r"|REVERSED|SIDEWAYS|INVERTED|OPEN|CLOSED|SCRIPT|BARRED|DOTLESS|LONG|INSULAR|HALF"
    r"|BLACKLETTER|BASELINE|BROAD) )*"
    r"([A-Z])(?: (?:WITH|BAR|ROTUNDA)\b.*)?"
)
"""Unicode's names tell most look-alikes of Latin letters: `LATIN SMALL LETTER D WITH STROKE`."""

_LOOK_ALIKES: Final = MappingProxyType(
    {
        "a": "аАαάΑΆӑӓәӘꓮᗩᗅᎪคⱭɑ∀∂⍺₳աåªΛ∆Δ",
        "b": "вВьЬъβΒᏴꓐᗷ฿๖Ъ",
        "c": "сСϲϹςᏟꓚᑕ¢₵ҫҪ",
        "d": "ԁԀδᎠꓓᗪᗞ๔ɗծժðđ₫",
        "e": "еЕѐёЁєЄεέΕΈэЭҽҾᎬꓰℯ€₠℮ɘ∈Σ∑ξ",
        "f": "ғҒϝꓝᖴƒŦ₣ʄք",
        "g": "ցɡᏀꓖ₲ԌԍǤ",
        "h": "нНһҺңҢΗᎻꓧᕼђћհҤ",
        "i": "іІїЇιίΙΊΪϊᎥꓲו¡",
        "j": "јЈϳͿᎫꓙᒍյل",
        "k": "кКқҚκΚᏦꓗҝҜ₭ќ",
        "l": "ӀӏᏞꓡᒪℓ₤ןլԼ",
        "m": "мМΜᎷꓟᗰ๓ϻ₥",
        "n": "пПηήΝոռꓠᑎภ₦ИиЙйהฌ",
        "o": "оОοόΟΌσΩθΘφΦօՕꓳ๏סʘ◎⊕●○〇¤∅",
        "p": "рРρΡᏢꓑᑭקþ₱ƿ",
        "q": "ԛԚզᑫϙ",
        "r": "гГяЯᎡꓣᖇɼ",
        "s": "ѕЅᏚꓢᔕรટ§ʂՏ∫",
        "t": "тТτΤᎢꓔ₮†ƬեՇ",
        "u": "υύՍսꓴᑌยцЦμµʊ∪",
        "v": "ѵѴνᏙꓦᐯשѶ√∨",
        "w": "ԝԜшШщЩωώᏔᎳꓪᗯฬ₩",
        "x": "хХҳҲχΧꓫ᙭×אӼӽ✕✖",
        "y": "уУүҮұҰγᎩꓬყץ¥ўЎ",
        "z": "ΖζᏃꓜᘔƵʐ",
        "ae": "æÆ",
        "oe": "œŒ",
        "th": "Þ",
        "ss": "ßẞ",
    }
)
_LEET: Final = MappingProxyType(
    {
        "0": "o",
        "1": "il",
        "2": "z",
        "3": "e",
        "4": "a",
        "5": "s",
        "6": "gb",
        "7": "t",
        "8": "b",
        "9": "g",
        "@": "a",
        "$": "s",
        "!": "il",
        "|": "il",
        "+": "t",
    }
)
"""Digits and signs that are read as letters; a digit may also be meant as itself."""

SYMBOLS: Final = frozenset("@$!|+")
WILD: Final = frozenset("*#%•■█●")
"""Signs that stand where a letter was left out."""

_PICTURES: Final = tuple(
    (re.compile(pattern), letter)
    for pattern, letter in (
        (r"\|_\||\(_\)|\[_\]", "u"),
        (r"\|-\||\]-\[|\}\{", "h"),
        (r"\|<|\|\{", "k"),
        (r"\|\)", "d"),
        (r"/\\(?!/)", "a"),
        (r"(?<!/)\\/(?!\\)", "v"),
        (r"\\/\\/", "w"),
        (r"/\\/\\|\|\\/\|", "m"),
        (r"\|\\\|", "n"),
        (r"\(\)|\[\]", "o"),
        (r"\|\*", "p"),
    )
)
"""Letters drawn with several signs."""

_INVISIBLE: Final = frozenset("\u115f\u1160\u3164\uffa0\u2800\u180e\u034f\u17b4\u17b5")
_NOT_DRAWN: Final = frozenset({"Cf", "Cc", "Mn", "Me", "Cs", "Co", "Cn"})
_APOSTROPHES: Final = frozenset("'’‘`´ʼʹ＇")

_WITHOUT_SPACES: Final = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff]"
)
"""Scripts that put no spaces between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def _spelled() -> dict[str, str]:
    found = {sign: letters for letters, signs in _LOOK_ALIKES.items() for sign in signs}
    return {**found, "Υ": "y"}


_KNOWN: Final = MappingProxyType(_spelled())


def is_unspaced(sign: str) -> bool:
    """Whether a sign belongs to a script whose words are written without spaces between them."""
    return _WITHOUT_SPACES.match(sign) is not None


def readings(sign: str) -> str:
    """Every letter or digit that a folded sign may be read as, itself first."""
    return sign + _LEET.get(sign, "")


@lru_cache(maxsize=8192)
def _look(sign: str) -> str:
    """A sign as the Latin letters it looks like; other scripts' words stay what they are."""
    if sign.isascii():
        return sign
    known = _KNOWN.get(sign)
    if known is not None:
        return known
    named = _LATIN_NAME.fullmatch(unicodedata.name(sign, ""))
    if named is not None:
        return named[1].lower()
    if (value := unicodedata.decimal(sign, None)) is not None:
        return str(value)
    return sign


@lru_cache(maxsize=8192)
def _plain(sign: str) -> str:
    """A sign without accents; nothing for one that is not drawn."""
    if sign.isspace():
        return " "
    kept = [
        part
        for part in unicodedata.normalize("NFKD", sign)
        if part not in _INVISIBLE and unicodedata.category(part) not in _NOT_DRAWN
    ]
    return "".join(kept)


def fold(text: str, *, by_look: bool) -> str:
    """Text as it is compared: compatibility forms, case, accents and invisible signs gone.

    `by_look` turns look-alikes of other scripts into the Latin letters they look like. An upper
    case i behind lower case letters becomes `1`, which may be read as l.
    """
    text = text.replace("||", "")
    if by_look:
        for pattern, letter in _PICTURES:
            text = pattern.sub(letter, text)
    signs: list[str] = []
    for sign in text:
        if sign in _APOSTROPHES:
            continue
        # a known look-alike may lose its look in normalisation, so it goes first
        seen = _look(sign) if by_look else sign
        seen = "".join(_look(part) if by_look else part for each in seen for part in _plain(each))
        if sign == "I" and signs and (signs[-1].islower() or signs[-1] == "1"):
            seen = "1"
        signs.append(seen)
    return "".join(signs).casefold()
