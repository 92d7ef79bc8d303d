"""What a file is, by its first bytes; names and claimed types are not asked."""

import codecs
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 4096


@dataclass(frozen=True, slots=True)
class Look:
    """What the head of a file looks like.

    `pillow` or `demuxer` name the one decoder that may open it; both are empty for what is not
    taken, and `format` then is only for people.
    """

    format: str
    pillow: str = ""
    demuxer: str = ""


_PICTURES: Final = (
    (b"\xff\xd8\xff", "jpeg", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "png", "PNG"),
    (b"GIF87a", "gif", "GIF"),
    (b"GIF89a", "gif", "GIF"),
    (b"BM", "bmp", "BMP"),
    (b"II*\x00", "tiff", "TIFF"),
    (b"MM\x00*", "tiff", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000", "JPEG2000"),
    (b"\x00\x00\x01\x00", "ico", "ICO"),
    (b"qoif", "qoi", "QOI"),
)
_SOUNDS: Final = (
    (b"ID3", "mp3", "mp3"),
    (b"fLaC", "flac", "flac"),
    (b"OggS", "ogg", "ogg"),
)
_RIFF: Final = {
    b"WEBP": Look("webp", pillow="WEBP"),
    b"WAVE": Look("wav", demuxer="wav"),
    b"AVI ": Look("avi", demuxer="avi"),
}
_OTHERS: Final = (
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"MZ", "exe"),
    (b"\x7fELF", "elf"),
    (b"8BPS", "psd"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
)
_QUICKTIME: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free"})
_HEIF_BRANDS: Final = frozenset({b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1"})


def look(head: bytes) -> Look:
    """Judges by the first HEAD_BYTES of a file."""
    for magic, name, opener in _PICTURES:
        if head.startswith(magic):
            return Look(name, pillow=opener)
    for magic, name, demuxer in _SOUNDS:
        if head.startswith(magic):
            return Look(name, demuxer=demuxer)
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], Look("riff"))
    if head[4:8] in _QUICKTIME:
        return _look_quicktime(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return Look("webm" if b"webm" in head[:64] else "mkv", demuxer="matroska")
    return _look_frames(head) or _look_others(head)


def _look_quicktime(head: bytes) -> Look:
    brand = head[8:12] if head[4:8] == b"ftyp" else b"qt  "
    if brand in {b"avif", b"avis"}:
        return Look("avif", pillow="AVIF")
    if brand in _HEIF_BRANDS:
        return Look("heic")
    if brand == b"qt  ":
        return Look("mov", demuxer="mov")
    return Look("m4a" if brand[:3] == b"M4A" else "mp4", demuxer="mp4")


def _look_frames(head: bytes) -> Look | None:
    """MPEG audio without a tag: eleven set bits, then layer III, or none of the layers for AAC."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = (head[1] >> 1) & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return Look("aac", demuxer="aac")
    is_legal = (head[1] >> 3) & 3 != 1 and head[2] >> 4 != 15 and (head[2] >> 2) & 3 != 3
    return Look("mp3", demuxer="mp3") if layer == 1 and is_legal else None


def _look_others(head: bytes) -> Look:
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return Look(name)
    try:
        # the head may end inside a character, which an incremental decoder does not mind
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return Look("")
    lowered = text.lstrip("\ufeff \t\r\n").lower()
    if not lowered or "\x00" in lowered:
        return Look("")
    if "<svg" in lowered[:1024]:
        return Look("svg")
    return Look("html" if lowered.startswith(("<!doctype html", "<html")) else "text")
