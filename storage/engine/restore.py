"""Puts a copy of a SQLite database in the place of the database, while nobody has it open."""

import contextlib
import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import quote

from storage.engine.migrate import known_migrations
from storage.engine.sqlite_errors import unusable
from storage.errors import RestoreRefused, StorageError

_SIDE_FILES: Final = ("-wal", "-shm", "-journal")
_SHARED_BYTES: Final = (0x40000002, 510)
"""The bytes that every SQLite connection to a file in WAL mode holds a lock on: where, how many.

Source: SQLite, os.h, SHARED_FIRST and SHARED_SIZE.
"""
_IN_USE: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_DAMAGED: Final = frozenset({sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT})


def staging_path(database: Path) -> Path:
    """Where a copy is prepared: beside the database, so that one rename puts it in place."""
    return database.with_name(f"{database.name}.restoring")


def stage(file: Path, database: Path) -> Path:
    """Copy `file` beside the database and check the copy; returns its path.

    Raises: RestoreRefused where it is no copy of this bot's database, damaged, or of newer code.
    """
    if not file.is_file():
        raise RestoreRefused(f"{file} is not there, or is no file")
    if database.exists() and file.samefile(database):
        raise RestoreRefused(f"{file} is the database itself: name a copy of it")
    staged = staging_path(database)
    try:
        staged.parent.mkdir(parents=True, exist_ok=True)
        discard(staged)
        _copy(file, staged)
        _check(file, staged)
    except sqlite3.Error as error:
        discard(staged)
        raise RestoreRefused(f"{file} can't be read as a SQLite database ({error})") from error
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise RestoreRefused(f"{staged.absolute()} can't be written ({reason})") from error
    except RestoreRefused:
        discard(staged)
        raise
    return staged


def _copy(file: Path, staged: Path) -> None:
    """SQLite's own copy: it takes what is still in a write-ahead log beside the file."""
    # without a log the file may lie where SQLite can make none
    has_log = file.with_name(file.name + "-wal").exists()
    options = "mode=ro" if has_log else "mode=ro&immutable=1"
    source = f"file:{quote(str(file.absolute()))}?{options}"
    with (
        contextlib.closing(sqlite3.connect(source, uri=True)) as original,
        contextlib.closing(sqlite3.connect(staged)) as copy,
    ):
        original.backup(copy)


def _check(file: Path, staged: Path) -> None:
    with contextlib.closing(sqlite3.connect(staged)) as copy:
        found = copy.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if found != "ok":
            raise RestoreRefused(f"{file} is damaged ({found.splitlines()[0]}): take an older copy")
        names = {row[0] for row in copy.execute("SELECT name FROM sqlite_master")}
        is_ours = {"migrations", "requests", "ledger", "outbox"} <= names
        number = copy.execute("SELECT MAX(number) FROM migrations").fetchone()[0] if is_ours else 0
    if not number:
        raise RestoreRefused(f"{file} is no copy of this bot's database")
    known = len(known_migrations())
    if number > known:
        raise RestoreRefused(
            f"{file} is at migration {number}, this code knows {known}: run the newer version"
        )


def put_in_place(staged: Path, database: Path) -> None:
    """Replace the database by the staged copy, at once; a kill leaves either of them whole.

    Raises: RestoreRefused while another process has the database open; nothing is changed then.
    """
    with contextlib.closing(sqlite3.connect(staged, isolation_level=None)) as copy:
        # one file that needs no log beside it
        copy.execute("PRAGMA journal_mode = DELETE")
    _owned_like(staged, database if database.exists() else database.parent)
    with staged.open("rb") as written:
        os.fsync(written.fileno())
    with _alone(database):
        staged.replace(database)
        _sync_folder(database.parent)


def require_unused(database: Path) -> None:
    """Raise RestoreRefused while another process has the database open."""
    with _alone(database):
        return


def discard(staged: Path) -> None:
    """Remove what is left of a staged copy."""
    for suffix in ("", *_SIDE_FILES):
        staged.with_name(staged.name + suffix).unlink(missing_ok=True)


@contextmanager
def _alone(database: Path) -> Iterator[None]:
    """Hold the database's exclusive lock, with its write-ahead log folded into the file.

    A log that outlived its file would be played into the new one.
    """
    if not database.exists():
        _remove_logs(database)
        yield
        return
    with contextlib.closing(sqlite3.connect(database, timeout=0, isolation_level=None)) as held:
        try:
            held.execute("PRAGMA locking_mode = EXCLUSIVE")
            held.execute("PRAGMA journal_mode = DELETE")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            code = getattr(error, "sqlite_errorcode", 0) & 0xFF
            if code in _IN_USE:
                raise _in_use(database) from error
            if code not in _DAMAGED:
                raise _unusable(database, error) from error
        else:
            # the log is folded in; what is left is its index, which SQLite leaves behind here
            _remove_logs(database)
            # who opened the file before the rename writes nothing to it: SQLite sees that it moved
            yield
            return
    # a damaged file is what a restore is for: SQLite can't lock it, so its lock is taken directly
    with _lock_directly(database):
        _remove_logs(database)
        yield


@contextmanager
def _lock_directly(database: Path) -> Iterator[None]:
    start, length = _SHARED_BYTES
    try:
        with database.open("r+b") as file:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, length, start)
            yield
    except BlockingIOError as error:
        raise _in_use(database) from error


def _unusable(database: Path, error: sqlite3.Error) -> StorageError:
    wrapped = StorageError(str(error))
    wrapped.__cause__ = error
    return unusable(database, wrapped)


def _in_use(database: Path) -> RestoreRefused:
    return RestoreRefused(
        f"{database.absolute()} is in use: stop the bot, and any other program that has it open"
    )


def _remove_logs(database: Path) -> None:
    for suffix in _SIDE_FILES:
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def _owned_like(staged: Path, example: Path) -> None:
    """Give the copy the owner and, of a file, the mode: root may restore what the bot's user runs.

    Nobody else can give files away, and need not.
    """
    found = example.stat()
    if example.is_file():
        shutil.copymode(example, staged)
    with contextlib.suppress(PermissionError):
        os.chown(staged, found.st_uid, found.st_gid)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
