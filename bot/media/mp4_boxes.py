"""Parse an MP4's boxes: whether it is complete, its size and duration; nothing is decoded.

Source: ISO/IEC 14496-12 (box layout, sample tables). Hostile bytes raise NotAVideo, never another
exception, within bounded time and memory.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from bot.media.errors import NotAVideo
from bot.media.mp4_samples import check_samples

HEADER_BYTES: Final = 16
_MAX_BOXES: Final = 20_000
_MAX_MOOV_BYTES: Final = 8 * 1024 * 1024
_MAX_TRACKS: Final = 32
_FIRST: Final = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"styp"})
_FILM: Final = frozenset({*_FIRST, b"moof", b"mfra", b"sidx", b"uuid", b"meta", b"emsg", b"prft"})
_COMMON_PROFILES: Final = frozenset({66, 77, 88, 100})
"""H.264 profiles that every decoder supports: baseline, main, extended, high."""
_CODECS: Final = {
    "avc1": "h264",
    "avc3": "h264",
    "hvc1": "hevc",
    "hev1": "hevc",
    "av01": "av1",
    "vp09": "vp9",
    "mp4v": "mpeg4",
}


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """Facts of the first video track, as displayed.

    `duration_s` is 0.0 for a fragmented file without one. `codec` is FFmpeg's name if known
    (`h264`), otherwise the sample entry's four-character code.
    """

    width: int
    height: int
    duration_s: float
    has_audio: bool
    codec: str
    is_common: bool = False
    """8-bit 4:2:0 H.264, with AAC if it has sound: plays in every client."""


def walk_video(path: Path) -> VideoFacts:
    """Read a file's boxes from its start to its end. Raises NotAVideo, OSError."""
    with path.open("rb") as handle:
        return walk_boxes(handle, path.stat().st_size)


def walk_boxes(handle: BinaryIO, size_bytes: int) -> VideoFacts:
    """Read the boxes of an opened file of `size_bytes`. Raises NotAVideo, OSError."""
    moov: bytes | None = None
    has_data = False
    offset = 0
    for count in range(_MAX_BOXES):
        if offset >= size_bytes:
            break
        handle.seek(offset)
        head = handle.read(HEADER_BYTES)
        if moov is not None and has_data and not _is_film_box(head):
            # players ignore whatever trails a complete film
            break
        kind, body, end = _read_header(head, offset, size_bytes)
        if count == 0 and kind not in _FIRST:
            raise NotAVideo("it is no MP4")
        has_data = has_data or kind == b"mdat"
        if kind == b"moov" and moov is None:
            if end - body > _MAX_MOOV_BYTES:
                raise NotAVideo("its index is too large")
            handle.seek(body)
            moov = handle.read(end - body)
        offset = end
    else:
        raise NotAVideo("it has too many boxes")
    if moov is None or not has_data:
        raise NotAVideo("it has no index" if moov is None else "it has no picture data")
    try:
        return _read_moov(moov, size_bytes)
    except (struct.error, IndexError) as exc:
        raise NotAVideo("its index is broken") from exc


def _is_film_box(head: bytes) -> bool:
    """Whether a possibly truncated box belongs to the video, which is then truncated."""
    return len(head) >= 8 and head[4:8] in _FILM


def are_boxes_whole(file: bytes) -> bool:
    """Whether a box-based file, picture or video, has its index and is not truncated."""
    kinds, offset = set(), 0
    try:
        while offset < len(file):
            head = file[offset : offset + HEADER_BYTES]
            kind, _, offset = _read_header(head, offset, len(file))
            kinds.add(kind)
    except NotAVideo:
        return False
    return bool(kinds & {b"meta", b"moov", b"jp2c"})


def _read_header(head: bytes, offset: int, limit: int) -> tuple[bytes, int, int]:
    """Parse a box header: kind, start of body, end of box, as absolute offsets."""
    if len(head) < 8:
        raise NotAVideo("it ends inside a box")
    length, kind = struct.unpack_from(">I4s", head)
    body = offset + 8
    if length == 1:
        if len(head) < 16:
            raise NotAVideo("it ends inside a box")
        (length,) = struct.unpack_from(">Q", head, 8)
        body = offset + 16
    end = limit if length == 0 else offset + length
    if end < body or end > limit:
        raise NotAVideo("it ends inside a box" if end > limit else "it has a box without a size")
    return kind, body, end


