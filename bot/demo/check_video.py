"""Looks at a posted video as a viewer's player would."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

TOLERANCE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class Film:
    """What a video file is; `frames` were really decoded."""

    codec: str
    width: int
    height: int
    seconds: float
    frames: int


def look_at(path: Path) -> Film:
    """Decode a whole video. Raises: av.FFmpegError, or ValueError where there is no picture."""
    with av.open(path, format="mp4") as container:
        if not container.streams.video:
            raise ValueError("it has no video track")
        stream = container.streams.video[0]
        if stream.duration is None or stream.time_base is None:
            raise ValueError("it does not say how long it is")
        seconds = float(stream.duration * stream.time_base)
        frames = sum(1 for _ in container.decode(stream))
        return Film(stream.codec_context.name, stream.width, stream.height, seconds, frames)


def faults_of_film(film: Film, *, seconds: int, size: tuple[int, int]) -> Iterator[str]:
    """What is not as it was asked for, in words."""
    if film.codec != "h264":
        yield f"the video is {film.codec}, not H.264"
    if (film.width, film.height) != size:
        yield f"the video is {film.width}×{film.height}, not {size[0]}×{size[1]}"
    if abs(film.seconds - seconds) > TOLERANCE_S:
        yield f"the video is {film.seconds:.2f} s long, not {seconds} s"
    if not film.frames:
        yield "the video has no picture that can be decoded"
