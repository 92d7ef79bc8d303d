"""Claims on requests: whose turn a row is, until when, and what becomes of the dead's.

Claiming moves `due_at_ms` ahead, so a lease that nobody renews becomes due again by itself.
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
    AND (host = '' OR host = :host OR state NOT IN ('draft', 'held', 'queued', 'submitting'))
  ORDER BY due_at_ms, id
  {skip_locked}
)
UPDATE requests SET lease_owner = :owner, due_at_ms = :until_ms
WHERE id IN (SELECT id FROM due)
RETURNING *"""
# never brings a row forward: one that was parked or put off meanwhile stays so
_RENEW: Final = """
UPDATE requests SET due_at_ms = :until_ms
WHERE lease_owner = :owner AND due_at_ms < :until_ms AND id IN {each:ids}"""
_RELEASE: Final = """
UPDATE requests SET lease_owner = '', due_at_ms = :now_ms
WHERE lease_owner <> '' AND due_at_ms > :now_ms AND due_at_ms < :parked"""
_LET_GO: Final = """
UPDATE requests SET lease_owner = '', due_at_ms = :now_ms
WHERE lease_owner = :owner AND due_at_ms > :now_ms AND due_at_ms < :parked"""
_NEXT_DUE: Final = "SELECT MIN(due_at_ms) AS due_at_ms FROM requests WHERE due_at_ms < :parked"
# `|| ''` keeps SQLite from the index on states, which has all that ever ended
_ENDED: Final = """
SELECT id, intent_at_ms FROM requests
WHERE id IN {each:ids} AND state || '' IN ('posted', 'failed', 'rejected', 'cancelled')"""
_DISOWN: Final = """
UPDATE requests SET host = '', prepared_at_ms = 0, lease_owner = '', due_at_ms = :now_ms
WHERE state IN ('draft', 'held', 'queued', 'submitting') AND host <> '' AND host NOT IN {each:alive}
RETURNING id"""


async def claim(
    tx: Transaction, ids: Collection[str], *, owner: str, host: str, now_ms: int, lease_ms: int
) -> list[Request]:
    """Take those of some requests that are still due for `lease_ms`; ordered by age.

    What still needs its inputs goes only to the host whose disk has them. Which to take says
    `storage.requests.due_work`; of two who chose the same one, one gets it.
    """
    parameters = {"ids": list(ids)}
    lease = {"owner": owner, "host": host, "now_ms": now_ms, "until_ms": now_ms + lease_ms}
    rows = await tx.fetch_all(_CLAIM, parameters | lease)
    claimed = [decode(Request, row) for row in rows]
    return sorted(claimed, key=lambda request: (request.created_at_ms, request.id))


async def renew(tx: Transaction, *, owner: str, ids: Collection[str], until_ms: int) -> int:
    """Keep leases until a later time; returns how many were still the owner's to keep."""
    parameters = {"ids": list(ids)}
    return await tx.execute(_RENEW, parameters | {"owner": owner, "until_ms": until_ms})


async def release_leases(tx: Transaction, now_ms: int) -> int:
    """Make every leased request due at once: for a start where no other process can be alive."""
    return await tx.execute(_RELEASE, {"now_ms": now_ms, "parked": NEVER_DUE})


async def release(tx: Transaction, *, owner: str, now_ms: int) -> int:
    """Make what one owner still holds due at once: it stops, and others need not wait for it."""
    return await tx.execute(_LET_GO, {"owner": owner, "now_ms": now_ms, "parked": NEVER_DUE})


async def next_due_ms(tx: Transaction) -> int | None:
    """When the next request becomes due; None when none ever will by itself."""
    row = await tx.fetch_one(_NEXT_DUE, {"parked": NEVER_DUE})
    return None if row is None or row["due_at_ms"] is None else int(row["due_at_ms"])


async def ended(tx: Transaction, ids: Collection[str]) -> dict[str, bool]:
    """Those of some requests that have ended, and whether each had been sent by then."""
    parameters = {"ids": list(ids)}
    rows = await tx.fetch_all(_ENDED, parameters)
    return {str(row["id"]): row["intent_at_ms"] > 0 for row in rows}


async def release_dead(tx: Transaction, *, alive: Collection[str], now_ms: int) -> list[str]:
    """Give requests whose inputs lie on a dead host to anybody; returns their ids.

    They become due, without a host and unprepared: the inputs must be fetched again. `alive`
    names every host that still works.
    """
    parameters = {"alive": list(alive)}
    rows = await tx.fetch_all(_DISOWN, parameters | {"now_ms": now_ms})
    return sorted(row["id"] for row in rows)
