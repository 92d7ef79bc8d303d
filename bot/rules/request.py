"""A video request and its media references, as plain immutable values."""

from pydantic import BaseModel, ConfigDict, Field

from bot.rules.media import MediaKind, MediaRole, MediaSource, Mode


class MediaRef(BaseModel):
    """One picture, clip or sound; what is None is not known yet.

    `kind` is None for an https link that nobody has looked at. `format` says what the bytes are
    (`jpeg`, `png`, `webp`, `gif`, `mp4`, `mp3` …) and is only set once they were read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: MediaSource
    url: str
    kind: MediaKind | None = None
    role: MediaRole = MediaRole.REFERENCE
    field: str = ""
    """The option it came with (`image1`, `first`, `links` …), for messages."""
    name: str = ""
    """The file's name as the member knows it."""
    content_type: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    format: str | None = None


class VideoRequest(BaseModel):
    """A request as the rules see it. `None` asks for the model's default."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    model: str
    duration: int | None = None
    ratio: str | None = None
    resolution: str | None = None
    media: tuple[MediaRef, ...] = Field(default=())

    @property
    def mode(self) -> Mode:
        """Frames win over references; the rules refuse a request that has both."""
        roles = {media.role for media in self.media}
        if roles & {MediaRole.FIRST, MediaRole.LAST}:
            return Mode.FRAMES
        return Mode.REFERENCES if self.media else Mode.TEXT
