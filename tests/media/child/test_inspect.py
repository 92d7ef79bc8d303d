import errno
import hashlib
import struct
import zlib
from pathlib import Path

import av
import pytest
from PIL import ExifTags, Image

from bot.media.child.inspect import inspect_file
from bot.media.media_info import FaultReason, MediaFault, MediaInfo
from bot.rules.media import MediaKind
from tests.media.films import film, picture, png, png_chunk, sound, turn_clockwise

NOT_MEDIA, UNREADABLE = FaultReason.NOT_MEDIA, FaultReason.UNREADABLE
UNSUPPORTED = FaultReason.UNSUPPORTED


def inspect(folder: Path, data: bytes, name: str = "file.png") -> MediaInfo | MediaFault:
    path = folder / name
    path.write_bytes(data)
    return inspect_file(path)


def facts(folder: Path, data: bytes, name: str = "file.png") -> MediaInfo:
    found = inspect(folder, data, name)
    assert isinstance(found, MediaInfo), found
    assert found.size_bytes == found.path.stat().st_size
    assert found.sha256 == hashlib.sha256(found.path.read_bytes()).hexdigest()
    assert found.normalised is (found.path != folder / name)
    assert not list(folder.glob("*.part"))
    return found


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_clean_picture_is_kept_byte_for_byte(form: str, tmp_path: Path) -> None:
    found = facts(tmp_path, picture(form), "a.txt")
    assert (found.kind, found.format) == (MediaKind.IMAGE, form.lower())
    assert (found.width, found.height, found.duration_s) == (64, 48, None)
    assert not found.normalised


@pytest.mark.parametrize(
    ("form", "mode", "expected"),
    [
        ("BMP", "RGB", "jpeg"), ("TIFF", "RGB", "jpeg"), ("TIFF", "CMYK", "jpeg"),
        ("TIFF", "RGBA", "png"), ("ICO", "RGBA", "png"), ("JPEG2000", "RGB", "jpeg"),
        ("AVIF", "RGB", "jpeg"), ("TIFF", "F", "jpeg"), ("TIFF", "1", "jpeg"),
        ("JPEG", "CMYK", "jpeg"), ("PNG", "I;16", "png"), ("QOI", "RGB", "jpeg"),
        ("GIF", "L", "png"),
    ],
)  # fmt: skip
def test_an_unusual_picture_is_rewritten_beside_the_original(
    form: str, mode: str, expected: str, tmp_path: Path
) -> None:
    original = picture(form, mode=mode, size=(64, 64))
    found = facts(tmp_path, original)
    assert (found.normalised, found.format) == (True, expected)
    assert (tmp_path / "file.png").read_bytes() == original
    with Image.open(found.path) as image:
        assert (image.format or "").lower() == expected
        assert image.size == (found.width, found.height) == (64, 64)


def test_sixteen_bits_of_grey_keep_their_shades(tmp_path: Path) -> None:
    path = tmp_path / "grey.png"
    Image.new("I;16", (8, 8), 0x8000).save(path)
    found = inspect_file(path)
    assert isinstance(found, MediaInfo)
    with Image.open(found.path) as image:
        assert image.getpixel((0, 0)) == 0x80


def _exif(**tags: object) -> Image.Exif:
    exif = Image.Exif()
    if "orientation" in tags:
        exif[ExifTags.Base.Orientation] = tags["orientation"]
    if "gps" in tags:
        # Pillow writes no EXIF into a PNG that has nothing but a place
        exif[ExifTags.Base.Make] = "camera"
        exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitude] = (52.0, 31.0, 0.0)
    return exif


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_rotated_picture_is_set_upright(form: str, tmp_path: Path) -> None:
    found = facts(tmp_path, picture(form, exif=_exif(orientation=6)))
    assert (found.width, found.height, found.normalised) == (48, 64, True)
    with Image.open(found.path) as image:
        assert image.getexif().get(ExifTags.Base.Orientation) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_location_of_a_picture_is_dropped(form: str, tmp_path: Path) -> None:
    found = facts(tmp_path, picture(form, exif=_exif(gps=True)))
    assert found.normalised
    assert found.format == form.lower()
    with Image.open(found.path) as image:
        assert not image.getexif().get_ifd(ExifTags.IFD.GPSInfo)


