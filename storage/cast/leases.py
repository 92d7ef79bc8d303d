"""Leases on entries of the cast whose pictures are to be fetched."""

from collections.abc import Collection
from typing import Final

from storage.cast.entries import CastEntry
from storage.engine.leases import Leases
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.requests.due_work import Due, StepKind

PATIENCE_MS: Final = 10_000
"""How long an entry is left to the host that has its owner's other pictures."""

LEASES: Final = Leases("cast_entries", waiting="state = 'new'")

_CLAIM: Final = """
WITH due AS MATERIALIZED (
  SELECT id FROM cast_entries
  WHERE id IN {each:ids} AND state = 'new' AND removed_at_ms = 0 AND due_at_ms <= :now_ms
  ORDER BY due_at_ms, id
  {skip_locked}
)
UPDATE cast_entries SET lease_owner = :owner, due_at_ms = :until_ms
WHERE id IN (SELECT id FROM due)
RETURNING *"""
_DUE: Final = """
WITH due AS (
  SELECT id, user_id AS whose, due_at_ms, ROW_NUMBER() OVER (
    PARTITION BY user_id ORDER BY due_at_ms, id) AS nth
  FROM cast_entries
  WHERE state = 'new' AND removed_at_ms = 0 AND due_at_ms <= :now_ms
    AND (host IN ('', :host) OR due_at_ms <= :nobody_ms)
    AND id NOT IN {each:excluded}
)
SELECT id, whose FROM due WHERE nth <= :share ORDER BY nth, due_at_ms, id LIMIT :window"""


async def due(
    tx: Transaction, *, host: str, now_ms: int, exclude: Collection[str], share: int, window: int
) -> list[Due]:
    """Entries whose pictures this host may fetch now; takes no lock."""
    wanted = {
        "host": host,
        "now_ms": now_ms,
        "nobody_ms": now_ms - PATIENCE_MS,
        "share": share,
        "window": window,
    }
    rows = await tx.fetch_all(_DUE, {"excluded": list(exclude)} | wanted)
    return [Due(str(row["id"]), StepKind.CAST, int(row["whose"])) for row in rows]


async def claim(
    tx: Transaction, ids: Collection[str], *, owner: str, now_ms: int, lease_ms: int
) -> list[CastEntry]:
    """Lease those of some entries that are still due for `lease_ms`."""
    lease = {"owner": owner, "now_ms": now_ms, "until_ms": now_ms + lease_ms}
    rows = await tx.fetch_all(_CLAIM, {"ids": list(ids)} | lease)
    return [decode(CastEntry, row) for row in rows]
