"""Concatenate videos by re-encoding them into one size and frame rate; media process only.

Timestamps are derived from counted frames and samples, not from the sources, so that each part
starts where the previous one ended and sound stays in sync.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
from av import AudioFrame, AudioResampler, VideoStream
from av.container import OutputContainer
from av.filter import Graph
from av.stream import Stream
from av.video.frame import PictureType

from bot.media.child.clips import open_film, real_video
from bot.media.child.encode import TURNS
from bot.media.errors import JoinImpossible

_QUALITY: Final = "20"
_PRESET: Final = "veryfast"
_THREADS: Final = "2"
_RATE: Final = 48_000
_LAYOUT: Final = "stereo"
_SOUND_BPS: Final = 128_000
_SILENCE: Final = 1024


@dataclass(frozen=True, slots=True)
class Shape:
    """Output format; width and height are even."""

    width: int
    height: int
    fps: Fraction
    has_sound: bool


def splice(sources: Sequence[Path], target: Path, shape: Shape) -> None:
    """Write one H.264 and AAC MP4 with faststart. Raises what PyAV raises."""
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as writer:
        pictures = _Pictures(writer, shape)
        sound = _Sound(writer) if shape.has_sound else None
        for source in sources:
            _add(source, pictures, sound)
        pictures.end()
        if sound is not None:
            sound.end()


def _add(source: Path, pictures: "_Pictures", sound: "_Sound | None") -> None:
    with open_film(source) as reader:
        video = real_video(reader)
        if video is None:
            raise JoinImpossible("one has no moving pictures")
        video.codec_context.thread_count = 2
        heard = reader.streams.audio[0] if sound and reader.streams.audio else None
        pictures.begin(video)
        streams: list[Stream] = [video, heard] if heard else [video]
        for packet in reader.demux(streams):
            if packet.stream is video:
                for frame in video.decode(packet):
                    pictures.take(frame)
            elif sound is not None and heard is not None:
                for heard_frame in heard.decode(packet):
                    sound.take(heard_frame)
        pictures.finish()
        if sound is not None:
            sound.finish(until_s=pictures.seconds)


class _Pictures:
    """Video stream with a constant frame rate."""

    def __init__(self, writer: OutputContainer, shape: Shape) -> None:
        self._writer = writer
        self._shape = shape
        self._stream = writer.add_stream(
            "libx264",
            rate=shape.fps,
            options={"preset": _PRESET, "crf": _QUALITY, "threads": _THREADS},
        )
        self._stream.width = shape.width
        self._stream.height = shape.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = 1 / shape.fps
        self._source: VideoStream | None = None
        self._graph: Graph | None = None
        self._count = 0

    @property
    def seconds(self) -> Fraction:
        """Duration encoded so far."""
        return self._count / self._shape.fps

    def begin(self, source: VideoStream) -> None:
        """Start a new source."""
        self._source, self._graph = source, None

    def take(self, frame: av.VideoFrame) -> None:
        """Encode a frame."""
        if self._graph is None and self._source is not None:
            # the rotation is known only from the first frame
            self._graph = _graph(self._source, frame.rotation % 360, self._shape)
        if self._graph is not None:
            self._graph.vpush(frame)
            self._encode(self._graph)

    def finish(self) -> None:
        """The source has ended."""
        if self._graph is None:
            raise JoinImpossible("one has no pictures")
        self._graph.vpush(None)
        self._encode(self._graph)

    def end(self) -> None:
        """Nothing comes any more."""
        for packet in self._stream.encode(None):
            self._writer.mux(packet)

    def _encode(self, graph: Graph) -> None:
        while True:
            try:
                frame = graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            # the source's frame types would force the encoder's
            frame.pict_type = PictureType.NONE
            frame.pts, frame.time_base = self._count, 1 / self._shape.fps
            self._count += 1
            for packet in self._stream.encode(frame):
                self._writer.mux(packet)


class _Sound:
    """Gapless audio stream, padded with silence to the duration of the video."""

    def __init__(self, writer: OutputContainer) -> None:
        self._writer = writer
        self._stream = writer.add_stream("aac", rate=_RATE)
        self._stream.bit_rate = _SOUND_BPS
        self._stream.layout = _LAYOUT
        self._resampler: AudioResampler | None = None
        self._waiting: list[AudioFrame] = []
        self._samples = 0

    def take(self, frame: AudioFrame) -> None:
        """Buffer a frame until the duration of the video is known."""
        if self._resampler is None:
            self._resampler = AudioResampler(format="fltp", layout=_LAYOUT, rate=_RATE)
        self._waiting.extend(self._resampler.resample(frame))

    def finish(self, *, until_s: Fraction) -> None:
        """End the source, whose video ends at this time of the output."""
        if self._resampler is not None:
            self._waiting.extend(self._resampler.resample(None))
        until = round(until_s * _RATE)
        for frame in self._waiting:
            # rounds to the nearest audio frame; counting samples keeps the error from adding up
            if self._samples + frame.samples // 2 <= until:
                self._encode(frame)
        while until - self._samples >= _SILENCE:
            self._encode(_silence())
        self._waiting, self._resampler = [], None

    def end(self) -> None:
        """Nothing comes any more."""
        for packet in self._stream.encode(None):
            self._writer.mux(packet)

    def _encode(self, frame: AudioFrame) -> None:
        frame.pts, frame.time_base = self._samples, Fraction(1, _RATE)
        self._samples += frame.samples
        for packet in self._stream.encode(frame):
            self._writer.mux(packet)


def _silence() -> AudioFrame:
    frame = AudioFrame(format="fltp", layout=_LAYOUT, samples=_SILENCE)
    frame.sample_rate = _RATE
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    return frame


def _graph(source: VideoStream, rotation: int, shape: Shape) -> Graph:
    """Filter graph: rotate, square pixels, letterbox, constant frame rate."""
    size = f"{shape.width}:{shape.height}"
    graph = Graph()
    nodes = [graph.add_buffer(template=source)]
    square = "trunc(iw*sar/2)*2:ih"
    nodes.append(graph.add("scale", square))
    nodes.append(graph.add("setsar", "1"))
    nodes.extend(graph.add(name, how) for name, how in TURNS.get(rotation, ()))
    fitted = f"{size}:force_original_aspect_ratio=decrease:force_divisible_by=2:flags=bicubic"
    nodes.append(graph.add("scale", fitted))
    nodes.append(graph.add("pad", f"{size}:(ow-iw)/2:(oh-ih)/2:black"))
    nodes.append(graph.add("setsar", "1"))
    nodes.append(graph.add("fps", f"fps={shape.fps}"))
    nodes.append(graph.add("format", "yuv420p"))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
