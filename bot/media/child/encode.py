"""One decode-and-encode pass; runs in the media process only."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final, Protocol

import av
from av import AudioFrame, AudioResampler, AudioStream, Packet, VideoStream
from av.container import OutputContainer
from av.filter import Graph
from av.stream import Stream
from av.video.frame import PictureType

from bot.media.child.clips import BROKEN, open_film, real_video
from bot.media.child.rlimits import is_disk_full
from bot.media.errors import FitImpossible, MediaError, NotAVideo

_QUALITY: Final = "23"
_PRESET: Final = "veryfast"
_THREADS: Final = "2"
_STEREO_FROM_BPS: Final = 48_000
_CLOCK: Final = Fraction(1, 90_000)
TURNS: Final = {
    90: (("transpose", "cclock"),),
    180: (("hflip", None), ("vflip", None)),
    270: (("transpose", "clock"),),
}
"""Filters that undo a rotation in degrees counter-clockwise."""
_AAC_RATES: Final = frozenset({16_000, 22_050, 24_000, 32_000, 44_100, 48_000})


@dataclass(frozen=True, slots=True)
class Encode:
    """Parameters of one encode; even width and height, rates in bit/s.

    `rotation` is the source's display rotation in degrees counter-clockwise. `sound_bps` 0 copies
    the sound.
    """

    width: int
    height: int
    rotation: int
    fps: Fraction
    video_bps: int
    buffer_bits: int
    sound_bps: int


@contextmanager
def encoding_errors(error: type[MediaError], part: Path) -> Iterator[None]:
    """Translate what a decoder or encoder raises into `error`; `part` is removed at the end.

    Errors of our own disk pass through with their `errno`.
    """
    try:
        yield
    except MemoryError as exc:
        raise error("it takes too much memory") from exc
    except (*BROKEN, NotAVideo) as exc:
        if is_disk_full(exc):
            raise
        raise error("it cannot be decoded or encoded") from exc
    finally:
        part.unlink(missing_ok=True)


def sync_and_rename(part: Path, target: Path) -> None:
    """Flush a finished file to disk and give it its name."""
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    part.replace(target)


class _Track(Protocol):
    """Transforms packets of one source stream into packets of one target stream."""

    def take(self, packet: Packet) -> Iterable[Packet]: ...
    def rest(self) -> Iterable[Packet]: ...


def encode(source: Path, target: Path, plan: Encode) -> None:
    """Write one H.264 and AAC MP4 with faststart. Raises what PyAV raises."""
    with (
        open_film(source) as reader,
        av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as writer,
    ):
        video = real_video(reader)
        if video is None:
            raise FitImpossible("it has no moving pictures")
        video.codec_context.thread_count = 2
        tracks: dict[int, _Track] = {video.index: _Pictures(video, writer, plan)}
        streams: list[Stream] = [video]
        if reader.streams.audio:
            sound = reader.streams.audio[0]
            streams.append(sound)
            tracks[sound.index] = (
                _NewSound(sound, writer, plan.sound_bps)
                if plan.sound_bps
                else _SameSound(sound, writer)
            )
        for packet in reader.demux(streams):
            for made in tracks[packet.stream.index].take(packet):
                writer.mux(made)
        for track in tracks.values():
            for made in track.rest():
                writer.mux(made)


class _Pictures:
    """Decodes, rotates, scales and encodes frames, keeping their timestamps."""

    def __init__(self, source: VideoStream, writer: OutputContainer, plan: Encode) -> None:
        self._source = source
        self._stream = writer.add_stream(
            "libx264",
            rate=plan.fps,
            options={
                "preset": _PRESET,
                "crf": _QUALITY,
                "maxrate": str(plan.video_bps),
                "bufsize": str(plan.buffer_bits),
                "threads": _THREADS,
            },
        )
        self._stream.width = plan.width
        self._stream.height = plan.height
        self._stream.pix_fmt = "yuv420p"
        self._stream.codec_context.time_base = _CLOCK
        self._graph = _graph(source, plan)

    def take(self, packet: Packet) -> Iterator[Packet]:
        for frame in self._source.decode(packet):
            self._graph.vpush(frame)
            yield from self._encoded()

    def rest(self) -> Iterator[Packet]:
        self._graph.vpush(None)
        yield from self._encoded()
        yield from self._stream.encode(None)

    def _encoded(self) -> Iterator[Packet]:
        while True:
            try:
                frame = self._graph.vpull()
            except (av.BlockingIOError, av.EOFError):
                return
            # the source's frame types would force the encoder's
            frame.pict_type = PictureType.NONE
            yield from self._stream.encode(frame)


class _SameSound:
    """Copies packets."""

    def __init__(self, source: AudioStream, writer: OutputContainer) -> None:
        self._stream = writer.add_stream_from_template(source)

    def take(self, packet: Packet) -> Iterable[Packet]:
        if packet.dts is None:
            return ()
        packet.stream = self._stream
        return (packet,)

    def rest(self) -> Iterable[Packet]:
        return ()


class _NewSound:
    """Re-encodes to AAC, in mono at low bit rates."""

    def __init__(self, source: AudioStream, writer: OutputContainer, bps: int) -> None:
        rate = source.rate if source.rate in _AAC_RATES else 48_000
        layout = "mono" if source.channels == 1 or bps < _STEREO_FROM_BPS else "stereo"
        self._source = source
        self._stream = writer.add_stream("aac", rate=rate)
        self._stream.bit_rate = bps
        self._stream.layout = layout
        self._resampler = AudioResampler(format="fltp", layout=layout, rate=rate)

    def take(self, packet: Packet) -> Iterator[Packet]:
        for frame in self._source.decode(packet):
            yield from self._encoded(frame)

    def rest(self) -> Iterator[Packet]:
        yield from self._encoded(None)
        yield from self._stream.encode(None)

    def _encoded(self, frame: AudioFrame | None) -> Iterator[Packet]:
        for ready in self._resampler.resample(frame):
            yield from self._stream.encode(ready)


def _graph(source: VideoStream, plan: Encode) -> Graph:
    graph = Graph()
    nodes = [graph.add_buffer(template=source)]
    nodes.extend(graph.add(name, how) for name, how in TURNS.get(plan.rotation, ()))
    nodes.append(graph.add("scale", f"{plan.width}:{plan.height}:flags=bicubic"))
    nodes.append(graph.add("setsar", "1"))
    nodes.append(graph.add("format", "yuv420p"))
    nodes.append(graph.add("buffersink"))
    graph.link_nodes(*nodes).configure()
    return graph
