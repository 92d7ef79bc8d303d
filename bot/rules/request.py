"""A video request and its media references, as plain immutable values."""

from pydantic import BaseModel, ConfigDict, Field

from bot.rules.media import MediaKind, MediaRole, MediaSource, Mode


class MediaRef(BaseModel):
    """One picture, clip or sound; None means not known yet.

    `kind` is None for an https link that has not been fetched. `format` (`jpeg`, `png`, `webp`,
    `gif`, `mp4`, `mp3` …) is set once the bytes are read.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: MediaSource
    url: str
    kind: MediaKind | None = None
    role: MediaRole = MediaRole.REFERENCE
    field: str = ""
    """The option it was given in (`image1`, `first`, `links` …), for messages."""
    name: str = ""
    """The file name as shown to the member."""
    content_type: str | None = None
    size_bytes: int | None = None
    width: int | None = None
    height: int | None = None
    duration_s: float | None = None
    format: str | None = None
    cast: str | None = None
    """The name under which it was added, as it is shown; None for what was given by itself."""


class VideoRequest(BaseModel):
    """A request as the rules see it; None means the model's default.

    `prompt` is what is sent. `typed` is what the member wrote where names of pictures stand in it;
    None: they wrote the prompt. `cast` are the names of the option, besides those in the prompt.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    model: str
    duration: int | None = None
    ratio: str | None = None
    resolution: str | None = None
    media: tuple[MediaRef, ...] = Field(default=())
    typed: str | None = None
    cast: tuple[str, ...] = Field(default=())

    @property
    def shown_prompt(self) -> str:
        """The prompt in the member's own words."""
        return self.prompt if self.typed is None else self.typed

    def asked(self) -> "VideoRequest":
        """The same as a member asks for it: in their words, whose names are still to be found."""
        return self.model_copy(update={"prompt": self.shown_prompt, "typed": None})

    @property
    def mode(self) -> Mode:
        """Frames take precedence; the rules refuse a request with both frames and references."""
        roles = {media.role for media in self.media}
        if roles & {MediaRole.FIRST, MediaRole.LAST}:
            return Mode.FRAMES
        return Mode.REFERENCES if self.media else Mode.TEXT
