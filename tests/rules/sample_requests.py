"""Random requests, most of them nearly right: what is wrong with them is seldom one thing only."""

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


@st.composite
def references(
    draw: st.DrawFn, kind: MediaKind, role: MediaRole, source: MediaSource, number: int
) -> MediaRef:
    """A reference whose bytes were read, or an asset, of which nobody sees any."""
    if source is MediaSource.ASSET:
        return MediaRef(source=source, url=f"asset://a{number}", kind=kind, role=role)
    option = f"{kind.value}{number + 1}" if role is MediaRole.REFERENCE else role.value
    is_clip = kind is MediaKind.VIDEO
    return MediaRef(
        source=source,
        url=f"https://example.org/{number}",
        kind=kind,
        role=role,
        field=option if source is MediaSource.ATTACHMENT else "links",
        format=draw(st.sampled_from(FORMATS[kind])),
        width=draw(st.sampled_from((1280, 1920, 2160, 1280, 720, 640, 4000))) if is_clip else 1024,
        height=draw(st.sampled_from((720, 1080, 720, 1080, 2160, 719, 2161))) if is_clip else 768,
        duration_s=draw(st.sampled_from((2.0, 5.0, 5.0, 7.5, 7.5, 10.5))) if is_clip else None,
        size_bytes=draw(st.sampled_from((1_000_000, 1_000_000, 66_666_666, 70_000_000))),
    )


@st.composite
def video_requests(draw: st.DrawFn) -> VideoRequest:
    """A request with everything known; about a fifth of them are taken by their model."""
    model = draw(st.sampled_from(sorted(TABLE)))
    row = TABLE[model]
    fitting = MediaSource.ASSET if "https" not in row.schemes else MediaSource.ATTACHMENT
    sources = st.sampled_from((*[fitting] * 9, *MediaSource))
    source = draw(sources)
    media: list[MediaRef] = []

    def add(kind: MediaKind, count: int, role: MediaRole = MediaRole.REFERENCE) -> None:
        media.extend(draw(references(kind, role, source, number)) for number in range(count))

    mode = draw(st.sampled_from(("text", "frames", "pictures", "clips", "sounds", "mixed")))
    if mode == "frames":
        for role in draw(st.sampled_from((("first",), ("last",), ("first", "last")))):
            add(MediaKind.IMAGE, 1, MediaRole(role))
    if mode in {"pictures", "mixed"}:
        add(MediaKind.IMAGE, draw(st.sampled_from((1, 2, 4, 5, 9, 10))))
    if mode in {"clips", "mixed"}:
        add(MediaKind.VIDEO, draw(st.sampled_from((1, 2, 2, 3, 4))))
    if mode in {"sounds", "mixed"} or (mode == "frames" and draw(st.booleans())):
        add(MediaKind.AUDIO, draw(st.sampled_from((1, 2, 3, 4))))
    if mode == "frames":
        add(MediaKind.IMAGE, draw(st.sampled_from((0, 0, 0, 1))))
    return VideoRequest(
        prompt=draw(st.sampled_from((*["a cat", " a cat ", "猫" * 5000] * 5, "x" * 5001, " \n "))),
        model=model,
        duration=draw(st.sampled_from((*[None, 5, 8, 12] * 3, 1, 3, 4, 13, 15, 16, 0))),
        ratio=draw(st.sampled_from((*[None, "16:9", "1:1"] * 4, *RATIOS))),
        resolution=draw(st.sampled_from((*[None] * 12, *RESOLUTIONS))),
        media=tuple(media),
    )
