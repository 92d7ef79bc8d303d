"""Re-encode a video to fit an upload limit; runs in the media process only.

CRF with maxrate gave smaller files than two-pass encoding in half the time. Simple videos end up
far under the limit; complex ones are retried with a lower bit rate, then a lower resolution. Never
upscales; keeps the sound and the aspect ratio.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import InputContainer

from bot.media.child.clips import open_film, real_video
from bot.media.child.encode import Encode, encode, encoding_errors, sync_and_rename
from bot.media.errors import FitImpossible
from bot.media.media_info import FitResult
from bot.media.mp4_boxes import walk_video

_SAFETY: Final = 0.965
_HEIGHTS: Final = (2160, 1440, 1080, 720, 540, 480, 360, 240, 180, 144, 96)
_BITS_PER_PIXEL: Final = 0.05
_MIN_VIDEO_BPS: Final = 12_000
_MIN_SOUND_BPS: Final = 24_000
_MAX_SOUND_BPS: Final = 128_000
_LENGTH_TOLERANCE_S: Final = 0.5


@dataclass(frozen=True, slots=True)
class _Source:
    """The source video; width and height as displayed, with square pixels and after rotation."""

    width: int
    height: int
    rotation: int
    fps: Fraction
    duration_s: float
    sound_bps: int
    is_aac: bool


def fit(source: Path, target: Path, limit_bytes: int) -> FitResult:
    """Write an H.264 MP4 with faststart of at most `limit_bytes` to `target`.

    Raises FitImpossible if no resolution fits or the source cannot be decoded; errors of our own
    disk pass through with their `errno`.
    """
    part = target.with_suffix(target.suffix + ".part")
    # checked first, as FFmpeg raises the same errno for broken files
    source.stat()
    target.parent.mkdir(parents=True, exist_ok=True)
    with encoding_errors(FitImpossible, part):
        film = _probe_source(source)
        for plan in _plans(film, limit_bytes, part):
            encode(source, part, plan)
            if part.stat().st_size <= limit_bytes:
                _check(part, film)
                made = FitResult(part.stat().st_size, plan.width, plan.height)
                sync_and_rename(part, target)
                return made
        raise FitImpossible("no encode stays under the limit")


def _probe_source(source: Path) -> _Source:
    with open_film(source) as container:
        video = real_video(container)
        if video is None:
            raise FitImpossible("it has no moving pictures")
        video.codec_context.thread_count = 2
        frame = next(container.decode(video))
        square = video.sample_aspect_ratio or Fraction(1)
        width, height = max(1, round(frame.width * square)), frame.height
        if frame.rotation % 180 != 0:
            width, height = height, width
        rate = video.average_rate or Fraction(0)
        duration_s, sound_bps = _measure(container, video)
        sound = container.streams.audio[0] if container.streams.audio else None
        return _Source(
            width=width,
            height=height,
            rotation=frame.rotation % 360,
            fps=rate if 1 <= rate <= 120 else Fraction(30),
            duration_s=duration_s,
            sound_bps=sound_bps if sound else 0,
            is_aac=sound is not None and sound.codec_context.name == "aac",
        )


def _measure(container: InputContainer, video: av.VideoStream) -> tuple[float, int]:
    """Duration in seconds and audio bit rate, measured from the packets."""
    container.seek(0)
    end_s, sound_bytes = 0.0, 0
    sound = container.streams.audio[0] if container.streams.audio else None
    for packet in container.demux([video, sound] if sound else [video]):
        if packet.pts is None or packet.time_base is None:
            continue
        end_s = max(end_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        sound_bytes += packet.size if sound is not None and packet.stream is sound else 0
    if end_s <= 0:
        raise FitImpossible("it has no length")
    return end_s, int(sound_bytes * 8 / end_s)


def _plans(film: _Source, limit_bytes: int, part: Path) -> Iterator[Encode]:
    """Yield attempts; the next is taken when the last result was too large."""
    total_bps = limit_bytes * 8 * _SAFETY / film.duration_s
    copies_sound = film.is_aac and film.sound_bps <= total_bps / 4
    sound_bps = film.sound_bps
    if film.sound_bps and not copies_sound:
        sound_bps = int(min(_MAX_SOUND_BPS, max(_MIN_SOUND_BPS, total_bps / 8)))
    # the rate-control buffer may be exceeded once, which matters in a short video
    buffer_s = min(1.0, film.duration_s / 5)
    share = film.duration_s / (film.duration_s + buffer_s)
    video_bps = (total_bps - sound_bps) * share
    height = _first_height(film, video_bps)
    while height >= min(film.height, _HEIGHTS[-1]) and video_bps >= _MIN_VIDEO_BPS:
        for _ in range(2):
            width = _even(film.width * height / film.height)
            yield Encode(
                width=width,
                height=_even(height),
                rotation=film.rotation,
                fps=film.fps,
                video_bps=int(video_bps),
                buffer_bits=max(1000, int(video_bps * buffer_s)),
                sound_bps=0 if copies_sound else sound_bps,
            )
            video_bps *= 0.85 * limit_bytes / part.stat().st_size
        height //= 2


def _first_height(film: _Source, video_bps: float) -> int:
    """The source height, or the largest common height that the bit rate supports."""
    pixels_wide_per_high = film.width / film.height
    for height in (film.height, *(step for step in _HEIGHTS if step < film.height)):
        pixels = height * height * pixels_wide_per_high
        if video_bps >= _BITS_PER_PIXEL * pixels * film.fps:
            return height
    return min(film.height, _HEIGHTS[-1])


def _even(side: float) -> int:
    """Round down to even: H.264 subsamples the colour planes by two."""
    return max(2, int(side) // 2 * 2)


def _check(part: Path, film: _Source) -> None:
    made = walk_video(part)
    if made.duration_s < film.duration_s - _LENGTH_TOLERANCE_S:
        raise FitImpossible("the film cannot be decoded to its end")
    if film.sound_bps and not made.has_audio:
        raise FitImpossible("the sound was lost")
