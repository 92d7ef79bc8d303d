"""Connections whose session in PostgreSQL is their own, so that statements are prepared in it.

Planning costs PostgreSQL more than most of our statements do; a prepared one is planned once in a
session. Behind a pooler in transaction mode each transaction may get another session, where what
was prepared is not there, or is another client's. So every connection leaves a mark of its own in
its session, each transaction begins by comparing it, and the first that finds another one ends
preparing for the whole pool.
"""

import logging
import secrets
import time
from contextlib import suppress
from typing import Final, LiteralString

import psycopg
from psycopg import errors
from psycopg.rows import DictRow
from psycopg.types.numeric import Int8BinaryDumper
from psycopg_pool import AsyncConnectionPool

log = logging.getLogger(__name__)

LOST: Final = (
    errors.InvalidSqlStatementName,
    errors.DuplicatePreparedStatement,
    errors.FeatureNotSupported,
)
"""What was prepared is gone, another client's, or of a table that has changed since."""

_THRESHOLD: Final = 5
"""A statement is prepared once it ran so often on a connection."""
_PREPARED_MAX: Final = 400
"""Prepared statements of a connection; a worker has about 200."""
_IDLE_S: Final = 2.0
"""A connection that was idle for longer is asked whether it still works before it is used."""

_IN_TRANSACTION: Final = (
    psycopg.pq.TransactionStatus.INTRANS,
    psycopg.pq.TransactionStatus.INERROR,
)

_MARK: Final[LiteralString] = "SELECT set_config('video_bot.session', %(mark)s, false)"
# for this transaction only: behind a transaction pooler a session setting would leak to the next
# client of the connection
_SETTINGS: Final[LiteralString] = """
SELECT set_config('statement_timeout', '30s', true), set_config('lock_timeout', '10s', true),
  set_config('idle_in_transaction_session_timeout', '60s', true),
  set_config('client_min_messages', 'warning', true)"""
# an error and no answer to look at: what the same round trip brings after it is not carried out
_UNLESS_MARKED: Final[LiteralString] = """,
  1 / CAST(current_setting('video_bot.session', true) IS NOT DISTINCT FROM %(mark)s AS INTEGER)"""


class Connection(psycopg.AsyncConnection[DictRow]):
    """A connection that knows since when it is idle, and how it marked its session."""

    idle_since_s = 0.0
    mark = ""


class Sessions:
    """Whether the connections of a pool have sessions of their own; assumed until disproved."""

    def __init__(self) -> None:
        self._are_own = True

    async def mark(self, connection: Connection) -> None:
        """Mark the session of a new connection.

        Not as it is connected: what fails here costs a connection, which is replaced at once, and
        there a pause that grows.
        """
        if self._are_own and not connection.mark:
            mark = secrets.token_hex(8)
            await connection.execute(_MARK, {"mark": mark}, prepare=False)
            connection.mark = mark

    async def begin(self, connection: Connection, begin: LiteralString) -> None:
        """Send the beginning of a transaction, in a pipeline.

        The pipeline raises DivisionByZero where the session is another one: see
        `is_disproved_by`.
        """
        connection.prepare_threshold = _THRESHOLD if self._are_own else None
        # these two go out before it is known whose session it is
        await connection.execute(begin, prepare=False)
        if self._are_own:
            marked = {"mark": connection.mark}
            await connection.execute(_SETTINGS + _UNLESS_MARKED, marked, prepare=False)
        else:
            await connection.execute(_SETTINGS, prepare=False)

    def is_disproved_by(self, error: psycopg.Error, connection: Connection) -> bool:
        """Whether a transaction failed to begin because its session is not its connection's own."""
        was_compared = connection.prepare_threshold is not None
        if not was_compared or not isinstance(error, errors.DivisionByZero):
            return False
        self._give_up()
        return True

    async def forget(self, pool: AsyncConnectionPool[Connection], error: psycopg.Error) -> None:
        """After one of `LOST`: have the pool's connections replaced by such that prepare anew."""
        if not isinstance(error, errors.FeatureNotSupported):
            self._give_up()
        await pool.drain()

    def _give_up(self) -> None:
        if self._are_own:
            log.info(
                "PostgreSQL is behind a pooler: statements are not prepared",
                extra={"action": "storage.engine.sessions"},
            )
        self._are_own = False


async def configure(connection: Connection) -> None:
    """Set up a new connection; asks the server nothing."""
    connection.prepared_max = _PREPARED_MAX
    connection.idle_since_s = time.monotonic()
    # what is prepared goes by the types too, and an int's would go by its size
    connection.adapters.register_dumper(int, Int8BinaryDumper)


async def roll_back(connection: Connection) -> None:
    """Roll back and keep what is prepared, as far as the connection still works.

    psycopg's own `rollback` forgets all of it, since what the transaction made may be gone; ours
    make nothing that is prepared for, and a request that is refused is rolled back as well.
    """
    if connection.info.transaction_status in _IN_TRANSACTION:
        connection.prepare_threshold = None
        with suppress(psycopg.Error):
            await connection.execute("ROLLBACK")


async def check(connection: Connection) -> None:
    """Find out whether an idle connection is lost, as after a restart of the server."""
    if time.monotonic() - connection.idle_since_s > _IDLE_S:
        await AsyncConnectionPool.check_connection(connection)


async def leave(connection: Connection) -> None:
    """Note since when it is idle.

    That there is something to do makes the pool take connections back in a task of its own:
    returning one then cannot be cancelled half-way, which would lose it to the pool.
    """
    connection.idle_since_s = time.monotonic()
