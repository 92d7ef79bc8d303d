"""Runs whole transactions on the thread of their SQLite connection.

aiosqlite hands each statement to the connection's thread and its rows back: two hops between
threads, which cost more than most statements. A transaction's *body*, a coroutine function of the
transaction alone, runs on that thread from end to end: one hop. As its statements run at once, it
never waits, so one step takes it to its end.
"""

import asyncio
import json
import logging
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, TypeVar

import aiosqlite

from storage.engine.sql import lists_in, render
from storage.engine.transaction import Body, Dialect, Parameters, Row
from storage.errors import Conflict, StorageError, StorageUnavailable

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")

_TAKEN: Final = frozenset(
    {
        sqlite3.SQLITE_CONSTRAINT_UNIQUE,
        sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
        sqlite3.SQLITE_CONSTRAINT_ROWID,
    }
)
_PASSING: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_NOMEM,
        sqlite3.SQLITE_PROTOCOL,
        sqlite3.SQLITE_INTERRUPT,
    }
)


class translated:  # noqa: N801 - used as a function
    """Translate sqlite3's exceptions into StorageError; no caller sees the driver's.

    A class, as a generator would cost more than many a statement.
    """

    def __enter__(self) -> None:
        return None

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, _: TracebackType | None
    ) -> None:
        if not isinstance(exc, sqlite3.Error):
            return
        code = getattr(exc, "sqlite_errorcode", None)
        if code in _TAKEN:
            raise Conflict("a row with this key is already there") from exc
        # the low byte is the error's family
        if code is not None and code & 0xFF in _PASSING:
            raise StorageUnavailable(f"SQLite: {exc.sqlite_errorname}") from exc
        raise StorageError(f"SQLite: {exc}") from exc


def bound(sql: str, parameters: Parameters | None) -> Parameters:
    """A statement's parameters as sqlite3 takes them: a list goes as JSON, for `json_each`."""
    given = parameters or {}
    lists = lists_in(sql)
    return {**given, **{name: json.dumps(given[name]) for name in lists}} if lists else given


class BodyTransaction:
    """Statements on a connection of this very thread; its methods never wait."""

    dialect: Dialect = "sqlite"

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection: sqlite3.Connection | None = connection
        self.memo: dict[tuple[str, int | str], Any] = {}

    def end(self) -> None:
        """Refuse any further statement: it would run in another transaction."""
        self._connection = None

    def _run(self, sql: str, parameters: Parameters | None) -> tuple[sqlite3.Cursor, list[Any]]:
        """The cursor and its rows: a statement with RETURNING is through once they were read."""
        if self._connection is None:
            raise StorageError("the transaction has ended")
        if not self._connection.in_transaction:
            # somebody caught an error after which SQLite rolled everything back, and went on
            raise StorageUnavailable("SQLite has rolled the transaction back")
        with translated():
            cursor = self._connection.execute(render(sql, "sqlite"), bound(sql, parameters))
            return cursor, cursor.fetchall()

    async def fetch_all(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See `storage.engine.transaction.Transaction`."""
        _, rows = self._run(sql, parameters)
        return [dict(row) for row in rows]

    async def fetch_one(self, sql: str, parameters: Parameters | None = None) -> Row | None:
        """See `storage.engine.transaction.Transaction`."""
        rows = await self.fetch_all(sql, parameters)
        return rows[0] if rows else None

    async def execute(self, sql: str, parameters: Parameters | None = None) -> int:
        """See `storage.engine.transaction.Transaction`."""
        cursor, _ = self._run(sql, parameters)
        return cursor.rowcount


@dataclass(eq=False, slots=True)
class Job:
    """A body that waits for its turn; `future` is its caller's."""

    body: Body[Any]
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None

    def run(self, connection: sqlite3.Connection) -> None:
        """Run the body inside the connection's transaction and keep its outcome."""
        try:
            self.result = _run_through(connection, self.body)
        except BaseException as error:  # noqa: BLE001 - it is for the caller
            self.error = error

    def settle(self, failure: StorageError | None = None) -> None:
        """Tell the caller the outcome, or the failure of the whole transaction in its place."""
        error = failure or self.error
        if self.future.done():
            return
        if error is None:
            self.future.set_result(self.result)
        else:
            self.future.set_exception(error)


async def on_thread(
    connection: aiosqlite.Connection, act: Callable[[sqlite3.Connection], _Result]
) -> _Result:
    """Call `act` with the driver's connection, on the thread of that connection.

    aiosqlite has no public way to run more than a statement there; this is the only place that
    uses what it does so itself.
    """
    result: _Result = await connection._execute(act, connection._conn)  # type: ignore[no-untyped-call]  # noqa: SLF001
    return result


def read_group(connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Run bodies that only read one after the other, with one consistent view; fills the outcomes.

    Raises: StorageError when no transaction could be begun.
    """
    with translated():
        connection.execute("BEGIN")
        try:
            for job in jobs:
                if not job.future.cancelled():
                    job.run(connection)
        finally:
            connection.rollback()


def commit_group(connection: sqlite3.Connection, jobs: Sequence[Job]) -> None:
    """Run bodies one after the other and commit them together (group commit); fills the outcomes.

    A body that raises, or whose caller was cancelled, is undone alone. What a body found may rest
    on those before it, so none of the outcomes, refusals included, may be told before this returns.
    Raises: StorageError when the transaction as a whole failed, after which nothing was written.
    """
    with translated():
        try:
            connection.execute("BEGIN IMMEDIATE")
            for job in jobs:
                if not job.future.cancelled():
                    _run_alone(connection, job)
            connection.commit()
        except BaseException:
            _roll_back(connection)
            raise


def _run_alone(connection: sqlite3.Connection, job: Job) -> None:
    connection.execute("SAVEPOINT body")
    job.run(connection)
    if not connection.in_transaction:
        # a full disk or an I/O error has undone the bodies before as well
        raise StorageUnavailable("SQLite has rolled the transaction back") from job.error
    if job.error is not None or job.future.cancelled():
        connection.execute("ROLLBACK TO body")
    connection.execute("RELEASE body")


def _run_through(connection: sqlite3.Connection, body: Body[_Result]) -> _Result:
    """Run a body from end to end, here and now. Raises: StorageError when it waits."""
    tx = BodyTransaction(connection)
    running = body(tx)
    try:
        running.send(None)
    except StopIteration as end:
        result: _Result = end.value
        return result
    finally:
        tx.end()
        running.close()
    raise StorageError("a transaction's body may wait for its transaction alone")


def _roll_back(connection: sqlite3.Connection) -> None:
    """Roll back if a transaction is open; the original error stays the one that is raised."""
    try:
        connection.rollback()
    except sqlite3.Error:
        log.exception("A rollback failed.", extra={"action": "storage.rollback_failed"})
