"""What the provider says that tasks cost: every change, and between which moments it happened."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class CostChange:
    """A cost that differs from the one before; amounts are millionths.

    `source` is the call whose answer said it: `create` or `query`. The change happened after
    `since_ms`, when the answer before it was asked for, or, of a first cost, when the intent was
    recorded; and before `at_ms`, when it was recorded.
    """

    request_id: str
    task_id: str
    cost_micros: int
    change_micros: int
    source: str
    since_ms: int
    at_ms: int
    id: int = 0


_ADD: Final = """
INSERT INTO task_costs (
  request_id, task_id, cost_micros, change_micros, source, since_ms, at_ms)
VALUES (:request_id, :task_id, :cost_micros, :change_micros, :source, :since_ms, :at_ms)
RETURNING id"""
_OF_REQUEST: Final = "SELECT * FROM task_costs WHERE request_id = :request_id ORDER BY id"
_OF_REQUESTS: Final = """
SELECT * FROM task_costs WHERE request_id IN {each:ids} ORDER BY request_id, id"""
_OVERLAPPING: Final = """
SELECT * FROM task_costs WHERE at_ms > :since_ms AND since_ms < :until_ms ORDER BY at_ms, id"""
_SINCE: Final = """
SELECT * FROM task_costs WHERE at_ms >= :since_ms AND at_ms < :until_ms ORDER BY at_ms, id"""


async def add(tx: Transaction, change: CostChange) -> int:
    """Record a change; returns its id."""
    values = encode(change)
    del values["id"]
    row = await tx.fetch_one(_ADD, values)
    return int(row["id"]) if row else 0


async def of_request(tx: Transaction, request_id: str) -> list[CostChange]:
    """Every cost that was said of a request's task, oldest first."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(CostChange, row) for row in rows]


async def of_requests(tx: Transaction, ids: list[str]) -> list[CostChange]:
    """The same of several requests, request by request."""
    parameters = {"ids": ids}
    return [decode(CostChange, row) for row in await tx.fetch_all(_OF_REQUESTS, parameters)]


async def overlapping(tx: Transaction, since_ms: int, until_ms: int) -> list[CostChange]:
    """Every change that may have happened between two moments, by when it was recorded."""
    span = {"since_ms": since_ms, "until_ms": until_ms}
    return [decode(CostChange, row) for row in await tx.fetch_all(_OVERLAPPING, span)]


async def recorded_between(tx: Transaction, since_ms: int, until_ms: int) -> list[CostChange]:
    """Every change recorded from a moment on and before another, oldest first."""
    span = {"since_ms": since_ms, "until_ms": until_ms}
    return [decode(CostChange, row) for row in await tx.fetch_all(_SINCE, span)]
