"""Choose the page of a multi-page TIFF, and recognise camera raw files; media process only.

A raw photo is a TIFF whose first picture is a small preview. Source: TIFF 6.0, TIFF/EP, DNG 1.7.
"""

import io
import struct
from typing import Any, Final

from PIL import ImageFile, TiffImagePlugin

_SUBFILE, _WIDTH, _HEIGHT, _PHOTOMETRIC, _CHILDREN = 254, 256, 257, 262, 330
_DNG_VERSION: Final = 50706
_CFA_PATTERN: Final = 33422
_REDUCED: Final = 1
_SENSOR: Final = frozenset({32803, 34892})
"""Colours as a camera's sensor saw them, not yet a picture."""
_MAX_PAGES: Final = 64
_LARGER: Final = 2
"""So many times as many pixels as the first page make another page the picture that is meant."""
_BROKEN: Final = (SyntaxError, OSError, ValueError, TypeError, KeyError, IndexError, struct.error)


def raw_photo(image: ImageFile.ImageFile, file: bytes) -> str:
    """The kind of raw photo that an opened TIFF is, `dng` or `raw`; empty for a picture."""
    first: Any = getattr(image, "tag_v2", {})
    if _DNG_VERSION in first:
        return "dng"
    directories = [first, *_children(first, file)]
    if any(
        each.get(_PHOTOMETRIC) in _SENSOR or _CFA_PATTERN in each for each in directories
    ) or any(_pixels(child) > _LARGER * _pixels(first) for child in directories[1:]):
        return "raw"
    return ""


def _children(first: Any, file: bytes) -> list[Any]:
    """The directories that hang under the first page instead of following it."""
    places = first.get(_CHILDREN, ())
    found = []
    for place in (places if isinstance(places, tuple) else (places,))[:_MAX_PAGES]:
        try:
            directory = TiffImagePlugin.ImageFileDirectory_v2(file[:8])
            handle = io.BytesIO(file)
            handle.seek(int(place))
            directory.load(handle)
            found.append(directory)
        except _BROKEN:
            continue
    return found


def _pixels(directory: Any) -> int:
    try:
        return int(directory.get(_WIDTH, 0)) * int(directory.get(_HEIGHT, 0))
    except (TypeError, ValueError):
        return 0


def seek_largest_page(image: ImageFile.ImageFile) -> None:
    """Turns to the page that is meant: the first, unless that is a preview of a larger one."""
    pages = []
    for page in range(_MAX_PAGES):
        try:
            image.seek(page)
        except EOFError:
            break
        except _BROKEN:
            continue
        tags: Any = getattr(image, "tag_v2", {})
        pages.append((page, image.width * image.height, bool(tags.get(_SUBFILE, 0) & _REDUCED)))
    meant, first = 0, pages[0][1] if pages else 0
    is_preview = bool(pages) and pages[0][2]
    for page, pixels, is_reduced in pages[1:]:
        if not is_reduced and pixels > (first if is_preview else _LARGER * first):
            meant, first, is_preview = page, pixels, False
    image.seek(meant)
