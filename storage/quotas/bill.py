"""A month's bill: each request that took quota in it, what was booked, what the provider says."""

from dataclasses import dataclass
from typing import Final

from storage.durations import HOUR_MS
from storage.engine.rows import decode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class BillRow:
    """One request, counted in the span; amounts are millionths, times UTC milliseconds.

    `state` is empty where the request itself was deleted. `booked_videos` is 0 once its cost was
    released. `billed_micros` is None where the provider said no cost. `refunded_micros` is what it
    took back, `said_micros` by how much its cost changed within a span of its own.
    """

    id: str
    guild_id: int
    asked_at_ms: int
    model: str
    seconds: int
    state: str
    task_id: str
    intent_at_ms: int
    price_micros: int | None
    booked_videos: int
    booked_micros: int
    billed_micros: int | None
    is_unbilled: bool
    refunded_micros: int
    said_micros: int


_ROWS: Final = """
SELECT entry.request_id AS id, entry.guild_id AS guild_id, entry.counts_at_ms AS asked_at_ms,
  COALESCE(request.model, '') AS model, entry.seconds AS seconds,
  COALESCE(request.state, '') AS state, COALESCE(request.task_id, '') AS task_id,
  COALESCE(request.intent_at_ms, 0) AS intent_at_ms, request.cost_micros AS price_micros,
  (SELECT CAST(COALESCE(SUM(part.videos), 0) AS BIGINT) FROM ledger AS part
    WHERE part.request_id = entry.request_id AND part.account = 'cost') AS booked_videos,
  (SELECT CAST(COALESCE(SUM(part.cost_micros), 0) AS BIGINT) FROM ledger AS part
    WHERE part.request_id = entry.request_id AND part.account = 'cost') AS booked_micros,
  request.billed_micros AS billed_micros, COALESCE(request.is_unbilled, 0) AS is_unbilled,
  (SELECT CAST(COALESCE(-SUM(part.change_micros), 0) AS BIGINT) FROM task_costs AS part
    WHERE part.request_id = entry.request_id AND part.change_micros < 0) AS refunded_micros,
  (SELECT CAST(COALESCE(SUM(part.change_micros), 0) AS BIGINT) FROM task_costs AS part
    WHERE part.request_id = entry.request_id
      AND part.at_ms >= :said_since_ms AND part.at_ms < :said_until_ms) AS said_micros
FROM ledger AS entry LEFT JOIN requests AS request ON request.id = entry.request_id
WHERE entry.account = 'cost' AND entry.kind = 'reserve'
  AND entry.counts_at_ms >= :since_ms AND entry.counts_at_ms < :until_ms
ORDER BY entry.counts_at_ms DESC, entry.request_id
LIMIT :limit"""
# months begin with an hour, and `ledger_hours` has the sums
_BOOKED: Final = """
SELECT CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS micros,
  CAST(COALESCE(SUM(videos), 0) AS BIGINT) AS videos
FROM ledger_hours
WHERE account = 'cost' AND guild_id = 0 AND hour >= :hour AND hour < :end_hour"""
_SAID: Final = """
SELECT CAST(COALESCE(SUM(change_micros), 0) AS BIGINT) AS micros FROM task_costs
WHERE at_ms >= :since_ms AND at_ms < :until_ms"""


async def rows(
    tx: Transaction, since_ms: int, until_ms: int, *, said_ms: tuple[int, int], limit: int
) -> list[BillRow]:
    """The requests that count in a span, newest first; `said_ms` is the span of `said_micros`."""
    wanted = {
        "since_ms": since_ms,
        "until_ms": until_ms,
        "said_since_ms": said_ms[0],
        "said_until_ms": said_ms[1],
        "limit": limit,
    }
    return [decode(BillRow, row) for row in await tx.fetch_all(_ROWS, wanted)]


async def booked(tx: Transaction, since_ms: int, until_ms: int) -> tuple[int, int]:
    """What the ledger has booked for requests that count in a span: millionths and videos.

    The span is made of whole hours; a begun one at its end counts as whole.
    """
    hours = {"hour": since_ms // HOUR_MS, "end_hour": -(-until_ms // HOUR_MS)}
    row = await tx.fetch_one(_BOOKED, hours)
    return (int(row["micros"]), int(row["videos"])) if row else (0, 0)


async def said(tx: Transaction, since_ms: int, until_ms: int) -> int:
    """By how much the costs of all tasks changed within a span, refunds taken off."""
    row = await tx.fetch_one(_SAID, {"since_ms": since_ms, "until_ms": until_ms})
    return int(row["micros"]) if row else 0
