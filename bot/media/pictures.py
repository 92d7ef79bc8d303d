"""Pictures, looked at and where needed rewritten; runs in the media process only."""

import os
import struct
import warnings
from pathlib import Path
from typing import Final

from PIL import ExifTags, Image, ImageOps

from bot.media.facts import FaultReason
from bot.media.limits import is_disk_trouble

MAX_PIXELS: Final = 80_000_000
_AS_THEY_ARE: Final = frozenset({"jpeg", "png", "webp", "gif"})
_PLAIN_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_SIXTEEN_BIT: Final = frozenset({"I", "I;16", "I;16B", "I;16L", "I;16N"})
_JPEG_QUALITY: Final = 95
_UNREADABLE: Final = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    AttributeError,
    EOFError,
    ZeroDivisionError,
    OverflowError,
    RuntimeError,
    struct.error,
)


class Unusable(Exception):
    """The file is at fault, and `reason` says how."""

    def __init__(self, reason: FaultReason) -> None:
        super().__init__(reason)
        self.reason = reason


def read_picture(path: Path, form: str, opener: str) -> tuple[Path, str, int, int]:
    """Decodes a picture to its last byte; answers the file to use, its format, width and height.

    The file to use is a new one beside it, `<stem>-plain.jpg` or `.png`, where the picture is of a
    format or colour model that the provider may not read, has to be turned, or tells where it was
    taken. Of an animation only the first picture is decoded. Raises Unusable, and OSError where our
    own disk is at fault.
    """
    # the limit is ours, checked before any pixel is decoded
    Image.MAX_IMAGE_PIXELS = None
    try:
        # what Pillow only warns of, broken EXIF above all, does no harm to the pixels
        with warnings.catch_warnings(action="ignore"), Image.open(path, formats=[opener]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Unusable(FaultReason.BOMB)
            image.load()
            if form in _AS_THEY_ARE and not _must_change(image):
                return path, form, image.width, image.height
            return _rewrite(image, path, form)
    except MemoryError as exc:
        raise Unusable(FaultReason.BOMB) from exc
    except _UNREADABLE as exc:
        if is_disk_trouble(exc):
            raise
        raise Unusable(FaultReason.UNREADABLE) from exc


def _must_change(image: Image.Image) -> bool:
    if image.mode not in _PLAIN_MODES or _tells_place_in_xmp(image):
        return True
    try:
        exif = image.getexif()
        is_turned = exif.get(ExifTags.Base.Orientation, 1) not in {0, 1}
        return is_turned or bool(exif.get_ifd(ExifTags.IFD.GPSInfo))
    except _UNREADABLE:
        # the pixels are good, what is said about them is broken: a copy does without it
        return True


def _tells_place_in_xmp(image: Image.Image) -> bool:
    for key in ("xmp", "XML:com.adobe.xmp"):
        packet = image.info.get(key, b"")
        text = packet.encode() if isinstance(packet, str) else packet
        if isinstance(text, bytes) and b"GPSL" in text:
            return True
    return False


def _rewrite(image: Image.Image, path: Path, form: str) -> tuple[Path, str, int, int]:
    profile = image.info.get("icc_profile") if image.mode in {"RGB", "RGBA", "P"} else None
    plain = _to_plain_mode(_turned(image))
    # whatever else the picture carried stays behind
    plain.info.clear()
    is_png = form == "png" or plain.mode in {"LA", "RGBA"}
    target = path.with_name(f"{path.stem}-plain.{'png' if is_png else 'jpg'}")
    part = target.with_suffix(target.suffix + ".part")
    try:
        with part.open("wb") as handle:
            if is_png:
                plain.save(handle, "PNG", icc_profile=profile)
            else:
                plain.save(handle, "JPEG", quality=_JPEG_QUALITY, icc_profile=profile)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return target, "png" if is_png else "jpeg", plain.width, plain.height


def _turned(image: Image.Image) -> Image.Image:
    try:
        return ImageOps.exif_transpose(image)
    except _UNREADABLE:
        return image.copy()


def _to_plain_mode(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BIT:
        return image.convert("I").point(lambda level: level * (1 / 256)).convert("L")
    if image.mode in {"P", "PA", "LA", "La", "RGBa", "RGBA"} or "transparency" in image.info:
        clear = image.convert("RGBA")
        low = clear.getchannel("A").getextrema()[0]
        return clear if low != 255 else clear.convert("RGB")
    if image.mode in {"1", "L"}:
        return image.convert("L")
    return image.convert("RGB")
