"""What a template says, as managers type it and as files carry it, and what it offers. Pure."""

import unicodedata
from dataclasses import dataclass
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.errors import UserError
from bot.rules.catalogue import Catalogue
from bot.rules.check import is_blank, settle
from bot.rules.media import MediaKind, MediaSource
from bot.rules.price import price_micros
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.variations import expand, wants_text
from storage.templates.templates import Template

NAME_LIMIT: Final = 50
PROMPT_LIMIT: Final = 5000
MOST_TEMPLATES: Final = 100
"""Of a server, and of a file."""
FILE_LIMIT_BYTES: Final = 2 * 1024 * 1024
SAMPLE_TEXT: Final = "x"
"""Stands for a member's words when a template is checked."""

Picture = Literal["required", "optional", "none"]


class TemplateContent(BaseModel):
    """One template; an empty model means the server's default at the moment it is added."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(max_length=500)]
    prompt: Annotated[str, Field(max_length=PROMPT_LIMIT)]
    picture: Picture = "none"
    model: Annotated[str, Field(max_length=100)] = ""
    duration: Annotated[int, Field(ge=1, le=3600)] | None = None
    ratio: Annotated[str, Field(max_length=20)] | None = None
    resolution: Annotated[str, Field(max_length=20)] | None = None

    def video_request(self) -> VideoRequest:
        """The request that it makes, with `{text}` still in its prompt."""
        return VideoRequest(
            prompt=self.prompt,
            model=self.model,
            duration=self.duration,
            ratio=self.ratio,
            resolution=self.resolution,
        )


class TemplateFile(BaseModel):
    """A file of templates, as `/videoadmin template export` writes it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: Literal[1]
    templates: Annotated[
        tuple[TemplateContent, ...], Field(min_length=1, max_length=MOST_TEMPLATES)
    ]


@dataclass(frozen=True, slots=True)
class Offer:
    """What a template asks of a member and what they get.

    `price_micros` is that of all `count` videos together, None where no price is set.
    """

    template: Template
    video: VideoRequest
    wants_text: bool
    count: int
    price_micros: int | None

    @property
    def wants_picture(self) -> bool:
        """Whether it takes a picture at all."""
        return self.template.picture != "none"

    @property
    def wants_nothing(self) -> bool:
        """Whether a press is all it needs, which is then confirmed."""
        return not self.wants_text and not self.wants_picture


def folded_name(name: str) -> str:
    """A name as names are compared: without case and look-alike forms."""
    return unicodedata.normalize("NFKC", tidy_name(name)).casefold()


def tidy_name(name: str) -> str:
    """A name in one line, without spaces around it."""
    return " ".join(name.split())


def check_name(name: str) -> None:
    """Raise UserError for a name that is blank, too long, or not printable."""
    tidy = tidy_name(name)
    if is_blank(tidy) or len(tidy) > NAME_LIMIT or not tidy.isprintable():
        raise UserError("refused-template-name", {"value": tidy[:NAME_LIMIT], "most": NAME_LIMIT})


def content_of(template: Template) -> TemplateContent:
    """What a stored template says."""
    return TemplateContent.model_validate(
        {
            "name": template.name,
            "prompt": template.prompt,
            "picture": template.picture,
            "model": template.model,
            "duration": template.duration or None,
            "ratio": template.ratio or None,
            "resolution": template.resolution or None,
        }
    )


def samples(content: TemplateContent) -> list[VideoRequest]:
    """Requests as members will make them, without words for `{text}`: the rules must take each."""
    bare = content.video_request()
    pictured = bare.model_copy(update={"media": (_PICTURE,)})
    return {"none": [bare], "required": [pictured], "optional": [bare, pictured]}[content.picture]


_PICTURE: Final = MediaRef(
    source=MediaSource.ATTACHMENT, url="https://localhost/", kind=MediaKind.IMAGE, field="image1"
)


def offer_of(catalogue: Catalogue, template: Template) -> Offer:
    """What a stored template offers; a model that is gone has no price."""
    content = content_of(template)
    video = content.video_request()
    if content.picture == "required":
        video = video.model_copy(update={"media": (_PICTURE,)})
    count = max(1, len(expand(template.prompt).prompts))
    spec = catalogue.get(template.model)
    micros = None
    if spec is not None:
        video = settle(spec, video)
        micros = price_micros(spec, video)
    return Offer(
        template=template,
        video=video,
        wants_text=wants_text(template.prompt),
        count=count,
        price_micros=None if micros is None else micros * count,
    )


def write_file(contents: list[TemplateContent]) -> bytes:
    """A file of templates."""
    file = TemplateFile(version=1, templates=tuple(contents))
    return file.model_dump_json(indent=2, exclude_none=True).encode() + b"\n"


def read_file(data: bytes) -> tuple[TemplateContent, ...]:
    """The templates of a file. Raises: UserError that says where it is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("refused-template-file", {"value": "UTF-8", "place": "1"}) from error
    try:
        return TemplateFile.model_validate_json(text).templates
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "JSON"
        raise UserError(
            "refused-template-file", {"value": str(first["msg"])[:200], "place": place[:100]}
        ) from error
