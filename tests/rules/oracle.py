"""A second opinion: the provider's table, written down again by hand and apart from the code.

It answers one question only: does this model take this request? It knows neither models.toml
nor any module of the rules but the plain records of a request.
"""

from dataclasses import dataclass

from bot.rules.request import MediaRef, VideoRequest

SIX = {"16:9", "9:16", "1:1", "4:3", "3:4", "21:9"}
THREE = {"16:9", "9:16", "1:1"}


@dataclass(frozen=True)
class Row:
    billed: str
    shortest: int
    longest: int
    outputs: frozenset[str]
    fixed: bool
    ratios: frozenset[str]
    schemes: frozenset[str]
    images: int
    videos: int
    audios: int


def _row(
    billed: str,
    seconds: tuple[int, int],
    outputs: str,
    fixed: bool,
    ratios: set[str],
    schemes: str,
    counts: tuple[int, int, int],
) -> Row:
    return Row(
        billed,
        *seconds,
        frozenset(outputs.split()),
        fixed,
        frozenset(ratios),
        frozenset(schemes.split()),
        *counts,
    )


def _full(output: str, videos: int) -> Row:
    ratios = SIX | {"Adaptive"}
    return _row("second", (4, 12), output, True, ratios, "https asset", (9, videos, 3))


def _by_resolution(videos: int = 3) -> Row:
    return _row(
        "second_by_resolution",
        (4, 15),
        "480p 720p 1080p",
        False,
        SIX,
        "https asset",
        (9, videos, 3),
    )


MD = _row("task", (1, 15), "720p", True, THREE, "https", (4, 3, 0))

TABLE: dict[str, Row] = {
    "sd2_mx_720p": _full("720p", 0),
    "sd2_mx_1080p": _full("1080p", 0),
    "sd2_mx_2k": _full("2k", 0),
    "sd2_mx_4k": _full("4k", 0),
    "sd2_mx_fast_720p": _full("720p", 0),
    "sd2_mx_fast_1080p": _full("1080p", 0),
    "sd2_mx_video_720p": _full("720p", 3),
    "sd2_mx_video_1080p": _full("1080p", 3),
    "sd2_mx_video_2k": _full("2k", 3),
    "sd2_mx_video_4k": _full("4k", 3),
    "sd2_mx_video_fast_720p": _full("720p", 3),
    "sd2_mx_video_fast_1080p": _full("1080p", 3),
    "seedance2.0-sp": _by_resolution(),
    "seedance2.0-fast-sp": _by_resolution(videos=0),
    "seedance2.0-of-sp": _by_resolution(),
    "seedance2.0-of-fast-sp": _by_resolution(),
    "seedance2.0-mini": _by_resolution(videos=0),
    "seedance2.0-mini-video": _by_resolution(),
    "seedance2.0-mini-sp": _row("task", (4, 15), "480p 720p", False, SIX, "https asset", (9, 3, 3)),
    "seedance2.0-md": MD,
    "seedance2.0-fast-md": MD,
    "seedance2.0-fast-i2v": _row("task", (1, 15), "720p", True, THREE, "https", (9, 0, 0)),
    "seedance2.0-std": _row("task", (4, 15), "720p", True, SIX, "https", (9, 3, 3)),
}


def takes(request: VideoRequest) -> bool:
    row = TABLE[request.model]
    return (
        1 <= len(request.prompt.strip()) <= 5000
        and (request.duration is None or row.shortest <= request.duration <= row.longest)
        and (request.ratio is None or request.ratio in row.ratios)
        and (request.resolution is None or request.resolution in row.outputs)
        and all(_scheme(media) in row.schemes for media in request.media)
        and _media_taken(request, row)
    )


def _scheme(media: MediaRef) -> str:
    return media.url.split(":", 1)[0]


def _media_taken(request: VideoRequest, row: Row) -> bool:
    frames = [media for media in request.media if media.role != "reference"]
    images, videos, audios = (
        [media for media in request.media if media.role == "reference" and media.kind == kind]
        for kind in ("image", "video", "audio")
    )
    if (frames and images) or len({media.role for media in frames}) != len(frames):
        return False
    if len(images) > row.images or len(videos) > row.videos or len(audios) > row.audios:
        return False
    name = request.model
    if name.endswith("-md") and not _md_takes(images, videos, frames):
        return False
    if name == "seedance2.0-std" and frames and audios:
        return False
    if name.startswith("sd2_mx") and not _full_takes(images, frames, audios):
        return False
    needs_company = name.endswith("-sp") or name.startswith("seedance2.0-mini")
    return not (audios and needs_company and not (images or videos or frames))


def _full_takes(images: list[MediaRef], frames: list[MediaRef], audios: list[MediaRef]) -> bool:
    sized = [media for media in images + frames if media.width and media.height]
    return (
        [media.role for media in frames] != ["last"]
        and not (frames and audios)
        and all(
            min(media.width or 0, media.height or 0) >= 300
            and max(media.width or 0, media.height or 0) <= 6000
            and 4 * (media.height or 0) <= 10 * (media.width or 0) <= 25 * (media.height or 0)
            for media in sized
            if media.source != "asset"
        )
    )


def _md_takes(images: list[MediaRef], videos: list[MediaRef], frames: list[MediaRef]) -> bool:
    return (
        len(frames) != 1
        and all(media.format != "gif" for media in images + frames)
        and sum(media.duration_s or 0 for media in videos) <= 15
        and sum(media.size_bytes or 0 for media in videos) <= 200_000_000
        and all(
            720 <= min(media.width, media.height) <= 2160
            for media in videos
            if media.width and media.height
        )
    )
