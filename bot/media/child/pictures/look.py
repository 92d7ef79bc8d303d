"""How a picture looks, in 64 bits: a difference hash; runs in the media process only."""

from typing import Final

from PIL import Image

_WIDTH: Final = 9
_HEIGHT: Final = 8
_FLAT: Final = 4
"""A picture with fewer falling or fewer rising steps than this has no look: all such are alike."""


def look_of(image: Image.Image) -> str:
    """A difference hash (dHash) in 16 hexadecimal digits; empty for a flat picture.

    The picture is made grey, 9 by 8 pixels; each bit says whether a pixel is brighter than the one
    to its right. Scaling and compression change few bits.
    Source: N. Krawetz, "Kind of Like That", 2013. Not by the library imagehash, which needs NumPy,
    SciPy and PyWavelets: several times the size of all else that is installed.
    """
    grey = image.convert("RGB").convert("L").resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)
    pixels = grey.tobytes()
    bits = 0
    for row in range(_HEIGHT):
        for column in range(_WIDTH - 1):
            place = row * _WIDTH + column
            bits = bits << 1 | (pixels[place] > pixels[place + 1])
    if not _FLAT <= bits.bit_count() <= 64 - _FLAT:
        return ""
    return f"{bits:016x}"
