"""Statistics of a server's or a member's requests, added up from daily figures.

Drafts took nothing and are not counted. What somebody had deleted goes on in the server's figures
without their id, and is nobody's own any more: not even under the pseudonym that quotas know.
"""

import heapq
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.stats.daily_counts import DayFigures


@dataclass(frozen=True, slots=True)
class DailyEnds:
    """So many requests of one day, counted from 0 at the first, are in this state now.

    `state` is empty where the request itself is gone.
    """

    day: int
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class WaitTimes:
    """From being asked for to being posted: half of a day's videos took at most `half_ms`.

    Nine of ten took at most `most_ms`. Both are waits that somebody had, none is a mean.
    """

    day: int
    number: int
    half_ms: int
    most_ms: int


@dataclass(frozen=True, slots=True)
class ModelUse:
    """How many requests there were for a model."""

    model: str
    number: int


def by_day(days: Iterable[DayFigures], first: int) -> list[DailyEnds]:
    """Requests by day and by how they stand now."""
    return [
        DailyEnds(figures.day - first, state, number)
        for figures in days
        for state, number in sorted(figures.ended.items())
    ]


def waits(days: Iterable[DayFigures], first: int) -> list[WaitTimes]:
    """How long videos took, by the day on which they were asked for; days without any are left out.

    By the wall clock of who waited, with queue and review.
    """
    return [_waited(figures.day - first, figures.waits) for figures in days if figures.waits]


def waits_in_all(days: Iterable[DayFigures]) -> WaitTimes | None:
    """The same over the whole time; None where nothing was posted."""
    every = list(heapq.merge(*(figures.waits for figures in days)))
    return _waited(0, every) if every else None


def models(days: Iterable[DayFigures]) -> list[ModelUse]:
    """Which models were asked for how often, the most asked for first."""
    numbers: Counter[str] = Counter()
    for figures in days:
        numbers.update(figures.models)
    ranked = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    return [ModelUse(model, number) for model, number in ranked]


def _waited(day: int, ordered: Sequence[int]) -> WaitTimes:
    """The places of the median and of the ninth tenth, from 1, rounded up."""
    number = len(ordered)
    return WaitTimes(
        day, number, ordered[(number + 1) // 2 - 1], ordered[(number * 9 + 9) // 10 - 1]
    )
