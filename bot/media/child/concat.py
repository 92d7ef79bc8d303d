"""Concatenate videos; runs in the media process only.

Videos encoded alike are concatenated packet by packet, without loss. Others are re-encoded to the
frame size of the first, letterboxed where needed and silent where they have no sound.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av import AudioStream, VideoStream
from av.container import InputContainer, OutputContainer
from av.stream import Stream

from bot.media.child.clips import BROKEN, MAX_PIXELS, open_film, real_video
from bot.media.child.concat_reencode import Shape, splice
from bot.media.child.encode import encoding_errors, sync_and_rename
from bot.media.child.rlimits import is_disk_full
from bot.media.errors import JoinImpossible, NotAVideo
from bot.media.media_info import JoinResult
from bot.media.mp4_boxes import walk_video

_SOUND_GAP_S: Final = 0.1
"""Tolerated difference between the ends of sound and video for lossless concatenation."""
_LENGTH_TOLERANCE_S: Final = 0.5
_NO_TURN: Final = 0


@dataclass(frozen=True, slots=True)
class _Part:
    """Facts of one video; equal `coding` means that packets can be concatenated."""

    path: Path
    width: int
    height: int
    rotation: int
    fps: Fraction
    seconds: Fraction
    has_sound: bool
    is_even: bool
    """Sound and video end together."""
    coding: tuple[object, ...]


def join(sources: Sequence[Path], target: Path) -> JoinResult:
    """Concatenate videos into one H.264 and AAC MP4 with faststart.

    The target is written atomically. Raises JoinImpossible if one cannot be decoded; errors of our
    own disk pass through with their `errno`.
    """
    part = target.with_suffix(target.suffix + ".part")
    for source in sources:
        # checked first, as FFmpeg raises the same errno for broken files
        source.stat()
    target.parent.mkdir(parents=True, exist_ok=True)
    with encoding_errors(JoinImpossible, part):
        films = [_probe_source(source) for source in sources]
        is_lossless = _fit_together(films) and _is_put_together(films, part)
        if not is_lossless:
            splice([film.path for film in films], part, _shape(films))
            _check(part, films)
        return _keep(part, target, films, is_lossless=is_lossless)


def _probe_source(source: Path) -> _Part:
    with open_film(source) as container:
        video = real_video(container)
        if video is None:
            raise JoinImpossible("one has no moving pictures")
        if video.codec_context.width * video.codec_context.height > MAX_PIXELS:
            raise JoinImpossible("one has too large a picture")
        video.codec_context.thread_count = 2
        frame = next(container.decode(video))
        square = video.sample_aspect_ratio or Fraction(1)
        width, height = max(1, round(frame.width * square)), frame.height
        if frame.rotation % 180 != 0:
            width, height = height, width
        sound = container.streams.audio[0] if container.streams.audio else None
        pictures_s, sound_s = _ends(container, video, sound)
        rate = video.average_rate or Fraction(0)
        return _Part(
            path=source,
            width=width,
            height=height,
            rotation=frame.rotation % 360,
            fps=rate if 1 <= rate <= 120 else Fraction(30),
            seconds=max(pictures_s, sound_s),
            has_sound=sound is not None,
            is_even=sound is None or abs(pictures_s - sound_s) <= _SOUND_GAP_S,
            coding=_coding(video, sound),
        )


def _ends(
    container: InputContainer, video: VideoStream, sound: AudioStream | None
) -> tuple[Fraction, Fraction]:
    """End of video and sound in seconds, from their packets."""
    container.seek(0)
    ends = {video.index: Fraction(0)} | ({sound.index: Fraction(0)} if sound else {})
    streams: list[Stream] = [video, sound] if sound else [video]
    for packet in container.demux(streams):
        if packet.pts is not None and packet.time_base is not None:
            end = (packet.pts + (packet.duration or 0)) * packet.time_base
            ends[packet.stream.index] = max(ends[packet.stream.index], end)
    if ends[video.index] <= 0:
        raise JoinImpossible("one has no length")
    return ends[video.index], ends[sound.index] if sound else Fraction(0)


def _coding(video: VideoStream, sound: AudioStream | None) -> tuple[object, ...]:
    pictures = video.codec_context
    heard: tuple[object, ...] = ()
    if sound is not None:
        spoken = sound.codec_context
        heard = (spoken.name, spoken.rate, spoken.layout.name, spoken.extradata)
    return (
        pictures.name,
        pictures.width,
        pictures.height,
        pictures.pix_fmt,
        video.sample_aspect_ratio,
        pictures.extradata,
        *heard,
    )


def _fit_together(films: Sequence[_Part]) -> bool:
    first = films[0]
    alike = all(film.coding == first.coding and film.rotation == _NO_TURN for film in films)
    takes = first.coding[0] == "h264" and (not first.has_sound or "aac" in first.coding)
    return alike and takes and all(film.is_even for film in films[:-1])


def _is_put_together(films: Sequence[_Part], part: Path) -> bool:
    """Try to concatenate packets; False means that re-encoding is needed."""
    try:
        with av.open(str(part), "w", format="mp4", options={"movflags": "+faststart"}) as writer:
            tracks: list[Stream] = []
            last_dts: dict[int, Fraction] = {}
            start = Fraction(0)
            for film in films:
                _append(film, writer, tracks, last_dts, start)
                start += film.seconds
        _check(part, films)
    except (*BROKEN, NotAVideo, JoinImpossible) as exc:
        if is_disk_full(exc):
            raise
        return False
    return True


def _append(
    film: _Part,
    writer: OutputContainer,
    tracks: list[Stream],
    last_dts: dict[int, Fraction],
    start: Fraction,
) -> None:
    with open_film(film.path) as reader:
        video = real_video(reader)
        if video is None:
            raise JoinImpossible("one has no moving pictures")
        streams: list[Stream] = [video, *(reader.streams.audio[:1])]
        if not tracks:
            tracks.extend(writer.add_stream_from_template(stream) for stream in streams)
        places = {stream.index: place for place, stream in enumerate(streams)}
        for packet in reader.demux(streams):
            if packet.dts is None or packet.pts is None or packet.time_base is None:
                continue
            place = places[packet.stream.index]
            dts = packet.dts * packet.time_base + start
            if place > 0 and dts <= last_dts.get(place, Fraction(-1000)):
                # encoder priming, which would overlap the end of the previous part
                continue
            last_dts[place] = dts
            shift = round(start / packet.time_base)
            packet.pts, packet.dts = packet.pts + shift, packet.dts + shift
            packet.stream = tracks[place]
            writer.mux(packet)


def _shape(films: Sequence[_Part]) -> Shape:
    first = films[0]
    return Shape(
        width=_even(first.width),
        height=_even(first.height),
        fps=first.fps,
        has_sound=any(film.has_sound for film in films),
    )


def _even(side: int) -> int:
    """Round down to even: H.264 subsamples the colour planes by two."""
    return max(2, side // 2 * 2)


def _check(part: Path, films: Sequence[_Part]) -> None:
    made = walk_video(part)
    if made.duration_s < sum(film.seconds for film in films) - _LENGTH_TOLERANCE_S:
        raise JoinImpossible("the films cannot be decoded to their ends")
    if any(film.has_sound for film in films) and not made.has_audio:
        raise JoinImpossible("the sound was lost")


def _keep(part: Path, target: Path, films: Sequence[_Part], *, is_lossless: bool) -> JoinResult:
    made = walk_video(part)
    size_bytes = part.stat().st_size
    sync_and_rename(part, target)
    return JoinResult(
        size_bytes=size_bytes,
        width=made.width,
        height=made.height,
        duration_s=float(sum(film.seconds for film in films)),
        is_lossless=is_lossless,
    )
