"""Results of the media process: facts and faults of a file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.rules.media import MediaKind


class FaultReason(StrEnum):
    """Why a file cannot be used.

    NOT_MEDIA: not a picture, clip or sound. UNREADABLE: broken or truncated. UNSUPPORTED: intact as
    far as known, but in a format that cannot be used. TOO_LARGE: over the size limit for
    inspection. BOMB: decoding would exceed the memory or time limit.
    """

    NOT_MEDIA = "not-media"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too-large"
    BOMB = "bomb"


class Unusable(Exception):
    """The file cannot be used; `form` is set if its format is not the one its head suggests."""

    def __init__(
        self, reason: FaultReason, *, form: str = "", pixels: int = 0, max_pixels: int = 0
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.form = form
        self.pixels = pixels
        self.max_pixels = max_pixels


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """Facts of a usable file, from its bytes alone; None where a kind has no such fact.

    `format` is short and lower-case: `jpeg`, `png`, `webp`, `gif`, `mp4`, `mov`, `webm`, `mkv`,
    `avi`, `mp3`, `wav`, `ogg`, `flac`, `m4a`, `aac`. Where the file had to be rewritten
    (`normalised`), all facts describe the new file at `path`, and the original is untouched.
    `must_be_encoded`: the clip or sound must be transcoded before it is sent. Width and height are
    as displayed, after rotation. `look`: 64 bits of a picture in 16 hexadecimal digits, that like
    pictures share most of. Still pictures have no duration; animations count as pictures.
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
    must_be_encoded: bool = False
    look: str = ""


@dataclass(frozen=True, slots=True)
class MediaFault:
    """An unusable file; `format` is what it looks like (`text`, `pdf`), possibly empty.

    `pixels` and `max_pixels` are set for a picture with too many pixels.
    """

    reason: FaultReason
    format: str = ""
    pixels: int = 0
    max_pixels: int = 0


@dataclass(frozen=True, slots=True)
class FitResult:
    """A re-encoded video that is under its limit."""

    size_bytes: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class JoinResult:
    """Concatenated videos; `is_lossless`: packets were copied, not re-encoded."""

    size_bytes: int
    width: int
    height: int
    duration_s: float
    is_lossless: bool


@dataclass(frozen=True, slots=True)
class Still:
    """A JPEG of a picture (`at_ms` -1), or of a clip at a moment."""

    path: Path
    at_ms: int
