"""PostgreSQL through psycopg 3 and its pool, without retries of its own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, Final, LiteralString

import psycopg
from psycopg import errors
from psycopg.rows import DictRow, dict_row
from psycopg_pool import AsyncConnectionPool

from storage.engine import migrate as migrations
from storage.engine.sql import render
from storage.engine.transaction import Dialect, Parameters, Row, Transaction
from storage.errors import (
    CommitUncertain,
    Conflict,
    StorageError,
    StorageUnavailable,
    TransactionLost,
)

Connection = psycopg.AsyncConnection[DictRow]

_POOL_SIZE: Final = 10
_POOL_TIMEOUT_S: Final = 5.0
_START_TIMEOUT_S: Final = 10.0
_RECONNECT_S: Final = 5.0
"""After this long without a connection the pool stops trying until somebody asks for one again,
which then happens at once: so a database that comes back is found again quickly."""

# set for this transaction only: behind a transaction pooler a session setting would leak to the
# next client of the connection
_SETTINGS: Final[LiteralString] = """
SET LOCAL statement_timeout = '30s';
SET LOCAL lock_timeout = '10s';
SET LOCAL idle_in_transaction_session_timeout = '60s';
SET LOCAL client_min_messages = warning"""
_WRITE: Final[LiteralString] = f"BEGIN ISOLATION LEVEL READ COMMITTED;{_SETTINGS}"
_READ: Final[LiteralString] = f"BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY;{_SETTINGS}"
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
    except (errors.DeadlockDetected, errors.SerializationFailure) as exc:
        raise TransactionLost(f"PostgreSQL: {type(exc).__name__}") from exc
    except _PASSING as exc:
        raise StorageUnavailable(f"PostgreSQL: {type(exc).__name__}") from exc
    except psycopg.Error as exc:
        raise StorageError(f"PostgreSQL: {type(exc).__name__} {exc.sqlstate or ''}") from exc


class PostgresTransaction:
    """Statements on a connection that is inside a transaction."""

    dialect: Dialect = "postgres"

    def __init__(self, connection: Connection) -> None:
        self._connection: Connection | None = connection
        self.memo: dict[tuple[str, int | str], Any] = {}

    def end(self) -> None:
        """Refuse any further statement: the pool may have handed the connection on."""
        self._connection = None

    async def _run(self, sql: str, parameters: Parameters | None) -> psycopg.AsyncCursor[DictRow]:
        if self._connection is None:
            raise StorageError("the transaction has ended")
        with translated():
            return await self._connection.execute(
                render(sql, "postgres").encode(), dict(parameters or {})
            )

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
                    # a statement prepared in one session is not there, or another's, in the next
                    "prepare_threshold": None,
                },
                min_size=1,
                max_size=_POOL_SIZE,
                open=False,
                check=AsyncConnectionPool.check_connection,
                reset=_leave,
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

    @asynccontextmanager
    async def _session(self, begin: LiteralString) -> AsyncIterator[PostgresTransaction]:
        # psycopg cancels a running statement and rolls back when the task is cancelled; a
        # connection in doubt is closed by the pool and replaced
        with translated():
            async with self._pool.connection() as connection:
                await connection.execute(begin)
                tx = PostgresTransaction(connection)
                try:
                    yield tx
                finally:
                    tx.end()
                await _commit(connection)

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


async def _commit(connection: Connection) -> None:
    if connection.info.transaction_status is psycopg.pq.TransactionStatus.INERROR:
        # somebody caught an error and went on; COMMIT would quietly roll back
        raise StorageError("a statement of this transaction failed, nothing of it was written")
    try:
        await connection.execute("COMMIT")
    except (psycopg.OperationalError, psycopg.InterfaceError) as exc:
        if connection.closed or connection.broken:
            raise CommitUncertain("the connection broke during the commit") from exc
        raise


async def _leave(connection: psycopg.AsyncConnection[Any]) -> None:
    """Nothing to reset; that it is given makes the pool take connections back in a task of its own.

    Returning a connection then cannot be cancelled half-way, which would lose it to the pool.
    """
