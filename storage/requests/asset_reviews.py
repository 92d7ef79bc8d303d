"""The provider's asset reviews: which files it has reviewed for a key, and with what verdict.

A row is one file (kind and sha256) for one key, named by its fingerprint: ids of one key are
worthless with another.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction


class AssetState(StrEnum):
    """Where a file is on its way through the review."""

    SUBMITTING = "submitting"
    """The call that submits it is on its way, failed, or lost its answer."""
    PENDING = "pending"
    ACTIVE = "active"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class AssetReview:
    """One file's review. `due_at_ms` is when its status may first be asked for.

    `tries` counts the calls that submitted it. `submitted_at_ms` is the last of them,
    `checked_at_ms` when the verdict came, `used_at_ms` when a request last needed it.
    """

    key_id: str
    kind: str
    sha256: str
    asset_id: str
    state: AssetState
    tries: int
    submitted_at_ms: int
    due_at_ms: int
    checked_at_ms: int
    used_at_ms: int


FileKey = tuple[str, str]
"""A file's kind and the sha256 of its bytes."""

_OF_FILES: Final = """
SELECT * FROM asset_reviews
WHERE key_id = :key_id AND kind IN ('image', 'video', 'audio') AND sha256 IN {each:hashes}
ORDER BY kind, sha256"""
_OF_FILES_LOCKED: Final = f"{_OF_FILES} {{for_update}}"
_CLAIM: Final = """
INSERT INTO asset_reviews (key_id, kind, sha256, asset_id, state, tries, submitted_at_ms,
  due_at_ms, checked_at_ms, used_at_ms)
VALUES (:key_id, :kind, :sha256, '', 'submitting', 1, :now_ms, 0, 0, :now_ms)
ON CONFLICT (key_id, kind, sha256) DO UPDATE
SET tries = asset_reviews.tries + 1, submitted_at_ms = excluded.submitted_at_ms,
  used_at_ms = excluded.used_at_ms
WHERE asset_reviews.state = 'submitting' AND asset_reviews.tries < :most_tries
  AND asset_reviews.submitted_at_ms <= :lost_before_ms"""
_SUBMITTED: Final = """
UPDATE asset_reviews SET state = 'pending', asset_id = :asset_id, due_at_ms = :due_at_ms
WHERE key_id = :key_id AND kind = :kind AND sha256 = :sha256 AND state = 'submitting'"""
_NOT_SUBMITTED: Final = """
UPDATE asset_reviews SET submitted_at_ms = :retry_from_ms, tries = tries - :uncounted
WHERE key_id = :key_id AND kind = :kind AND sha256 = :sha256 AND state = 'submitting'"""
_PENDING: Final = """
SELECT asset_id FROM asset_reviews WHERE key_id = :key_id AND state = 'pending'
ORDER BY due_at_ms LIMIT :limit"""
_NEXT_CHECK: Final = """
SELECT MIN(due_at_ms) AS due_at_ms FROM asset_reviews
WHERE key_id = :key_id AND state = 'pending'"""
_SETTLE: Final = """
UPDATE asset_reviews SET state = :state, checked_at_ms = :now_ms
WHERE key_id = :key_id AND asset_id = :asset_id AND state = 'pending'"""
_USED: Final = """
UPDATE asset_reviews SET used_at_ms = :now_ms
WHERE key_id = :key_id AND kind = :kind AND sha256 = :sha256"""
_FORGET: Final = """
DELETE FROM asset_reviews WHERE key_id = :key_id AND kind = :kind AND sha256 = :sha256"""
_FORGET_KEYS_BELOW: Final = """
DELETE FROM asset_reviews WHERE (key_id, kind, sha256) IN (
  SELECT key_id, kind, sha256 FROM asset_reviews WHERE key_id < :key_id
  ORDER BY key_id, kind, sha256 LIMIT :limit)"""
_FORGET_KEYS_ABOVE: Final = """
DELETE FROM asset_reviews WHERE (key_id, kind, sha256) IN (
  SELECT key_id, kind, sha256 FROM asset_reviews WHERE key_id > :key_id
  ORDER BY key_id, kind, sha256 LIMIT :limit)"""
_FORGET_UNUSED: Final = """
DELETE FROM asset_reviews WHERE (key_id, kind, sha256) IN (
  SELECT key_id, kind, sha256 FROM asset_reviews WHERE used_at_ms < :before_ms
  ORDER BY used_at_ms LIMIT :limit)"""
_WAKE: Final = """
UPDATE requests SET due_at_ms = :now_ms
WHERE state = 'auditing' AND prepared_at_ms > 0 AND due_at_ms > :now_ms AND lease_owner = ''"""