def _children(block: bytes) -> Iterator[tuple[bytes, bytes]]:
    offset = 0
    while offset + 8 <= len(block):
        head = block[offset : offset + HEADER_BYTES]
        kind, body, end = _read_header(head, offset, len(block))
        yield kind, block[body:end]
        offset = end


def _child(block: bytes, *path: bytes) -> bytes:
    """Body of the first box at a path of kinds, or empty."""
    for wanted in path:
        block = next((body for kind, body in _children(block) if kind == wanted), b"")
    return block


def _read_moov(moov: bytes, size_bytes: int) -> VideoFacts:
    tracks = [body for kind, body in _children(moov) if kind == b"trak"]
    if len(tracks) > _MAX_TRACKS:
        raise NotAVideo("it has too many tracks")
    is_fragmented = bool(_child(moov, b"mvex"))
    by_handler: dict[bytes, bytes] = {}
    for track in tracks:
        handler = _child(track, b"mdia", b"hdlr")[8:12]
        if handler not in {b"vide", b"soun"}:
            continue
        by_handler.setdefault(handler, track)
        if not is_fragmented:
            check_samples(
                dict(_children(_child(track, b"mdia", b"minf", b"stbl"))),
                size_bytes,
            )
    video = by_handler.get(b"vide")
    if video is None:
        raise NotAVideo("it has no video track")
    width, height, codec = _read_shape(video)
    duration_s = _fragmented_length(moov) if is_fragmented else _track_length(video)
    if duration_s <= 0 and not is_fragmented:
        raise NotAVideo("it has no length")
    sound = by_handler.get(b"soun")
    return VideoFacts(
        width=width,
        height=height,
        duration_s=duration_s,
        has_audio=sound is not None,
        codec=codec,
        is_common=_profile(video) in _COMMON_PROFILES
        and (sound is None or _entry(sound)[4:8] == b"mp4a"),
    )


def _entry(track: bytes) -> bytes:
    """The first sample entry: length, four-character code, fields and boxes."""
    return _child(track, b"mdia", b"minf", b"stbl", b"stsd")[8:]


def _profile(track: bytes) -> int:
    """Profile of an H.264 track; 0 for other codecs or if unknown."""
    entry = _entry(track)
    if entry[4:8] not in {b"avc1", b"avc3"}:
        return 0
    settings = _child(entry[8 + 78 : int.from_bytes(entry[:4], "big")], b"avcC")
    return settings[1] if len(settings) > 1 else 0


def _read_shape(track: bytes) -> tuple[int, int, str]:
    """Displayed width and height, and the codec; a 90° rotation swaps the sides."""
    entry = _entry(track)
    fourcc = entry[4:8].decode("latin-1")
    width, height = struct.unpack_from(">HH", entry, 8 + 24)
    header = _child(track, b"tkhd")
    matrix_at = 52 if header[0] == 1 else 40
    turn = struct.unpack_from(">9i", header, matrix_at)
    shown_width, shown_height = (
        side >> 16 for side in struct.unpack_from(">II", header, matrix_at + 36)
    )
    width, height = shown_width or width, shown_height or height
    if width == 0 or height == 0:
        raise NotAVideo("its picture has no size")
    if turn[0] == 0 and turn[1] != 0:
        width, height = height, width
    return width, height, _CODECS.get(fourcc, fourcc)


def _track_length(track: bytes) -> float:
    return _length(_child(track, b"mdia", b"mdhd"))


def _fragmented_length(moov: bytes) -> float:
    movie = _child(moov, b"mvhd")
    extends = _child(moov, b"mvex", b"mehd")
    if not extends:
        return _length(movie)
    scale = struct.unpack_from(">I", movie, 20 if movie[0] == 1 else 12)[0]
    total = struct.unpack_from(">Q" if extends[0] == 1 else ">I", extends, 4)[0]
    return float(total / scale) if scale else 0.0


def _length(header: bytes) -> float:
    """Duration in seconds from an mvhd or mdhd, which share this layout; all ones mean unknown."""
    if header[0] == 1:
        scale, total = struct.unpack_from(">IQ", header, 20)
        unknown = 2**64 - 1
    else:
        scale, total = struct.unpack_from(">II", header, 12)
        unknown = 2**32 - 1
    return float(total / scale) if scale and total != unknown else 0.0
