"""Accept truncated pictures of which nearly every row is present; media process only.

Browsers and Discord display them, so members do not see them as damaged. The missing share is
measured from the decoded pixels, not guessed from the file size.
"""

import io
import random
import struct
import zlib
from typing import Final

from PIL import Image, ImageChops, ImageFile

MAX_LOST: Final = 0.05
"""Share of a picture that may be missing."""
_TAIL_BYTES: Final = 64 * 1024
_BLOCK_BYTES: Final = 64 * 1024
_CHANNELS: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples per pixel by PNG colour type."""


def has_jpeg_pixels(file: bytes, image: Image.Image) -> bool:
    """Whether nearly all pixels of a loaded JPEG were in its file.

    Decodes the file again with noise appended: pixels that were present do not change, missing ones
    do.
    """
    noise = bytes(level % 255 for level in random.Random(0).randbytes(_TAIL_BYTES))  # noqa: S311
    # a trailing 0xFF would turn the first noise byte into a marker
    noisy = file[:-2].rstrip(b"\xff") + noise + file[-2:]
    with Image.open(io.BytesIO(noisy), formats=["JPEG"]) as other:
        if other.size != image.size:
            other.draft(image.mode, image.size)
        other.load()
        if (other.size, other.mode) != (image.size, image.mode):
            return False
        bands = ImageChops.difference(image, other).split()
    changed = bands[0]
    for band in bands[1:]:
        changed = ImageChops.lighter(changed, band)
    same = changed.histogram()[0]
    return same >= (1 - MAX_LOST) * image.width * image.height


def has_png_pixels(file: bytes) -> bool:
    """Whether nearly all of a stripped PNG's pixel data is present."""
    width, height, depth, colour = struct.unpack_from(">IIBB", file, 16)
    wanted = height * (1 + (width * depth * _CHANNELS.get(colour, 4) + 7) // 8)
    unpacker, found, at = zlib.decompressobj(), 0, 8
    try:
        while at + 8 <= len(file):
            length, kind = struct.unpack_from(">I4s", file, at)
            packed = file[at + 8 : at + 8 + length] if kind == b"IDAT" else b""
            while packed and found < wanted:
                found += len(unpacker.decompress(packed, _BLOCK_BYTES))
                packed = unpacker.unconsumed_tail
            at += 12 + length
    except zlib.error:
        return False
    return bool(found >= (1 - MAX_LOST) * wanted)


def has_rows(image: Image.Image) -> bool:
    """Whether nearly all rows of a truncated picture were decoded."""
    rows: list[int] = image.getprojection()[1]
    written: int = sum(rows)
    return bool(written >= (1 - MAX_LOST) * image.height)


def load_truncated(image: ImageFile.ImageFile) -> None:
    """Load what is present and leave the rest empty."""
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        image.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
