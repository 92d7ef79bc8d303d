"""SQLite through aiosqlite: one writer connection behind a lock, and a few readers."""

import asyncio
import logging
import sqlite3
from collections import deque
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import aiosqlite

from storage.engine import migrate as migrations
from storage.engine.backup import copy_database
from storage.engine.sql import render
from storage.engine.sqlite_bodies import Job, bound, commit_group, on_thread, read_group, translated
from storage.engine.transaction import Body, Dialect, Parameters, Row, Transaction
from storage.errors import CommitUncertain, DatabaseNewer, StorageError, StorageUnavailable

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_BUSY_TIMEOUT_S: Final = 5.0
_BUSY_PAUSE_S: Final = 0.02
_READERS: Final = 4
"""So many readings at once: a long one, an export say, keeps none of the short ones waiting."""
_GROUP: Final = 8
"""So many waiting bodies run together: one that is slow holds up no more than these."""
_GROUPS_READING: Final = 2
"""So many groups of reading bodies run side by side: more would but take turns."""


class SqliteTransaction:
    """Statements on a connection that is inside a transaction."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: aiosqlite.Connection) -> None:
        self._connection: aiosqlite.Connection | None = connection
        self.memo: dict[tuple[str, int | str], Any] = {}

    def end(self) -> None:
        """Refuse any further statement: it would run in another transaction."""
        self._connection = None

    def _open_connection(self) -> aiosqlite.Connection:
        if self._connection is None:
            raise StorageError("the transaction has ended")
        return self._connection

    async def fetch_all(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See `storage.engine.transaction.Transaction`."""
        with translated():
            rows = await self._open_connection().execute_fetchall(
                render(sql, "sqlite"), bound(sql, parameters)
            )
        return [dict(row) for row in rows]

    async def fetch_one(self, sql: str, parameters: Parameters | None = None) -> Row | None:
        """See `storage.engine.transaction.Transaction`."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def execute(self, sql: str, parameters: Parameters | None = None) -> int:
        """See `storage.engine.transaction.Transaction`."""
        with translated():
            async with self._open_connection().execute(
                render(sql, "sqlite"), bound(sql, parameters)
            ) as cursor:
                return cursor.rowcount


class SqliteDatabase:
    """One file, one process that writes; see `storage.engine.transaction.Database`."""

    dialect: Dialect = "sqlite"

    def __init__(
        self, path: Path, writer: aiosqlite.Connection, readers: Sequence[aiosqlite.Connection]
    ) -> None:
        self._path = path
        self._writer = writer
        self._readers = tuple(readers)
        self._idle = list(readers)
        self._may_read = asyncio.Semaphore(len(readers))
        self._write_lock = asyncio.Lock()
        self._writing_task: asyncio.Task[object] | None = None
        self._writes: deque[Job] = deque()
        self._committer: asyncio.Task[None] | None = None
        self._reads: deque[Job] = deque()
        self._reading: list[asyncio.Task[None]] = []
        self._is_closed = False

    @classmethod
    async def open(cls, path: Path) -> "SqliteDatabase":
        """Open the file, made with its folder if it is not there."""
        try:
            await asyncio.to_thread(path.parent.mkdir, parents=True, exist_ok=True)
        except OSError as exc:
            raise StorageError("the database's folder cannot be made") from exc
        # a connect that fails in aiosqlite leaves a thread that answers a loop closed by then
        with translated():
            await asyncio.to_thread(_try_to_open, path)
        async with AsyncExitStack() as stack:
            writer = await _connect(path, "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL")
            stack.push_async_callback(writer.close)
            readers = []
            for _ in range(_READERS):
                reader = await _connect(path, "PRAGMA query_only = ON")
                stack.push_async_callback(reader.close)
                readers.append(reader)
            stack.pop_all()
        return cls(path, writer, readers)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """See `storage.engine.transaction.Database`."""
        self._require_outside()
        async with self._write_lock:
            self._writing_task = asyncio.current_task()
            try:
                async with self._session(self._writer, "BEGIN IMMEDIATE") as tx:
                    yield tx
            finally:
                self._writing_task = None

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """See `storage.engine.transaction.Database`."""
        async with self._may_read:
            reader = self._idle.pop()
            try:
                async with self._session(reader, "BEGIN") as tx:
                    yield tx
            finally:
                self._idle.append(reader)

    async def write(self, body: Body[_Result]) -> _Result:
        """See `storage.engine.transaction.Database`."""
        self._require_outside()
        future: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._writes.append(Job(body, future))
        if self._committer is None or self._committer.done():
            # a task of the database's own: no caller's cancellation reaches the others' bodies
            self._committer = asyncio.create_task(self._commit_writes(), name="group commit")
        return await future

    async def read(self, body: Body[_Result]) -> _Result:
        """See `storage.engine.transaction.Database`."""
        future: asyncio.Future[_Result] = asyncio.get_running_loop().create_future()
        self._reads.append(Job(body, future))
        self._reading = [task for task in self._reading if not task.done()]
        if len(self._reading) < _GROUPS_READING:
            self._reading.append(asyncio.create_task(self._run_reads(), name="group reading"))
        return await future

    async def _commit_writes(self) -> None:
        """Commit what waits, group after group, until nothing does."""
        while self._writes:
            async with self._write_lock:
                await self._settle(self._writer, commit_group, self._writes, CommitUncertain)

    async def _run_reads(self) -> None:
        """Run the bodies that wait to read, group after group, until none does."""
        while self._reads:
            async with self._may_read:
                reader = self._idle.pop()
                try:
                    await self._settle(reader, read_group, self._reads, StorageUnavailable)
                finally:
                    self._idle.append(reader)

    async def _settle(
        self,
        connection: aiosqlite.Connection,
        run: Callable[[sqlite3.Connection, Sequence[Job]], None],
        waiting: deque[Job],
        when_broken_off: type[StorageError],
    ) -> None:
        """Run a group of those who wait, and tell each its outcome."""
        group = [waiting.popleft() for _ in range(min(_GROUP, len(waiting)))]
        try:
            self._require_open()
            await on_thread(connection, lambda driver: run(driver, group))
        except BaseException as error:
            for job in group:
                job.settle(_failed_with(error, when_broken_off))
            if not isinstance(error, Exception):
                raise
        else:
            for job in group:
                job.settle()

    def _require_outside(self) -> None:
        if self._writing_task is not None and self._writing_task is asyncio.current_task():
            raise StorageError("this task is already inside a write transaction")

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageUnavailable("the database is closed")

    @asynccontextmanager
    async def _session(
        self, connection: aiosqlite.Connection, begin: str
    ) -> AsyncIterator[SqliteTransaction]:
        self._require_open()
        tx = SqliteTransaction(connection)
        with translated():
            try:
                # inside the try: BEGIN can be cancelled too, and its thread still runs it
                await tx.execute(begin)
                yield tx
                await connection.commit()
            except BaseException:
                await _roll_back(connection)
                raise
            finally:
                tx.end()

    async def migrate(self) -> int:
        """See `storage.engine.transaction.Database`."""
        with self._named():
            return await migrations.migrate(self)

    async def is_current(self) -> bool:
        """See `storage.engine.transaction.Database`."""
        with self._named():
            return await migrations.is_current(self)

    @contextmanager
    def _named(self) -> Iterator[None]:
        try:
            yield
        except DatabaseNewer as error:
            raise DatabaseNewer(f"{self._path.absolute()}: {error}") from None

    async def backup(self, path: Path) -> None:
        """See `storage.engine.transaction.Database`."""
        try:
            with translated():
                await asyncio.to_thread(copy_database, self._path, path)
        except OSError as exc:
            reason = exc.strerror or type(exc).__name__
            raise StorageUnavailable(f"{path} can't be written ({reason})") from exc

    async def close(self) -> None:
        """See `storage.engine.transaction.Database`."""
        async with AsyncExitStack() as stack:
            for _ in self._readers:
                await stack.enter_async_context(self._may_read)
            await stack.enter_async_context(self._write_lock)
            if not self._is_closed:
                self._is_closed = True
                # closed last, so that SQLite folds the write-ahead log into the file
                stack.push_async_callback(self._writer.close)
                for reader in self._readers:
                    stack.push_async_callback(reader.close)


def _failed_with(error: BaseException, when_broken_off: type[StorageError]) -> StorageError:
    """What one caller is told of a failed group: an exception of its own, with its own trace."""
    if isinstance(error, StorageError):
        told = type(error)(*error.args)
    else:
        told = when_broken_off(f"broken off in a transaction: {type(error).__name__}")
    told.__cause__ = error
    return told


def _try_to_open(path: Path) -> None:
    sqlite3.connect(path, timeout=_BUSY_TIMEOUT_S).close()


async def _connect(path: Path, *pragmas: str) -> aiosqlite.Connection:
    with translated():
        connection = await aiosqlite.connect(path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            for pragma in ("PRAGMA foreign_keys = ON", *pragmas):
                await _set_pragma(connection, pragma)
        except BaseException:
            # an open aiosqlite connection would keep the interpreter from ending
            await asyncio.shield(connection.close())
            raise
    return connection


async def _set_pragma(connection: aiosqlite.Connection, pragma: str) -> None:
    """Run a pragma; wait for other programs, as the busy time-out has it for statements.

    SQLite reports a database as busy at once, without that time-out, where another connection
    writes while this one changes the journal mode: two processes that start on a new file.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + _BUSY_TIMEOUT_S
    while True:
        try:
            await connection.execute_fetchall(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or loop.time() > give_up_at:
                raise
            await asyncio.sleep(_BUSY_PAUSE_S)
        else:
            return


async def _roll_back(connection: aiosqlite.Connection) -> None:
    """Roll back if a transaction is open; the original error stays the one that is raised.

    Cancelled once more, the rollback still runs: statements queue up on the connection's thread.
    """
    try:
        await asyncio.shield(connection.rollback())
    except sqlite3.Error:
        log.exception("A rollback failed.", extra={"action": "storage.rollback_failed"})
