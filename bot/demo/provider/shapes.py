"""Frame size in pixels for a resolution and an aspect ratio."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

SHORT_SIDES: Final[Mapping[str, int]] = MappingProxyType(
    {"480p": 480, "720p": 720, "1080p": 1080, "2k": 1440, "4k": 2160}
)


def frame_size(
    resolution: str, ratio: str, *, picture: tuple[int, int] | None = None, short_side: int = 0
) -> tuple[int, int]:
    """Width and height in pixels, both even as H.264 asks.

    `ratio` is like `16:9`, or `Adaptive`: that of `picture`, clamped to 1:3–3:1. `short_side`
    overrides the resolution, so that tests can render small.
    """
    across, down = _ratio(ratio, picture)
    short = short_side or SHORT_SIDES.get(resolution, 720)
    if across >= down:
        return _even(short * across / down), _even(short)
    return _even(short), _even(short * down / across)


def _ratio(ratio: str, picture: tuple[int, int] | None) -> tuple[float, float]:
    left, found, right = ratio.partition(":")
    if found and left.isdecimal() and right.isdecimal() and int(left) and int(right):
        return int(left), int(right)
    if picture and picture[0] and picture[1]:
        return max(1 / 3, min(3.0, picture[0] / picture[1])), 1.0
    return 16, 9


def _even(length: float) -> int:
    return max(2, round(length / 2) * 2)
