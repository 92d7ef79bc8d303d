"""The ledger of two accounts, count and cost; balances are sums of its rows.

To reserve: `lock_accounts`, then `ledger_sums.usages`, then `reserve`, in one transaction. The lock
serialises reservations of the same member, server or bot, so the sum still holds when the row is
written.
"""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as, pseudonym_of
from storage.quotas import ledger_hours
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry, Usage
from storage.records import Request

_MEMO: Final = "accounts"
# lock rows that serialise quota checks, narrowest first: a fixed order prevents deadlocks
_LOCK: Final = """
INSERT INTO accounts (scope, key, touched)
VALUES ('member', :member, 1), ('server', :server, 1), ('bot', '', 1)
ON CONFLICT (scope, key) DO UPDATE SET touched = accounts.touched + 1"""
_ENTER: Final = """
INSERT INTO ledger (
  request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros, reason,
  counts_at_ms, at_ms, cost_id)
VALUES (
  :request_id, :account, :kind, :guild_id, :user_id, :videos, :seconds, :cost_micros, :reason,
  :counts_at_ms, :at_ms, :cost_id)
ON CONFLICT (request_id, account, kind, cost_id) DO NOTHING"""
_OPEN: Final = """
INSERT INTO ledger (
  request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros, reason,
  counts_at_ms, at_ms, cost_id)
VALUES (
  :request_id, 'count', 'reserve', :guild_id, :user_id, 1, :seconds, :cost_micros, 'requested',
  :now_ms, :now_ms, 0), (
  :request_id, 'cost', 'reserve', :guild_id, :user_id, 1, :seconds, :cost_micros, 'requested',
  :now_ms, :now_ms, 0)"""
_OF_REQUEST: Final = "SELECT * FROM ledger WHERE request_id = :request_id ORDER BY id"
_TAKE_BACK: Final = """
DELETE FROM ledger
WHERE request_id = :request_id AND account = 'count' AND kind = 'release' AND reason = :reason"""
_COUNT_FROM: Final = """
UPDATE ledger SET counts_at_ms = :now_ms WHERE request_id = :request_id"""
# adjustments go as well: the next settlement carries the whole difference to the reservation
_REOPEN: Final = """
DELETE FROM ledger
WHERE request_id = :request_id AND account = :account AND kind IN (:kind, 'adjust')"""
_ACCOUNT_COUNTS_FROM: Final = """
UPDATE ledger SET counts_at_ms = :now_ms WHERE request_id = :request_id AND account = :account"""
_LAST_RESERVED: Final = """
SELECT COALESCE(MAX(counts_at_ms), 0) AS at_ms FROM ledger
WHERE account = 'count' AND kind = 'reserve' AND guild_id = :guild_id
  AND user_id IN (:user_id, :pseudonym)"""
_RELEASES: Final = """
SELECT COUNT(*) AS number FROM ledger
WHERE account = 'count' AND kind = 'release' AND guild_id = :guild_id
  AND user_id IN (:user_id, :pseudonym)
  AND at_ms >= :since_ms AND reason IN {each:reasons}"""


