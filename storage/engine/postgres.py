"""PostgreSQL through psycopg 3 and its pool, without retries of its own."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, Final, LiteralString, TypeVar

import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from storage.engine import migrate as migrations
from storage.engine.postgres_sessions import (
    LOST,
    Connection,
    Sessions,
    check,
    configure,
    leave,
    roll_back,
)
from storage.engine.sql import render
from storage.engine.transaction import Body, Dialect, Parameters, Row, Transaction
from storage.errors import (
    CommitUncertain,
    Conflict,
    StorageError,
    StorageUnavailable,
    TransactionLost,
)

_Result = TypeVar("_Result")

_POOL_SIZE: Final = 10
_POOL_TIMEOUT_S: Final = 5.0
_START_TIMEOUT_S: Final = 10.0
_RECONNECT_S: Final = 5.0
"""After this long without a connection the pool stops trying until somebody asks for one again,
which then happens at once: so a database that comes back is found again quickly."""

_WRITE: Final[LiteralString] = "BEGIN ISOLATION LEVEL READ COMMITTED"
_READ: Final[LiteralString] = "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY"
_PASSING: Final = (
    psycopg.OperationalError,
    psycopg.InterfaceError,
    errors.ReadOnlySqlTransaction,
    errors.IdleInTransactionSessionTimeout,
)


@contextmanager
def translated() -> Iterator[None]:
    """Turn psycopg's exceptions into ours; their texts can hold values, so none is passed on."""
    try:
        yield
    except errors.UniqueViolation as exc:
        raise Conflict("a row with this key is already there") from exc
    except (errors.DeadlockDetected, errors.SerializationFailure, *LOST) as exc:
        raise TransactionLost(f"PostgreSQL: {type(exc).__name__}") from exc
    except _PASSING as exc:
        raise StorageUnavailable(f"PostgreSQL: {type(exc).__name__}") from exc
    except psycopg.Error as exc:
        raise StorageError(f"PostgreSQL: {type(exc).__name__} {exc.sqlstate or ''}") from exc