async def of_files(
    tx: Transaction, key_id: str, files: Iterable[FileKey], *, locks: bool = False
) -> dict[FileKey, AssetReview]:
    """The reviews of some files; a file that was never submitted is missing.

    With `locks` they stay as they are until the transaction ends.
    """
    keys = set(files)
    hashes = sorted({sha256 for _, sha256 in keys})
    sql = _OF_FILES_LOCKED if locks else _OF_FILES
    rows = await tx.fetch_all(sql, {"key_id": key_id, "hashes": hashes})
    reviews = (decode(AssetReview, row) for row in rows)
    return {key: each for each in reviews if (key := (each.kind, each.sha256)) in keys}


async def claim(
    tx: Transaction,
    key_id: str,
    file: FileKey,
    *,
    now_ms: int,
    lost_before_ms: int,
    most_tries: int,
) -> bool:
    """Take a file for submission; False if somebody else does it, or it was tried too often.

    A submission that began before `lost_before_ms` and got no id is taken for lost.
    """
    parameters = {
        **_of(key_id, file),
        "now_ms": now_ms,
        "lost_before_ms": lost_before_ms,
        "most_tries": most_tries,
    }
    return await tx.execute(_CLAIM, parameters) == 1


async def submitted(
    tx: Transaction, key_id: str, file: FileKey, asset_id: str, *, due_at_ms: int
) -> None:
    """Record the id that the provider gave a file."""
    await tx.execute(
        _SUBMITTED, {**_of(key_id, file), "asset_id": asset_id, "due_at_ms": due_at_ms}
    )


async def not_submitted(
    tx: Transaction, key_id: str, file: FileKey, *, retry_from_ms: int, counts: bool
) -> None:
    """No id came: the next try need not wait for an answer.

    `retry_from_ms` stands in for the time of the call, see `claim`. `counts`: whether the call
    may have arrived, so that it is one of the few that are made.
    """
    await tx.execute(
        _NOT_SUBMITTED,
        {**_of(key_id, file), "retry_from_ms": retry_from_ms, "uncounted": int(not counts)},
    )


async def pending(tx: Transaction, key_id: str, *, limit: int) -> list[str]:
    """Ids that wait for a verdict, the longest due first."""
    rows = await tx.fetch_all(_PENDING, {"key_id": key_id, "limit": limit})
    return [row["asset_id"] for row in rows]


async def next_check_ms(tx: Transaction, key_id: str) -> int | None:
    """When a pending id may first be asked for; None while none is pending."""
    row = await tx.fetch_one(_NEXT_CHECK, {"key_id": key_id})
    return None if row is None or row["due_at_ms"] is None else int(row["due_at_ms"])


async def settle(
    tx: Transaction, key_id: str, asset_id: str, state: AssetState, now_ms: int
) -> bool:
    """Record a verdict; False if there was one already."""
    settled = {"key_id": key_id, "asset_id": asset_id, "state": state, "now_ms": now_ms}
    return await tx.execute(_SETTLE, settled) > 0


async def used(tx: Transaction, key_id: str, file: FileKey, now_ms: int) -> None:
    """A request needs the file's review: it is kept for longer."""
    await tx.execute(_USED, {**_of(key_id, file), "now_ms": now_ms})


async def forget(tx: Transaction, key_id: str, files: Collection[FileKey]) -> None:
    """The provider does not know these ids any more."""
    for file in files:
        await tx.execute(_FORGET, _of(key_id, file))


async def forget_some(tx: Transaction, key_id: str, before_ms: int, *, limit: int) -> int:
    """Delete up to `limit` rows each of lower keys, of higher keys, and unused since `before_ms`.

    Returns how many there were.
    """
    # `<>` instead of two ranges would read every row
    below = await tx.execute(_FORGET_KEYS_BELOW, {"key_id": key_id, "limit": limit})
    above = await tx.execute(_FORGET_KEYS_ABOVE, {"key_id": key_id, "limit": limit})
    unused = await tx.execute(_FORGET_UNUSED, {"before_ms": before_ms, "limit": limit})
    return below + above + unused


async def wake_requests(tx: Transaction, now_ms: int) -> int:
    """Make every waiting request of state `auditing` due: verdicts came."""
    return await tx.execute(_WAKE, {"now_ms": now_ms})


def _of(key_id: str, file: FileKey) -> dict[str, object]:
    kind, sha256 = file
    return {"key_id": key_id, "kind": kind, "sha256": sha256}
