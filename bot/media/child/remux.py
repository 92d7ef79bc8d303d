"""Remux clips and sounds without metadata or extra tracks; runs in the media process only.

Phones write the location into clips, cameras add tracks of their own, players add covers and names.
One video and one audio track are copied losslessly into a new file, without any other track, tag,
chapter or attachment. Deterministic: the same file gives the same bytes.
"""

import mmap
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import av
from av import Packet
from av.bitstream import BitStreamFilterContext
from av.container import OutputContainer
from av.stream import Stream

from bot.media.child.clips import BROKEN, Clip, open_clip, read_clip, real_video
from bot.media.child.encode import sync_and_rename
from bot.media.child.rlimits import is_disk_full
from bot.media.file_names import rewritten_beside
from bot.media.media_info import Unusable
from bot.rules.media import MediaKind

_PIXELS: Final = {
    "h264": frozenset({"yuv420p", "yuvj420p"}),
    "hevc": frozenset({"yuv420p", "yuvj420p", "yuv420p10le"}),
}
_MP4_SOUND: Final = frozenset({"aac", "mp3"})
_MP3: Final = frozenset({"mp3", "mp3float"})
_PCM: Final = frozenset({"pcm_u8", "pcm_s16le", "pcm_s24le"})
_NOTES: Final = {"h264": frozenset({6}), "hevc": frozenset({39, 40})}
"""NAL types of SEI messages, in which cameras store place and time too."""
_EXACT: Final = {"fflags": "+bitexact"}
_OPTIONS: Final = {
    "mp4": _EXACT | {"movflags": "+faststart"},
    "mp3": _EXACT | {"id3v2_version": "0", "write_id3v1": "0"},
    "wav": _EXACT,
}
_LENGTH_TOLERANCE_S: Final = 0.3


def remux(path: Path, demuxer: str, clip: Clip) -> Path | None:
    """Write a clean copy of a clip or sound and return its path.

    None if its packets cannot be copied, so that it must be transcoded. Raises OSError if our own
    disk fails.
    """
    form = _target_format(clip)
    if not form:
        return None
    target = rewritten_beside(path, form)
    part = target.with_name(target.name + ".part")
    try:
        _copy(path, demuxer, part, form)
        made = read_clip(part, form, form)
        if abs(made.duration_s - clip.duration_s) > _LENGTH_TOLERANCE_S:
            return None
        sync_and_rename(part, target)
    except (*BROKEN, Unusable) as exc:
        if is_disk_full(exc):
            raise
        return None
    finally:
        part.unlink(missing_ok=True)
    return target


def _target_format(clip: Clip) -> str:
    """A container that the provider reads and that holds the packets unchanged."""
    if clip.kind is MediaKind.VIDEO:
        pictures, *sound = clip.codecs
        fits = clip.pixels in _PIXELS.get(pictures, ()) and _MP4_SOUND.issuperset(sound)
        return "mp4" if fits else ""
    if _MP3.issuperset(clip.codecs):
        return "mp3"
    return "wav" if _PCM.issuperset(clip.codecs) else ""


def _copy(path: Path, demuxer: str, part: Path, form: str) -> None:
    with (
        open_clip(path, demuxer) as reader,
        av.open(str(part), "w", format=form, options=dict(_OPTIONS[form])) as writer,
    ):
        video = real_video(reader)
        streams: list[Stream] = [*([video] if video else []), *reader.streams.audio[:1]]
        tracks = {stream.index: _Track(stream, writer) for stream in streams}
        for packet in reader.demux(streams):
            for made in tracks[packet.stream.index].take(packet):
                writer.mux(made)
        for track in tracks.values():
            for made in track.rest():
                writer.mux(made)
    if form == "mp4":
        _blank_user_data(part)


class _Track:
    """Copies the packets of one track without SEI messages."""

    def __init__(self, source: Stream, writer: OutputContainer) -> None:
        name = source.codec_context.name
        self._notes = _NOTES.get(name, frozenset())
        self._is_hevc = name == "hevc"
        self._length_bytes = _length_bytes(source, is_hevc=self._is_hevc) if self._notes else 0
        self._stream = writer.add_stream_from_template(source)
        # Annex B streams have start codes instead of lengths, which this filter handles
        has_marks = bool(self._notes) and not self._length_bytes
        types = "|".join(str(kind) for kind in sorted(self._notes))
        how = f"filter_units=remove_types={types}"
        self._filter = BitStreamFilterContext(how, source) if has_marks else None

    def take(self, packet: Packet) -> Iterator[Packet]:
        if packet.dts is None and packet.pts is None:
            return
        if self._length_bytes:
            yield self._handed_over(self._without_notes(packet))
        else:
            for made in self._filter.filter(packet) if self._filter else [packet]:
                yield self._handed_over(made)

    def rest(self) -> Iterator[Packet]:
        for made in self._filter.filter(None) if self._filter else []:
            yield self._handed_over(made)

    def _handed_over(self, packet: Packet) -> Packet:
        packet.stream = self._stream
        return packet

    def _without_notes(self, packet: Packet) -> Packet:
        """The packet, or a copy without its SEI units."""
        units, kept, at = bytes(packet), bytearray(), 0
        while at + self._length_bytes < len(units):
            body = at + self._length_bytes
            end = body + int.from_bytes(units[at:body], "big")
            kind = units[body] >> 1 & 63 if self._is_hevc else units[body] & 31
            if kind not in self._notes:
                kept += units[at:end]
            at = end
        if len(kept) == len(units):
            return packet
        made = Packet(bytes(kept))
        made.pts, made.dts, made.duration = packet.pts, packet.dts, packet.duration
        made.time_base, made.is_keyframe = packet.time_base, packet.is_keyframe
        return made


def _length_bytes(source: Stream, *, is_hevc: bool) -> int:
    """Size of a NAL unit's length prefix in bytes; 0 for Annex B start codes."""
    settings = source.codec_context.extradata or b""
    at = 21 if is_hevc else 4
    return (settings[at] & 3) + 1 if len(settings) > at and settings[0] == 1 else 0


def _blank_user_data(part: Path) -> None:
    """Replace the empty tag list that the muxer writes with a `free` box."""
    with part.open("r+b") as handle, mmap.mmap(handle.fileno(), 0) as file:
        for kind, start, end in _boxes(file, 0, len(file)):
            if kind != b"moov":
                continue
            for inner, at, stop in _boxes(file, start, end):
                if inner == b"udta":
                    file[at - 4 : stop] = b"free" + bytes(stop - at)


def _boxes(file: mmap.mmap, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start of the body and end of each box."""
    while start + 8 <= end:
        length, kind = struct.unpack_from(">I4s", file, start)
        body = start + 8
        if length == 1:
            (length,) = struct.unpack_from(">Q", file, body)
            body += 8
        if length < body - start:
            return
        yield bytes(kind), body, start + length
        start += length