def test_a_location_in_xmp_is_dropped_too(tmp_path: Path) -> None:
    packet = (
        b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><exif:GPSLatitude>52</exif:GPSLatitude></x:xmpmeta>"
    )
    found = facts(tmp_path, picture("JPEG", xmp=packet))
    assert found.normalised
    assert b"GPSLatitude" not in found.path.read_bytes()


def test_exif_is_dropped_and_pixels_are_unchanged(tmp_path: Path) -> None:
    found = facts(tmp_path, picture("JPEG", exif=_exif(orientation=1)))
    assert found.normalised
    assert found.path.read_bytes() == picture("JPEG")


def test_broken_exif_does_not_cost_the_picture(tmp_path: Path) -> None:
    data = picture("JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\x09" + b"\xff" * 40)
    assert facts(tmp_path, data).width == 64


def test_transparency_is_preserved(tmp_path: Path) -> None:
    found = facts(tmp_path, picture("TIFF", mode="RGBA"))
    with Image.open(found.path) as image:
        assert image.mode == "RGBA"
        assert image.getpixel((0, 0)) == (0, 0, 0, 0)


def test_an_animated_gif_is_a_picture(tmp_path: Path) -> None:
    frames = [Image.new("L", (32, 32), shade) for shade in (0, 90, 180)]
    data = picture("GIF", mode="L", size=(32, 32), save_all=True, append_images=frames)
    assert facts(tmp_path, data).kind is MediaKind.IMAGE


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF", "BMP"])
def test_a_truncated_picture_is_unreadable(form: str, tmp_path: Path) -> None:
    # noise, so that half of the file is half of the picture
    noise = Image.effect_noise((96, 96), 80)
    path = tmp_path / "whole"
    noise.save(path, form)
    data = path.read_bytes()
    found = inspect(tmp_path, data[: len(data) // 2])
    assert found == MediaFault(UNREADABLE, form.lower())


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"", MediaFault(NOT_MEDIA, "")),
        (b"just text", MediaFault(NOT_MEDIA, "text")),
        (b"<!doctype html><p>hi", MediaFault(NOT_MEDIA, "html")),
        (b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", MediaFault(NOT_MEDIA, "text")),
        (b"ffconcat version 1.0\nfile /etc/passwd\n", MediaFault(NOT_MEDIA, "text")),
        (b"%PDF-1.7\n", MediaFault(NOT_MEDIA, "pdf")),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", MediaFault(UNSUPPORTED, "svg")),
        (b"\0\0\0\x20ftypheic" + bytes(50), MediaFault(UNREADABLE, "heic")),
        (b"\x89PNG\r\n\x1a\n", MediaFault(UNREADABLE, "png")),
        (b"\xff\xd8\xff\xe0garbage", MediaFault(UNREADABLE, "jpeg")),
        (b"\0\0\0\x10ftypisom\0\0\0\0" + bytes(99), MediaFault(UNREADABLE, "mp4")),
        (b"ID3\x04\0\0\0\0\0\0nothing", MediaFault(UNREADABLE, "mp3")),
        (b"OggS" + bytes(60), MediaFault(UNREADABLE, "ogg")),
        (b"fLaC" + bytes(60), MediaFault(UNREADABLE, "flac")),
        (b"\x1aE\xdf\xa3" + bytes(60), MediaFault(UNREADABLE, "mkv")),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_a_fault(
    data: bytes, fault: MediaFault, tmp_path: Path
) -> None:
    assert inspect(tmp_path, data) == fault


def test_a_picture_of_four_hundred_million_pixels_is_a_bomb(tmp_path: Path) -> None:
    fault = MediaFault(FaultReason.BOMB, "png", pixels=400_000_000, max_pixels=200_000_000)
    assert inspect(tmp_path, png(20_000, 20_000)) == fault


def test_a_picture_with_a_text_decompression_bomb_is_harmless(tmp_path: Path) -> None:
    packed = png_chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(100_000_000), 9))
    found = inspect(tmp_path, png(2, 2, packed, pixels=bytes(6)))
    assert isinstance(found, MediaInfo) or found.reason is UNREADABLE


