"""A server's usage, request by request, from the ledger."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class UsageRow:
    """One request that took quota; `state` is empty where the request itself was deleted.

    `counted` is 1 while it counts for its member, `cost_micros` what is booked for it.
    """

    id: str
    user_id: int
    asked_at_ms: int
    model: str
    seconds: int
    state: str
    failure: str
    task_id: str
    counted: int
    cost_micros: int
    billed_micros: int | None = None
    """What the provider says that it cost; None where it said nothing."""


_SPENT: Final = """
SELECT entry.request_id AS id, entry.user_id AS user_id, entry.counts_at_ms AS asked_at_ms,
  COALESCE(request.model, '') AS model, entry.seconds AS seconds,
  COALESCE(request.state, '') AS state, COALESCE(request.failure, '') AS failure,
  COALESCE(request.task_id, '') AS task_id, request.billed_micros AS billed_micros,
  (SELECT CAST(COALESCE(SUM(part.videos), 0) AS BIGINT) FROM ledger AS part
    WHERE part.request_id = entry.request_id AND part.account = 'count') AS counted,
  (SELECT CAST(COALESCE(SUM(part.cost_micros), 0) AS BIGINT) FROM ledger AS part
    WHERE part.request_id = entry.request_id AND part.account = 'cost') AS cost_micros
FROM ledger AS entry LEFT JOIN requests AS request ON request.id = entry.request_id
WHERE entry.account = 'count' AND entry.kind = 'reserve'
  AND entry.guild_id = :guild_id AND entry.counts_at_ms >= :since_ms
ORDER BY entry.counts_at_ms DESC, entry.request_id
LIMIT :limit"""


async def spent(tx: Transaction, guild_id: int, *, since_ms: int, limit: int) -> list[UsageRow]:
    """A server's requests since a moment, newest first; drafts took nothing and are not there."""
    wanted = {"guild_id": guild_id, "since_ms": since_ms, "limit": limit}
    return [decode(UsageRow, row) for row in await tx.fetch_all(_SPENT, wanted)]
