"""What the media process finds out about a file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.rules.media import MediaKind


class FaultReason(StrEnum):
    """Why a file cannot be used.

    NOT_MEDIA: its bytes are no picture, clip or sound. UNREADABLE: they are, but broken, cut off or
    of a kind that cannot be decoded here. TOO_LARGE: more bytes than are looked at. BOMB: unpacked
    it would take more memory or time than any honest file.
    """

    NOT_MEDIA = "not-media"
    UNREADABLE = "unreadable"
    TOO_LARGE = "too-large"
    BOMB = "bomb"


@dataclass(frozen=True, slots=True)
class MediaFacts:
    """A usable file, judged by its bytes alone; None is what a kind does not have.

    `format` is short and lower-case: `jpeg`, `png`, `webp`, `gif`, `mp4`, `mov`, `webm`, `mkv`,
    `avi`, `mp3`, `wav`, `ogg`, `flac`, `m4a`, `aac`. Where the picture had to be rewritten
    (`normalised`), all facts are those of the new file at `path`, and the original is untouched.
    Pixels are as shown, turned the way the file asks for. A still picture has no duration, and an
    animated one counts as a picture.
    """

    kind: MediaKind
    format: str
    width: int | None
    height: int | None
    duration_s: float | None
    size_bytes: int
    sha256: str
    path: Path
    normalised: bool = False


@dataclass(frozen=True, slots=True)
class MediaFault:
    """A file that cannot be used; `format` is what it looks like (`text`, `pdf`), perhaps empty."""

    reason: FaultReason
    format: str = ""


@dataclass(frozen=True, slots=True)
class FitResult:
    """A re-encoded video that is under its limit."""

    size_bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class JoinResult:
    """Several films in one; `is_lossless`: their packets were taken as they were."""

    size_bytes: int
    width: int
    height: int
    duration_s: float
    is_lossless: bool
