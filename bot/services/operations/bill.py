"""The bill of a month: the ledger, the provider's costs, the key's use, and each difference."""

import asyncio
import datetime as dt
import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.errors import UserError
from bot.provider.client import SeedanceClient
from bot.provider.errors import ProviderError
from bot.services.caller import Caller
from bot.services.operations.bill_rows import Difference, Reason, as_csv
from bot.services.owners import require_owner
from bot.services.quotas.costs import micros_of
from bot.services.quotas.limits import month_name, next_month_ms
from storage.engine.transaction import Database, Transaction
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage
from storage.quotas import bill
from storage.quotas.bill import BillRow
from storage.records import ENDS, State

LOOK_S: Final = 3.0
MOST_ROWS: Final = 20_000
"""More than this is cut off, oldest first, and the bill says so."""
MONTHS_OFFERED: Final = 12

_MONTH: Final = re.compile(r"(?P<year>20\d\d)-(?P<month>0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What the key used between two notes, the nearest there are to the month's borders."""

    used_micros: int
    since_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Bill:
    """Everything `/owner bill` shows; amounts are millionths."""

    month: str
    booked_micros: int
    booked_videos: int
    by_cost: tuple[int, int]
    """What was booked by the provider's costs, and how many requests."""
    by_price: tuple[int, int]
    """What was booked by price because no cost was said."""
    reserved: tuple[int, int]
    """What is reserved for requests under way, uncertain ones among them."""
    costs_micros: int
    """By how much the costs of all tasks changed in this month, refunds taken off; where the key's
    use is known, between the same two notes."""
    elsewhere_micros: int
    """How much of that was for requests that count in other months."""
    key: KeyUse | None
    differences: tuple[Difference, ...]
    is_cut: bool
    file: bytes = field(repr=False, default=b"")

    @property
    def unexplained_micros(self) -> int | None:
        """The key's use less the sum of all costs; None where its use is not known."""
        return None if self.key is None else self.key.used_micros - self.costs_micros


@dataclass(frozen=True, slots=True)
class _Found:
    """What the database has of a month."""

    rows: Sequence[BillRow]
    booked: tuple[int, int]
    said_micros: int
    key: KeyUse | None


class BillService:
    """Answers owners alone; `key_id` is the present key's fingerprint."""

    def __init__(
        self,
        database: Database,
        provider: SeedanceClient,
        *,
        owner_ids: Collection[int],
        owner_guild_id: int | None,
        key_id: str,
        currency: str,
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._provider = provider
        self._owner_ids = tuple(owner_ids)
        self._owner_guild_id = owner_guild_id
        self._key_id = key_id
        self._currency = currency
        self._clock = clock

    def months(self) -> tuple[str, ...]:
        """The months that are offered, this one first."""
        now = dt.datetime.fromtimestamp(self._clock() // 1000, dt.UTC)
        number = now.year * 12 + now.month - 1
        past = (divmod(number - back, 12) for back in range(MONTHS_OFFERED))
        return tuple(f"{year}-{month + 1:02}" for year, month in past)

    async def read(self, caller: Caller, month: str = "") -> Bill:
        """The bill of a month such as `2026-11`, or of this one; in UTC.

        Raises: NotAllowed, StorageUnavailable, UserError for what is no month or lies ahead.
        """
        now_ms = self._clock()
        async with self._database.reading() as tx:
            await require_owner(tx, caller, self._owner_ids, self._owner_guild_id)
        name = month.strip() or month_name(now_ms)
        since_ms = _first_ms(name, now_ms)
        until_ms = next_month_ms(since_ms)
        newest = await self._ask() if since_ms <= now_ms < until_ms else None
        async with self._database.reading() as tx:
            key = await _key_use(tx, since_ms, until_ms, newest)
            # compared is what was said between the very same notes
            said_ms = (since_ms, until_ms) if key is None else (key.since_ms, key.until_ms)
            found = _Found(
                rows=await bill.rows(tx, since_ms, until_ms, said_ms=said_ms, limit=MOST_ROWS + 1),
                booked=await bill.booked(tx, since_ms, until_ms),
                said_micros=await bill.said(tx, *said_ms),
                key=key,
            )
        # thousands of rows: the event loop has other things to do meanwhile
        return await asyncio.to_thread(_drawn_up, name, found, self._currency)

    async def _ask(self) -> KeyUsage | None:
        """What the key has used by now, if the provider says so in time."""
        now_ms = self._clock()
        try:
            async with asyncio.timeout(LOOK_S):
                used = micros_of(await self._provider.key_used())
        except (ProviderError, TimeoutError):
            return None
        return None if used is None else KeyUsage(self._key_id, used, now_ms, self._clock())


def _drawn_up(month: str, found: _Found, currency: str) -> Bill:
    rows, is_cut = found.rows[:MOST_ROWS], len(found.rows) > MOST_ROWS
    differences = tuple(_differences(rows))
    over = [row for row in rows if row.state in ENDS or not row.state]
    own_micros = sum(row.said_micros for row in rows)
    return Bill(
        month=month,
        booked_micros=found.booked[0],
        booked_videos=found.booked[1],
        by_cost=_sum(row for row in over if row.billed_micros is not None),
        by_price=_sum(row for row in over if _is_unsaid(row)),
        reserved=_sum(row for row in rows if row.state and row.state not in ENDS),
        costs_micros=found.said_micros,
        elsewhere_micros=0 if is_cut else found.said_micros - own_micros,
        key=found.key,
        differences=differences,
        is_cut=is_cut,
        file=as_csv(rows, differences, currency),
    )


def _first_ms(month: str, now_ms: int) -> int:
    match = _MONTH.fullmatch(month)
    if match is None:
        raise UserError("refused-month", {"month": month[:40], "example": month_name(now_ms)})
    first = dt.datetime(int(match["year"]), int(match["month"]), 1, tzinfo=dt.UTC)
    since_ms = int(first.timestamp()) * 1000
    if since_ms > now_ms:
        raise UserError("refused-month-ahead", {"month": month, "example": month_name(now_ms)})
    return since_ms


async def _key_use(
    tx: Transaction, since_ms: int, until_ms: int, newest: KeyUsage | None
) -> KeyUse | None:
    """What all keys used in a month; `newest` is a look at the present one."""
    uses = []
    for key_id in await key_usage.keys(tx):
        first = await _nearest(tx, key_id, since_ms)
        last = await _nearest(tx, key_id, until_ms)
        if newest is not None and newest.key_id == key_id:
            last = newest
        if first is None or last is None or last.answered_at_ms < since_ms:
            continue
        if first.answered_at_ms < until_ms:
            used = last.used_micros - first.used_micros
            uses.append(KeyUse(used, first.answered_at_ms, last.answered_at_ms))
    if not uses:
        return None
    return KeyUse(
        sum(use.used_micros for use in uses),
        min(use.since_ms for use in uses),
        max(use.until_ms for use in uses),
    )


async def _nearest(tx: Transaction, key_id: str, at_ms: int) -> KeyUsage | None:
    """The note nearest to a month's border: older ones are kept once a day."""
    earlier = await key_usage.before(tx, key_id, at_ms, limit=1)
    later = await key_usage.first_since(tx, key_id, at_ms)
    found = [*earlier, *([later] if later is not None else [])]
    return min(found, key=lambda note: abs(note.answered_at_ms - at_ms), default=None)


def _is_unsaid(row: BillRow) -> bool:
    return row.billed_micros is None and row.booked_videos > 0


def _sum(rows: Iterator[BillRow]) -> tuple[int, int]:
    amounts = [row.booked_micros for row in rows]
    return sum(amounts), len(amounts)


def _differences(rows: Sequence[BillRow]) -> Iterator[Difference]:
    """Every request that differs, by reason, newest first."""
    reasons = [(row, _reason(row)) for row in rows]
    for wanted in Reason:
        for row, reason in reasons:
            if reason is wanted:
                yield Difference(reason, row)


def _reason(row: BillRow) -> Reason | None:
    if row.state == State.UNCERTAIN:
        return Reason.UNCERTAIN
    if row.state and row.state not in ENDS:
        return None
    if _is_unsaid(row):
        return Reason.UNSAID
    if row.refunded_micros:
        return Reason.REFUNDED
    if row.is_unbilled:
        return Reason.UNBILLED
    is_priced = row.price_micros is not None and row.billed_micros is not None
    return Reason.CHANGED if is_priced and row.price_micros != row.billed_micros else None
