"""Request ids: short enough to type on a phone, without letters that look like digits."""

import re
from collections.abc import Callable
from typing import Final

LENGTH: Final = 10
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz"
_DIGITS: Final = "23456789"
_FORM: Final = re.compile(r"(?=[a-z]*[0-9])[a-z0-9]{6,20}")


def new_id(choose: Callable[[str], str]) -> str:
    """Make an id; `choose` picks one character of a text (`secrets.choice` outside tests)."""
    at = int(choose(_DIGITS)) % LENGTH
    return "".join(
        choose(_DIGITS) if place == at else choose(_LETTERS + _DIGITS) for place in range(LENGTH)
    )


def is_id(text: str) -> bool:
    """Whether a text has an id's form, so that a forged one never reaches the database."""
    return _FORM.fullmatch(text) is not None
