"""Protocols of a transaction and a database; SQLite and PostgreSQL implement them."""

from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

_Result = TypeVar("_Result")

Dialect = Literal["sqlite", "postgres"]
Row = Mapping[str, Any]
Parameters = Mapping[str, Any]


class Transaction(Protocol):
    """One open transaction; it ends with the `async with` that gave it and is of no use after.

    SQL takes `:name` parameters and, where the databases differ, tokens of `storage.engine.sql`.
    Every method raises Conflict (a unique key is taken), StorageUnavailable or StorageError; after
    any of them the whole transaction is lost on PostgreSQL, so let it end.
    """

    @property
    def dialect(self) -> Dialect:
        """Which of the two databases this is."""

    @property
    def memo(self) -> dict[tuple[str, int | str], Any]:
        """Rows that one transaction asks for again and again, by table and key.

        For the table's own module alone, which forgets what it writes or locks.
        """

    async def fetch_all(self, sql: str, parameters: Parameters | None = None) -> list[Row]:
        """Every row the statement gives, with its columns by name."""

    async def fetch_one(self, sql: str, parameters: Parameters | None = None) -> Row | None:
        """The first row, or None."""

    async def execute(self, sql: str, parameters: Parameters | None = None) -> int:
        """Run a statement and return how many rows it touched."""


Body = Callable[[Transaction], Coroutine[Any, Any, _Result]]
"""All of a transaction as one coroutine function, which awaits nothing but its transaction."""


class Database(Protocol):
    """A database with its connections; open one with `storage.engine.database.open_database`."""

    @property
    def dialect(self) -> Dialect:
        """Which of the two databases this is."""

    def transaction(self) -> AbstractAsyncContextManager[Transaction]:
        """Write: commits at the end, rolls back on any exception, cancellation included.

        Never await Discord, the provider or a second transaction inside: SQLite has one writer.
        A cancellation during the commit itself leaves open whether it was written.
        """

    def reading(self) -> AbstractAsyncContextManager[Transaction]:
        """Read only: one consistent view, never blocked by a writer nor blocking one."""

    async def write(self, body: Body[_Result]) -> _Result:
        """`transaction` for what many do at once: cheaper on SQLite, the same on PostgreSQL.

        On SQLite the body runs on the writer's thread, beside the event loop: it may await its
        transaction alone (else StorageError) and must not touch what belongs to the loop. Bodies
        that wait are committed together; each is all or nothing. Keep them short.
        """

    async def read(self, body: Body[_Result]) -> _Result:
        """`reading` likewise: on SQLite the whole body runs on a reader's thread."""

    async def migrate(self) -> int:
        """Bring the schema up to date; returns how many migrations were applied.

        Raises: DatabaseNewer when the schema is of a later version than the code.
        """

    async def is_current(self) -> bool:
        """Whether the schema is the one this code was written for; raises DatabaseNewer."""

    async def backup(self, path: Path) -> None:
        """Write a consistent copy while the bot goes on; an existing file is replaced whole.

        SQLite only. Raises: StorageError on PostgreSQL, where pg_dump does this.
        """

    async def close(self) -> None:
        """Close every connection after running transactions have ended; may be called twice."""