async def lock_accounts(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Lock the member's, the server's and the bot's accounts until the transaction ends.

    The member's is named by their pseudonym, which stays the same when their data is deleted.
    SQLite has one writer anyway.
    """
    member = f"{guild_id}:{await pseudonym_of(tx, user_id)}"
    if tx.dialect == "postgres" and (_MEMO, member) not in tx.memo:
        await tx.execute(_LOCK, {"member": member, "server": str(guild_id)})
        tx.memo[_MEMO, member] = True


async def enter(tx: Transaction, entry: LedgerEntry) -> bool:
    """Write a row; False when this request has one of its kind in this account already.

    Of adjustments it has one for each change of its cost.
    Locks the accounts: the sums by the hour change with it.
    """
    await lock_accounts(tx, entry.guild_id, entry.user_id)
    is_new = await tx.execute(_ENTER, encode(entry)) == 1
    if is_new:
        await ledger_hours.add(tx, entry)
    return is_new


async def reserve(tx: Transaction, request: Request, now_ms: int) -> None:
    """Reserve a new request's video, seconds and price in both accounts.

    They count from this moment on. Locks the accounts. Raises: Conflict when it has rows already.
    """
    await lock_accounts(tx, request.guild_id, request.user_id)
    seconds, cost_micros = request.seconds, request.cost_micros or 0
    whose = {"guild_id": request.guild_id, "user_id": request.user_id, "now_ms": now_ms}
    amounts = {"seconds": seconds, "cost_micros": cost_micros}
    await tx.execute(_OPEN, {"request_id": request.id} | whose | amounts)
    await ledger_hours.reserved(
        tx, request.guild_id, Usage(1, seconds, cost_micros), counts_at_ms=now_ms
    )


async def reserve_anew(tx: Transaction, request_id: str, reason: str, now_ms: int) -> bool:
    """Reserve again what was refunded for `reason`; False where nothing was.

    A count that came back for `reason` is taken again: that row goes, and all others count as if
    reserved now. Call it with the accounts locked.
    """
    before = await entries_of(tx, request_id)
    which = {"request_id": request_id, "reason": reason}
    if not await tx.execute(_TAKE_BACK, which):
        return False
    await tx.execute(_COUNT_FROM, {"request_id": request_id, "now_ms": now_ms})
    await _recount(tx, request_id, before)
    return True


async def reopen(
    tx: Transaction, request_id: str, account: Account, reasons: Collection[str], now_ms: int
) -> EntryKind | None:
    """Delete the row that closed an account for one of these reasons; returns its kind, or None.

    What was adjusted goes with it: the reservation stands until the account is closed again, by the
    cost that is known then. After a release the account counts as if reserved now; after a
    settlement it counts where it did. Call it with the accounts locked.
    """
    before = await entries_of(tx, request_id)
    closing = next(
        (
            entry
            for entry in before
            if entry.account is account
            and entry.kind is not EntryKind.RESERVE
            and entry.reason in reasons
        ),
        None,
    )
    if closing is None:
        return None
    which = {"request_id": request_id, "account": account.value}
    await tx.execute(_REOPEN, which | {"kind": closing.kind.value})
    if closing.kind is EntryKind.RELEASE:
        await tx.execute(_ACCOUNT_COUNTS_FROM, which | {"now_ms": now_ms})
    await _recount(tx, request_id, before)
    return closing.kind


async def _recount(tx: Transaction, request_id: str, before: Collection[LedgerEntry]) -> None:
    """Correct the sums by the hour after a request's rows were changed."""
    for entry in before:
        await ledger_hours.take(tx, entry)
    for entry in await entries_of(tx, request_id):
        await ledger_hours.add(tx, entry)


async def billed_videos(tx: Transaction) -> int:
    """How many videos have been settled as billed, of the whole bot and since ever."""
    return await ledger_hours.settled(tx)


async def entries_of(tx: Transaction, request_id: str) -> list[LedgerEntry]:
    """A request's rows of both accounts, oldest first."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(LedgerEntry, row) for row in rows]


async def last_reserved_ms(tx: Transaction, guild_id: int, user_id: int) -> int:
    """When a member's latest request was taken, whatever became of it; 0 for none."""
    _, pseudonym = await known_as(tx, user_id)
    row = await tx.fetch_one(
        _LAST_RESERVED, {"guild_id": guild_id, "user_id": user_id, "pseudonym": pseudonym}
    )
    return int(row["at_ms"]) if row else 0


async def count_releases(
    tx: Transaction, *, guild_id: int, user_id: int, reasons: Collection[str], since_ms: int
) -> int:
    """How often a member got a count back for one of these reasons since a moment."""
    _, pseudonym = await known_as(tx, user_id)
    wanted = {
        "reasons": [str(reason) for reason in reasons],
        "guild_id": guild_id,
        "user_id": user_id,
        "pseudonym": pseudonym,
        "since_ms": since_ms,
    }
    row = await tx.fetch_one(_RELEASES, wanted)
    return int(row["number"]) if row else 0
