import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.media.child.sniff import HEAD_BYTES, identify


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"\xff\xd8\xff\xe0", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBPVP8 ", "webp"), (b"RIFF\0\0\0\0WAVEfmt ", "wav"),
        (b"RIFF\0\0\0\0AVI LIST", "avi"), (b"\0\0\0\x20ftypisom", "mp4"),
        (b"\0\0\0\x14ftypqt  ", "mov"), (b"\0\0\0\x08wide", "mov"), (b"\0\0\0\x20ftypM4A ", "m4a"),
        (b"\0\0\0\x20ftypheic", "heic"), (b"\0\0\0\x20ftypavif", "avif"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x84webm", "webm"),
        (b"\x1aE\xdf\xa3\x9fB\x86\x81\x01B\x82\x88matroska", "mkv"),
        (b"ID3\x04", "mp3"), (b"\xff\xfb\x90\x00", "mp3"), (b"\xff\xf1\x50\x80", "aac"),
        (b"fLaC", "flac"), (b"OggS", "ogg"), (b"BM", "bmp"), (b"II*\0", "tiff"),
    ],
)  # fmt: skip
def test_media_is_known_by_its_first_bytes(head: bytes, form: str) -> None:
    assert identify(head).format == form


@pytest.mark.parametrize(
    ("head", "form"),
    [
        (b"", ""), (b"hello there", "text"), ("你好".encode(), "text"), (b"\xef\xbb\xbfhi", "text"),
        (b"  <!DOCTYPE html>", "html"), (b"<svg xmlns='x'>", "svg"), (b"%PDF-1.7", "pdf"),
        (b"PK\x03\x04", "zip"), (b"MZ\x90", "exe"), (b"\x80\x81\x82\x83", ""),
        (b"\xff\xff\xff\xff", ""),
        (b"#EXTM3U\n", "text"), (b"ffconcat version 1.0\n", "text"), (b"\0\0\0\0", ""),
        (("é" * HEAD_BYTES).encode()[: HEAD_BYTES - 1], "text"),
        (("é" * HEAD_BYTES).encode(), "text"),
    ],
)  # fmt: skip
def test_non_media_files_have_no_decoder(head: bytes, form: str) -> None:
    seen = identify(head[:HEAD_BYTES])
    assert (seen.format, seen.pillow, seen.demuxer) == (form, "", "")


@given(st.binary(max_size=64))
def test_any_bytes_look_like_something_or_nothing(head: bytes) -> None:
    seen = identify(head)
    assert not (seen.pillow and seen.demuxer)
