"""Strip metadata from JPEG, PNG and WebP files without touching the pixels.

Only the segments needed for the picture are copied; camera model, location, preview, text, further
pictures and data after the end are all dropped. Lossless. Runs in the media process only.
Sources: ITU T.81 annex B, PNG third edition, RFC 9649.
"""

import re
import struct
import zlib
from dataclasses import dataclass
from typing import Final

_MARKER: Final = re.compile(rb"\xff+[\x01-\xfe]")
_END_OF_SCAN: Final = re.compile(rb"\xff+[\x01-\xcf\xd8-\xfe]")
_SOI, _EOI, _SOS = 0xD8, 0xD9, 0xDA
_BARE: Final = frozenset({0x01, _SOI, *range(0xD0, 0xD8)})
_TABLES: Final = frozenset({*range(0xC0, 0xD0), 0xDB, 0xDC, 0xDD, 0xDE, 0xDF})
"""Frames, Huffman, arithmetic and quantisation tables, number of lines, restart interval."""
_JFIF: Final = b"JFIF\0"
_JFIF_BYTES: Final = 14
_ADOBE: Final = b"Adobe"
_ADOBE_BYTES: Final = 12
_EXIF: Final = b"Exif\0\0"
_ICC: Final = b"ICC_PROFILE\0"
_MAX_ICC_BYTES: Final = 16 * 1024 * 1024
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_PIXELS: Final = frozenset({b"IHDR", b"PLTE", b"IDAT"})
_WEBP_PIXELS: Final = frozenset({b"VP8 ", b"VP8L"})
_WEBP_ALPHA: Final = 0x10


class NotStrippable(Exception):
    """The file does not follow its format, or is an animation."""


@dataclass(frozen=True, slots=True)
class Stripped:
    """A stripped picture file and its relevant metadata.

    `exif` starts with the TIFF header; `icc` is the colour profile; both may be empty or broken.
    `is_whole`: the file was not truncated.
    """

    file: bytes
    exif: bytes
    icc: bytes
    is_whole: bool


def strip(file: bytes, form: str) -> Stripped:
    """Strip a `jpeg`, `png` or `webp`. Raises NotStrippable."""
    try:
        if form == "jpeg":
            return _strip_jpeg(file)
        return _strip_png(file) if form == "png" else _strip_webp(file)
    except (struct.error, IndexError) as exc:
        raise NotStrippable from exc


def _strip_jpeg(file: bytes) -> Stripped:
    view = memoryview(file)
    kept = bytearray(b"\xff\xd8")
    exif, icc = b"", bytearray()
    at, has_scan = 2, False
    while (found := _MARKER.search(file, at)) is not None:
        marker, at = file[found.end() - 1], found.end()
        if marker == _EOI and has_scan:
            return Stripped(bytes(kept + b"\xff\xd9"), exif, bytes(icc), is_whole=True)
        if marker in _BARE or marker == _EOI:
            continue
        (length,) = struct.unpack_from(">H", file, at) if at + 2 <= len(file) else (0,)
        if length < 2 or at + length > len(file):
            break
        body, at = view[at + 2 : at + length], at + length
        if marker == 0xE1 and bytes(body[:6]) == _EXIF and not exif:
            exif = bytes(body[6:])
        elif marker == 0xE2 and bytes(body[:12]) == _ICC and len(icc) < _MAX_ICC_BYTES:
            icc += body[14:]
        kept += _jpeg_segment(marker, body)
        if marker == _SOS:
            end = _END_OF_SCAN.search(file, at)
            stop = end.start() if end else len(file)
            kept += view[at:stop]
            at, has_scan = stop, True
    if not has_scan:
        raise NotStrippable
    return Stripped(bytes(kept + b"\xff\xd9"), exif, bytes(icc), is_whole=False)


