"""Detect the encoding of a `.env` file: UTF-8, or UTF-16 as written by Windows PowerShell."""

import codecs
from pathlib import Path
from typing import Final

_MARKS: Final = (
    # must precede UTF-16, whose BOM is a prefix of this one
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EnvFileUnreadable(ValueError):
    """The file cannot be read; `str()` is one line with path, reason and advice."""


def encoding_of(path: Path) -> str:
    """Return the encoding of a `.env` file; a missing file counts as UTF-8.

    Raises: EnvFileUnreadable.
    """
    try:
        if not path.is_file():  # a directory of this name may be a virtual environment
            return "utf-8"
        content = path.read_bytes()
    except OSError as exc:
        reason = f"can't be read ({exc.strerror})"
        raise _unreadable(path, reason, "let the bot's user read it") from exc
    encoding = _guess(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as exc:
        line = content[: exc.start].count(b"\n") + 1
        reason = f"is neither UTF-8 nor UTF-16 text (line {line})"
        raise _unreadable(path, reason, "save it as UTF-8 in your editor") from exc
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _unreadable(
            path, f"holds a NUL character (line {line})", "save it as UTF-8 in your editor"
        )
    return encoding


def _guess(start: bytes) -> str:
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    # without a BOM: setting names are ASCII, so in UTF-16 every other byte is zero
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8"


def _unreadable(path: Path, reason: str, advice: str) -> EnvFileUnreadable:
    return EnvFileUnreadable(f"{path.absolute()}: {reason}. What to do: {advice}")
