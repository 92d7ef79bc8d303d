"""Warnings about pictures outside the maker's recommendations; they never refuse a request."""

from collections.abc import Iterator
from typing import Final

from bot.rules.media import MediaKind
from bot.rules.media_kinds import field_of, kind_of
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation, megabytes, span

SIDE_MIN: Final = 300
SIDE_MAX: Final = 6000
SHAPE_MIN: Final = 0.4
SHAPE_MAX: Final = 2.5
LARGE_BYTES: Final = 30_000_000
FORMATS: Final = ("jpeg", "png", "webp")


def warnings(request: VideoRequest) -> tuple[Violation, ...]:
    """A warning for each picture whose size, aspect ratio, file size or format may work badly."""
    return tuple(
        advice
        for media in request.media
        if kind_of(media) is MediaKind.IMAGE
        for advice in _picture_warnings(media)
    )


def _picture_warnings(media: MediaRef) -> Iterator[Violation]:
    def advice(rule: str, value: str, allowed: str) -> Violation:
        return Violation(
            field=field_of(media),
            rule=rule,
            value=value,
            allowed=allowed,
            params={"name": media.name},
        )

    if media.width and media.height:
        shape = media.width / media.height
        if min(media.width, media.height) < SIDE_MIN or max(media.width, media.height) > SIDE_MAX:
            size = f"{media.width}×{media.height}"
            yield advice("picture-side", size, span(SIDE_MIN, SIDE_MAX))
        if not SHAPE_MIN <= shape <= SHAPE_MAX:
            yield advice("picture-shape", f"{shape:.2f}", f"{SHAPE_MIN}–{SHAPE_MAX}")
    if media.size_bytes is not None and media.size_bytes >= LARGE_BYTES:
        yield advice("picture-large", megabytes(media.size_bytes), megabytes(LARGE_BYTES))
    format_name = picture_format(media)
    if format_name is not None and format_name not in FORMATS:
        yield advice("picture-format", format_name, " ".join(FORMATS))


def picture_format(media: MediaRef) -> str | None:
    """The format from the bytes, or from the content type until the bytes are known."""
    if media.format is not None:
        return media.format
    kind, _, rest = (media.content_type or "").lower().partition("/")
    if kind.strip() != "image":
        return None
    name = rest.partition(";")[0].strip().removeprefix("x-")
    return {"jpg": "jpeg", "pjpeg": "jpeg"}.get(name, name) or None
