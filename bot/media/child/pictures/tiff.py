"""Choose the page of a multi-page TIFF, and recognise camera raw files; media process only.

A camera raw file is a TIFF whose first page is a small preview. Source: TIFF 6.0, TIFF/EP, DNG 1.7.
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
"""Raw sensor data (CFA or linear raw)."""
_MAX_PAGES: Final = 64
_LARGER: Final = 2
"""A page with this many times the pixels of the first is the main picture."""
_BROKEN: Final = (SyntaxError, OSError, ValueError, TypeError, KeyError, IndexError, struct.error)


def raw_photo(image: ImageFile.ImageFile, file: bytes) -> str:
    """`dng` or `raw` if an opened TIFF is a camera raw file, otherwise empty."""
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
    """The SubIFDs of the first page."""
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
    """Seek to the main page: the first, unless it is a preview of a larger one."""
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
