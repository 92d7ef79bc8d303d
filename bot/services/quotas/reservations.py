"""Reserves, settles, releases and refunds the count and cost accounts of a request.

COST is reserved by price and booked by what the provider says that the task cost, where it does.
"""

from collections.abc import Sequence
from dataclasses import replace

from bot.services.requests.failures import CLOSING_OF
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.quotas import ledger
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry, Usage
from storage.quotas.refund_rules import (
    COST_COMES_BACK,
    COUNT_COMES_BACK,
    EXPIRED,
    GOODWILL,
    ClosingReason,
    Refund,
    closings,
)
from storage.records import Request, State


async def close_accounts(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Settle or release both accounts of an ended request; True when its count came back.

    `intent_at_ms` is 0 while nothing was sent, and is set back to 0 when the provider refused what
    was sent: then it surely did not bill. Nor did it bill a task that failed and cost nothing.
    A draft has no accounts to close.
    """
    closing = closing_of(request)
    for account, table in ((Account.COST, COST_COMES_BACK), (Account.COUNT, COUNT_COMES_BACK)):
        is_unbilled = account is Account.COST and request.is_unbilled
        comes_back = is_unbilled or await _comes_back(tx, request, table[closing], now_ms)
        kind = EntryKind.RELEASE if comes_back else EntryKind.SETTLE
        came_back = await _close(tx, request, account, kind, reason=closing, now_ms=now_ms)
    return came_back


def closing_of(request: Request) -> ClosingReason:
    """How an ended request ended, by its record alone."""
    may_be_billed = request.intent_at_ms > 0
    match request.state:
        case State.FAILED:
            return CLOSING_OF[request.failure]
        case State.REJECTED:
            return ClosingReason.REJECTED_LATE if may_be_billed else ClosingReason.REJECTED
        case State.CANCELLED:
            return ClosingReason.CANCELLED_RUNNING if may_be_billed else ClosingReason.CANCELLED
        case _:
            return ClosingReason(request.state)


async def is_count_released(tx: Transaction, request: Request) -> bool:
    """Whether nothing of a request's count is taken any more, or ever was."""
    entries = await _entries(tx, request, Account.COUNT)
    return not entries or any(entry.kind is EntryKind.RELEASE for entry in entries)


async def give_count_back(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Release the count alone, as an uncertain request does after 24 h; its cost stays."""
    return await _close(
        tx, request, Account.COUNT, EntryKind.RELEASE, reason=EXPIRED, now_ms=now_ms
    )


async def take_count_again(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Reserve again a count that was refunded after 24 h uncertain; False where it was not.

    Both accounts then count from now on: what is sent today is spent today.
    """
    return await ledger.reserve_anew(tx, request.id, EXPIRED, now_ms)


async def reopen_accounts(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Undo the closing of a rejected request's accounts; True when its cost had come back.

    What had come back counts from now on, what had not where it did. A count that came back while
    the request was uncertain stays with the member.
    """
    reasons = (ClosingReason.REJECTED, ClosingReason.REJECTED_LATE)
    await ledger.reopen(tx, request.id, Account.COUNT, reasons, now_ms)
    closed = await ledger.reopen(tx, request.id, Account.COST, reasons, now_ms)
    return closed is EntryKind.RELEASE


async def give_cost_back(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Release the cost, settled or not, once the provider turned out to have taken nothing."""
    entries = await _entries(tx, request, Account.COST)
    rows = {entry.kind: entry for entry in entries}
    if EntryKind.RESERVE not in rows or EntryKind.RELEASE in rows:
        return False
    reserved = rows[EntryKind.RESERVE]
    await _release(tx, reserved, _sum(entries), reason="never-taken", now_ms=now_ms)
    return True


async def adjust_cost(
    tx: Transaction, request: Request, cost_id: int, *, reason: str, now_ms: int
) -> bool:
    """Book the difference to what the provider says now; False where there is none.

    `cost_id` is the change that is booked. While the request is under way its reservation stands.
    """
    entries = await _entries(tx, request, Account.COST)
    reserved = next((each for each in entries if each.kind is EntryKind.RESERVE), None)
    if reserved is None or len(entries) == 1:
        return False
    booked, owed = _sum(entries), _owed(request, reserved)
    if booked == owed:
        return False
    difference = replace(
        reserved,
        kind=EntryKind.ADJUST,
        videos=owed.videos - booked.videos,
        seconds=owed.seconds - booked.seconds,
        cost_micros=owed.cost_micros - booked.cost_micros,
        reason=reason,
        at_ms=now_ms,
        cost_id=cost_id,
    )
    return await ledger.enter(tx, difference)


def _owed(request: Request, reserved: LedgerEntry) -> Usage:
    """What of a request that was sent is to be booked as cost."""
    if request.is_unbilled:
        return Usage()
    known = (request.billed_micros, request.cost_micros, reserved.cost_micros)
    micros = next(amount for amount in known if amount is not None)
    return Usage(reserved.videos, reserved.seconds, micros)


def _sum(entries: Sequence[LedgerEntry]) -> Usage:
    return Usage(
        sum(entry.videos for entry in entries),
        sum(entry.seconds for entry in entries),
        sum(entry.cost_micros for entry in entries),
    )


async def _close(
    tx: Transaction,
    request: Request,
    account: Account,
    kind: EntryKind,
    *,
    reason: str,
    now_ms: int,
) -> bool:
    """Write the one row that ends a reservation; True when nothing of it counts any more.

    A release takes the reservation back as it was written. A settlement confirms it, and carries
    the difference where the cost is known, or the price better, by now. What was ended before stays
    so.
    """
    rows = {entry.kind: entry for entry in await _entries(tx, request, account)}
    reserved = rows.get(EntryKind.RESERVE)
    if reserved is None or EntryKind.RELEASE in rows:
        return True
    if EntryKind.SETTLE in rows:
        return False
    if kind is EntryKind.RELEASE:
        booked = Usage(reserved.videos, reserved.seconds, reserved.cost_micros)
        await _release(tx, reserved, booked, reason=reason, now_ms=now_ms)
        return True
    known_micros = reserved.cost_micros
    if account is Account.COST:
        known_micros = _owed(request, reserved).cost_micros
    settled = replace(
        reserved,
        kind=EntryKind.SETTLE,
        videos=0,
        seconds=0,
        cost_micros=known_micros - reserved.cost_micros,
        reason=reason,
        at_ms=now_ms,
    )
    await ledger.enter(tx, settled)
    return False


async def _entries(tx: Transaction, request: Request, account: Account) -> list[LedgerEntry]:
    entries = await ledger.entries_of(tx, request.id)
    return [entry for entry in entries if entry.account is account]


async def _release(
    tx: Transaction, reserved: LedgerEntry, booked: Usage, *, reason: str, now_ms: int
) -> None:
    released = replace(
        reserved,
        kind=EntryKind.RELEASE,
        videos=-booked.videos,
        seconds=-booked.seconds,
        cost_micros=-booked.cost_micros,
        reason=reason,
        at_ms=now_ms,
    )
    await ledger.enter(tx, released)


async def _comes_back(tx: Transaction, request: Request, when: Refund, now_ms: int) -> bool:
    match when:
        case Refund.ALWAYS:
            return True
        case Refund.UNBILLED:
            return request.intent_at_ms == 0
        case Refund.NEVER:
            return False
    await ledger.lock_accounts(tx, request.guild_id, request.user_id)
    forgiven = await ledger.count_releases(
        tx,
        guild_id=request.guild_id,
        user_id=request.user_id,
        reasons=closings(Refund.FIRST_TWO),
        since_ms=now_ms - DAY_MS + 1,
    )
    return forgiven < GOODWILL
