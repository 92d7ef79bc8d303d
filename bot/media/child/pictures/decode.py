"""Decode pictures and rewrite them where needed; runs in the media process only."""

import io
import os
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from PIL import ExifTags, Image, ImageFile, ImageOps

from bot.media.child.pictures.colours import is_srgb, to_plain
from bot.media.child.pictures.strip_metadata import NotStrippable, Stripped, strip
from bot.media.child.rlimits import is_disk_trouble
from bot.media.file_names import rewritten_beside
from bot.media.media_info import FaultReason, Unusable
from bot.media.mp4_boxes import are_boxes_whole

MAX_SIDE: Final = 6000
"""Longest side that the provider accepts; larger pictures are scaled down."""
MAX_BYTES: Final = 29_000_000
"""Slightly below the provider's limit of 30 MB."""
MAX_PIXELS: Final = 200_000_000
"""A phone's 200 MP picture has 199.8 million and takes about 1 GB to decode."""
_MAX_PIXELS_AT_ONCE: Final = 80_000_000
"""Limit for formats whose decoders hold several copies."""
_BY_ROWS: Final = frozenset({"jpeg", "png", "gif", "bmp"})
_AS_THEY_ARE: Final = frozenset({"jpeg", "png", "webp"})
_BOXED: Final = frozenset({"heic", "avif", "jpeg2000"})
_PLAIN_MODES: Final = frozenset({"1", "L", "LA", "P", "RGB", "RGBA"})
_ENDINGS: Final = {"jpeg": "jpg", "png": "png", "webp": "webp"}
_WRITES: Final = ((1.0, 95), (1.0, 85), (0.7, 85), (0.5, 80), (0.3, 80))
"""(scale, JPEG quality), tried in turn until the file is small enough."""
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
    NotImplementedError,
    struct.error,
)


@dataclass(frozen=True, slots=True)
class _PictureTags:
    """Orientation and colour profile of a picture."""

    orientation: int
    profile: bytes


def read_picture(path: Path, form: str, opener: str) -> tuple[Path, str, int, int]:
    """Decode a picture completely; returns the file to use, its format, width and height.

    The original is used only if it is a JPEG, PNG or WebP without any metadata. Otherwise a clean
    copy is written beside it: stripped if the pixels can stay, re-encoded if they must be rotated,
    scaled or converted. Only the first frame of an animation is used. Raises Unusable, and OSError
    if our own disk fails.
    """
    # we check our own limit before decoding any pixel
    Image.MAX_IMAGE_PIXELS = None
    file = path.read_bytes()
    stripped: Stripped | None = None
    if form in _AS_THEY_ARE:
        try:
            stripped = strip(file, form)
        except NotStrippable:
            stripped = None
    # Pillow's warnings, mostly about broken EXIF, do not affect the pixels
    with (
        warnings.catch_warnings(action="ignore"),
        _opened(stripped.file if stripped else file, form, opener) as image,
    ):
        if form == "tiff":
            _choose_page(image, file)
        _check_pixels(image, form)
        _load(image, stripped, form)
        tags = _picture_tags(image, stripped)
        with _faults(image, form, FaultReason.UNSUPPORTED):
            if stripped and _may_stay(image, stripped, tags):
                return _strip_or_keep(path, file, stripped, form), form, image.width, image.height
            return _rewrite(image, tags, path, form)


@contextmanager
def _opened(file: bytes, form: str, opener: str) -> Iterator[ImageFile.ImageFile]:
    """Open and read the header; an unreadable one means a damaged file or a rare variant."""
    if opener == "HEIF":
        _register_heif()
    try:
        image: Any = Image.open(io.BytesIO(file), formats=[opener])
    except MemoryError as exc:
        raise Unusable(FaultReason.BOMB) from exc
    except _UNREADABLE as exc:
        is_rare = form == "tiff" or (form in _BOXED and are_boxes_whole(file))
        raise Unusable(FaultReason.UNSUPPORTED if is_rare else FaultReason.UNREADABLE) from exc
    with image:
        yield image


def _register_heif() -> None:
    # imported on first use only
    import pillow_heif  # noqa: PLC0415

    pillow_heif.options.THUMBNAILS = False
    pillow_heif.options.DEPTH_IMAGES = False
    pillow_heif.options.AUX_IMAGES = False
    # each thread costs address space, which is limited here
    pillow_heif.options.DECODE_THREADS = 2
    pillow_heif.register_heif_opener()


@contextmanager
def _faults(image: Image.Image, form: str, reason: FaultReason) -> Iterator[None]:
    """Translate decoder errors to Unusable."""
    pixels = image.width * image.height
    try:
        yield
    except MemoryError as exc:
        raise _too_many(pixels, _MAX_PIXELS_AT_ONCE) from exc
    except _UNREADABLE as exc:
        if is_disk_trouble(exc):
            raise
        if pixels > _MAX_PIXELS_AT_ONCE and form in _BY_ROWS:
            # libjpeg reports running out of memory like a broken file
            raise _too_many(pixels, _MAX_PIXELS_AT_ONCE) from exc
        raise Unusable(reason) from exc


def _too_many(pixels: int, max_pixels: int) -> Unusable:
    return Unusable(FaultReason.BOMB, pixels=pixels, max_pixels=max_pixels)


