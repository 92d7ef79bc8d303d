"""Enums of media references; a module of its own so that the media process imports no more."""

from enum import StrEnum


class MediaKind(StrEnum):
    """Kind of a reference, by its bytes where known."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class MediaRole(StrEnum):
    """Role of a reference."""

    REFERENCE = "reference"
    FIRST = "first"
    LAST = "last"


class MediaSource(StrEnum):
    """Where a reference comes from."""

    ATTACHMENT = "attachment"
    LINK = "link"
    ASSET = "asset"
    KEPT = "kept"
    """A file of an earlier request; only services create it, see `bot.rules.reused_media`."""
    SHOT = "shot"
    """The last frame of a shot of a series; only services create it, likewise."""
    CAST = "cast"
    """A named picture of the cast; only services create it, likewise."""


class Mode(StrEnum):
    """How references are used; derived from their roles, never chosen."""

    TEXT = "text"
    REFERENCES = "references"
    FRAMES = "frames"
