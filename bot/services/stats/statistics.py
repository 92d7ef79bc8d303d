"""Statistics of a server or of one member: by day, by wait, by model, without names."""

import asyncio
import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.services.caller import Caller
from bot.services.stats.usage_report import last_days, midnight_ms
from storage.durations import DAY_MS
from storage.engine.transaction import Database
from storage.records import State
from storage.stats import statistics
from storage.stats.daily_counts import DayFigures, of_member, of_server
from storage.stats.statistics import DailyEnds, ModelUse, WaitTimes

MOST_DAYS: Final = 90
"""How many bars are still legible on a phone."""


@dataclass(slots=True)
class Lifecycle:
    """One day's requests: `other` were cancelled, rejected or are uncertain or under way."""

    posted: int = 0
    failed: int = 0
    other: int = 0

    @property
    def asked(self) -> int:
        """All of them."""
        return self.posted + self.failed + self.other

    def add(self, state: str, number: int) -> None:
        """Count some more that are in a state."""
        if state == State.POSTED:
            self.posted += number
        elif state == State.FAILED:
            self.failed += number
        else:
            self.other += number


@dataclass(frozen=True, slots=True)
class Statistics:
    """Everything the chart shows; days from the oldest, models from the most asked for.

    `waits` has None for a day on which nothing was asked for that was posted.
    """

    is_own: bool
    days: tuple[dt.date, ...]
    by_day: tuple[Lifecycle, ...]
    total: Lifecycle
    waits: tuple[WaitTimes | None, ...]
    wait: WaitTimes | None
    models: tuple[ModelUse, ...]


class StatisticsService:
    """Serves every member, but never figures of another member."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def look(self, caller: Caller, days: int, *, is_own: bool) -> Statistics:
        """The last days in UTC, today included, of the caller's server or of the caller there."""
        dates = last_days(self._clock(), min(max(1, days), MOST_DAYS))
        first, last = (midnight_ms(date) // DAY_MS for date in (dates[0], dates[-1]))
        async with self._database.reading() as tx:
            if is_own:
                found = await of_member(tx, caller.guild_id, caller.user_id, first=first)
            else:
                found = await of_server(tx, caller.guild_id, first=first, last=last)
        # a busy server's waits are many: the event loop has other things to do meanwhile
        return await asyncio.to_thread(_drawn_up, found, first, dates, is_own)


def _drawn_up(
    found: Sequence[DayFigures], first: int, dates: tuple[dt.date, ...], is_own: bool
) -> Statistics:
    by_day, total = _added_up(statistics.by_day(found, first), len(dates))
    by_number = {each.day: each for each in statistics.waits(found, first)}
    return Statistics(
        is_own=is_own,
        days=dates,
        by_day=by_day,
        total=total,
        waits=tuple(by_number.get(number) for number in range(len(dates))),
        wait=statistics.waits_in_all(found),
        models=tuple(statistics.models(found)),
    )


def _added_up(ended: Sequence[DailyEnds], count: int) -> tuple[tuple[Lifecycle, ...], Lifecycle]:
    by_day, total = tuple(Lifecycle() for _ in range(count)), Lifecycle()
    for each in ended:
        # a clock that was set back since may have left requests in days to come
        by_day[min(each.day, count - 1)].add(each.state, each.number)
        total.add(each.state, each.number)
    return by_day, total
