"""Validation rules for pictures, first and last frames, clips, sounds and links."""

import math
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.rules.advice import picture_format
from bot.rules.formats import format_not_taken, unsupported_format
from bot.rules.media import MediaKind, MediaRole, MediaSource, Mode
from bot.rules.media_kinds import (
    UPLOAD_MAX_BYTES,
    field_of,
    file_too_large,
    kind_of,
    mismatch,
    shown,
)
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation, megabytes, span


def reference_violations(spec: ModelSpec, request: VideoRequest) -> Iterator[Violation]:
    """Violations of the references: first of all of them together, then file by file."""
    images = _of_kind(request, MediaKind.IMAGE)
    videos = _of_kind(request, MediaKind.VIDEO)
    audios = _of_kind(request, MediaKind.AUDIO)
    yield from _image_violations(spec, request, images)
    yield from _frame_violations(spec, request, images)
    yield from _video_violations(spec, videos)
    yield from _audio_violations(spec, request, audios)
    yield from _unseen_violations(spec, request)
    for media in request.media:
        yield from _file_violations(spec, media)


def needs_review(spec: ModelSpec, request: VideoRequest) -> bool:
    """Whether the provider must review a file of the request before the model takes it."""
    return spec.sources.reviewed and any(
        media.source is not MediaSource.ASSET for media in request.media
    )


def _of_kind(request: VideoRequest, kind: MediaKind | None) -> list[MediaRef]:
    """References of a kind, without first and last frame."""
    return [
        media
        for media in request.media
        if media.role is MediaRole.REFERENCE and kind_of(media) is kind
    ]


def _broken(
    spec: ModelSpec, field: str, rule: str, value: object = "", allowed: object = ""
) -> Violation:
    return Violation(
        field=field,
        rule=rule,
        value=str(value),
        allowed=str(allowed),
        params={"model": spec.name},
    )


def _image_violations(
    spec: ModelSpec, request: VideoRequest, images: Sequence[MediaRef]
) -> Iterator[Violation]:
    frames = [media for media in request.media if media.role is not MediaRole.REFERENCE]
    count = len(images) + (len(frames) if spec.images.counts_frames else 0)
    if images and not spec.images.max:
        yield _with_cast(_broken(spec, "images", "images-not-taken", len(images), 0), images)
    elif count > spec.images.max:
        yield _with_cast(_broken(spec, "images", "images-too-many", count, spec.images.max), images)


def _with_cast(violation: Violation, images: Sequence[MediaRef]) -> Violation:
    """The violation, naming the cast where some of the pictures come from it."""
    names = dict.fromkeys(f"@{media.cast}" for media in images if media.cast)
    if not names:
        return violation
    rule = violation.rule.replace("images", "cast")
    params = {**violation.params, "name": " ".join(names)}
    return violation.model_copy(update={"rule": rule, "params": params})


def _frame_violations(
    spec: ModelSpec, request: VideoRequest, images: Sequence[MediaRef]
) -> Iterator[Violation]:
    if request.mode is not Mode.FRAMES:
        return
    roles = [media.role for media in request.media]
    for role in (MediaRole.FIRST, MediaRole.LAST):
        if roles.count(role) > 1:
            yield Violation(
                field=role.value, rule="frame-twice", value=str(roles.count(role)), allowed="1"
            )
    if spec.frames.takes == "no":
        yield _broken(spec, "frames", "frames-not-taken")
    elif spec.frames.takes == "first" and MediaRole.LAST in roles and MediaRole.FIRST not in roles:
        yield _broken(spec, "first", "frames-first-needed", "last", "first last")
    elif spec.frames.takes == "pair":
        present = [role for role in (MediaRole.FIRST, MediaRole.LAST) if role in roles]
        if len(present) == 1:
            missing = MediaRole.LAST if present[0] is MediaRole.FIRST else MediaRole.FIRST
            yield _broken(spec, missing.value, "frames-pair-needed", present[0], "first last")
    if images:
        yield _broken(spec, "frames", "frames-and-references", len(images), 0)


def _video_violations(spec: ModelSpec, videos: Sequence[MediaRef]) -> Iterator[Violation]:
    rule = spec.videos
    if videos and not rule.max:
        yield _broken(spec, "videos", "videos-not-taken", len(videos), 0)
        return
    if len(videos) > rule.max:
        yield _broken(spec, "videos", "videos-too-many", len(videos), rule.max)
    seconds = math.fsum(media.duration_s or 0 for media in videos)
    if rule.max_seconds is not None and seconds > rule.max_seconds:
        # rounded up, so that 15.004 s is not shown as the accepted 15
        shown = math.ceil(seconds * 10) / 10
        yield _broken(spec, "videos", "videos-too-long", f"{shown:g}", rule.max_seconds)
    size_bytes = sum(media.size_bytes or 0 for media in videos)
    if rule.max_bytes is not None and size_bytes > rule.max_bytes:
        yield _broken(
            spec, "videos", "videos-too-large", megabytes(size_bytes), megabytes(rule.max_bytes)
        )
    for media in videos:
        yield from _side_violations(spec, media)


