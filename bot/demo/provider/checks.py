"""Request validation of the simulated provider, transcribed from the provider's documentation.

Shares no code with the bot's rules, so that a mistake there is noticed here. Where the page is
silent it assumes Seedance 2.0's general limits: nine pictures, three clips, three sounds.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

FIELDS: Final = frozenset(
    {
        "model",
        "prompt",
        "duration",
        "resolution",
        "orientation",
        "images",
        "ratio",
        "first_image",
        "last_image",
        "reference_videos",
        "reference_audios",
    }
)
SIX_RATIOS: Final = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9")
THREE_RATIOS: Final = ("16:9", "9:16", "1:1")
LISTS: Final = ("images", "reference_videos", "reference_audios")
FRAMES: Final = ("first_image", "last_image")
_LOCAL: Final = re.compile(r"https://(localhost|127\.|10\.|192\.168\.|\[)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Line:
    """Limits of one of the provider's models."""

    seconds: tuple[int, int]
    output: str
    resolutions: tuple[str, ...] = ()
    ratios: tuple[str, ...] = SIX_RATIOS
    images: int = 9
    videos: int = 3
    audios: int = 3
    links: str = r"https://"
    both_frames_only: bool = False
    audio_in_frames: bool = True
    audio_needs_visual: bool = False
    gif: bool = True
    local_links: bool = False


def _full(output: str, *, videos: int = 0) -> Line:
    return Line((4, 12), output, ratios=(*SIX_RATIOS, "Adaptive"), videos=videos, links="asset://")


def _by_resolution(*resolutions: str, videos: int = 3) -> Line:
    return Line(
        (4, 15),
        "720p",
        resolutions,
        videos=videos,
        links=r"https://|asset://",
        audio_needs_visual=True,
    )


_MD: Final = Line(
    (1, 15), "720p", ratios=THREE_RATIOS, images=4, audios=0, both_frames_only=True, gif=False
)

LINES: Final[Mapping[str, Line]] = MappingProxyType(
    {
        **{f"sd2_mx_{size}": _full(size) for size in ("720p", "1080p", "2k", "4k")},
        **{f"sd2_mx_fast_{size}": _full(size) for size in ("720p", "1080p")},
        **{f"sd2_mx_video_{s}": _full(s, videos=3) for s in ("720p", "1080p", "2k", "4k")},
        **{f"sd2_mx_video_fast_{s}": _full(s, videos=3) for s in ("720p", "1080p")},
        "seedance2.0-sp": _by_resolution("480p", "720p", "1080p"),
        "seedance2.0-fast-sp": _by_resolution("480p", "720p", "1080p", videos=0),
        "seedance2.0-of-sp": _by_resolution("480p", "720p", "1080p"),
        "seedance2.0-of-fast-sp": _by_resolution("480p", "720p", "1080p"),
        "seedance2.0-mini": _by_resolution("480p", "720p", "1080p"),
        "seedance2.0-mini-sp": _by_resolution("480p", "720p"),
        "seedance2.0-md": _MD,
        "seedance2.0-fast-md": _MD,
        "seedance2.0-fast-i2v": Line((1, 15), "720p", ratios=THREE_RATIOS, videos=0, audios=0),
        "seedance2.0-std": Line((4, 15), "720p", audio_in_frames=False),
    }
)


def faults_of(body: object, *, plain_links: bool = False) -> list[str]:
    """List every objection to a create body; empty if it is accepted.

    `plain_links` also accepts http links and local addresses, for tests that serve media locally.
    """
    if not isinstance(body, dict):
        return ["body must be a JSON object"]
    model = body.get("model")
    line = LINES.get(model) if isinstance(model, str) else None
    if line is None:
        return ["不支持的模型参数: model"]
    if plain_links:
        line = replace(line, links=line.links.replace("https://", "https?://"), local_links=True)
    return [fault for check in _CHECKS for fault in check(body, line)]


def _shape(body: Mapping[str, object], _: Line) -> Iterator[str]:
    yield from (f"unknown field {name}" for name in body if name not in FIELDS)
    yield from (f"{name} must not be null" for name, value in body.items() if value is None)
    for name in LISTS:
        value = body.get(name)
        if value is not None and not (
            isinstance(value, list) and value and all(isinstance(item, str) for item in value)
        ):
            yield f"{name} must be a list of strings, not empty"
    for name in FRAMES:
        if name in body and not isinstance(body[name], str):
            yield f"{name} must be a string"


def _prompt(body: Mapping[str, object], _: Line) -> Iterator[str]:
    prompt = body.get("prompt")
    if not isinstance(prompt, str) or not prompt.strip():
        yield "prompt is required"
    elif len(prompt) > 5000:
        yield "prompt has more than 5000 characters"


def _output(body: Mapping[str, object], line: Line) -> Iterator[str]:
    seconds = body.get("duration")
    if isinstance(seconds, bool) or not isinstance(seconds, int):
        yield "duration must be an integer"
    elif not line.seconds[0] <= seconds <= line.seconds[1]:
        yield f"duration must be within {line.seconds[0]}-{line.seconds[1]}"
    if "resolution" in body and body["resolution"] not in line.resolutions:
        yield "不支持的模型参数: resolution"
    if "ratio" in body and body["ratio"] not in line.ratios:
        yield "不支持的模型参数: ratio"
    if "orientation" in body and body["orientation"] not in {"landscape", "portrait"}:
        yield "orientation must be landscape or portrait"


def _amounts(body: Mapping[str, object], line: Line) -> Iterator[str]:
    frames = [name for name in FRAMES if name in body]
    if frames and "images" in body:
        yield "images and first_image/last_image exclude each other"
    if line.both_frames_only and len(frames) == 1:
        yield "first_image and last_image are required together"
    for name, most in zip(LISTS, (line.images, line.videos, line.audios), strict=True):
        if len(_links(body, name)) > most:
            yield f"不支持的模型参数: {name}, at most {most}"
    if "reference_audios" in body:
        if frames and not line.audio_in_frames:
            yield "frame mode does not support audio references"
        if line.audio_needs_visual and not (
            frames or "images" in body or "reference_videos" in body
        ):
            yield "reference_audios need a picture or a video"


def _references(body: Mapping[str, object], line: Line) -> Iterator[str]:
    for name in (*LISTS, *FRAMES):
        for position, link in enumerate(_links(body, name)):
            if not re.fullmatch(rf"(?:{line.links})[^\s/][^\s]*", link):
                yield f"invalid {name}[{position}]"
            elif not line.local_links and _LOCAL.match(link):
                yield f"{name}[{position}] can't be reached"
            elif not line.gif and link.partition("?")[0].lower().endswith(".gif"):
                yield f"{name}[{position}]: GIF is not supported"


def _links(body: Mapping[str, object], name: str) -> list[str]:
    value = body.get(name)
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


_CHECKS: Final[tuple[Callable[[Mapping[str, object], Line], Iterator[str]], ...]] = (
    _shape,
    _prompt,
    _output,
    _amounts,
    _references,
)
