"""Enums of media references; a module of its own so that the media process imports no more."""

from enum import StrEnum


class MediaKind(StrEnum):
    """What a reference is, judged by its bytes where there are any."""

    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"


class MediaRole(StrEnum):
    """What a reference is for."""

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


class Mode(StrEnum):
    """How the references are used; decided by what is there, never chosen."""

    TEXT = "text"
    REFERENCES = "references"
    FRAMES = "frames"