def _side_violations(spec: ModelSpec, media: MediaRef) -> Iterator[Violation]:
    if not (media.width and media.height):
        return
    side = min(media.width, media.height)
    low, high = spec.videos.min_side, spec.videos.max_side
    if (low is None or side >= low) and (high is None or side <= high):
        return
    allowed = span(low or 1, high) if high is not None else f"≥ {low}"
    yield Violation(
        field=field_of(media),
        rule="video-side",
        value=f"{media.width}×{media.height}",
        allowed=allowed,
        params={"model": spec.name, "name": media.name},
    )


def _audio_violations(
    spec: ModelSpec, request: VideoRequest, audios: Sequence[MediaRef]
) -> Iterator[Violation]:
    if not audios:
        return
    if not spec.audios.max:
        yield _broken(spec, "audios", "audio-not-taken", len(audios), 0)
        return
    if len(audios) > spec.audios.max:
        yield _broken(spec, "audios", "audio-too-many", len(audios), spec.audios.max)
    if request.mode is Mode.FRAMES and not spec.audios.in_frames:
        yield _broken(spec, "audios", "audio-in-frames", len(audios), 0)
    # a link of unknown kind may turn out to be the required picture
    if spec.audios.needs_visual and len(audios) == len(request.media):
        yield _broken(spec, "audios", "audio-needs-visual", "", "image video frame")


def _unseen_violations(spec: ModelSpec, request: VideoRequest) -> Iterator[Violation]:
    """More links of unknown kind than could be accepted, whatever they turn out to be."""
    unseen = len(_of_kind(request, None))
    in_frames = request.mode is Mode.FRAMES
    images = 0 if in_frames else spec.images.max
    audios = 0 if in_frames and not spec.audios.in_frames else spec.audios.max
    room = (
        max(0, images - len(_of_kind(request, MediaKind.IMAGE)))
        + max(0, spec.videos.max - len(_of_kind(request, MediaKind.VIDEO)))
        + max(0, audios - len(_of_kind(request, MediaKind.AUDIO)))
    )
    if unseen > room:
        yield _broken(spec, "links", "references-too-many", unseen, room)


def _file_violations(spec: ModelSpec, media: MediaRef) -> Iterator[Violation]:
    wrong = mismatch(media)
    if wrong is not None:
        yield wrong
    unsupported = unsupported_format(media) if wrong is None else ""
    if unsupported:
        yield format_not_taken(media, field_of(media), unsupported)
    if media.source is MediaSource.ASSET:
        if not spec.sources.asset:
            yield _broken(spec, field_of(media), "asset-not-taken", shown(media), "https://")
        return
    named = {"model": spec.name, "name": media.name}
    if not spec.sources.https:
        yield Violation(
            field=field_of(media),
            rule="asset-only",
            value=shown(media),
            allowed="asset://",
            params=named,
        )
    if media.size_bytes is not None and media.size_bytes > UPLOAD_MAX_BYTES:
        yield file_too_large(media, media.size_bytes)
    if kind_of(media) is MediaKind.IMAGE:
        yield from _size_violations(spec, media)
    if wrong is None and not unsupported and kind_of(media) is MediaKind.IMAGE:
        format_name = picture_format(media)
        if format_name in spec.image_formats.refused:
            yield Violation(
                field=field_of(media), rule="image-format", value=format_name, params=named
            )


def _size_violations(spec: ModelSpec, media: MediaRef) -> Iterator[Violation]:
    """Sides and shape of a picture; checked once they are known."""
    if not (media.width and media.height):
        return
    rule, named = spec.image_size, {"model": spec.name, "name": media.name}
    low, high = rule.min_side or 1, rule.max_side
    is_small = min(media.width, media.height) < low
    if is_small or (high is not None and max(media.width, media.height) > high):
        yield Violation(
            field=field_of(media),
            rule="image-side",
            value=f"{media.width}×{media.height}",
            allowed=span(low, high) if high is not None else f"≥ {low}",
            params=named,
        )
    shape = Decimal(media.width) / media.height
    if (rule.min_shape is not None and shape < rule.min_shape) or (
        rule.max_shape is not None and shape > rule.max_shape
    ):
        yield Violation(
            field=field_of(media),
            rule="image-shape",
            value=f"{media.width}×{media.height}",
            allowed=f"{rule.min_shape or 0}–{rule.max_shape or '∞'}",
            params=named,
        )
