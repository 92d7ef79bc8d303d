"""SQLite's online backup: a consistent copy in one file while the bot runs."""

import contextlib
import os
import sqlite3
from pathlib import Path
from typing import Final

from storage.errors import StorageError

_BUSY_TIMEOUT_S: Final = 5.0


def copy_database(source: Path, target: Path) -> None:
    """Copy a database beside the target first, then put it in its place at once.

    Raises: StorageError, OSError, sqlite3.Error.
    """
    if target.exists() and target.samefile(source):
        raise StorageError("a database cannot be backed up onto itself")
    if target.is_dir() or not target.parent.is_dir():
        raise StorageError(f"{target.absolute()} can't be written: name a file in a folder")
    part = target.with_name(target.name + ".part")
    try:
        with (
            contextlib.closing(sqlite3.connect(source, timeout=_BUSY_TIMEOUT_S)) as original,
            contextlib.closing(sqlite3.connect(part)) as copy,
        ):
            original.backup(copy)
            # one file that needs no log beside it
            copy.execute("PRAGMA journal_mode = DELETE")
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
