"""Queries over all requests: failures by cause, uncertain ones, cards that wait."""

from typing import Final

from storage.engine.rows import aliased, decode
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request

# `|| ''` keeps SQLite from reading all that ever failed in the index on states
_FAILURES: Final = """
SELECT failure, COUNT(*) AS number FROM requests
WHERE ended_at_ms >= :since_ms AND failure <> '' AND state || '' = 'failed' AND shots = 0
GROUP BY failure
ORDER BY number DESC, failure"""
_UNCERTAIN: Final = """
SELECT * FROM requests
WHERE state = 'uncertain'
  AND (intent_at_ms > :after_ms OR (intent_at_ms = :after_ms AND id > :after_id))
ORDER BY intent_at_ms, id
LIMIT :limit"""
_UNCERTAIN_UNTIL: Final = """
SELECT id FROM requests WHERE state = 'uncertain' AND intent_at_ms <= :until_ms
ORDER BY intent_at_ms, id"""
_UNCERTAIN_COUNT: Final = """
SELECT COUNT(*) AS number, COALESCE(MAX(intent_at_ms), 0) AS newest_ms
FROM requests WHERE state = 'uncertain'"""
_WAITING_CARDS: Final = """
SELECT {posts}, {requests}
FROM outbox AS post JOIN requests AS request ON request.id = post.request_id
WHERE post.kind = 'card' AND post.state = 'sent' AND post.shown = request.state
  AND (request.state IN ('held', 'auditing', 'queued', 'submitting')
    OR (request.shots > 0 AND request.state = 'running'))
  AND (request.created_at_ms > :after_ms
    OR (request.created_at_ms = :after_ms AND post.id > :after_id))
ORDER BY request.created_at_ms, post.id
LIMIT :limit""".replace("{posts}", aliased(OutboxMessage, "post")).replace(
    "{requests}", aliased(Request, "request")
)
_HOLDER_OF_TASK: Final = """
SELECT id FROM requests WHERE task_id = :task_id AND task_id <> '' AND id <> :request_id
ORDER BY id
LIMIT 1"""


async def failures_since(tx: Transaction, since_ms: int) -> dict[str, int]:
    """How many requests have failed since a moment, by cause, the most frequent first."""
    rows = await tx.fetch_all(_FAILURES, {"since_ms": since_ms})
    return {row["failure"]: int(row["number"]) for row in rows}


async def uncertain_after(
    tx: Transaction, *, after_ms: int, after_id: str, limit: int
) -> list[Request]:
    """Uncertain requests, longest uncertain first, from behind a given intent and id."""
    rows = await tx.fetch_all(
        _UNCERTAIN, {"after_ms": after_ms, "after_id": after_id, "limit": limit}
    )
    return [decode(Request, row) for row in rows]


async def uncertain_ids(tx: Transaction, *, until_ms: int) -> list[str]:
    """Every uncertain request that was sent at that moment or before it."""
    rows = await tx.fetch_all(_UNCERTAIN_UNTIL, {"until_ms": until_ms})
    return [str(row["id"]) for row in rows]


async def count_uncertain(tx: Transaction) -> tuple[int, int]:
    """How many are uncertain, and when the newest of them was sent."""
    row = await tx.fetch_one(_UNCERTAIN_COUNT)
    return (int(row["number"]), int(row["newest_ms"])) if row else (0, 0)


async def holder_of_task(tx: Transaction, task_id: str, *, but: str) -> str | None:
    """Which other request has this provider task; None when none has."""
    row = await tx.fetch_one(_HOLDER_OF_TASK, {"task_id": task_id, "request_id": but})
    return None if row is None else str(row["id"])


async def waiting_cards(
    tx: Transaction, *, after_ms: int, after_id: str, limit: int
) -> list[tuple[OutboxMessage, Request]]:
    """Cards of requests that wait, though they show the right state; oldest request first.

    Those of series whose shots may wait are among them.

    From behind a request's time and its card's id.
    """
    wanted = {"after_ms": after_ms, "after_id": after_id, "limit": limit}
    rows = await tx.fetch_all(_WAITING_CARDS, wanted)
    return [(decode(OutboxMessage, row, "post"), decode(Request, row, "request")) for row in rows]
