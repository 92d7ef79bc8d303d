"""Identify a file by its magic bytes; its name and declared type are ignored."""

import codecs
from dataclasses import dataclass
from typing import Final

HEAD_BYTES: Final = 4096
_MAGIC_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class FileType:
    """File type detected from magic bytes.

    `pillow` or `demuxer` names the only decoder allowed to open it; both are empty for unsupported
    types, whose `format` is for display only.
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
    (b"II+\x00", "tiff", "TIFF"),
    (b"MM\x00+", "tiff", "TIFF"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jpeg2000", "JPEG2000"),
    (b"\xff\x4f\xff\x51", "jpeg2000", "JPEG2000"),
    (b"\x00\x00\x01\x00", "ico", "ICO"),
    (b"qoif", "qoi", "QOI"),
)
_RAW: Final = (
    (8, b"CR\x02", "cr2"),
    (0, b"IIRO", "orf"),
    (0, b"IIRS", "orf"),
    (0, b"MMOR", "orf"),
    (0, b"IIU\x00", "rw2"),
    (0, b"FUJIFILMCCD-RAW", "raf"),
    (0, b"FOVb", "x3f"),
    (0, b"\x00MRM", "mrw"),
    (4, b"ftypcrx ", "cr3"),
)
"""Camera raw files with magic bytes of their own; for others see `.pictures.tiff`."""
_SOUNDS: Final = (
    (b"ID3", "mp3", "mp3"),
    (b"fLaC", "flac", "flac"),
    (b"OggS", "ogg", "ogg"),
    (b".snd", "au", "au"),
    (b"caff", "caf", "caf"),
    (b"#!AMR", "amr", "amr"),
    (b"wvpk", "wavpack", "wv"),
    (b"MAC ", "ape", "ape"),
    (b"TTA1", "tta", "tta"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "asf"),
)
_IFF: Final = {b"AIFF": "aiff", b"AIFC": "aiff"}
_TS_PACKETS: Final = (188, 192)
_RIFF: Final = {
    b"WEBP": FileType("webp", pillow="WEBP"),
    b"WAVE": FileType("wav", demuxer="wav"),
    b"RMID": FileType("midi"),
    b"AVI ": FileType("avi", demuxer="avi"),
}
NO_MEDIA: Final = frozenset(
    {"", "pdf", "zip", "gzip", "rar", "7z", "exe", "elf", "html", "text", "riff"}
)
"""Formats that are not media."""
_OTHERS: Final = (
    (b"%PDF", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"\x1f\x8b", "gzip"),
    (b"Rar!", "rar"),
    (b"7z\xbc\xaf", "7z"),
    (b"MZ", "exe"),
    (b"\x7fELF", "elf"),
    (b"8BPS", "psd"),
    (b"MThd", "midi"),
    (b"gimp xcf", "xcf"),
    (b"\x76\x2f\x31\x01", "exr"),
    (b"#?RADIANCE", "hdr"),
    (b"II\xbc\x01", "jxr"),
    (b"DDS ", "dds"),
    (b".RMF", "rm"),
    (b"FLV\x01", "flv"),
    (b"\x00\x00\x01\xba", "mpeg"),
    (b"\x00\x00\x01\xb3", "mpeg"),
    (b"\x0b\x77", "ac3"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cJXL ", "jxl"),
)
_QUICKTIME: Final = frozenset({b"ftyp", b"moov", b"mdat", b"wide", b"skip", b"free", b"pnot"})
_AVIF_BRANDS: Final = frozenset({b"avif", b"avis"})
_HEIC_BRANDS: Final = frozenset(
    {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs"}
)
_PICTURE_BRANDS: Final = frozenset(
    {*_AVIF_BRANDS, *_HEIC_BRANDS, b"mif1", b"mif2", b"mif3", b"msf1", b"miaf", b"jpeg", b"avci"}
)
_THREE_GP: Final = frozenset({b"3gp", b"3gg", b"3ge", b"3gs", b"3g2"})


def identify(head: bytes) -> FileType:
    """Identify a file by its first HEAD_BYTES."""
    seen = _look_magic(head)
    if seen is not None:
        return seen
    if head[:4] == b"RIFF":
        return _RIFF.get(head[8:12], FileType("riff"))
    if head[:4] == b"FORM" and head[8:12] in _IFF:
        return FileType(_IFF[head[8:12]], demuxer="aiff")
    if head[4:8] in _QUICKTIME:
        return _look_quicktime(head)
    if head.startswith(b"\x1aE\xdf\xa3"):
        return FileType("webm" if b"webm" in head[:64] else "mkv", demuxer="matroska")
    return _look_frames(head) or _look_packets(head) or _look_others(head)


def _look_magic(head: bytes) -> FileType | None:
    for at, magic, name in _RAW:
        if head[at : at + len(magic)] == magic:
            return FileType(name)
    # text may start with BM or MAC, so anything that is all text is not media
    if len(head) > _MAGIC_BYTES and _as_text(head) is not None:
        return None
    for magic, name, opener in _PICTURES:
        if head.startswith(magic):
            return FileType(name, pillow=opener)
    for magic, name, demuxer in _SOUNDS:
        if head.startswith(magic):
            return FileType(name, demuxer=demuxer)
    return None


def _look_quicktime(head: bytes) -> FileType:
    if head[4:8] != b"ftyp":
        return FileType("mov", demuxer="mov")
    major, length = head[8:12], int.from_bytes(head[:4], "big")
    brands = {major, *(head[at : at + 4] for at in range(16, min(length, len(head)) - 3, 4))}
    # a film may name a picture's brand among those it is compatible with, and no picture a film's
    if major in _PICTURE_BRANDS:
        is_avif = major in _AVIF_BRANDS or (
            major not in _HEIC_BRANDS and brands & _AVIF_BRANDS and not brands & _HEIC_BRANDS
        )
        return FileType("avif", pillow="AVIF") if is_avif else FileType("heic", pillow="HEIF")
    if major == b"qt  ":
        return FileType("mov", demuxer="mov")
    if major[:3] in _THREE_GP:
        return FileType("3gp", demuxer="mp4")
    return FileType("m4a" if major[:3] in {b"M4A", b"M4B"} else "mp4", demuxer="mp4")


def _look_packets(head: bytes) -> FileType | None:
    """A transport stream: the same byte at the head of each of its packets."""
    for size in _TS_PACKETS:
        first = size - 188
        marks = head[first : first + 4 * size : size]
        if len(marks) == 4 and marks == b"G" * 4:
            return FileType("mpegts")
    return None


def _look_frames(head: bytes) -> FileType | None:
    """MPEG audio without a tag: eleven set bits, then layer III, or none of the layers for AAC."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    layer = (head[1] >> 1) & 3
    if layer == 0 and head[1] & 0xF0 == 0xF0:
        return FileType("aac", demuxer="aac")
    is_legal = (head[1] >> 3) & 3 != 1 and head[2] >> 4 != 15 and (head[2] >> 2) & 3 != 3
    return FileType("mp3", demuxer="mp3") if layer == 1 and is_legal else None


def _look_others(head: bytes) -> FileType:
    for magic, name in _OTHERS:
        if head.startswith(magic):
            return FileType(name)
    text = _as_text(head)
    if text is None:
        return FileType("")
    lowered = text.lstrip("\ufeff \t\r\n").lower()
    if not lowered:
        return FileType("")
    if "<svg" in lowered[:1024]:
        return FileType("svg")
    return FileType("html" if lowered.startswith(("<!doctype html", "<html")) else "text")


def _as_text(head: bytes) -> str | None:
    try:
        # the head may end inside a character, which an incremental decoder does not mind
        text = codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text