def _choose_page(image: ImageFile.ImageFile, file: bytes) -> None:
    """Skip the preview page with which raw files, and some scans, start."""
    from bot.media.child.pictures.tiff import raw_photo, seek_largest_page  # noqa: PLC0415

    raw = raw_photo(image, file)
    if raw:
        raise Unusable(FaultReason.UNSUPPORTED, form=raw)
    with _faults(image, "tiff", FaultReason.UNREADABLE):
        seek_largest_page(image)


def _check_pixels(image: ImageFile.ImageFile, form: str) -> None:
    pixels = image.width * image.height
    limit = MAX_PIXELS if form in _BY_ROWS else _MAX_PIXELS_AT_ONCE
    if pixels > limit:
        raise _too_many(pixels, limit)


def _load(image: ImageFile.ImageFile, stripped: Stripped | None, form: str) -> None:
    """Decode, possibly at reduced size; a slightly truncated file is decoded as far as it goes."""
    with _faults(image, form, FaultReason.UNREADABLE):
        if form == "jpeg" and max(image.size) > 2 * MAX_SIDE:
            image.draft(image.mode, (MAX_SIDE, MAX_SIDE))
        try:
            image.load()
        except OSError as exc:
            if is_disk_trouble(exc) or form not in _BY_ROWS or form == "jpeg":
                raise
            _load_short(image, stripped, form)
        else:
            if form == "jpeg" and stripped and not stripped.is_whole:
                _check_jpeg(image, stripped)


def _load_short(image: ImageFile.ImageFile, stripped: Stripped | None, form: str) -> None:
    # imported for truncated files only, which are rare
    from bot.media.child.pictures.truncated import has_png_pixels, has_rows, load_truncated  # noqa: PLC0415

    load_truncated(image)
    is_there = has_png_pixels(stripped.file) if stripped and form == "png" else has_rows(image)
    if not is_there:
        raise Unusable(FaultReason.UNREADABLE)


def _check_jpeg(image: ImageFile.ImageFile, stripped: Stripped) -> None:
    from bot.media.child.pictures.truncated import has_jpeg_pixels  # noqa: PLC0415

    if not has_jpeg_pixels(stripped.file, image):
        raise Unusable(FaultReason.UNREADABLE)


def _picture_tags(image: Image.Image, stripped: Stripped | None) -> _PictureTags:
    try:
        exif = image.getexif()
        if stripped:
            exif = Image.Exif()
            exif.load(stripped.exif)
        orientation = int(exif.get(ExifTags.Base.Orientation, 1))
    except _UNREADABLE:
        # the pixels are fine, only the metadata is broken
        orientation = 1
    profile = stripped.icc if stripped else image.info.get("icc_profile")
    return _PictureTags(
        orientation=orientation if orientation in range(1, 9) else 1,
        profile=profile if isinstance(profile, bytes) else b"",
    )


def _may_stay(image: Image.Image, stripped: Stripped, tags: _PictureTags) -> bool:
    """Whether the encoded pixels can be kept once metadata is stripped."""
    is_sixteen_bit = stripped.file[:4] == b"\x89PNG" and stripped.file[24] == 16
    is_small = max(image.size) <= MAX_SIDE and len(stripped.file) <= MAX_BYTES
    return (
        image.mode in _PLAIN_MODES
        and not is_sixteen_bit
        and is_small
        and stripped.is_whole
        and tags.orientation == 1
        and is_srgb(tags.profile, image.mode)
    )


def _strip_or_keep(path: Path, file: bytes, stripped: Stripped, form: str) -> Path:
    if stripped.file == file:
        return path
    target = rewritten_beside(path, _ENDINGS[form])
    _write_atomically(target, stripped.file)
    return target


def _rewrite(
    image: Image.Image, tags: _PictureTags, path: Path, form: str
) -> tuple[Path, str, int, int]:
    plain = to_plain(image, tags.profile, MAX_SIDE)
    if tags.orientation != 1:
        turn = Image.Exif()
        turn[ExifTags.Base.Orientation] = tags.orientation
        plain.info["exif"] = turn.tobytes()
        plain = ImageOps.exif_transpose(plain)
        plain.info.clear()
    written, made, size = _written(plain, is_lossless=form in {"png", "gif"})
    target = rewritten_beside(path, _ENDINGS[made])
    _write_atomically(target, written)
    return target, made, *size


def _written(plain: Image.Image, *, is_lossless: bool) -> tuple[bytes, str, tuple[int, int]]:
    """Encode: PNG if transparent or originally lossless, otherwise JPEG."""
    form, scaled, file = "", plain, b""
    for share, quality in _WRITES:
        size = (max(1, round(plain.width * share)), max(1, round(plain.height * share)))
        scaled = plain if share == 1 else plain.resize(size, Image.Resampling.LANCZOS)
        out = io.BytesIO()
        form = "png" if plain.mode == "RGBA" or (is_lossless and not form) else "jpeg"
        if form == "png":
            scaled.save(out, "PNG")
        else:
            scaled.save(out, "JPEG", quality=quality)
        file = out.getvalue()
        if len(file) <= MAX_BYTES:
            break
    return file, form, scaled.size


def _write_atomically(target: Path, file: bytes) -> None:
    """Write a file atomically."""
    part = target.with_suffix(target.suffix + ".part")
    try:
        with part.open("wb") as handle:
            handle.write(file)
            handle.flush()
            os.fsync(handle.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
