"""Is a file what it says it is; runs in the media process only."""

import hashlib
from pathlib import Path
from typing import Final

from bot.media.clips import read_clip
from bot.media.facts import FaultReason, MediaFacts, MediaFault
from bot.media.pictures import Unusable, read_picture
from bot.media.sniff import HEAD_BYTES, Look, look
from bot.rules.media import MediaKind

MAX_FILE_BYTES: Final = 512 * 1024 * 1024


def inspect_file(path: Path) -> MediaFacts | MediaFault:
    """Decodes a file as far as its kind asks for, and rewrites a picture that needs it.

    Raises OSError where the file itself cannot be read.
    """
    with path.open("rb") as handle:
        seen = look(handle.read(HEAD_BYTES))
    if path.stat().st_size > MAX_FILE_BYTES:
        return MediaFault(FaultReason.TOO_LARGE, seen.format)
    try:
        if seen.pillow:
            return _inspect_picture(path, seen)
        if seen.demuxer:
            return _inspect_clip(path, seen)
    except Unusable as exc:
        return MediaFault(exc.reason, seen.format)
    is_picture = seen.format in {"heic", "jxl", "psd", "svg"}
    return MediaFault(FaultReason.UNREADABLE if is_picture else FaultReason.NOT_MEDIA, seen.format)


def _inspect_picture(path: Path, seen: Look) -> MediaFacts:
    plain, form, width, height = read_picture(path, seen.format, seen.pillow)
    return MediaFacts(
        kind=MediaKind.IMAGE,
        format=form,
        width=width,
        height=height,
        duration_s=None,
        size_bytes=plain.stat().st_size,
        sha256=_sha256(plain),
        path=plain,
        normalised=plain != path,
    )


def _inspect_clip(path: Path, seen: Look) -> MediaFacts:
    clip = read_clip(path, seen.format, seen.demuxer)
    return MediaFacts(
        kind=clip.kind,
        format=clip.format,
        width=clip.width,
        height=clip.height,
        duration_s=clip.duration_s,
        size_bytes=path.stat().st_size,
        sha256=_sha256(path),
        path=path,
    )


def _sha256(path: Path) -> str:
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()
