"""Decode a posted video and compare it with what was requested."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import av

TOLERANCE_S: Final = 0.2


@dataclass(frozen=True, slots=True)
class DecodedVideo:
    """Facts of a video; `frames` is the number of decoded frames."""

    codec: str
    width: int
    height: int
    seconds: float
    frames: int


def decode_video(path: Path) -> DecodedVideo:
    """Decode a whole video. Raises: av.FFmpegError, or ValueError without a video track."""
    with av.open(path, format="mp4") as container:
        if not container.streams.video:
            raise ValueError("it has no video track")
        stream = container.streams.video[0]
        if stream.duration is None or stream.time_base is None:
            raise ValueError("it does not say how long it is")
        seconds = float(stream.duration * stream.time_base)
        frames = sum(1 for _ in container.decode(stream))
        return DecodedVideo(stream.codec_context.name, stream.width, stream.height, seconds, frames)


def video_faults(decoded: DecodedVideo, *, seconds: int, size: tuple[int, int]) -> Iterator[str]:
    """Describe every difference from the request."""
    if decoded.codec != "h264":
        yield f"the video is {decoded.codec}, not H.264"
    if (decoded.width, decoded.height) != size:
        yield f"the video is {decoded.width}×{decoded.height}, not {size[0]}×{size[1]}"
    if abs(decoded.seconds - seconds) > TOLERANCE_S:
        yield f"the video is {decoded.seconds:.2f} s long, not {seconds} s"
    if not decoded.frames:
        yield "the video has no picture that can be decoded"