def test_more_packed_pixels_than_the_header_promises_are_not_unpacked(tmp_path: Path) -> None:
    found = inspect(tmp_path, png(2, 2, pixels=bytes(50_000_000)))
    assert isinstance(found, MediaInfo | MediaFault)


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("mp4", "libx264", "mp4"), ("mov", "libx264", "mp4"), ("webm", "libvpx-vp9", "webm"),
        ("matroska", "libx264", "mp4"), ("avi", "mpeg4", "avi"),
    ],
)  # fmt: skip
def test_a_clip_is_identified_by_its_bytes(
    container: str, codec: str, form: str, tmp_path: Path
) -> None:
    path = film(tmp_path / "a.png", container=container, codec=codec, seconds=2)
    found = inspect_file(path)
    assert isinstance(found, MediaInfo), found
    assert (found.kind, found.format) == (MediaKind.VIDEO, form)
    assert (found.width, found.height) == (160, 90)
    # AVI has no times of its own: a frame more or less is all the same to it
    assert found.duration_s == pytest.approx(2, abs=0.1 if form == "avi" else 0.05)
    assert found.normalised is (form == "mp4")
    assert found.must_be_encoded is not found.normalised


def test_a_rotated_clip_reports_its_displayed_height(tmp_path: Path) -> None:
    found = inspect_file(turn_clockwise(film(tmp_path / "a.mp4")))
    assert isinstance(found, MediaInfo)
    assert (found.width, found.height) == (90, 160)


@pytest.mark.parametrize(
    ("container", "codec", "form"),
    [
        ("mp3", "libmp3lame", "mp3"), ("wav", "pcm_s16le", "wav"), ("ogg", "libopus", "ogg"),
        ("flac", "flac", "flac"), ("ipod", "aac", "m4a"), ("mp4", "aac", "m4a"),
        ("adts", "aac", "aac"),
    ],
)  # fmt: skip
def test_a_sound_is_identified_by_its_bytes(
    container: str, codec: str, form: str, tmp_path: Path
) -> None:
    found = inspect_file(sound(tmp_path / "a.mp4", container=container, codec=codec, seconds=3))
    assert isinstance(found, MediaInfo), found
    assert (found.kind, found.format) == (MediaKind.AUDIO, form)
    assert (found.width, found.height) == (None, None)
    assert found.duration_s == pytest.approx(3, abs=0.1)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.7])
def test_a_truncated_clip_is_unreadable_even_with_a_complete_index(
    share: float, tmp_path: Path
) -> None:
    whole = film(tmp_path / "whole", seconds=4, look="noise").read_bytes()
    found = inspect(tmp_path, whole[: int(len(whole) * share)])
    assert found == MediaFault(UNREADABLE, "mp4")


def test_a_clip_with_gigantic_frames_is_a_bomb(tmp_path: Path) -> None:
    # raw video has no header of its own: the container's sides count
    path = film(tmp_path / "a.avi", container="avi", codec="rawvideo", sound=False)
    data = bytearray(path.read_bytes())
    at = data.index(b"strf") + 8
    struct.pack_into("<ii", data, at + 4, 30_000, 30_000)
    found = inspect(tmp_path, bytes(data))
    assert isinstance(found, MediaFault)
    assert found.reason in {FaultReason.BOMB, UNREADABLE}


def test_a_missing_file_is_not_a_media_fault(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        inspect_file(tmp_path / "gone")


def test_an_io_error_of_the_decoder_is_blamed_on_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # seen with damaged headers; taken for our disk's, it would be tried again forever
    def broken(*_: object) -> None:
        raise av.FFmpegError(errno.EIO, "Input/output error")

    path = film(tmp_path / "a.mp4")
    monkeypatch.setattr("bot.media.child.clips.open_clip", broken)
    assert inspect_file(path) == MediaFault(UNREADABLE, "mp4")
