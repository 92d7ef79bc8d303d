"""Leases on requests: claim, renew and release them, and take over from dead hosts.

Due time and lease share one column, as a visibility timeout: claiming moves `due_at_ms` ahead, and
a lease that nobody renews becomes due again. Outbox and visibility have the same statements.
"""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request

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
# never brings a row forward: one that was postponed meanwhile stays so
_RENEW: Final = """
UPDATE requests SET due_at_ms = :until_ms
WHERE lease_owner = :owner AND due_at_ms < :until_ms AND id IN {each:ids}"""
_RELEASE_ALL: Final = """
UPDATE requests SET lease_owner = '', due_at_ms = :now_ms
WHERE lease_owner <> '' AND due_at_ms > :now_ms AND due_at_ms < :never_due"""
_RELEASE_OF_OWNER: Final = """
UPDATE requests SET lease_owner = '', due_at_ms = :now_ms
WHERE lease_owner = :owner AND due_at_ms > :now_ms AND due_at_ms < :never_due"""
_NEXT_DUE: Final = "SELECT MIN(due_at_ms) AS due_at_ms FROM requests WHERE due_at_ms < :never_due"
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


async def renew(tx: Transaction, *, owner: str, ids: Collection[str], until_ms: int) -> int:
    """Extend an owner's leases; returns how many it still held."""
    parameters = {"ids": list(ids)}
    return await tx.execute(_RENEW, parameters | {"owner": owner, "until_ms": until_ms})


async def release_leases(tx: Transaction, now_ms: int) -> int:
    """Make every leased request due at once, at a start when no other process can be running."""
    return await tx.execute(_RELEASE_ALL, {"now_ms": now_ms, "never_due": NEVER_DUE})


async def release(tx: Transaction, *, owner: str, now_ms: int) -> int:
    """Make everything one owner has leased due at once, as when its process stops."""
    return await tx.execute(
        _RELEASE_OF_OWNER, {"owner": owner, "now_ms": now_ms, "never_due": NEVER_DUE}
    )


async def next_due_ms(tx: Transaction) -> int | None:
    """When the next request becomes due; None when none ever will by itself."""
    row = await tx.fetch_one(_NEXT_DUE, {"never_due": NEVER_DUE})
    return None if row is None or row["due_at_ms"] is None else int(row["due_at_ms"])


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
