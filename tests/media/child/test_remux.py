"""Clips and sounds: what goes out has pictures and sound, and nothing else."""

import shutil
import struct
from fractions import Fraction
from pathlib import Path

import av
import pytest

from bot.media.child.clips import plays
from bot.media.child.inspect import inspect_file
from bot.media.child.transcode import convert
from bot.media.media_info import MediaInfo
from bot.media.mp4_boxes import walk_video
from tests.media.films import film, sound, turn_clockwise

SECRET = "52.5200+013.4050 camera 4711"


def taken(path: Path) -> MediaInfo:
    """What goes out of a file, encoded anew where it has to be."""
    found = inspect_file(path)
    assert isinstance(found, MediaInfo), found
    if found.must_be_encoded:
        found = inspect_file(convert(path, found.kind))
        assert isinstance(found, MediaInfo)
    out = found.path.read_bytes()
    assert SECRET.encode() not in out
    assert b"udta" not in out
    with av.open(str(found.path)) as made:
        assert {stream.type for stream in made.streams} <= {"video", "audio"}
        assert len(made.streams) <= 2
        assert not made.chapters()
        assert set(made.metadata) <= {"major_brand", "minor_version", "compatible_brands"}
    return found


def tagged(source: Path, target: Path, form: str) -> Path:
    """The same film with a place, a name, a chapter and a track of text."""
    with av.open(str(source)) as reader, av.open(str(target), "w", format=form) as writer:
        writer.metadata.update({"title": SECRET, "comment": SECRET, "location": SECRET})
        streams = {stream.index: writer.add_stream_from_template(stream)
                   for stream in reader.streams}  # fmt: skip
        for stream in streams.values():
            stream.metadata["title"] = SECRET
        writer.set_chapters([{"id": 1, "start": 0, "end": 900, "time_base": Fraction(1, 1000),
                              "metadata": {"title": SECRET}}])  # fmt: skip
        for packet in reader.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                writer.mux(packet)
    return target


@pytest.mark.parametrize("form", ["mp4", "mov", "matroska"])
def test_location_name_and_chapters_of_a_clip_are_dropped(form: str, tmp_path: Path) -> None:
    path = tagged(film(tmp_path / "plain.mp4"), tmp_path / "0", form)
    assert SECRET.encode() in path.read_bytes()
    found = taken(path)
    assert (found.format, found.normalised, found.must_be_encoded) == ("mp4", True, False)
    assert (found.width, found.height) == (160, 90)


def test_video_and_audio_packets_are_copied(tmp_path: Path) -> None:
    path = film(tmp_path / "0")
    found = taken(path)
    with av.open(str(path)) as before, av.open(str(found.path)) as after:
        for kind in ("video", "audio"):
            old = [bytes(p) for p in before.demux(**{kind: 0}) if p.size]
            new = [bytes(p) for p in after.demux(**{kind: 0}) if p.size]
            assert len(new) == len(old)
            # the first holds the encoder's notes
            assert new[1:] == old[1:]
            before.seek(0)
            after.seek(0)


def test_a_rotated_clip_keeps_its_rotation(tmp_path: Path) -> None:
    found = taken(turn_clockwise(film(tmp_path / "0")))
    assert (found.width, found.height) == (90, 160)
    with av.open(str(found.path)) as made:
        assert next(made.decode(video=0)).rotation % 360 == 270


def test_sei_messages_of_a_camera_are_dropped(tmp_path: Path) -> None:
    path = film(tmp_path / "0")
    assert b"x264 - core" in path.read_bytes()
    assert b"x264 - core" not in taken(path).path.read_bytes()


@pytest.mark.parametrize("kind", [b"uuid", b"meta", b"udta", b"skip", b"XMP_"])
def test_boxes_behind_a_clips_end_stay_here(kind: bytes, tmp_path: Path) -> None:
    path = film(tmp_path / "0")
    hidden = SECRET.encode() * 9
    with path.open("ab") as file:
        file.write(struct.pack(">I4s", 8 + len(hidden), kind) + hidden)
    taken(path)


def test_the_same_clip_gives_the_same_bytes(tmp_path: Path) -> None:
    path = film(tmp_path / "0")
    (tmp_path / "b").mkdir()
    other = Path(shutil.copy(path, tmp_path / "b" / "0"))
    assert taken(path).sha256 == taken(other).sha256


