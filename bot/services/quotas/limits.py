"""Limits as data: scope, unit, period, and when a used-up one frees up. Pure.

Amounts are whole numbers: videos, seconds, or millionths of the owner's currency.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.durations import DAY_MS
from storage.quotas.ledger_records import Account, Usage
from storage.quotas.quotas import Quota
from storage.records import Request

MICROS: Final = 1_000_000


class Unit(StrEnum):
    """What is counted."""

    VIDEOS = "videos"
    SECONDS = "seconds"
    COST = "cost"

    def of(self, usage: Usage) -> int:
        """Its part of a sum."""
        if self is Unit.VIDEOS:
            return usage.videos
        return usage.seconds if self is Unit.SECONDS else usage.cost_micros

    def needed_by(self, request: Request) -> int:
        """How much of it a request takes; without a price it costs nothing that is known."""
        if self is Unit.VIDEOS:
            return 1
        return request.seconds if self is Unit.SECONDS else request.cost_micros or 0


class Period(StrEnum):
    """Over which time: the last 24 hours, or the calendar month in UTC."""

    DAY = "day"
    MONTH = "month"

    def starts_ms(self, now_ms: int) -> int:
        """The first millisecond that counts now."""
        if self is Period.DAY:
            return now_ms - DAY_MS + 1
        return _ms(_month_of(now_ms))


class Scope(StrEnum):
    """Whose limit: a member's by one of four rules, the server's, or the whole bot's."""

    MEMBER = "member"
    ROLE = "role"
    EVERYONE = "everyone"
    DEFAULT = "default"
    SERVER = "server"
    BOT = "bot"


CEILINGS: Final = frozenset({Scope.SERVER, Scope.BOT})
_SPECIFIC: Final = (Scope.MEMBER, Scope.ROLE, Scope.EVERYONE, Scope.DEFAULT)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `amount` of a unit in a period, and `extra` while grants last.

    `subject_id` is the role that gives it, else 0.
    """

    scope: Scope
    unit: Unit
    period: Period
    amount: int
    subject_id: int = 0
    extra: int = 0

    @property
    def total(self) -> int:
        """What holds now."""
        return self.amount + self.extra

    @property
    def account(self) -> Account:
        """The account whose sums it is: what the member asked for, or what the owner pays.

        Ceilings guard what the owner pays, in whatever unit: what the provider may have billed
        counts there although its member got it back.
        """
        is_owners = self.unit is Unit.COST or self.scope in CEILINGS
        return Account.COST if is_owners else Account.COUNT

    def of(self, guild_id: int, user_id: int) -> dict[str, int]:
        """Whose rows of the ledger it counts."""
        if self.scope is Scope.BOT:
            return {}
        if self.scope is Scope.SERVER:
            return {"guild_id": guild_id}
        return {"guild_id": guild_id, "user_id": user_id}


@dataclass(frozen=True, slots=True)
class Meter:
    """A limit and how much of it is used; `frees_at_ms` is when the next part of it comes back."""

    limit: Limit
    used: int
    frees_at_ms: int = 0

    @property
    def left(self) -> int:
        """What may still be asked for."""
        return max(0, self.limit.total - self.used)

    def takes(self, needed: int) -> bool:
        """Whether so much more still fits; a limit of nothing takes nothing, not even for free."""
        return self.limit.total > 0 and self.used + needed <= self.limit.total


def next_month_ms(now_ms: int) -> int:
    """When the next calendar month begins, in UTC."""
    first = _month_of(now_ms)
    return _ms((first + dt.timedelta(days=32)).replace(day=1))


def month_name(now_ms: int) -> str:
    """The calendar month as `2026-11`."""
    return _month_of(now_ms).strftime("%Y-%m")


def _month_of(now_ms: int) -> dt.datetime:
    now = dt.datetime.fromtimestamp(now_ms // 1000, dt.UTC)
    return now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _ms(moment: dt.datetime) -> int:
    return int(moment.timestamp()) * 1000


def member_limits(
    rows: Iterable[Quota], role_ids: Sequence[int], default_videos: int | None
) -> Iterator[Limit]:
    """What holds for a member: for each unit and period the most specific rule there is.

    Their own before the best of their roles', before everyone's, before the default of the
    settings (videos a day). What is unlimited is left out.
    """
    found: dict[tuple[Unit, Period], dict[Scope, list[Quota]]] = {}
    for row in rows:
        if row.scope != Scope.ROLE or row.subject_id in role_ids:
            rules = found.setdefault((Unit(row.unit), Period(row.period)), {})
            rules.setdefault(Scope(row.scope), []).append(row)
    for unit in Unit:
        for period in Period:
            rules = found.get((unit, period), {})
            scope = next((scope for scope in _SPECIFIC if scope in rules), None)
            if scope is not None:
                best = max(rules[scope], key=_generosity)
                if best.amount is not None:
                    role_id = best.subject_id if scope is Scope.ROLE else 0
                    yield Limit(scope, unit, period, best.amount, role_id)
            elif (unit, period) == (Unit.VIDEOS, Period.DAY) and default_videos is not None:
                yield Limit(Scope.DEFAULT, unit, period, default_videos)


def _generosity(row: Quota) -> tuple[bool, int]:
    return (row.amount is None, row.amount or 0)


def room_again_ms(
    counting: Sequence[tuple[int, int]],
    *,
    amount: int,
    needed: int,
    grants: Sequence[tuple[int, int]] = (),
) -> int | None:
    """When so much more fits into a rolling day, if nothing else is asked for meanwhile.

    `counting` has (counting time, amount) of what counts now, oldest first; `grants` (end, extra).
    None when it never will, because more is needed than the limit itself.
    """
    used = sum(part for _, part in counting)
    for counted_ms, part in counting:
        used -= part
        frees_ms = counted_ms + DAY_MS
        extra = sum(videos for until_ms, videos in grants if until_ms > frees_ms)
        if amount + extra > 0 and used + needed <= amount + extra:
            return frees_ms
    return None
