"""Usage report of a server: per member, per day, and request by request as CSV."""

import asyncio
import datetime as dt
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.stats.spreadsheet import amount, moment, table
from storage.durations import DAY_MS
from storage.engine.transaction import Database
from storage.moderation import safety_checks
from storage.moderation.safety_checks import FlaggedReview
from storage.records import ENDS, State
from storage.stats import usage_report
from storage.stats.usage_report import UsageRow

MOST_DAYS: Final = 366
MOST_ROWS: Final = 20_000
"""More than this is cut off, oldest first, and the report says so."""

_COLUMNS: Final = (
    "id",
    "asked_at",
    "member_id",
    "model",
    "seconds",
    "state",
    "failure",
    "task_id",
    "counted",
    "cost",
    "provider_cost",
    "currency",
)


@dataclass(slots=True)
class Sums:
    """Requests added up: `other` were cancelled, rejected or deleted, or are under way."""

    posted: int = 0
    failed: int = 0
    other: int = 0
    seconds: int = 0
    cost_micros: int = 0
    billed_micros: int = 0
    """What the provider says that they cost."""

    @property
    def asked(self) -> int:
        """All of them."""
        return self.posted + self.failed + self.other

    def add(self, row: UsageRow) -> None:
        """Count one more; its seconds count once the video is posted."""
        if row.state == State.POSTED:
            self.posted += 1
            self.seconds += row.seconds
        elif row.state == State.FAILED:
            self.failed += 1
        else:
            self.other += 1
        self.cost_micros += row.cost_micros
        self.billed_micros += row.billed_micros or 0


@dataclass(frozen=True, slots=True)
class FlaggedBand:
    """What the safety check was so sure of (in hundredths), and how moderators decided on it."""

    least: int
    most: int
    decided: int
    rejected: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything the report shows; members with the most videos first, days from the oldest."""

    days: tuple[dt.date, ...]
    by_day: tuple[Sums, ...]
    members: tuple[tuple[int, Sums], ...]
    total: Sums
    under_way: int
    failures: tuple[tuple[str, int], ...]
    """How often each cause was met, the most frequent first."""
    has_prices: bool
    is_cut: bool
    flagged: tuple[FlaggedBand, ...] = ()
    """Bands of the safety check's certainty in which anything was flagged and decided."""
    file: bytes = field(repr=False, default=b"")
    """The CSV: UTF-8 with a mark that spreadsheets look for."""


class UsageReportService:
    """Answers moderators alone."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], int],
        currency: str,
        has_prices: Callable[[], bool],
    ) -> None:
        self._database = database
        self._clock = clock
        self._currency = currency
        self._has_prices = has_prices

    async def report(self, caller: Caller, days: int) -> Report:
        """The last days in UTC, today included. Raises: NotAllowed."""
        dates = last_days(self._clock(), min(max(1, days), MOST_DAYS))
        since_ms = midnight_ms(dates[0])
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            rows = await usage_report.spent(
                tx, caller.guild_id, since_ms=since_ms, limit=MOST_ROWS + 1
            )
            seen = await safety_checks.decided(
                tx, caller.guild_id, since_ms=since_ms, limit=MOST_ROWS
            )
        # thousands of rows: the event loop has other things to do meanwhile
        return await asyncio.to_thread(self._add_up, rows, dates, bands_of(seen))

    def _add_up(
        self,
        rows: Sequence[UsageRow],
        dates: tuple[dt.date, ...],
        flagged: tuple[FlaggedBand, ...],
    ) -> Report:
        shown = rows[:MOST_ROWS]
        total = Sums()
        by_day = {day: Sums() for day in dates}
        members: dict[int, Sums] = {}
        failures: Counter[str] = Counter()
        for row in shown:
            day = dates[0] + dt.timedelta(days=(row.asked_at_ms - midnight_ms(dates[0])) // DAY_MS)
            for sums in (total, members.setdefault(row.user_id, Sums()), by_day.get(day)):
                if sums is not None:
                    sums.add(row)
            if row.state == State.FAILED:
                failures[row.failure or "unknown"] += 1
        ranked = sorted(members.items(), key=lambda each: (-each[1].posted, -each[1].asked, each))
        return Report(
            days=dates,
            by_day=tuple(by_day.values()),
            members=tuple(ranked),
            total=total,
            under_way=sum(bool(row.state) and row.state not in ENDS for row in shown),
            failures=tuple(failures.most_common()),
            has_prices=bool(self._currency) and (self._has_prices() or total.cost_micros > 0),
            is_cut=len(rows) > MOST_ROWS,
            flagged=flagged,
            file=as_csv(shown, self._currency),
        )


def bands_of(seen: Sequence[FlaggedReview]) -> tuple[FlaggedBand, ...]:
    """Decisions by tens of certainty, so that a threshold can be chosen; the last has 100 too."""
    decided = Counter(min(each.top_score, 99) // 10 * 10 for each in seen)
    rejected = Counter(min(each.top_score, 99) // 10 * 10 for each in seen if each.is_rejected)
    return tuple(
        FlaggedBand(least, 100 if least == 90 else least + 9, decided[least], rejected[least])
        for least in sorted(decided)
    )


def last_days(now_ms: int, count: int) -> tuple[dt.date, ...]:
    """So many calendar days in UTC up to today, the oldest first."""
    today = dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC).date()
    return tuple(today - dt.timedelta(days=back) for back in range(count - 1, -1, -1))


def midnight_ms(day: dt.date) -> int:
    """The moment a day begins in UTC."""
    return int(dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC).timestamp()) * 1000


def as_csv(rows: Sequence[UsageRow], currency: str) -> bytes:
    """The requests for spreadsheets, one a line."""
    cells = (
        (
            row.id,
            moment(row.asked_at_ms),
            str(row.user_id),
            row.model,
            str(row.seconds),
            row.state,
            row.failure,
            row.task_id,
            str(row.counted),
            amount(row.cost_micros),
            amount(row.billed_micros),
            currency,
        )
        for row in rows
    )
    return table(_COLUMNS, cells)
