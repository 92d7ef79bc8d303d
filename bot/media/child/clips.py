"""Inspect video and audio files with one forced demuxer; runs in the media process only."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer
from av.stream import Disposition

from bot.media.child.sniff import HEAD_BYTES, identify
from bot.media.media_info import FaultReason, Unusable
from bot.rules.media import MediaKind

MAX_PIXELS: Final = 40_000_000
"""A little over 8K."""
_OPEN_OPTIONS: Final = {"protocol_whitelist": "file"}
# AttributeError: a stream with an unknown codec has None as its codec
BROKEN: Final = (
    av.FFmpegError,
    OSError,
    ValueError,
    IndexError,
    OverflowError,
    AttributeError,
)
_CUT_OFF_S: Final = 1.0
_LAST_FRAMES: Final = 400
_SOUND_ONLY: Final = {"mp4": "m4a", "mov": "m4a", "3gp": "m4a", "webm": "mka", "mkv": "mka"}


@dataclass(frozen=True, slots=True)
class Clip:
    """Facts of a clip or sound; width and height are None for a sound.

    `codecs` are FFmpeg's names of the video and audio codecs used, `pixels` the pixel format
    (`yuv420p`).
    """

    kind: MediaKind
    format: str
    width: int | None
    height: int | None
    duration_s: float
    codecs: tuple[str, ...] = ()
    pixels: str = ""


def open_clip(path: Path, demuxer: str) -> InputContainer:
    """Open a local file with exactly this demuxer, following no external references."""
    return av.open(
        str(path),
        format=demuxer,
        options=dict(_OPEN_OPTIONS),
        metadata_errors="replace",
    )


def open_film(path: Path) -> InputContainer:
    """Open a local clip with the demuxer for its magic bytes. Raises one of BROKEN."""
    with path.open("rb") as handle:
        seen = identify(handle.read(HEAD_BYTES))
    if not seen.demuxer:
        raise ValueError("not a clip")
    return open_clip(path, seen.demuxer)


def real_video(container: InputContainer) -> av.VideoStream | None:
    """The first video stream that is not cover art."""
    for stream in container.streams.video:
        if not stream.disposition & Disposition.attached_pic:
            return stream
    return None


def read_clip(path: Path, form: str, demuxer: str) -> Clip:
    """Demux the whole file and decode its beginning and end. Raises Unusable.

    Even I/O errors are blamed on the file: FFmpeg reports broken headers as such.
    """
    try:
        with open_clip(path, demuxer) as container:
            video = real_video(container)
            if video is not None:
                return _read_video(container, video, form)
            if container.streams.audio:
                return _read_sound(container, container.streams.audio[0], form)
    except MemoryError as exc:
        raise Unusable(FaultReason.BOMB) from exc
    except (av.DecoderNotFoundError, av.DemuxerNotFoundError, av.PatchWelcomeError) as exc:
        raise Unusable(FaultReason.UNSUPPORTED) from exc
    except BROKEN as exc:
        raise Unusable(FaultReason.UNREADABLE) from exc
    raise Unusable(FaultReason.UNREADABLE)


def plays(path: Path) -> bool:
    """Whether a file is a video, in any container, that decodes at its beginning and end.

    Raises OSError if the file cannot be read.
    """
    with path.open("rb") as handle:
        seen = identify(handle.read(HEAD_BYTES))
    if not seen.demuxer:
        return False
    try:
        return read_clip(path, seen.format, seen.demuxer).kind is MediaKind.VIDEO
    except Unusable:
        return False


def _read_video(container: InputContainer, video: av.VideoStream, form: str) -> Clip:
    context = video.codec_context
    if context.width * context.height > MAX_PIXELS:
        raise Unusable(FaultReason.BOMB)
    # each thread costs address space, which is limited here
    context.thread_count = 2
    spans = _spans(container)
    first, last = spans.get(video.index, (0.0, 0.0))
    if last <= first or _is_cut_off(container, spans):
        raise Unusable(FaultReason.UNREADABLE)
    shown = _decode_ends(container, video, last)
    width, height = shown.width, shown.height
    if shown.rotation % 180 != 0:
        width, height = height, width
    sound = container.streams.audio[:1]
    return Clip(
        kind=MediaKind.VIDEO,
        format=form,
        width=width,
        height=height,
        duration_s=round(last - first, 3),
        codecs=(context.name, *(stream.codec_context.name for stream in sound)),
        pixels=context.pix_fmt or "",
    )


def _read_sound(container: InputContainer, sound: av.AudioStream, form: str) -> Clip:
    first, last = _spans(container).get(sound.index, (0.0, 0.0))
    container.seek(0)
    if last <= first or next(container.decode(sound), None) is None:
        raise Unusable(FaultReason.UNREADABLE)
    return Clip(
        kind=MediaKind.AUDIO,
        format=_SOUND_ONLY.get(form, form),
        width=None,
        height=None,
        duration_s=round(last - first, 3),
        codecs=(sound.codec_context.name,),
    )


def _spans(container: InputContainer) -> dict[int, tuple[float, float]]:
    """Start and end of each stream's packets in seconds; headers can be wrong."""
    spans: dict[int, tuple[float, float]] = {}
    for packet in container.demux():
        if packet.pts is None or packet.size == 0 or packet.is_corrupt or not packet.time_base:
            continue
        start = float(packet.pts * packet.time_base)
        end = start + float((packet.duration or 0) * packet.time_base)
        first, last = spans.get(packet.stream.index, (start, end))
        spans[packet.stream.index] = (min(first, start), max(last, end))
    return spans


def _is_cut_off(container: InputContainer, spans: dict[int, tuple[float, float]]) -> bool:
    """Whether the packets end well before the duration in the header."""
    if container.duration is None:
        return False
    there = max(last for _, last in spans.values()) - min(first for first, _ in spans.values())
    return there < container.duration / av.time_base - _CUT_OFF_S


def _decode_ends(container: InputContainer, video: av.VideoStream, last_s: float) -> av.VideoFrame:
    """Decode the first frame, which is returned, and the last second."""
    container.seek(0)
    first = next(container.decode(video), None)
    container.seek(max(0, int((last_s - 1) * av.time_base)))
    frames = 0
    for frame in container.decode(video):
        frames += not frame.is_corrupt
        if frames >= _LAST_FRAMES:
            break
    if first is None or first.is_corrupt or frames == 0:
        raise Unusable(FaultReason.UNREADABLE)
    return first
