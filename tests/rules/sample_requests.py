"""Random requests, most of them nearly valid: about a fifth are accepted by their model.

Hypothesis draws one seed per request instead of forty values, which makes an example fifty times
cheaper. A failing request is printed whole, so that nothing is lost with the shrinking.
"""

from random import Random

from hypothesis import strategies as st

from bot.rules.media import MediaKind, MediaRole, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from tests.rules.oracle import TABLE

RATIOS = ("16:9", "9:16", "1:1", "4:3", "3:4", "21:9", "Adaptive", "2:1")
RESOLUTIONS = ("480p", "720p", "1080p", "2k", "4k")
FORMATS = {
    MediaKind.IMAGE: ("jpeg", "png", "webp", "gif"),
    MediaKind.VIDEO: ("mp4", "mov"),
    MediaKind.AUDIO: ("mp3", "wav"),
}


def video_requests() -> st.SearchStrategy[VideoRequest]:
    """Requests in which everything is known."""
    return st.integers(0, 2**63).map(lambda seed: _video_request(Random(seed)))


def _video_request(random: Random) -> VideoRequest:
    pick = random.choice
    model = pick(sorted(TABLE))
    fitting = MediaSource.ASSET if "https" not in TABLE[model].schemes else MediaSource.ATTACHMENT
    source = pick((*[fitting] * 9, *MediaSource))
    media: list[MediaRef] = []

    def add(kind: MediaKind, count: int, role: MediaRole = MediaRole.REFERENCE) -> None:
        media.extend(_reference(random, kind, role, source, number) for number in range(count))

    mode = pick(("text", "frames", "pictures", "clips", "sounds", "mixed"))
    if mode == "frames":
        for role in pick((("first",), ("last",), ("first", "last"))):
            add(MediaKind.IMAGE, 1, MediaRole(role))
    if mode in {"pictures", "mixed"}:
        add(MediaKind.IMAGE, pick((1, 2, 4, 5, 9, 10)))
    if mode in {"clips", "mixed"}:
        add(MediaKind.VIDEO, pick((1, 2, 2, 3, 4)))
    if mode in {"sounds", "mixed"} or (mode == "frames" and pick((True, False))):
        add(MediaKind.AUDIO, pick((1, 2, 3, 4)))
    if mode == "frames":
        add(MediaKind.IMAGE, pick((0, 0, 0, 1)))
    return VideoRequest(
        prompt=pick((*["a cat", " a cat ", "猫" * 5000] * 5, "x" * 5001, " \n ")),
        model=model,
        duration=pick((*[None, 5, 8, 12] * 3, 1, 3, 4, 13, 15, 16, 0)),
        ratio=pick((*[None, "16:9", "1:1"] * 4, *RATIOS)),
        resolution=pick((*[None] * 12, *RESOLUTIONS)),
        media=tuple(media),
    )


def _reference(
    random: Random, kind: MediaKind, role: MediaRole, source: MediaSource, number: int
) -> MediaRef:
    """A reference whose bytes were read, or an asset, whose bytes nobody sees."""
    if source is MediaSource.ASSET:
        return MediaRef(source=source, url=f"asset://a{number}", kind=kind, role=role)
    option = f"{kind.value}{number + 1}" if role is MediaRole.REFERENCE else role.value
    is_clip = kind is MediaKind.VIDEO
    pick = random.choice
    return MediaRef(
        source=source,
        url=f"https://example.org/{number}",
        kind=kind,
        role=role,
        field=option if source is MediaSource.ATTACHMENT else "links",
        format=pick(FORMATS[kind]),
        width=pick((1280, 1920, 2160, 1280, 720, 640, 4000)) if is_clip else 1024,
        height=pick((720, 1080, 720, 1080, 2160, 719, 2161)) if is_clip else 768,
        duration_s=pick((2.0, 5.0, 5.0, 7.5, 7.5, 10.5)) if is_clip else None,
        size_bytes=pick((1_000_000, 1_000_000, 66_666_666, 70_000_000)),
    )
