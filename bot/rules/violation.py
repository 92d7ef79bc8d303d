"""Rule violations as language-neutral data."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pydantic import BaseModel, ConfigDict, Field


class Violation(BaseModel):
    """One broken rule, or one warning.

    `field` is the option concerned (`prompt`, `image3`, `links` …), `value` the offending value and
    `allowed` what would be accepted, both language-neutral and possibly empty. A value can be a
    member's link: show it to that member only, never log it. `params` holds further message
    arguments per rule, as listed in `PARAMS` and `WARNING_PARAMS`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    field: str
    rule: str
    value: str = ""
    allowed: str = ""
    params: Mapping[str, str | int] = Field(default_factory=dict)


PARAMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        # value, allowed                                          of                    params
        "model-unknown": (),  # the name, nothing (the list is long)
        "prompt-blank": (),  # nothing, "1–5000"
        "prompt-too-long": ("model",),  # code points, "1–5000"
        "variations-too-many": (),  # how many, "4"
        "variations-nested": (),  # nothing, "\\{": how a plain brace is written
        "variations-empty": (),  # nothing, "\\{"
        "variations-unclosed": (),  # nothing, "\\{"
        "series-shots": (),  # how many, "2–6"
        "series-no-frame": ("model",),  # nothing, the models that take a first frame alone
        "series-cast": (),  # a name of the cast, nothing: no model takes one beside a first frame
        "duration-range": ("model",),  # seconds, "4–15"
        "ratio-not-taken": ("model",),  # the ratio, "16:9 9:16 1:1"
        "resolution-not-taken": ("model",),  # the resolution, "480p 720p"
        "resolution-fixed": ("model",),  # the resolution, "720p": nothing to choose
        "images-not-taken": ("model",),  # how many, "0"
        "images-too-many": ("model",),  # how many, "9"
        "cast-not-taken": ("model", "name"),  # how many pictures, "0"; names of the cast
        "cast-too-many": ("model", "name"),  # how many pictures, "9"; names of the cast
        "cast-in-frames": (),  # a name of the cast, nothing
        "cast-unknown": (),  # a name, nothing
        "cast-not-ready": (),  # a name whose pictures are still being fetched, nothing
        "image-format": ("model", "name"),  # "gif", nothing; refused formats are few
        "image-side": ("model", "name"),  # "200×4000", "300–6000" pixels each side
        "image-shape": ("model", "name"),  # "1600×500", "0.4–2.5": width by height
        "frames-not-taken": ("model",),  # nothing, nothing
        "frames-pair-needed": ("model",),  # the one that is there, "first last"
        "frames-first-needed": ("model",),  # "last", "first last"
        "frames-and-references": ("model",),  # how many reference pictures, "0"
        "frame-twice": (),  # how many, "1"
        "videos-not-taken": ("model",),  # how many, "0"
        "videos-too-many": ("model",),  # how many, "3"
        "videos-too-long": ("model",),  # seconds together, "15"
        "videos-too-large": ("model",),  # "210.5 MB" together, "200 MB"
        "video-side": ("model", "name"),  # "640×480", "720–2160" (the shorter side)
        "audio-not-taken": ("model",),  # how many, "0"
        "audio-too-many": ("model",),  # how many, "3"
        "audio-in-frames": ("model",),  # how many, "0": none beside first and last frame
        "audio-needs-visual": ("model",),  # nothing, "image video frame"
        "references-too-many": ("model",),  # links of unknown kind, how many more there may be
        "asset-only": ("model", "name"),  # the file's name or the link, "asset://"
        "asset-refused": ("name",),  # the file's name: the provider's review refused it
        "asset-not-taken": ("model",),  # the reference, "https://"
        "asset-malformed": (),  # the reference, "asset://…"
        "link-malformed": (),  # the link, "https:// asset://"
        "wrong-kind": ("name",),  # "image", "video", "audio", a type or nothing; "image"
        "file-unreadable": ("name",),  # the format if known, nothing: it is damaged
        "format-not-taken": ("name",),  # "JPEG XL", "JPEG PNG WebP HEIC MP4 MP3 WAV"
        "picture-pixels": ("name",),  # "400 MP", "200 MP"
        "file-too-heavy": ("name",),  # the format, nothing: it takes too much memory or time
        "file-too-large": ("name",),  # "120 MB", "100 MB"
    }
)

RULES: Final[tuple[str, ...]] = tuple(PARAMS)
"""Every rule a request can break; each has a message."""

WARNING_PARAMS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "picture-side": ("name",),  # "200×4000", "300–6000" pixels each side
        "picture-shape": ("name",),  # width by height, "0.4–2.5"
        "picture-large": ("name",),  # "31.5 MB", "30 MB": must stay under it
        "picture-format": ("name",),  # "gif", "jpeg png webp"
    }
)

WARNINGS: Final[tuple[str, ...]] = tuple(WARNING_PARAMS)
"""Warnings, which refuse nothing; each has a message."""


def megabytes(size_bytes: int) -> str:
    """Format a size in MB, rounded up so that a value over the limit displays as over it."""
    tenths = -(-size_bytes // 100_000)
    whole, rest = divmod(tenths, 10)
    return f"{whole}.{rest} MB" if rest else f"{whole} MB"


def span(low: int, high: int) -> str:
    """Format a range: `4–15`, or `5` if both ends are equal."""
    return str(low) if low == high else f"{low}–{high}"
