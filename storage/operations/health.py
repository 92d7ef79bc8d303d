"""Figures for a scrape: since when the oldest of what waits has waited."""

from typing import Final

from storage.engine.transaction import Transaction

# a shot waits for the provider from its turn on, a series never does
_OLDEST_QUEUED: Final = """
SELECT MIN(CASE WHEN series_of = '' THEN created_at_ms ELSE acked_at_ms END) AS at_ms
FROM requests WHERE state = 'queued' AND shots = 0 AND (series_of = '' OR acked_at_ms > 0)"""
_OLDEST_MESSAGE: Final = "SELECT MIN(created_at_ms) AS at_ms FROM outbox WHERE state = 'pending'"


async def oldest_queued_ms(tx: Transaction) -> int | None:
    """When the oldest request that waits for the provider was created; None without one."""
    return await _moment(tx, _OLDEST_QUEUED)


async def oldest_message_ms(tx: Transaction) -> int | None:
    """When the oldest message that is not delivered yet was enqueued; None without one."""
    return await _moment(tx, _OLDEST_MESSAGE)


async def _moment(tx: Transaction, sql: str) -> int | None:
    row = await tx.fetch_one(sql)
    return None if row is None or row["at_ms"] is None else int(row["at_ms"])
