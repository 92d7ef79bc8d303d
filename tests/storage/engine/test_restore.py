"""Putting a copy in the place of a SQLite database: what is refused, and what a kill leaves."""

import asyncio
import contextlib
import fcntl
import hashlib
import multiprocessing
import os
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest

from storage.engine import restore, sqlite
from storage.engine.database import open_database
from storage.engine.sqlite import SqliteDatabase
from storage.engine.transaction import Database
from storage.errors import RestoreRefused, StorageError
from storage.operations import key_values
from tests.support.sqlite import new_sqlite

SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bot.db"


@pytest.fixture
async def copy(tmp_path: Path, path: Path) -> Path:
    """A copy that says `before`, of a database that says `now`."""
    target = tmp_path / "copy.db"
    async with opened(path) as database:
        await say(database, "before")
        await database.backup(target)
        await say(database, "now")
    return target


@contextlib.asynccontextmanager
async def opened(path: Path) -> AsyncIterator[Database]:
    url = f"sqlite:///{path}" if path.exists() else new_sqlite(path)
    database = await open_database(url, migrate=True)
    try:
        yield database
    finally:
        await database.close()


async def say(database: Database, word: str) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, "word", word, 1)


async def said(path: Path) -> str | None:
    async with opened(path) as database, database.reading() as tx:
        return await key_values.get(tx, "word")


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def newer(path: Path) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("INSERT INTO migrations VALUES (9999, 'later')")


def foreign(path: Path) -> None:
    path.unlink()
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE migrations (number BIGINT, name TEXT)")


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def scratched(path: Path) -> None:
    """A page in the middle is overwritten: SQLite opens the file all the same."""
    content = bytearray(path.read_bytes())
    content[8 * 4096 : 9 * 4096] = b"\x17" * 4096
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (lambda path: path.write_bytes(b"no database " * 999), "can't be read"),
        (lambda path: path.write_bytes(b""), "no copy"),
        (lambda path: path.unlink(), "is not there"),
        (foreign, "no copy"),
        (newer, "run the newer version"),
        (half, "damaged|can't be read"),
        (scratched, "damaged"),
    ],
)
async def test_what_is_no_sound_copy_is_refused_and_nothing_is_left(
    copy: Path, path: Path, spoil: Callable[[Path], object], word: str
) -> None:
    before = digest(path)
    spoil(copy)
    with pytest.raises(RestoreRefused, match=word):
        restore.stage(copy, path)
    assert digest(path) == before
    assert {each.name for each in path.parent.iterdir()} <= {"bot.db", "copy.db"}


async def test_the_database_is_no_copy_of_itself(copy: Path, path: Path) -> None:
    with pytest.raises(RestoreRefused, match="the database itself"):
        restore.stage(path, path)


async def test_a_copy_takes_the_place_of_the_database_and_of_its_log(
    copy: Path, path: Path
) -> None:
    # as after a kill: what was written last is in the log alone
    leave_log(path)
    assert path.with_name("bot.db-wal").stat().st_size
    restore.put_in_place(restore.stage(copy, path), path)
    assert {each.name for each in path.parent.iterdir()} == {"bot.db", "copy.db"}
    assert await said(path) == "before"


def leave_log(path: Path) -> None:
    """Write in a process that ends without closing the database."""
    child = SPAWN.Process(target=_write_and_die, args=(path,))
    child.start()
    child.join(30)


def _write_and_die(path: Path) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA wal_autocheckpoint = 0")
    connection.execute("UPDATE key_values SET value = 'in the log'")
    os._exit(0)


@contextlib.contextmanager
def held(path: Path, how: Callable[[Path, Connection], None]) -> Iterator[None]:
    """Another process has the file open for the time of the block."""
    ours, theirs = SPAWN.Pipe()
    child = SPAWN.Process(target=how, args=(path, theirs))
    child.start()
    try:
        assert ours.recv() == "open"
        yield
    finally:
        ours.send("close")
        child.join(30)


def _hold_idle(path: Path, pipe: Connection) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("SELECT * FROM key_values").fetchall()
    pipe.send("open")
    pipe.recv()


def _hold_lock(path: Path, pipe: Connection) -> None:
    """SQLite's own lock, on a file that it can't open any more."""
    with path.open("r+b") as file:
        fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 0x40000002)
        pipe.send("open")
        pipe.recv()


@pytest.mark.parametrize("is_damaged", [False, True])
async def test_a_database_in_use_is_refused_and_unchanged(
    copy: Path, path: Path, is_damaged: bool
) -> None:
    if is_damaged:
        path.write_bytes(b"damaged " * 2048)
    staged = restore.stage(copy, path)
    before = digest(path)
    with (
        held(path, _hold_lock if is_damaged else _hold_idle),
        pytest.raises(RestoreRefused, match="is in use"),
    ):
        restore.put_in_place(staged, path)
    assert digest(path) == before
    restore.put_in_place(staged, path)
    assert await said(path) == "before"


def _hold_reading(path: Path, pipe: Connection) -> None:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("BEGIN")
    connection.execute("SELECT * FROM key_values").fetchall()
    pipe.send("open")
    pipe.recv()


async def test_a_restored_database_that_somebody_reads_is_in_use_too(
    copy: Path, path: Path
) -> None:
    # nobody has opened it since, so it has no write-ahead log yet
    restore.put_in_place(restore.stage(copy, path), path)
    staged = restore.stage(copy, path)
    with held(path, _hold_reading), pytest.raises(RestoreRefused, match="is in use"):
        restore.put_in_place(staged, path)
    restore.put_in_place(staged, path)


async def test_a_missing_database_is_made_from_the_copy(copy: Path, path: Path) -> None:
    path.unlink()
    path.with_name("bot.db-wal").write_bytes(b"of a database that is gone")
    restore.put_in_place(restore.stage(copy, path), path)
    assert await said(path) == "before"


async def test_a_bot_that_opens_the_database_meanwhile_never_works_on_the_old_file(
    copy: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staged, is_open, set_pragma = restore.stage(copy, path), asyncio.Event(), sqlite._set_pragma

    async def noted(*given: Any) -> Any:
        is_open.set()
        return await set_pragma(*given)

    monkeypatch.setattr(sqlite, "_set_pragma", noted)
    with restore._alone(path):
        opening = asyncio.create_task(SqliteDatabase.open(path))
        async with asyncio.timeout(10):
            await is_open.wait()
        staged.replace(path)
    with pytest.raises(StorageError, match="readonly"):
        await (await opening).close()
    assert await said(path) == "before"
