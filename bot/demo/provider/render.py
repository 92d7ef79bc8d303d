"""Render an H.264 MP4 from pictures or a prompt: `… -m bot.demo.provider.render < job.json`.

Runs in a process of its own, to keep the encoder's CPU and memory use out of the bot.
"""

import array
import math
import os
import sys
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av.container import OutputContainer
from av.video.stream import VideoStream
from pydantic import BaseModel, ConfigDict, Field

from bot.demo.provider.camera import load_pictures, shots, title_card
from bot.demo.provider.shapes import frame_size

SAMPLE_RATE: Final = 48_000
SAMPLES_PER_FRAME: Final = 1024
TONE_HZ: Final = 220
NICENESS: Final = 10


class RenderJob(BaseModel):
    """One video to render. `pictures` are local files, in display order.

    `is_pair`: two pictures are first and last frame. `short_side` in pixels overrides the
    resolution. `tone` adds a quiet AAC track.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    prompt: str
    seconds: int = Field(ge=1, le=60)
    resolution: str = "720p"
    ratio: str = "16:9"
    pictures: tuple[Path, ...] = ()
    is_pair: bool = False
    short_side: int = Field(default=0, ge=0, le=2160)
    fps: int = Field(default=24, ge=1, le=60)
    tone: bool = True


class Order(BaseModel):
    """Input of the child process: the job and the target path."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    job: RenderJob
    target: Path


def render(job: RenderJob, target: Path) -> None:
    """Write the video: yuv420p, faststart, exactly `seconds` long."""
    pictures = load_pictures(job.pictures, limit=(3840, 3840))
    shape = pictures[0].size if pictures else None
    size = frame_size(job.resolution, job.ratio, picture=shape, short_side=job.short_side)
    frames = shots(
        pictures or [title_card(job.prompt, size)],
        size=size,
        frames=job.seconds * job.fps,
        is_pair=job.is_pair,
    )
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = _video_stream(container, size, job.fps)
        sound = _Sound(container, job.seconds) if job.tone else None
        for number, picture in enumerate(frames):
            frame: av.VideoFrame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            frame = frame.reformat(format="yuv420p")
            frame.pts = number
            container.mux(video.encode(frame))
            if sound:
                sound.play_to((number + 1) / job.fps)
        container.mux(video.encode(None))
        if sound:
            sound.finish()


def _video_stream(container: OutputContainer, size: tuple[int, int], fps: int) -> VideoStream:
    stream = container.add_stream("libx264", rate=fps)
    stream.width, stream.height = size
    stream.pix_fmt = "yuv420p"
    stream.codec_context.time_base = Fraction(1, fps)
    stream.codec_context.gop_size = fps
    stream.options = {"preset": "ultrafast", "crf": "26", "tune": "zerolatency"}
    return stream


class _Sound:
    """The tone, interleaved with the frames so that neither piles up in the muxer."""

    def __init__(self, container: OutputContainer, seconds: int) -> None:
        self._container = container
        self._stream = container.add_stream("aac", rate=SAMPLE_RATE)
        self._stream.layout = "mono"
        self._stream.bit_rate = 64_000
        self._frames = _tone(seconds)
        self._played_s = 0.0

    def play_to(self, moment_s: float) -> None:
        """Write sound up to this time of the video."""
        while self._played_s < moment_s and (frame := next(self._frames, None)):
            self._container.mux(self._stream.encode(frame))
            self._played_s += frame.samples / SAMPLE_RATE

    def finish(self) -> None:
        """Write the remaining sound and flush."""
        self.play_to(math.inf)
        self._container.mux(self._stream.encode(None))


def _tone(seconds: int) -> Iterator[av.AudioFrame]:
    """A quiet tone with a whole number of periods per second, so that it loops seamlessly."""
    second = array.array(
        "f",
        (0.05 * math.sin(2 * math.pi * TONE_HZ * n / SAMPLE_RATE) for n in range(SAMPLE_RATE)),
    )
    looped = second + second[:SAMPLES_PER_FRAME]
    for start in range(0, seconds * SAMPLE_RATE, SAMPLES_PER_FRAME):
        count = min(SAMPLES_PER_FRAME, seconds * SAMPLE_RATE - start)
        frame = av.AudioFrame(format="fltp", layout="mono", samples=count)
        offset = start % SAMPLE_RATE
        plane = frame.planes[0]
        samples = looped[offset : offset + count].tobytes()
        # FFmpeg pads planes for alignment
        plane.update(samples + bytes(plane.buffer_size - len(samples)))
        frame.sample_rate = SAMPLE_RATE
        frame.time_base = Fraction(1, SAMPLE_RATE)
        frame.pts = start
        yield frame


def pad_video(source: Path, target: Path, size_bytes: int) -> None:
    """Copy a video, padded to exactly `size_bytes` for players to ignore.

    The padding is a final MP4 `free` box. Raises: ValueError if it does not fit.
    """
    content = source.read_bytes()
    room = size_bytes - len(content)
    if not 8 <= room < 2**32:
        raise ValueError(f"{len(content)} bytes can't be padded to {size_bytes}")
    with target.open("wb") as file:
        file.write(content + room.to_bytes(4, "big") + b"free")
        file.truncate(size_bytes)


def main() -> None:
    """Read one order from stdin and render it; the exit code reports failure."""
    os.nice(NICENESS)
    order = Order.model_validate_json(sys.stdin.buffer.read())
    part = order.target.with_suffix(".part")
    render(order.job, part)
    part.replace(order.target)


if __name__ == "__main__":
    main()
