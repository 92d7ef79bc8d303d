"""How a `.env` file is written: UTF-8, or the UTF-16 in which Windows PowerShell writes files."""

import codecs
from pathlib import Path
from typing import Final

_MARKS: Final = (
    # UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class EnvFileUnreadable(ValueError):
    """The file cannot be read; `str()` is one line with its path, the reason and what to do."""


def encoding_of(path: Path) -> str:
    """The name of the encoding of a `.env` file; a file that is not there is UTF-8.

    Raises: EnvFileUnreadable.
    """
    try:
        if not path.is_file():  # a folder of this name may be somebody's virtual environment
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
    # without a mark: the names of settings are ASCII, so that every other byte is zero
    if start[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if start[:1] == b"\0" else "utf-8"


def _unreadable(path: Path, reason: str, advice: str) -> EnvFileUnreadable:
    return EnvFileUnreadable(f"{path.absolute()}: {reason}. What to do: {advice}")
