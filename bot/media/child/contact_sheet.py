"""Draw a contact sheet: thumbnails of pictures and video frames; media process only."""

import math
import os
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import av
from PIL import Image

from bot.media.child.clips import BROKEN, open_clip, real_video
from bot.media.child.pictures.decode import MAX_PIXELS
from bot.media.child.sniff import HEAD_BYTES, identify

MAX_TILES: Final = 16
_TILE: Final = 480
_LONE_TILE: Final = 1600
_GAP: Final = 6
_BACKGROUND: Final = (32, 34, 37)
_JPEG_QUALITY: Final = 82
_BROKEN_PICTURE: Final = (OSError, SyntaxError, ValueError, RuntimeError, MemoryError)


def contact_sheet(files: Sequence[Path], target: Path, frames: int) -> int:
    """Write a JPEG with a tile for each picture and `frames` tiles for each clip.

    Files that cannot be decoded are skipped. Returns the number of tiles; no file is written for 0.
    Raises OSError if our own disk fails.
    """
    side = _LONE_TILE if len(files) == frames == 1 else _TILE
    tiles = [tile for file in files for _, tile in thumbnails(file, frames, side)][:MAX_TILES]
    if not tiles:
        return 0
    columns = 1 if len(tiles) == 1 else (2 if len(tiles) <= 4 else 3 if len(tiles) <= 9 else 4)
    width = max(tile.width for tile in tiles)
    height = max(tile.height for tile in tiles)
    rows = math.ceil(len(tiles) / columns)
    size = (columns * (width + _GAP) + _GAP, rows * (height + _GAP) + _GAP)
    sheet = Image.new("RGB", size, _BACKGROUND)
    for number, tile in enumerate(tiles):
        row, column = divmod(number, columns)
        left = _GAP + column * (width + _GAP) + (width - tile.width) // 2
        top = _GAP + row * (height + _GAP) + (height - tile.height) // 2
        sheet.paste(tile, (left, top))
    save_sheet(sheet, target)
    return len(tiles)


def save_sheet(sheet: Image.Image, target: Path) -> None:
    """Write a JPEG atomically. Raises OSError if our own disk fails."""
    part = target.with_suffix(target.suffix + ".part")
    try:
        with part.open("wb") as handle:
            sheet.save(handle, "JPEG", quality=_JPEG_QUALITY)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


Thumbnail = tuple[float | None, Image.Image]
"""Seconds into the clip, None for a picture; and what is to be seen then."""


def thumbnails(path: Path, frames: int, side: int) -> Iterator[Thumbnail]:
    """A picture, or evenly spaced frames of a clip, at most `side` pixels wide and high.

    Nothing for a file that cannot be decoded. Raises OSError if our own disk fails.
    """
    with path.open("rb") as handle:
        seen = identify(handle.read(HEAD_BYTES))
    if seen.pillow:
        yield from _picture(path, seen.pillow, side)
    elif seen.demuxer:
        yield from _clip(path, seen.demuxer, frames, side)


def _picture(path: Path, opener: str, side: int) -> Iterator[Thumbnail]:
    Image.MAX_IMAGE_PIXELS = None
    try:
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=[opener]) as image:
            if image.width * image.height <= MAX_PIXELS:
                image.draft("RGB", (side, side))
                yield None, _small(image, side)
    except _BROKEN_PICTURE:
        return


def _clip(path: Path, demuxer: str, frames: int, side: int) -> Iterator[Thumbnail]:
    try:
        with open_clip(path, demuxer) as container:
            video = real_video(container)
            if video is None or not container.duration:
                return
            video.codec_context.thread_count = 2
            length_s = container.duration / av.time_base
            for frame in _frames(container, video, length_s, frames):
                image = _small(frame.to_image(), side)  # type: ignore[no-untyped-call]
                upright = image.rotate(frame.rotation, expand=True) if frame.rotation else image
                yield frame.time or 0.0, upright
    except BROKEN:
        return


def _frames(
    container: av.container.InputContainer, video: av.VideoStream, length_s: float, frames: int
) -> Iterator[av.VideoFrame]:
    """Evenly spaced frames, in one pass: seeking would decode the same frames repeatedly."""
    wanted = [(number + 0.5) / frames * length_s for number in range(frames)]
    last: av.VideoFrame | None = None
    for frame in container.decode(video):
        last = frame
        if wanted and frame.time is not None and frame.time >= wanted[0]:
            yield frame
            wanted = [moment for moment in wanted if moment > frame.time]
        if not wanted:
            return
    if last is not None and len(wanted) == frames:
        yield last


def _small(image: Image.Image, side: int) -> Image.Image:
    image.thumbnail((side, side))
    return image.convert("RGB")
