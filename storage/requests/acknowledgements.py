"""Whether a request's member knows of it: nothing is spent before that."""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import Request

_ACKNOWLEDGE: Final = """
UPDATE requests SET acked_at_ms = :now_ms, updated_at_ms = :now_ms,
  due_at_ms = CASE WHEN shots > 0 AND state = 'queued' AND lease_owner = '' THEN :now_ms
    ELSE due_at_ms END
WHERE id = :id AND acked_at_ms = 0 AND series_of = ''"""
_UNACKNOWLEDGED: Final = """
SELECT * FROM requests
WHERE state IN ('held', 'auditing', 'queued') AND acked_at_ms = 0 AND created_at_ms < :before_ms
  AND series_of = ''
  AND NOT EXISTS (
    SELECT 1 FROM outbox
    WHERE outbox.request_id = requests.id AND outbox.kind = 'card' AND outbox.state = 'pending')
  AND id NOT IN {each:excluded}
ORDER BY created_at_ms, id
LIMIT :limit"""


async def acknowledge(tx: Transaction, request_id: str, now_ms: int) -> bool:
    """Record that the member's reply or card succeeded; False when it was recorded before.

    A series goes on then. A shot is never acknowledged by a reply: its turn comes in its series.
    """
    return await tx.execute(_ACKNOWLEDGE, {"id": request_id, "now_ms": now_ms}) == 1


async def unacknowledged(
    tx: Transaction, *, before_ms: int, exclude: Collection[str], limit: int
) -> list[Request]:
    """Unacknowledged requests: their member saw no reply, and no card is pending.

    Created before `before_ms`, so that a reply still on its way has arrived.
    """
    parameters = {"excluded": list(exclude)}
    rows = await tx.fetch_all(
        _UNACKNOWLEDGED,
        parameters | {"before_ms": before_ms, "limit": limit},
    )
    return [decode(Request, row) for row in rows]
