"""Short ways to write requests and references in tests."""

from typing import Any

from bot.rules.catalogue import load_catalogue
from bot.rules.check import settle, violations
from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation

CATALOGUE = load_catalogue()

PLAIN = "seedance2.0-fast-i2v"


def attachment(field: str = "image1", **known: Any) -> MediaRef:
    return MediaRef(
        source=MediaSource.ATTACHMENT,
        url=f"https://cdn.example/{field}?ex=1",
        field=field,
        name=f"{field}.bin",
        **known,
    )


def picture(field: str = "image1", **known: Any) -> MediaRef:
    return attachment(field, **{"content_type": "image/png", **known})


def clip(field: str = "video1", **known: Any) -> MediaRef:
    return attachment(field, **{"content_type": "video/mp4", **known})


def sound(field: str = "audio1", **known: Any) -> MediaRef:
    return attachment(field, **{"content_type": "audio/mpeg", **known})


def asset(kind: MediaKind = MediaKind.IMAGE, **known: Any) -> MediaRef:
    return MediaRef(
        source=MediaSource.ASSET, url="asset://abc-1", kind=kind, **{"field": "links", **known}
    )


def link(**known: Any) -> MediaRef:
    return MediaRef(
        source=MediaSource.LINK, url="https://example.org/a", **{"field": "links", **known}
    )


def frame(role: MediaRole, **known: Any) -> MediaRef:
    return attachment(role.value, role=role, **{"content_type": "image/png", **known})


FIRST = frame(MediaRole.FIRST)
LAST = frame(MediaRole.LAST)


def request(*media: MediaRef, model: str = PLAIN, **values: Any) -> VideoRequest:
    return VideoRequest(**{"prompt": "a cat", "model": model, "media": media, **values})


def faults_of(video_request: VideoRequest, spec: ModelSpec | None = None) -> tuple[Violation, ...]:
    spec = spec or CATALOGUE.require(video_request.model)
    return violations(spec, settle(spec, video_request))


def rules_of(video_request: VideoRequest, spec: ModelSpec | None = None) -> list[str]:
    return [fault.rule for fault in faults_of(video_request, spec)]


def pictures(count: int) -> tuple[MediaRef, ...]:
    return tuple(picture(f"image{number + 1}") for number in range(count))
