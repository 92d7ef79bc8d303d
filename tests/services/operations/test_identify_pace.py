"""The pace of identifying over several processes, with a clock and a sleep that are arguments."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise

import discord
import pytest

from bot.gateway import ShardedBot
from bot.services.operations.identify_pace import PACE_MS, IdentifyPace
from bot.shards import Shards
from storage.engine.transaction import Database
from storage.operations import key_values
from tests.conftest import OpenAnother

START_MS = 1_790_000_000_000


@dataclass
class Time:
    """A clock that moves when all who work sleep; `slow_ms` is what each look at it costs."""

    now_ms: int = START_MS
    slow_ms: int = 0
    at_work: int = 1
    slept: list[float] = field(default_factory=list)
    sleepers: list[tuple[int, asyncio.Event]] = field(default_factory=list)

    def __call__(self) -> int:
        self.now_ms += self.slow_ms
        return self.now_ms

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        awake = asyncio.Event()
        self.sleepers.append((self.now_ms + round(seconds * 1000), awake))
        self._move()
        # whoever is woken at once lets others run all the same
        await asyncio.sleep(0)
        await awake.wait()

    def leave(self) -> None:
        """One works no longer."""
        self.at_work -= 1
        self._move()

    def _move(self) -> None:
        if self.sleepers and len(self.sleepers) == self.at_work:
            self.now_ms = min(until_ms for until_ms, _ in self.sleepers)
            for until_ms, awake in self.sleepers:
                if until_ms <= self.now_ms:
                    awake.set()
            self.sleepers = [each for each in self.sleepers if not each[1].is_set()]


@pytest.fixture
def time() -> Time:
    return Time()


def paces(databases: Iterable[Database], time: Time) -> list[IdentifyPace]:
    return [IdentifyPace(each, clock=time, sleep=time.sleep) for each in databases]


def apart(moments: list[int]) -> list[int]:
    return [two - one for one, two in pairwise(sorted(moments))]


async def test_of_all_processes_one_identifies_at_a_time(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    processes = paces((database, await open_another(), await open_another()), time)
    time.at_work = len(processes)
    moments: list[int] = []

    async def identify(pace: IdentifyPace) -> None:
        turn = await pace.take(0)
        assert await pace.confirm(0, turn)
        moments.append(time.now_ms)
        time.leave()

    async with asyncio.timeout(20):
        await asyncio.gather(*(identify(pace) for pace in processes))
    assert len(moments) == 3
    assert min(apart(moments)) >= PACE_MS


async def test_buckets_do_not_wait_for_one_another(database: Database, time: Time) -> None:
    (pace,) = paces((database,), time)
    for bucket in range(4):
        await pace.take(bucket)
    assert not time.slept


async def test_the_pace_outlives_the_process(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    before, after = paces((database, await open_another()), time)
    await before.take(0)
    time.now_ms += 1_500
    await after.take(0)
    assert time.now_ms == START_MS + PACE_MS


async def test_others_count_from_the_identify_not_from_the_turn(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    first, second = paces((database, await open_another()), time)
    turn = await first.take(0)
    time.now_ms += 3_000  # the connection took its time
    assert await first.confirm(0, turn)
    await second.take(0)
    assert time.now_ms == START_MS + 3_000 + PACE_MS


async def test_a_shard_whose_connection_took_its_time_identifies_at_the_pace(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    first, second = paces((database, await open_another()), time)
    bot = ShardedBot("!", intents=discord.Intents.none(), pace=first)
    bot.use_shards(Shards(0, 1, 4))
    try:
        await bot._take_turn(0)
        time.now_ms += 3_000
        await bot.before_identify_hook(0)
        await second.take(0)
        assert time.now_ms == START_MS + 3_000 + PACE_MS
        # one whose turn has passed to another meanwhile takes a new one
        await bot._take_turn(1)
        time.now_ms += PACE_MS
        await second.take(0)
        passed_ms = time.now_ms
        await bot.before_identify_hook(1)
        assert time.now_ms == passed_ms + PACE_MS
    finally:
        await bot.close()


async def test_a_turn_that_has_passed_to_another_is_not_confirmed(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    first, second = paces((database, await open_another()), time)
    turn = await first.take(0)
    time.now_ms += PACE_MS
    await second.take(0)
    assert not await first.confirm(0, turn)


async def test_a_slow_database_delays_but_does_not_stop(
    database: Database, open_another: OpenAnother, time: Time
) -> None:
    slow, next_one = paces((database, await open_another()), time)
    time.slow_ms = 800
    await slow.take(0)
    identified_ms = time()
    time.slow_ms = 0
    await next_one.take(0)
    assert time.now_ms - identified_ms >= 5_000


async def test_a_clock_that_was_set_back_stops_nobody(database: Database, time: Time) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, "identify:0", "before", START_MS + 3_600_000)
    (pace,) = paces((database,), time)
    await pace.take(0)
    assert not time.slept


async def test_a_database_that_is_away_is_waited_for(
    open_another: OpenAnother, database: Database, time: Time
) -> None:
    gone = await open_another()
    await gone.close()
    (pace,) = paces((gone,), time)
    taking = asyncio.create_task(pace.take(0))
    async with asyncio.timeout(20):
        while len(time.slept) < 2:
            assert not taking.done()
            await asyncio.sleep(0)
    taking.cancel()
    await asyncio.gather(taking, return_exceptions=True)
