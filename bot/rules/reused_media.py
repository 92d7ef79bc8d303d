"""References to inputs of an earlier request, or to the last frame of its video.

Never parsed from a member's text: only services create them, from the database.
"""

import re
from typing import Final

LAST: Final = "last"
"""Used instead of a position: the last frame of the request's video."""

_URL: Final = re.compile(r"kept:([a-z0-9]{6,20})/(\d{1,3}|last)")


def kept_url(request_id: str, place: int | str) -> str:
    """Reference to an input by position, or to the `LAST` frame."""
    return f"kept:{request_id}/{place}"


def read_kept(url: str) -> tuple[str, int | None]:
    """Parse into request id and input position (None for the last frame).

    Raises: ValueError for anything else.
    """
    found = _URL.fullmatch(url)
    if found is None:
        raise ValueError("not a kept file")
    place = found[2]
    return found[1], None if place == LAST else int(place)
