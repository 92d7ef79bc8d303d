"""Request ids: short enough to type on a phone, without letters that look like digits."""

import re
from collections.abc import Callable
from typing import Final

LENGTH: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"
_ALL: Final = _LETTERS + _DIGITS
_IDS: Final = LENGTH * len(_DIGITS) * len(_ALL) ** (LENGTH - 1)
"""One of the places has a digit for certain, so that no id is a word."""
_FORM: Final = re.compile(r"(?=[a-z]*[0-9])[a-z0-9]{6,20}")


def new_id(draw: Callable[[int], int]) -> str:
    """Make an id; `draw` picks a number below another one (`secrets.randbelow` outside tests)."""
    # one draw for all: each asks the system for random bytes
    rest, at = divmod(draw(_IDS), LENGTH)
    rest, digit = divmod(rest, len(_DIGITS))
    made = []
    for _ in range(LENGTH - 1):
        rest, number = divmod(rest, len(_ALL))
        made.append(_ALL[number])
    made.insert(at, _DIGITS[digit])
    return "".join(made)


def is_id(text: str) -> bool:
    """Whether a text has an id's form, so that a forged one never reaches the database."""
    return _FORM.fullmatch(text) is not None
