"""Display names of media formats, and formats that are never accepted."""

from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Final
from urllib.parse import urlsplit

from bot.rules.media import MediaSource
from bot.rules.request import MediaRef
from bot.rules.violation import Violation

_NAMES: Final = MappingProxyType(
    {
        "jxl": "JPEG XL",
        "jxr": "JPEG XR",
        "jpeg2000": "JPEG 2000",
        "psd": "Photoshop (PSD)",
        "raw": "camera RAW",
        "webp": "WebP",
        "mov": "QuickTime (MOV)",
        "mkv": "Matroska (MKV)",
        "webm": "WebM",
        "asf": "Windows Media (WMV, WMA)",
        "rm": "RealMedia",
        "midi": "MIDI",
        "mpegts": "MPEG-TS",
        "wavpack": "WavPack",
        "": "?",
    }
)
_RAW_ENDINGS: Final = frozenset(
    {
        *("3fr", "arw", "cr2", "cr3", "crw", "dcr", "dng", "erf", "fff", "gpr", "iiq", "k25"),
        *("kdc", "mef", "mos", "mrw", "nef", "nrw", "orf", "pef", "raf", "raw", "rw2", "rwl"),
        *("sr2", "srf", "srw", "x3f"),
    }
)
"""Camera raw files: what they start with is a small preview, not the photo."""
_TYPES: Final = MappingProxyType(
    {
        "image/jxl": "jxl",
        "image/svg+xml": "svg",
        "image/vnd.adobe.photoshop": "psd",
        "image/x-photoshop": "psd",
        "image/x-adobe-dng": "dng",
        "image/x-dcraw": "raw",
        "image/x-xcf": "xcf",
        "image/x-exr": "exr",
        "image/vnd.ms-photo": "jxr",
        "image/vnd.djvu": "djvu",
        "audio/midi": "midi",
        "audio/x-midi": "midi",
    }
)


def format_name(form: str) -> str:
    """Display name of a format."""
    return _NAMES.get(form, form.upper())


def unsupported_format(media: MediaRef) -> str:
    """The unsupported format that a file name or declared type reveals, or an empty string.

    Camera raw files are recognised by extension alone: some look like any other TIFF.
    """
    address = urlsplit(media.url).path if media.source is MediaSource.LINK else media.name
    ending = PurePosixPath(address.lower()).suffix.removeprefix(".")
    if ending in _RAW_ENDINGS:
        return ending
    if media.format is not None:
        return ""
    return _TYPES.get((media.content_type or "").partition(";")[0].strip().lower(), "")


def format_not_taken(media: MediaRef, field: str, form: str) -> Violation:
    """Violation for an intact file in an unsupported format."""
    return Violation(
        field=field,
        rule="format-not-taken",
        value=format_name(form),
        allowed="JPEG PNG WebP HEIC MP4 MP3 WAV",
        params={"name": media.name},
    )


def too_many_pixels(media: MediaRef, field: str, pixels: int, max_pixels: int) -> Violation:
    """Violation for a picture that would exceed the memory limit."""
    return Violation(
        field=field,
        rule="picture-pixels",
        value=_megapixels(pixels),
        allowed=_megapixels(max_pixels),
        params={"name": media.name},
    )


def too_heavy(media: MediaRef, field: str, form: str) -> Violation:
    """Violation for a file that would exceed the memory or time limit."""
    return Violation(
        field=field, rule="file-too-heavy", value=format_name(form), params={"name": media.name}
    )


def _megapixels(pixels: int) -> str:
    """Rounded up, so that a value over the limit also displays as over it."""
    return f"{-(-pixels // 1_000_000)} MP"
