"""A keyword: a word or phrase to look for, with wildcards at its ends as Discord writes them."""

from dataclasses import dataclass

_WILDCARD = "*"


@dataclass(frozen=True, slots=True)
class Keyword:
    """`text` without wildcards; a side that is open may go on with further letters."""

    text: str
    is_open_left: bool = False
    is_open_right: bool = False

    @property
    def written(self) -> str:
        """As Discord writes it."""
        left = _WILDCARD if self.is_open_left else ""
        right = _WILDCARD if self.is_open_right else ""
        return f"{left}{self.text}{right}"


def read_keyword(written: str) -> Keyword:
    """`cat*` begins a word, `*cat` ends one, `*cat*` stands anywhere, `cat` is a whole word.

    A `*` elsewhere is an ordinary sign. Source: Discord's documentation, “Auto Moderation”, the
    keyword matching strategies.
    """
    text = written.strip()
    return Keyword(
        text.strip(_WILDCARD).strip(),
        is_open_left=text.startswith(_WILDCARD),
        is_open_right=text.endswith(_WILDCARD),
    )
