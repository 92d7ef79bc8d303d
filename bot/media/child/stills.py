"""Write small JPEGs of a picture, or of moments of a clip; media process only."""

import os
from pathlib import Path
from typing import Any, Final

from PIL import Image

from bot.media.child.contact_sheet import thumbnails

SIDE: Final = 960
"""Enough for a classifier and for a phone; no picture is made larger."""
_JPEG_QUALITY: Final = 88


def write_stills(source: Path, folder: Path, frames: int) -> list[dict[str, Any]]:
    """One JPEG of a picture, or evenly spaced frames of a clip, in a folder that is there.

    Answers `path` and `at_ms` of each, in order; `at_ms` is -1 for a picture. Nothing for what
    can't be decoded. Raises OSError if our own disk fails.
    """
    made = []
    for number, (at_s, picture) in enumerate(thumbnails(source, frames, SIDE)):
        target = folder / f"{number}.jpg"
        _save(picture, target)
        made.append({"path": str(target), "at_ms": -1 if at_s is None else round(at_s * 1000)})
    return made


def _save(picture: Image.Image, target: Path) -> None:
    with target.open("wb") as handle:
        picture.save(handle, "JPEG", quality=_JPEG_QUALITY)
        handle.flush()
        os.fsync(handle.fileno())
