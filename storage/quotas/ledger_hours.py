"""Hourly sums of the ledger, updated with every row.

A window's sum is then that of a few hundred hours and of the rows of the hour it begins in,
however many rows the ledger has. `storage.quotas.ledger_check` compares both. Imported through
`storage.quotas.ledger`.
"""

from typing import Final

from storage.durations import HOUR_MS
from storage.engine.rows import encode
from storage.engine.transaction import Transaction
from storage.quotas.ledger_records import LedgerEntry, Usage

WHOLE_BOT: Final = 0
"""Stands in the place of a server's id."""

_INSERT: Final = """
INSERT INTO ledger_hours (account, guild_id, hour, videos, seconds, cost_micros, settled)
VALUES {rows}
ON CONFLICT (account, guild_id, hour) DO UPDATE SET
  videos = ledger_hours.videos + excluded.videos,
  seconds = ledger_hours.seconds + excluded.seconds,
  cost_micros = ledger_hours.cost_micros + excluded.cost_micros,
  settled = ledger_hours.settled + excluded.settled"""
# the server's row before the bot's, as `ledger.lock_accounts` has it
_ADD: Final = _INSERT.replace(
    "{rows}",
    """(:account, :guild_id, :hour, :videos, :seconds, :cost_micros, :settled),
  (:account, 0, :hour, :videos, :seconds, :cost_micros, :settled)""",
)
_RESERVED: Final = _INSERT.replace(
    "{rows}",
    """('count', :guild_id, :hour, :videos, :seconds, :cost_micros, 0),
  ('count', 0, :hour, :videos, :seconds, :cost_micros, 0),
  ('cost', :guild_id, :hour, :videos, :seconds, :cost_micros, 0),
  ('cost', 0, :hour, :videos, :seconds, :cost_micros, 0)""",
)
_SETTLED: Final = """
SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT) AS number FROM ledger_hours
WHERE account = 'cost' AND guild_id = 0"""


async def add(tx: Transaction, entry: LedgerEntry) -> None:
    """Count a row that was just entered; the accounts must be locked."""
    await _count(tx, entry, 1)


async def reserved(tx: Transaction, guild_id: int, taken: Usage, *, counts_at_ms: int) -> None:
    """Count what was just reserved in both accounts; the accounts must be locked."""
    hour = {"guild_id": guild_id, "hour": counts_at_ms // HOUR_MS}
    await tx.execute(_RESERVED, hour | encode(taken))


async def take(tx: Transaction, entry: LedgerEntry) -> None:
    """Take a row out that has gone or counts at another time; the accounts must be locked."""
    await _count(tx, entry, -1)


async def settled(tx: Transaction) -> int:
    """How many reservations of cost have been settled, of the whole bot and since ever."""
    row = await tx.fetch_one(_SETTLED)
    return int(row["number"]) if row else 0


def first_whole_hour(since_ms: int) -> int:
    """The first hour that lies after a moment as a whole, counted from 1970."""
    return -(-since_ms // HOUR_MS)


async def _count(tx: Transaction, entry: LedgerEntry, times: int) -> None:
    await tx.execute(
        _ADD,
        {
            "account": entry.account.value,
            "guild_id": entry.guild_id,
            "hour": entry.counts_at_ms // HOUR_MS,
            "videos": times * entry.videos,
            "seconds": times * entry.seconds,
            "cost_micros": times * entry.cost_micros,
            "settled": times * int(entry.kind == "settle"),
        },
    )