def _jpeg_segment(marker: int, body: memoryview) -> bytes:
    """The part of a segment to keep; of APP segments only the colour information."""
    if marker == 0xE0 and bytes(body[:5]) == _JFIF and len(body) >= _JFIF_BYTES:
        # drop the JFIF thumbnail
        body = memoryview(bytes(body[:12]) + b"\0\0")
    elif marker == 0xEE and bytes(body[:5]) == _ADOBE and len(body) >= _ADOBE_BYTES:
        body = body[:_ADOBE_BYTES]
    elif marker not in _TABLES and marker != _SOS:
        return b""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _strip_png(file: bytes) -> Stripped:
    view = memoryview(file)
    kept = bytearray(_PNG)
    exif = icc = b""
    at, is_whole, has_pixels = len(_PNG), False, False
    while at + 8 <= len(file):
        length, kind = struct.unpack_from(">I4s", file, at)
        body = view[at + 8 : at + 8 + length]
        end = at + 12 + length
        if kind == b"IEND":
            is_whole = True
            break
        if kind in _PNG_PIXELS:
            has_pixels = has_pixels or kind == b"IDAT"
            # keep pixel chunks verbatim, even with a wrong checksum: the decoder decides
            kept += view[at:end] if end <= len(file) else _png_chunk(kind, body)
        elif kind == b"tRNS":
            kept += _png_chunk(kind, body)
        elif kind == b"eXIf":
            exif = bytes(body).removeprefix(_EXIF)
        elif kind == b"iCCP":
            icc = _unpacked_profile(bytes(body))
        at = end
    if not has_pixels:
        raise NotStrippable
    return Stripped(bytes(kept + _png_chunk(b"IEND", b"")), exif, icc, is_whole)


def _png_chunk(kind: bytes, body: bytes | memoryview) -> bytes:
    checksum = zlib.crc32(body, zlib.crc32(kind))
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", checksum)


def _unpacked_profile(body: bytes) -> bytes:
    """Decompress the profile in an iCCP chunk: name, zero byte, method, data."""
    _, _, rest = body.partition(b"\0")
    try:
        return zlib.decompressobj().decompress(rest[1:], _MAX_ICC_BYTES)
    except zlib.error:
        return b""


def _strip_webp(file: bytes) -> Stripped:
    view = memoryview(file)
    exif = icc = b""
    head, alpha, pixels = b"", b"", b""
    (promised,) = struct.unpack_from("<I", file, 4)
    at = 12
    while at + 8 <= len(file) and not pixels:
        kind, length = struct.unpack_from("<4sI", file, at)
        body = view[at + 8 : at + 8 + length]
        if kind == b"ANIM":
            raise NotStrippable
        if kind == b"VP8X" and len(body) >= 10:
            head = bytes([body[0] & _WEBP_ALPHA]) + bytes(3) + bytes(body[4:10])
        elif kind == b"ICCP":
            icc = bytes(body)
        elif kind == b"ALPH":
            alpha = _riff_chunk(kind, body)
        elif kind in _WEBP_PIXELS:
            pixels = _riff_chunk(kind, body)
        at += 8 + length + length % 2
    if not pixels:
        raise NotStrippable
    exif = _webp_exif(file, at)
    # the extended format is needed only for a separate alpha chunk
    chunks = (_riff_chunk(b"VP8X", head) + alpha if head and alpha else b"") + pixels
    plain = b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks
    return Stripped(plain, exif, icc, is_whole=8 + promised <= len(file))


def _webp_exif(file: bytes, at: int) -> bytes:
    """The EXIF chunk after the picture, without the prefix that some programs write."""
    while at + 8 <= len(file):
        kind, length = struct.unpack_from("<4sI", file, at)
        if kind == b"EXIF":
            return file[at + 8 : at + 8 + length].removeprefix(_EXIF)
        at += 8 + length + length % 2
    return b""


def _riff_chunk(kind: bytes, body: bytes | memoryview) -> bytes:
    return kind + struct.pack("<I", len(body)) + body + bytes(len(body) % 2)
