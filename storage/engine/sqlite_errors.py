"""Explains to operators why a SQLite file cannot be used, and what to do."""

import sqlite3
from pathlib import Path
from typing import Final

from storage.errors import DatabaseUnusable, StorageError

_WRITABLE: Final = "let the bot's user write the file and its folder, or name another place"
_RESTORE: Final = "put a backup in its place, or name another file"
_REASONS: Final = {
    sqlite3.SQLITE_NOTADB: ("is no SQLite database, or is damaged", _RESTORE),
    sqlite3.SQLITE_CORRUPT: ("is damaged", _RESTORE),
    sqlite3.SQLITE_READONLY: ("can't be written", _WRITABLE),
    sqlite3.SQLITE_CANTOPEN: ("can't be opened or made", _WRITABLE),
    sqlite3.SQLITE_PERM: ("can't be opened", _WRITABLE),
    sqlite3.SQLITE_AUTH: ("can't be opened", _WRITABLE),
    sqlite3.SQLITE_BUSY: ("is held by another program", "stop the bot that still runs on it"),
    sqlite3.SQLITE_LOCKED: ("is held by another program", "stop the bot that still runs on it"),
    sqlite3.SQLITE_FULL: ("can't grow, the disk is full", "make room"),
    sqlite3.SQLITE_IOERR: ("can't be read or written", "check the disk, and that it has room"),
}


def unusable(path: Path, error: StorageError) -> DatabaseUnusable:
    """The error to tell instead of `error`, which came while the file was opened."""
    reason, advice = _reason(path, error)
    return DatabaseUnusable(f"{path.absolute()} {reason}. What to do: {advice}")


def _reason(path: Path, error: StorageError) -> tuple[str, str]:
    cause = error.__cause__
    if path.is_dir():
        return "is a folder, not a file", "name a file, such as video-bot.db in that folder"
    if isinstance(cause, OSError):
        return f"has a folder that can't be made ({cause.strerror})", _WRITABLE
    # the low byte is the error's family
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return _REASONS.get(code, (f"can't be used ({error})", _RESTORE))
