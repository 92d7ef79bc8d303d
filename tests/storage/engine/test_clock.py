"""Two hosts with clocks of their own go by one: the database server's."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast

import pytest

from storage.engine.clock import DatabaseClock, read_now_ms
from storage.engine.transaction import Database, Dialect
from tests.conftest import OpenAnother


class Ticking:
    """A monotonic clock that a test moves."""

    def __init__(self, at_s: float) -> None:
        self.at_s = at_s

    def __call__(self) -> float:
        return self.at_s


async def test_hosts_agree_whatever_their_own_clocks_say(
    database: Database, open_another: OpenAnother
) -> None:
    if database.dialect == "sqlite":
        assert await read_now_ms(database) is None
        pytest.skip("SQLite has one process")
    here, there = Ticking(12.0), Ticking(987_654.0)
    one = DatabaseClock(database, monotonic=here)
    other = DatabaseClock(await open_another(), monotonic=there)
    await asyncio.gather(one.refresh(), other.refresh())
    now_ms = await read_now_ms(database)
    assert now_ms is not None
    # within what two questions take on a busy machine
    assert abs(one() - other()) < 10_000
    assert abs(one() - now_ms) < 10_000
    before_ms = one()
    here.at_s += 15
    assert one() == before_ms + 15_000
    # a clock that ran away is set right by the next answer
    here.at_s += 3600
    await one.refresh()
    assert abs(one() - other()) < 20_000


async def test_a_clock_goes_on_while_the_database_is_away(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one process")
    ticking = Ticking(5.0)
    clock = DatabaseClock(database, monotonic=ticking)
    await clock.refresh()
    before_ms = clock()
    await database.close()
    stop = asyncio.Event()
    stop.set()
    await clock.follow(stop)
    ticking.at_s += 7
    assert clock() == before_ms + 7000


class SlowServer:
    """A database server that answers slowly, as `Ticking` shows."""

    dialect: Dialect = "postgres"

    def __init__(self, ticking: Ticking, now_s: float) -> None:
        self.ticking, self.takes_s, self.ahead_s = ticking, 0.0, now_s - ticking.at_s

    @asynccontextmanager
    async def reading(self) -> AsyncIterator["SlowServer"]:
        yield self

    async def fetch_one(self, sql: str) -> dict[str, int]:
        self.ticking.at_s += self.takes_s / 2
        now_ms = round((self.ticking.at_s + self.ahead_s) * 1000)
        self.ticking.at_s += self.takes_s / 2
        return {"now_ms": now_ms}


async def test_a_slow_answer_counts_where_the_clock_is_wrong_by_more() -> None:
    """As after a suspension: the machine's own clock stood still meanwhile."""
    ticking = Ticking(100.0)
    server = SlowServer(ticking, now_s=1_800_000_000)
    clock = DatabaseClock(cast("Database", server), monotonic=ticking)
    await clock.refresh()
    server.takes_s, server.ahead_s = 0.8, server.ahead_s + 3600
    await clock.refresh()
    assert abs(clock() - (ticking.at_s + server.ahead_s) * 1000) <= 800
    # while it is right, no slow answer moves it
    server.ahead_s += 0.3
    before_ms = clock() - ticking.at_s * 1000
    await clock.refresh()
    assert clock() - ticking.at_s * 1000 == pytest.approx(before_ms, abs=1)
