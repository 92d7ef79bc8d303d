"""Inspect a file by its bytes; runs in the media process only."""

import hashlib
from pathlib import Path
from typing import Final

from bot.media.child.sniff import HEAD_BYTES, NO_MEDIA, FileType, identify
from bot.media.media_info import FaultReason, MediaFault, MediaInfo, Unusable
from bot.rules.media import MediaKind

MAX_FILE_BYTES: Final = 512 * 1024 * 1024


def inspect_file(path: Path) -> MediaInfo | MediaFault:
    """Decode a file as far as its kind requires, and write a clean copy where needed.

    A clip or sound that cannot be remuxed is left for `convert` to transcode.

    Raises OSError if the file cannot be read.
    """
    with path.open("rb") as handle:
        seen = identify(handle.read(HEAD_BYTES))
    if path.stat().st_size > MAX_FILE_BYTES:
        return MediaFault(FaultReason.TOO_LARGE, seen.format)
    try:
        if seen.pillow:
            return _inspect_picture(path, seen)
        if seen.demuxer:
            return _inspect_clip(path, seen)
    except Unusable as exc:
        return MediaFault(exc.reason, exc.form or seen.format, exc.pixels, exc.max_pixels)
    is_no_media = seen.format in NO_MEDIA
    return MediaFault(
        FaultReason.NOT_MEDIA if is_no_media else FaultReason.UNSUPPORTED, seen.format
    )


def _inspect_picture(path: Path, seen: FileType) -> MediaInfo:
    # lazy imports: a process that sees only pictures never loads FFmpeg
    from bot.media.child.pictures.decode import read_picture  # noqa: PLC0415

    plain, form, width, height = read_picture(path, seen.format, seen.pillow)
    return MediaInfo(
        kind=MediaKind.IMAGE,
        format=form,
        width=width,
        height=height,
        duration_s=None,
        size_bytes=plain.stat().st_size,
        sha256=_sha256(plain),
        path=plain,
        normalised=plain != path,
        look=_look(plain),
    )


def _look(path: Path) -> str:
    """The look of a clean picture; empty where it can't be told, which is no fault of the file."""
    from PIL import Image  # noqa: PLC0415

    from bot.media.child.pictures.look import look_of  # noqa: PLC0415

    with path.open("rb") as handle:
        opener = identify(handle.read(HEAD_BYTES)).pillow
    try:
        with Image.open(path, formats=[opener]) as image:
            # a JPEG is decoded no larger than needed
            image.draft("RGB", (64, 64))
            return look_of(image)
    except (OSError, ValueError, SyntaxError, MemoryError):
        return ""


def _inspect_clip(path: Path, seen: FileType) -> MediaInfo:
    from bot.media.child.clips import read_clip  # noqa: PLC0415
    from bot.media.child.remux import remux  # noqa: PLC0415

    clip = read_clip(path, seen.format, seen.demuxer)
    plain = remux(path, seen.demuxer, clip)
    used = plain or path
    return MediaInfo(
        kind=clip.kind,
        format=used.suffix.removeprefix(".") if plain else clip.format,
        width=clip.width,
        height=clip.height,
        duration_s=clip.duration_s,
        size_bytes=used.stat().st_size,
        sha256=_sha256(used),
        path=used,
        normalised=plain is not None,
        must_be_encoded=plain is None,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