class PostgresTransaction:
    """Statements on a connection of the pool; the first one takes it and begins the transaction."""

    dialect: Dialect = "postgres"

    def __init__(
        self, pool: AsyncConnectionPool[Connection], sessions: Sessions, begin: LiteralString
    ) -> None:
        self._pool = pool
        self._sessions = sessions
        self._begin = begin
        self._taken = AsyncExitStack()
        self._is_over = False
        self.connection: Connection | None = None
        """Whose transaction it is; None before the first statement."""
        self.memo: dict[tuple[str, int | str], Any] = {}

    async def end(self, error: BaseException | None) -> None:
        """Commit, or roll back after an error; then refuse any further statement."""
        self._is_over = True
        if error is not None:
            if isinstance(error, Exception) and self.connection is not None:
                await roll_back(self.connection)
            # rolls back what is left, and closes a connection in doubt, which the pool replaces
            await self._taken.__aexit__(type(error), error, error.__traceback__)
            return
        async with self._taken:
            if self.connection is not None:
                await _commit(self.connection)

    async def _run(self, sql: str, parameters: Parameters | None) -> psycopg.AsyncCursor[DictRow]:
        if self._is_over:
            raise StorageError("the transaction has ended")
        query, values = render(sql, "postgres").encode(), dict(parameters or {})
        with translated():
            try:
                if self.connection is not None:
                    return await self.connection.execute(query, values)
                return await self._run_first(query, values)
            except LOST as error:
                await self._sessions.forget(self._pool, error)
                raise

    async def _run_first(
        self, query: bytes, values: dict[str, Any]
    ) -> psycopg.AsyncCursor[DictRow]:
        """Begin with this statement, in one round trip.

        A connection that turns out to be lost, or to have another session, is replaced: nothing was
        done on it.
        """
        for _ in range(_POOL_SIZE + 1):
            connection = await self._taken.enter_async_context(self._pool.connection())
            try:
                cursor = await _cancelled_once(self._begun(connection, query, values))
            except psycopg.Error as error:
                is_lost = connection.closed or connection.broken
                if not is_lost and not self._sessions.is_disproved_by(error, connection):
                    # the transaction is lost, and no other may begin in its place
                    self.connection = connection
                    raise
                await self._taken.__aexit__(type(error), error, error.__traceback__)
            else:
                self.connection = connection
                return cursor
        raise StorageUnavailable("PostgreSQL: every connection is lost")

    async def _begun(
        self, connection: Connection, query: bytes, values: dict[str, Any]
    ) -> psycopg.AsyncCursor[DictRow]:
        await self._sessions.mark(connection)
        async with connection.pipeline():
            await self._sessions.begin(connection, self._begin)
            return await connection.execute(query, values)

    async def fetch_all(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """See `storage.engine.transaction.Transaction`."""
        cursor = await self._run(sql, parameters)
        with translated():
            return list(await cursor.fetchall())

    async def fetch_one(self, sql: str, parameters: Parameters | None = None) -> Row | None:
        """See `storage.engine.transaction.Transaction`."""
        cursor = await self._run(sql, parameters)
        with translated():
            return await cursor.fetchone()

    async def execute(self, sql: str, parameters: Parameters | None = None) -> int:
        """See `storage.engine.transaction.Transaction`."""
        return (await self._run(sql, parameters)).rowcount


class PostgresDatabase:
    """A pool of connections; see `storage.engine.transaction.Database`."""

    dialect: Dialect = "postgres"

    def __init__(self, pool: AsyncConnectionPool[Connection]) -> None:
        self._pool = pool
        self._sessions = Sessions()

    @classmethod
    async def open(cls, url: str) -> "PostgresDatabase":
        """Open a pool; raises StorageUnavailable when the server cannot be reached."""
        with translated():
            pool = AsyncConnectionPool[Connection](
                url,
                kwargs={
                    "autocommit": True,
                    "row_factory": dict_row,
                    "connect_timeout": 5,
                    # a server that is gone without a word is noticed in seconds, not in minutes
                    "tcp_user_timeout": 15_000,
                    "keepalives_idle": 10,
                    "keepalives_interval": 5,
                },
                min_size=1,
                max_size=_POOL_SIZE,
                open=False,
                connection_class=Connection,
                configure=configure,
                check=check,
                reset=leave,
                timeout=_POOL_TIMEOUT_S,
                reconnect_timeout=_RECONNECT_S,
            )
            await pool.open(wait=True, timeout=_START_TIMEOUT_S)
        return cls(pool)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """See `storage.engine.transaction.Database`."""
        async with self._session(_WRITE) as tx:
            yield tx

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        """See `storage.engine.transaction.Database`."""
        async with self._session(_READ) as tx:
            yield tx

    async def write(self, body: Body[_Result]) -> _Result:
        """See `storage.engine.transaction.Database`."""
        async with self.transaction() as tx:
            return await body(tx)

    async def read(self, body: Body[_Result]) -> _Result:
        """See `storage.engine.transaction.Database`."""
        async with self.reading() as tx:
            return await body(tx)

    @asynccontextmanager
    async def _session(self, begin: LiteralString) -> AsyncIterator[PostgresTransaction]:
        if self._pool.closed:
            raise StorageUnavailable("the database is closed")
        # psycopg cancels a running statement and rolls back when the task is cancelled
        tx = PostgresTransaction(self._pool, self._sessions, begin)
        with translated():
            try:
                yield tx
            except BaseException as error:
                await tx.end(error)
                raise
            await tx.end(None)

    async def migrate(self) -> int:
        """See `storage.engine.transaction.Database`."""
        return await migrations.migrate(self)

    async def is_current(self) -> bool:
        """See `storage.engine.transaction.Database`."""
        return await migrations.is_current(self)

    async def backup(self, path: Path) -> None:  # noqa: ARG002 - the other database needs it
        """PostgreSQL brings its own tool for this; always raises StorageError."""
        raise StorageError("only a SQLite database is copied this way; use pg_dump")

    async def close(self) -> None:
        """See `storage.engine.transaction.Database`."""
        await self._pool.close()


async def _cancelled_once(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run `work`, which hears of the first cancellation alone and then comes to its end.

    psycopg cancels the statement in the server and reads what is left of the pipeline; cancelled
    once more in the middle of that it closes the connection, and the pipeline complains of it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        task.cancel()
        while not task.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([task])
        if not task.cancelled():
            # nobody waits for it any more
            task.exception()
        raise


async def _commit(connection: Connection) -> None:
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.INERROR:
        # somebody caught an error and went on; COMMIT would quietly roll back
        raise StorageError("a statement of this transaction failed, nothing of it was written")
    try:
        await connection.execute("COMMIT", prepare=False)
    except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
        if connection.closed or connection.broken:
            raise CommitUncertain("the connection broke during the commit") from exc
        raise