@pytest.mark.parametrize(
    ("container", "codec"),
    [
        ("webm", "libvpx-vp9"), ("avi", "mpeg4"), ("asf", "wmv2"),
        ("mp4", "libx265"), ("mp4", "mpeg4"), ("3gp", "h263"),
    ],
)  # fmt: skip
def test_every_usual_clip_ends_as_h264_or_hevc_in_mp4(
    container: str, codec: str, tmp_path: Path
) -> None:
    width, height = (176, 144) if codec == "h263" else (160, 90)
    path = film(
        tmp_path / "0", container=container, codec=codec, seconds=2,
        sound=container not in {"3gp", "asf", "avi"}, width=width, height=height,
    )  # fmt: skip
    found = taken(path)
    assert found.format == "mp4"
    assert found.duration_s == pytest.approx(2, abs=0.2)
    with av.open(str(found.path)) as made:
        assert made.streams.video[0].codec_context.name in {"h264", "hevc"}


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("mp3", "libmp3lame", "mp3"), ("wav", "pcm_s16le", "wav"), ("ogg", "libopus", "mp3"),
        ("flac", "flac", "mp3"), ("ipod", "aac", "mp3"), ("adts", "aac", "mp3"),
        ("aiff", "pcm_s16be", "mp3"), ("au", "pcm_s16be", "mp3"), ("caf", "alac", "mp3"),
        ("matroska", "libopus", "mp3"), ("webm", "libopus", "mp3"),
        ("wav", "pcm_mulaw", "mp3"),
    ],
)  # fmt: skip
def test_every_usual_sound_ends_as_mp3_or_wav(
    container: str, codec: str, form: str, tmp_path: Path
) -> None:
    found = taken(sound(tmp_path / "0", container=container, codec=codec, seconds=2))
    assert found.format == form
    assert found.duration_s == pytest.approx(2, abs=0.1)


def test_tags_of_a_sound_are_dropped(tmp_path: Path) -> None:
    for form, codec in (("mp3", "libmp3lame"), ("wav", "pcm_s16le")):
        path = tmp_path / form
        with av.open(str(path), "w", format=form) as writer:
            writer.metadata.update({"title": SECRET, "comment": SECRET})
            stream = writer.add_stream(codec, rate=48_000)
            assert isinstance(stream, av.AudioStream)
            frame = av.AudioFrame(format=stream.codec_context.format.name, layout="stereo",
                                  samples=1152)  # fmt: skip
            frame.sample_rate = 48_000
            for plane in frame.planes:
                plane.update(bytes(plane.buffer_size))
            for _ in range(40):
                frame.pts = None
                writer.mux(stream.encode(frame))
            writer.mux(stream.encode(None))
        assert SECRET.encode() in path.read_bytes()
        assert taken(path).format == form


def test_trailing_bytes_do_not_make_a_result_incomplete(tmp_path: Path) -> None:
    path = film(tmp_path / "0")
    whole = path.read_bytes()
    for tail in (bytes(4), b"tail", b"\0\0\0\x40junk", bytes(40), b"x" * 100):
        path.write_bytes(whole + tail)
        assert walk_video(path).is_common


@pytest.mark.parametrize(
    ("container", "codec"), [("mov", "libx264"), ("webm", "libvpx-vp9"), ("mp4", "libsvtav1")]
)
def test_a_result_plays_in_whatever_container_it_is(
    container: str, codec: str, tmp_path: Path
) -> None:
    path = film(tmp_path / "0", container=container, codec=codec)
    assert plays(path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 3])
    assert not plays(path)


def test_only_widely_playable_videos_are_common(tmp_path: Path) -> None:
    assert walk_video(film(tmp_path / "a")).is_common
    assert not walk_video(film(tmp_path / "b", codec="libx265")).is_common
    assert not walk_video(film(tmp_path / "c", codec="libsvtav1")).is_common
    assert not walk_video(ten_bits(tmp_path / "d")).is_common


def ten_bits(path: Path) -> Path:
    with av.open(str(path), "w", format="mp4") as writer:
        stream = writer.add_stream("libx264", rate=12)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p10le"
        for _ in range(12):
            writer.mux(stream.encode(av.VideoFrame(160, 90, "yuv420p10le")))
        writer.mux(stream.encode(None))
    return path
