"""Ended tasks whose cost is not known for good: when to ask the provider again.

A row goes once the cost is final. After the last try it stays a while with `left_at_ms`, because
until then the provider may have billed or refunded without our knowing.
"""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CostCheck:
    """When a request's task is asked again; `tries` were made."""

    request_id: str
    due_at_ms: int
    tries: int
    left_at_ms: int
    """When it was given up; 0 while it is open."""


_EXPECT: Final = """
INSERT INTO cost_checks (request_id, due_at_ms, tries, left_at_ms)
VALUES (:request_id, :due_ms, 0, 0)
ON CONFLICT (request_id) DO NOTHING"""
_CLAIM: Final = """
WITH due AS MATERIALIZED (
  SELECT request_id FROM cost_checks WHERE left_at_ms = 0 AND due_at_ms <= :now_ms
  ORDER BY due_at_ms, request_id
  LIMIT :limit
  {skip_locked}
)
UPDATE cost_checks SET due_at_ms = :until_ms
WHERE request_id IN (SELECT request_id FROM due)
RETURNING *"""
_ANY_DUE: Final = """
SELECT request_id FROM cost_checks WHERE left_at_ms = 0 AND due_at_ms <= :now_ms LIMIT 1"""
_COUNT_OPEN: Final = "SELECT COUNT(*) AS number FROM cost_checks WHERE left_at_ms = 0"
_GET: Final = "SELECT * FROM cost_checks WHERE request_id = :request_id"
_POSTPONE: Final = """
UPDATE cost_checks SET due_at_ms = :due_ms, tries = :tries
WHERE request_id = :request_id AND left_at_ms = 0"""
_HASTEN: Final = """
UPDATE cost_checks SET due_at_ms = :now_ms
WHERE request_id IN {each:ids} AND left_at_ms = 0 AND due_at_ms > :now_ms"""
_LEAVE: Final = """
UPDATE cost_checks SET left_at_ms = :now_ms WHERE request_id = :request_id AND left_at_ms = 0"""
_DROP: Final = "DELETE FROM cost_checks WHERE request_id = :request_id"
_OPEN: Final = "SELECT * FROM cost_checks WHERE left_at_ms = 0 ORDER BY due_at_ms, request_id"
_LEFT: Final = "SELECT * FROM cost_checks WHERE left_at_ms > 0 AND left_at_ms >= :since_ms"
_FORGET: Final = "DELETE FROM cost_checks WHERE left_at_ms > 0 AND left_at_ms < :before_ms"


async def expect(tx: Transaction, request_id: str, due_ms: int) -> None:
    """Ask again at a moment, unless that is planned already."""
    await tx.execute(_EXPECT, {"request_id": request_id, "due_ms": due_ms})


async def claim(tx: Transaction, *, now_ms: int, until_ms: int, limit: int) -> list[CostCheck]:
    """Take what is due, so that no other process asks until a moment."""
    taken = {"now_ms": now_ms, "until_ms": until_ms, "limit": limit}
    return [decode(CostCheck, row) for row in await tx.fetch_all(_CLAIM, taken)]


async def any_due(tx: Transaction, now_ms: int) -> bool:
    """Whether any is due."""
    return await tx.fetch_one(_ANY_DUE, {"now_ms": now_ms}) is not None


async def count_open(tx: Transaction) -> int:
    """How many tasks are still to be asked again."""
    row = await tx.fetch_one(_COUNT_OPEN)
    return int(row["number"]) if row else 0


async def get(tx: Transaction, request_id: str) -> CostCheck | None:
    """The check of a request, or None."""
    row = await tx.fetch_one(_GET, {"request_id": request_id})
    return None if row is None else decode(CostCheck, row)


async def postpone(tx: Transaction, request_id: str, *, due_ms: int, tries: int) -> None:
    """Ask again later."""
    await tx.execute(_POSTPONE, {"request_id": request_id, "due_ms": due_ms, "tries": tries})


async def hasten(tx: Transaction, ids: list[str], now_ms: int) -> None:
    """Ask for some at once."""
    await tx.execute(_HASTEN, {"ids": ids, "now_ms": now_ms})


async def leave(tx: Transaction, request_id: str, now_ms: int) -> None:
    """Ask no more."""
    await tx.execute(_LEAVE, {"request_id": request_id, "now_ms": now_ms})


async def drop(tx: Transaction, request_id: str) -> None:
    """Forget a check: the cost is final."""
    await tx.execute(_DROP, {"request_id": request_id})


async def open_since(tx: Transaction, since_ms: int) -> list[CostCheck]:
    """Checks that are open, and those that were left at a moment or later."""
    rows = [
        *await tx.fetch_all(_OPEN),
        *await tx.fetch_all(_LEFT, {"since_ms": since_ms}),
    ]
    return [decode(CostCheck, row) for row in rows]


async def forget(tx: Transaction, before_ms: int) -> None:
    """Delete checks that were left before a moment."""
    await tx.execute(_FORGET, {"before_ms": before_ms})
