"""The visibility of posted videos: what each should be after a report or decision, and what it is.

A row is due while its message still has to be changed, and is claimed with a lease. The statements
for claim, renewal and release are those of `storage.requests.leases`, for this table.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.leases import Leases
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.errors import LeaseLost
from storage.records import NEVER_DUE


class Display(StrEnum):
    """How a posted video is shown in its channel."""

    PLAIN = "plain"
    SPOILER = "spoiler"
    GONE = "gone"
    UNSURE = "unsure"
    """It is being changed; after a crash or a lost response this is unknown. Never wanted."""


@dataclass(frozen=True, slots=True)
class VisibilityChange:
    """`wanted` and `shown` differ while the message still has to be changed.

    `is_purged`: a video that is gone has left our disk as well. `due_at_ms` is when to try next,
    or while a worker has it, when its lease ends. `attempt` counts failures since it was asked
    for; `version` counts how often it was asked for. `is_edit_refused`: Discord does not take the
    edit, so the file is uploaded again, at most `limit_bytes` large (0: as Discord announced).
    """

    request_id: str
    wanted: Display
    shown: Display
    due_at_ms: int
    is_purged: bool = False
    lease_owner: str = ""
    attempt: int = 0
    version: int = 0
    is_edit_refused: bool = False
    limit_bytes: int = 0

    @property
    def id(self) -> str:
        """Its key."""
        return self.request_id


LEASES: Final = Leases("visibility", key="request_id")

_WANT: Final = """
INSERT INTO visibility (request_id, wanted, shown, is_purged, due_at_ms)
VALUES (:request_id, :wanted, :was, 0, :now_ms)
ON CONFLICT (request_id) DO UPDATE SET wanted = excluded.wanted, version = visibility.version + 1,
  attempt = 0, is_edit_refused = 0, limit_bytes = 0,
  due_at_ms = CASE WHEN visibility.lease_owner = '' THEN excluded.due_at_ms
    ELSE visibility.due_at_ms END
WHERE visibility.wanted <> 'gone'"""
_LOOK_AGAIN: Final = """
UPDATE visibility SET version = version + 1,
  due_at_ms = CASE WHEN lease_owner = '' THEN :now_ms ELSE due_at_ms END
WHERE wanted <> 'gone'
  AND request_id IN (SELECT part_id FROM joined_films WHERE film_id = :film_id)"""
_GET: Final = "SELECT * FROM visibility WHERE request_id = :request_id"
_CLAIM: Final = """
WITH due AS MATERIALIZED (
  SELECT request_id FROM visibility
  WHERE request_id IN {each:ids} AND due_at_ms <= :now_ms
  ORDER BY due_at_ms, request_id
  {skip_locked}
)
UPDATE visibility SET lease_owner = :owner, due_at_ms = :until_ms
WHERE request_id IN (SELECT request_id FROM due)
RETURNING *"""
_TRYING: Final = """
UPDATE visibility SET shown = 'unsure' WHERE request_id = :request_id AND lease_owner = :owner"""
_IS_SHOWN: Final = """
UPDATE visibility SET shown = :shown WHERE request_id = :request_id AND lease_owner = :owner"""
# a change requested since the claim is due at once
_DONE: Final = """
UPDATE visibility SET lease_owner = '', is_purged = :is_purged, attempt = 0,
  due_at_ms = CASE WHEN version = :version THEN :due_at_ms ELSE :now_ms END
WHERE request_id = :request_id AND lease_owner = :owner"""
_PUT_OFF: Final = """
UPDATE visibility SET lease_owner = '',
  attempt = CASE WHEN version = :version THEN attempt + 1 ELSE attempt END,
  is_edit_refused = CASE WHEN version = :version THEN :is_edit_refused ELSE is_edit_refused END,
  limit_bytes = CASE WHEN version = :version THEN :limit_bytes ELSE limit_bytes END,
  due_at_ms = CASE WHEN version = :version THEN :due_at_ms ELSE :now_ms END
WHERE request_id = :request_id AND lease_owner = :owner"""


async def want(
    tx: Transaction, request_id: str, wanted: Display, *, was: Display, now_ms: int
) -> None:
    """Request a posted video's visibility; `was` is how it is shown if no row exists yet.

    A video that is to be removed stays removed.
    """
    change = {"request_id": request_id, "wanted": wanted, "was": was, "now_ms": now_ms}
    await tx.execute(_WANT, change)


async def look_again(tx: Transaction, film_id: str, now_ms: int) -> None:
    """Recheck a new film's parts: a change of their visibility may have missed the film."""
    await tx.execute(_LOOK_AGAIN, {"film_id": film_id, "now_ms": now_ms})


async def get(tx: Transaction, request_id: str) -> VisibilityChange | None:
    """A video's present and wanted visibility; None while no change was requested."""
    row = await tx.fetch_one(_GET, {"request_id": request_id})
    return None if row is None else decode(VisibilityChange, row)


async def claim(
    tx: Transaction, ids: Collection[str], *, owner: str, now_ms: int, lease_ms: int
) -> list[VisibilityChange]:
    """Take those of some videos that are still due for `lease_ms`."""
    parameters = {"ids": list(ids)}
    lease = {"owner": owner, "now_ms": now_ms, "until_ms": now_ms + lease_ms}
    rows = await tx.fetch_all(_CLAIM, parameters | lease)
    return [decode(VisibilityChange, row) for row in rows]


async def trying(tx: Transaction, held: VisibilityChange) -> None:
    """Record that its message is about to be changed. Raises: LeaseLost."""
    await _write(tx, held, _TRYING, {})


async def is_shown(tx: Transaction, held: VisibilityChange, shown: Display) -> None:
    """Record how the message is shown now; the lease stays. Raises: LeaseLost."""
    await _write(tx, held, _IS_SHOWN, {"shown": shown})


async def done(
    tx: Transaction,
    held: VisibilityChange,
    *,
    now_ms: int,
    is_purged: bool = False,
    due_at_ms: int = NEVER_DUE,
) -> None:
    """Record that the claimed change is complete and end the lease. Raises: LeaseLost.

    Due again at `due_at_ms`, or at once when a newer change was requested.
    """
    change = {"is_purged": int(is_purged), "due_at_ms": due_at_ms, "now_ms": now_ms}
    await _write(tx, held, _DONE, change | {"version": held.version})


async def put_off(
    tx: Transaction,
    held: VisibilityChange,
    *,
    now_ms: int,
    due_at_ms: int,
    is_edit_refused: bool,
    limit_bytes: int,
) -> None:
    """Retry later, in the given way, and end the lease. Raises: LeaseLost."""
    change = {
        "now_ms": now_ms,
        "due_at_ms": due_at_ms,
        "is_edit_refused": int(is_edit_refused),
        "limit_bytes": limit_bytes,
    }
    await _write(tx, held, _PUT_OFF, change | {"version": held.version})


async def _write(
    tx: Transaction, held: VisibilityChange, sql: str, change: Mapping[str, object]
) -> None:
    key = {"request_id": held.request_id, "owner": held.lease_owner}
    if not await tx.execute(sql, {**change, **key}):
        raise LeaseLost(f"how {held.request_id} is shown is not ours to change any more")
