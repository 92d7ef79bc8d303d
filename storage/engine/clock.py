"""Database clock: hosts that share leases go by the database server's time.

A lease that one host's clock takes for over is another's that works. So on PostgreSQL every process
goes by the server's clock: asked for at the start and every few seconds, carried on in between by
what no time server sets: the monotonic clock. SQLite has one process, whose own clock it is.
"""

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from storage.engine.transaction import Database
from storage.errors import StorageError

log = logging.getLogger(__name__)

REFRESH_S: Final = 5.0
_SLOW_MS: Final = 500.0
"""A slower answer is too imprecise: the earlier reading is kept, unless it is wrong by more."""
_CONNECT: Final = "SELECT 1 AS one"
_NOW: Final = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT) AS now_ms"


async def read_now_ms(database: Database) -> int | None:
    """The database server's time in UTC milliseconds; None on SQLite, which has none."""
    if database.dialect != "postgres":
        return None
    async with database.reading() as tx:
        row = await tx.fetch_one(_NOW)
    return int(row["now_ms"]) if row else None


def since_boot_s() -> float:
    """Seconds that no time server sets; on Linux with those that the machine was suspended."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class DatabaseClock:
    """The server's time in UTC milliseconds, without a query for each reading."""

    def __init__(
        self, database: Database, *, monotonic: Callable[[], float] = since_boot_s
    ) -> None:
        self._database = database
        self._monotonic = monotonic
        self._at_zero_ms = 0.0
        """The server's time when the monotonic clock stood at 0."""
        self._is_set = False

    def __call__(self) -> int:
        """Now."""
        return round(self._at_zero_ms + self._monotonic() * 1000)

    async def refresh(self) -> None:
        """Ask the server. Raises: StorageError, after which the clock goes on as before."""
        async with self._database.reading() as tx:
            # connected first, so that what is measured is one question and its answer
            await tx.fetch_one(_CONNECT)
            asked_ms = self._monotonic() * 1000
            row = await tx.fetch_one(_NOW)
            answered_ms = self._monotonic() * 1000
        if row is None:
            return
        took_ms = answered_ms - asked_ms
        at_zero_ms = int(row["now_ms"]) - (asked_ms + answered_ms) / 2
        is_close = abs(at_zero_ms - self._at_zero_ms) <= took_ms
        if self._is_set and took_ms > _SLOW_MS and is_close:
            return
        self._at_zero_ms, self._is_set = at_zero_ms, True

    async def follow(self, stop: asyncio.Event) -> None:
        """Refresh the clock periodically until `stop` is set."""
        stopped = asyncio.ensure_future(stop.wait())
        while not stop.is_set():
            await asyncio.wait({stopped}, timeout=REFRESH_S)
            try:
                await self.refresh()
            except StorageError as error:
                log.info(
                    "The database clock can't be read; the last reading is extrapolated",
                    extra={"action": "clock.refresh", "error": repr(error)},
                )
        stopped.cancel()
        await asyncio.gather(stopped, return_exceptions=True)
