"""References to inputs of an earlier request, the last frame of a video or shot, or the cast.

Never parsed from a member's text: only services create them, from the database.
"""

import re
from typing import Final

LAST: Final = "last"
"""Used instead of a position: the last frame of the request's video."""

_URL: Final = re.compile(r"kept:([a-z0-9]{6,20})/(\d{1,3}|last)")
_SHOT_URL: Final = re.compile(r"shot:([a-z0-9]{6,20})/(\d{1,2})")
_CAST_URL: Final = re.compile(r"cast:([a-z0-9]{6,20})/(\d{1,3})")


def kept_url(request_id: str, place: int | str) -> str:
    """Reference to an input by position, or to the `LAST` frame."""
    return f"kept:{request_id}/{place}"


def cast_url(entry_id: str, position: int) -> str:
    """Reference to a picture of the cast."""
    return f"cast:{entry_id}/{position}"


def shot_url(series_id: str, shot: int) -> str:
    """Reference to the last frame of a shot of a series, whichever try of it will be made."""
    return f"shot:{series_id}/{shot}"


def read_shot(url: str) -> tuple[str, int]:
    """Parse into the series' id and the shot's place. Raises: ValueError."""
    found = _SHOT_URL.fullmatch(url)
    if found is None:
        raise ValueError("not a shot of a series")
    return found[1], int(found[2])


def read_cast(url: str) -> tuple[str, int]:
    """Parse into the entry's id and the picture's position. Raises: ValueError."""
    found = _CAST_URL.fullmatch(url)
    if found is None:
        raise ValueError("not a picture of the cast")
    return found[1], int(found[2])


def read_kept(url: str) -> tuple[str, int | None]:
    """Parse into request id and input position (None for the last frame).

    Raises: ValueError for anything else.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("not a kept file")
    place = found[2]
    return found[1], None if place == LAST else int(place)
