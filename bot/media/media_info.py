"""Results of the media process: facts and faults of a file."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from bot.rules.media import MediaKind


class FaultReason(StrEnum):
    """Why a file cannot be used.

    NOT_MEDIA: its bytes are no picture, clip or sound. UNREADABLE: they are, but broken or cut off.
    UNSUPPORTED: whole for all we know, of a kind that cannot be used here. TOO_LARGE: more bytes
    than are looked at. BOMB: unpacked it would take more memory or time than there is.
    """

    NOT_MEDIA = "not-media"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    TOO_LARGE = "too-large"
    BOMB = "bomb"


class Unusable(Exception):
    """The file is at fault, and `reason` says how; `form` where it is another than it looked."""

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
    """A usable file, judged by its bytes alone; None is what a kind does not have.

    `format` is short and lower-case: `jpeg`, `png`, `webp`, `gif`, `mp4`, `mov`, `webm`, `mkv`,
    `avi`, `mp3`, `wav`, `ogg`, `flac`, `m4a`, `aac`. Where the file had to be rewritten
    (`normalised`), all facts are those of the new file at `path`, and the original is untouched.
    `must_be_encoded`: a clip or sound that has to be encoded anew before it may go out.
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
    must_be_encoded: bool = False


@dataclass(frozen=True, slots=True)
class MediaFault:
    """A file that cannot be used; `format` is what it looks like (`text`, `pdf`), perhaps empty.

    A picture with too many pixels has how many it has and how many are taken.
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
    """Several films in one; `is_lossless`: their packets were taken as they were."""

    size_bytes: int
    width: int
    height: int
    duration_s: float
    is_lossless: bool
