"""Draw the strip of a series: the middle frame of each shot side by side; media process only."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from bot.media.child.contact_sheet import save_sheet, thumbnails

_SIDE: Final = 480
_GAP: Final = 6
_BACKGROUND: Final = (32, 34, 37)
_BADGE: Final = (0, 0, 0, 170)
_NUMBER_SIZE: Final = 36
_IN_A_ROW: Final = 3
"""More would be too small on a phone."""


def strip(files: Sequence[Path], target: Path) -> int:
    """Write a JPEG with the middle frame of each clip and its number, counted from 1.

    A clip that cannot be decoded keeps its place, empty. Returns how many frames are shown; no file
    is written for 0. Raises OSError if our own disk fails.
    """
    frames = [_middle(file) for file in files]
    seen = [frame for frame in frames if frame is not None]
    if not seen:
        return 0
    width = max(frame.width for frame in seen)
    height = max(frame.height for frame in seen)
    columns = min(len(frames), _IN_A_ROW)
    rows = math.ceil(len(frames) / columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _BACKGROUND)
    for place, frame in enumerate(frames):
        row, column = divmod(place, columns)
        left, top = _GAP + column * (width + _GAP), _GAP + row * (height + _GAP)
        if frame is not None:
            at = (left + (width - frame.width) // 2, top + (height - frame.height) // 2)
            sheet.paste(frame, at)
        _number(sheet, str(place + 1), left, top)
    save_sheet(sheet, target)
    return len(seen)


def _middle(file: Path) -> Image.Image | None:
    return next((image for _, image in thumbnails(file, 1, _SIDE)), None)


def _number(sheet: Image.Image, text: str, left: int, top: int) -> None:
    pen = ImageDraw.Draw(sheet, "RGBA")
    font = ImageFont.load_default(_NUMBER_SIZE)
    side = _NUMBER_SIZE + 16
    box = (left + _GAP, top + _GAP, left + _GAP + side, top + _GAP + side)
    pen.rounded_rectangle(box, radius=10, fill=_BADGE)
    middle = (box[0] + side / 2, box[1] + side / 2)
    pen.text(middle, text, fill=(255, 255, 255), font=font, anchor="mm")
