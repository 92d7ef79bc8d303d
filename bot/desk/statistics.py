"""What a server made, or a member of it for themselves: by day, by wait, by model. No names."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.desk.spending import last_days, midnight_ms
from bot.desk.views import Caller
from storage import statistics
from storage.database import Database
from storage.records import State
from storage.statistics import Ended, Used, Waited

MOST_DAYS: Final = 90
"""So many bars can still be told apart on a phone."""


@dataclass(slots=True)
class Ends:
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
    by_day: tuple[Ends, ...]
    total: Ends
    waits: tuple[Waited | None, ...]
    wait: Waited | None
    models: tuple[Used, ...]


class StatisticsDesk:
    """Answers everybody, and nobody about another member."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def look(self, caller: Caller, days: int, *, is_own: bool) -> Statistics:
        """The last days in UTC, today included, of the caller's server or of the caller there."""
        dates = last_days(self._clock(), min(max(1, days), MOST_DAYS))
        since_ms = midnight_ms(dates[0])
        whose = caller.user_id if is_own else None
        guild_id = caller.guild_id
        async with self._database.reading() as tx:
            ended = await statistics.by_day(tx, guild_id, since_ms=since_ms, user_id=whose)
            waits = await statistics.waits(tx, guild_id, since_ms=since_ms, user_id=whose)
            wait = await statistics.waits_in_all(tx, guild_id, since_ms=since_ms, user_id=whose)
            models = await statistics.models(tx, guild_id, since_ms=since_ms, user_id=whose)
        by_day, total = _added_up(ended, len(dates))
        by_number = {each.day: each for each in waits}
        return Statistics(
            is_own=is_own,
            days=dates,
            by_day=by_day,
            total=total,
            waits=tuple(by_number.get(number) for number in range(len(dates))),
            wait=wait,
            models=tuple(models),
        )


def _added_up(ended: Sequence[Ended], count: int) -> tuple[tuple[Ends, ...], Ends]:
    by_day, total = tuple(Ends() for _ in range(count)), Ends()
    for each in ended:
        # a clock that was set back since may have left requests in days to come
        by_day[min(each.day, count - 1)].add(each.state, each.number)
        total.add(each.state, each.number)
    return by_day, total
