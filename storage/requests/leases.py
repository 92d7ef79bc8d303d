"""Leases on requests: claim, renew and release them, and take over from dead hosts."""

from collections.abc import Collection
from typing import Final

from storage.engine.leases import Leases
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import Request

LEASES: Final = Leases("requests")

# MATERIALIZED: the inner SELECT must run once, or PostgreSQL may lock more rows than the limit
_CLAIM: Final = """
WITH due AS MATERIALIZED (
  SELECT id FROM requests
  WHERE id IN {each:ids} AND due_at_ms <= :now_ms
    AND (host = '' OR host = :host
      OR state NOT IN ('draft', 'held', 'auditing', 'queued', 'submitting'))
  ORDER BY due_at_ms, id
  {skip_locked}
)
UPDATE requests SET lease_owner = :owner, due_at_ms = :until_ms
WHERE id IN (SELECT id FROM due)
RETURNING *"""
# `|| ''` keeps SQLite from the index on states, which has all that ever ended
_ENDED: Final = """
SELECT id, intent_at_ms FROM requests
WHERE id IN {each:ids} AND state || '' IN ('posted', 'failed', 'rejected', 'cancelled')"""
_RELEASE_DEAD: Final = """
UPDATE requests SET host = '', prepared_at_ms = 0, lease_owner = '', due_at_ms = :now_ms
WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting')
  AND host <> '' AND host NOT IN {each:alive}
RETURNING id"""


async def claim(
    tx: Transaction, ids: Collection[str], *, owner: str, host: str, now_ms: int, lease_ms: int
) -> list[Request]:
    """Lease those of some requests that are still due, for `lease_ms`; ordered by age.

    A request that still needs its inputs goes only to the host that stores them. The ids come from
    `storage.requests.due_work`; of two workers that chose the same one, one gets it.
    """
    parameters = {"ids": list(ids)}
    lease = {"owner": owner, "host": host, "now_ms": now_ms, "until_ms": now_ms + lease_ms}
    rows = await tx.fetch_all(_CLAIM, parameters | lease)
    claimed = [decode(Request, row) for row in rows]
    return sorted(claimed, key=lambda request: (request.created_at_ms, request.id))


async def ended(tx: Transaction, ids: Collection[str]) -> dict[str, bool]:
    """Which of some requests have ended, and whether each had been submitted."""
    parameters = {"ids": list(ids)}
    rows = await tx.fetch_all(_ENDED, parameters)
    return {str(row["id"]): row["intent_at_ms"] > 0 for row in rows}


async def release_dead(tx: Transaction, *, alive: Collection[str], now_ms: int) -> list[str]:
    """Release requests whose inputs are on a dead host; returns their ids.

    They become due, without a host and unprepared: any host fetches the inputs again. `alive`
    names every live host.
    """
    parameters = {"alive": list(alive)}
    rows = await tx.fetch_all(_RELEASE_DEAD, parameters | {"now_ms": now_ms})
    return sorted(row["id"] for row in rows)
