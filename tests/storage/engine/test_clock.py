"""Two hosts with clocks of their own go by one: the database server's."""

import asyncio

import pytest

from storage.engine.clock import DatabaseClock, read_now_ms
from storage.engine.transaction import Database
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
