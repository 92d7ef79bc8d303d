"""Small films, sounds and pictures for tests, made on the spot."""

import struct
import zlib
from fractions import Fraction
from functools import cache
from io import BytesIO
from pathlib import Path
from random import Random
from typing import Literal

import av
from PIL import Image

FileType = Literal["noise", "halves"]


def film(
    path: Path,
    *,
    width: int = 160,
    height: int = 90,
    fps: int = 12,
    seconds: float = 1,
    sound: bool = True,
    look: FileType = "halves",
    container: str = "mp4",
    codec: str = "libx264",
    index_in_front: bool = True,
) -> Path:
    """Noise is the hard case for an encoder; halves are red on the left and blue on the right."""
    options = {"movflags": "+faststart"} if container == "mp4" and index_in_front else {}
    quality = {"preset": "ultrafast", "crf": "18"} if codec == "libx264" else {}
    with av.open(str(path), "w", format=container, options=options) as writer:
        video = writer.add_stream(codec, rate=fps, options=quality)
        assert isinstance(video, av.VideoStream)
        video.width, video.height, video.pix_fmt = width, height, "yuv420p"
        audio = None
        if sound:
            audio = writer.add_stream("libopus" if container == "webm" else "aac", rate=48_000)
            assert isinstance(audio, av.AudioStream)
            audio.layout = "stereo"
        for count in range(round(fps * seconds)):
            picture = _picture(look, width, height, count)
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            writer.mux(video.encode(frame))
        writer.mux(video.encode(None))
        if audio is not None:
            _sound(writer, audio, seconds)
    return path


@cache
def _picture(look: FileType, width: int, height: int, count: int) -> Image.Image:
    if look == "noise":
        grain = Random(count).randbytes(width * height)
        return Image.frombytes("L", (width, height), grain).convert("RGB")
    image = Image.new("RGB", (width, height), (255, 0, 0))
    image.paste((0, 0, 255), (width // 2, 0, width, height))
    return image


def _sound(writer: av.container.OutputContainer, stream: av.AudioStream, seconds: float) -> None:
    # silence: what counts here is that there is a track, and how long it is
    form = stream.codec_context.format.name
    size = 960
    for at in range(0, round(48_000 * seconds), size):
        frame = av.AudioFrame(format=form, layout=stream.layout.name, samples=size)
        frame.sample_rate, frame.pts, frame.time_base = 48_000, at, Fraction(1, 48_000)
        for plane in frame.planes:
            plane.update(bytes(plane.buffer_size))
        writer.mux(stream.encode(frame))
    writer.mux(stream.encode(None))


def sound(path: Path, *, container: str, codec: str, seconds: float = 1) -> Path:
    with av.open(str(path), "w", format=container) as writer:
        stream = writer.add_stream(codec, rate=48_000)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "stereo"
        _sound(writer, stream, seconds)
    return path


def turn_clockwise(path: Path) -> Path:
    """Writes a quarter turn into the display matrix of the first track, as telephones do."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
    path.write_bytes(data)
    return path


def picture(
    form: str, *, mode: str = "RGB", size: tuple[int, int] = (64, 48), **more: object
) -> bytes:
    target = BytesIO()
    Image.new(mode, size, 0).save(target, form, **more)
    return target.getvalue()


def png_chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width: int, height: int, *extra: bytes, pixels: bytes = b"") -> bytes:
    """A grey PNG put together by hand; its header may promise more than its pixels hold."""
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + b"".join(extra)
        + png_chunk(b"IDAT", zlib.compress(pixels))
        + png_chunk(b"IEND", b"")
    )
