"""Results of inspecting references, and the encodes that some of them need."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.media.errors import FetchForbidden, FetchTooLarge, MediaError
from bot.media.media_info import FaultReason, MediaFault, MediaInfo
from bot.rules.formats import format_not_taken, too_heavy, too_many_pixels
from bot.rules.media_kinds import (
    UPLOAD_MAX_BYTES,
    field_of,
    file_too_large,
    shown,
    unreadable,
    wrong_kind,
)
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation
from bot.worker.context import WorkerContext
from storage.errors import StorageUnavailable


@dataclass(slots=True)
class Found:
    """The outcome of fetching: a path per reference (None for an asset), and what went wrong.

    `to_encode` has by its place what cannot go out as it is.
    """

    paths: list[Path | None]
    elsewhere: str = ""
    """The machine that has a file of an earlier request which this one lacks."""
    faults: list[Violation] = field(default_factory=list)
    troubles: list[MediaError | StorageUnavailable] = field(default_factory=list)
    to_encode: dict[int, MediaInfo] = field(default_factory=dict)
    looks: dict[int, str] = field(default_factory=dict)
    """How pictures look, by their place."""


async def encode_all(context: WorkerContext, video: VideoRequest, found: Found) -> VideoRequest:
    """Encode the clips and sounds that need it, one by one; the copies replace the originals.

    Adds faults and errors to the outcome.
    """
    media = list(video.media)
    for place, facts in found.to_encode.items():
        try:
            made = await context.media.convert(facts)
        except MediaError as error:
            found.troubles.append(error)
            break
        if isinstance(made, MediaFault):
            found.faults.append(media_fault(media[place], made))
            continue
        found.paths[place] = made.path
        media[place] = with_facts(media[place], made)
    return video.model_copy(update={"media": tuple(media)})


def with_facts(media: MediaRef, facts: MediaInfo) -> MediaRef:
    """The reference with metadata read from its bytes."""
    return media.model_copy(
        update={
            "kind": facts.kind,
            "format": facts.format,
            "size_bytes": facts.size_bytes,
            "width": facts.width or None,
            "height": facts.height or None,
            "duration_s": facts.duration_s or None,
        }
    )


def media_fault(media: MediaRef, fault: MediaFault) -> Violation:
    """Why a file cannot be used, as a key of the members' texts."""
    if fault.reason is FaultReason.NOT_MEDIA:
        return wrong_kind(media, fault.format)
    if fault.reason is FaultReason.UNSUPPORTED:
        return format_not_taken(media, field_of(media), fault.format)
    if fault.reason is FaultReason.TOO_LARGE:
        return file_too_large(media, UPLOAD_MAX_BYTES + 1)
    if fault.reason is FaultReason.BOMB and fault.max_pixels:
        return too_many_pixels(media, field_of(media), fault.pixels, fault.max_pixels)
    if fault.reason is FaultReason.BOMB:
        return too_heavy(media, field_of(media), fault.format)
    return unreadable(media, fault.format)


def fetch_fault(media: MediaRef, error: Exception) -> Violation:
    """Why a file can't be downloaded."""
    if isinstance(error, FetchTooLarge):
        return file_too_large(media, error.limit + 1, error.limit)
    return gone(media, "link-forbidden" if isinstance(error, FetchForbidden) else "link-gone")


def gone(media: MediaRef, rule: str) -> Violation:
    """A file that is not to be had any more."""
    return Violation(
        field=field_of(media), rule=rule, value=shown(media), params={"name": shown(media)}
    )


async def look_at_all(context: WorkerContext, video: VideoRequest, found: Found) -> VideoRequest:
    """Replace the metadata claimed by Discord with that of the normalised files."""
    places = [place for place, path in enumerate(found.paths) if path is not None]
    files = [path for path in found.paths if path is not None]
    try:
        looked = await context.media.inspect(files) if files else []
    except MediaError as error:
        found.troubles.append(error)
        return video
    media = list(video.media)
    for place, facts in zip(places, looked, strict=True):
        if isinstance(facts, MediaFault):
            found.faults.append(media_fault(media[place], facts))
            continue
        found.paths[place] = facts.path
        media[place] = with_facts(media[place], facts)
        found.looks[place] = facts.look
        if facts.must_be_encoded:
            found.to_encode[place] = facts
    return video.model_copy(update={"media": tuple(media)})
