"""What the provider key had used, from time to time: evidence, and a month's difference."""

from dataclasses import dataclass
from typing import Final

from storage.durations import DAY_MS
from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class KeyUsage:
    """What a key had used in all, in millionths, between being asked and the answer."""

    key_id: str
    used_micros: int
    asked_at_ms: int
    answered_at_ms: int
    id: int = 0
    """Grows with each note."""


_ADD: Final = """
INSERT INTO key_usage (key_id, used_micros, asked_at_ms, answered_at_ms)
VALUES (:key_id, :used_micros, :asked_at_ms, :answered_at_ms)"""
_LAST: Final = """
SELECT * FROM key_usage WHERE key_id = :key_id ORDER BY answered_at_ms DESC, id DESC LIMIT 1"""
_NEWEST: Final = "SELECT COALESCE(MAX(id), 0) AS id FROM key_usage"
_BEFORE: Final = """
SELECT * FROM key_usage WHERE key_id = :key_id AND answered_at_ms <= :until_ms
ORDER BY answered_at_ms DESC, id DESC
LIMIT :limit"""
_AFTER: Final = """
SELECT * FROM key_usage WHERE key_id = :key_id AND answered_at_ms > :since_ms
ORDER BY answered_at_ms DESC, id DESC
LIMIT :limit"""
_FIRST_SINCE: Final = """
SELECT * FROM key_usage WHERE key_id = :key_id AND answered_at_ms >= :since_ms
ORDER BY answered_at_ms, id
LIMIT 1"""
# one look into the index for each key there ever was
_KEYS: Final = """
WITH RECURSIVE key (id) AS (
  SELECT MIN(key_id) FROM key_usage
  UNION ALL
  SELECT (SELECT MIN(other.key_id) FROM key_usage AS other WHERE other.key_id > key.id) FROM key
  WHERE key.id IS NOT NULL
)
SELECT id FROM key WHERE id IS NOT NULL ORDER BY id"""
# the first of each day stays: it stands at the day's border
_THIN_OUT: Final = """
DELETE FROM key_usage WHERE id IN (
  SELECT later.id FROM key_usage AS later
  WHERE later.answered_at_ms >= :since_ms AND later.answered_at_ms < :before_ms
    AND EXISTS (
      SELECT 1 FROM key_usage AS earlier
      WHERE earlier.key_id = later.key_id
        AND earlier.answered_at_ms < later.answered_at_ms
        AND earlier.answered_at_ms >= later.answered_at_ms - later.answered_at_ms % :day_ms))"""


async def add(tx: Transaction, usage: KeyUsage) -> None:
    """Note what a key had used."""
    values = encode(usage)
    del values["id"]
    await tx.execute(_ADD, values)


async def last(tx: Transaction, key_id: str) -> KeyUsage | None:
    """The newest note of a key, or None."""
    row = await tx.fetch_one(_LAST, {"key_id": key_id})
    return None if row is None else decode(KeyUsage, row)


async def newest_id(tx: Transaction) -> int:
    """The id of the note that was made last, of whatever key; 0 before the first."""
    row = await tx.fetch_one(_NEWEST)
    return int(row["id"]) if row else 0


async def before(tx: Transaction, key_id: str, until_ms: int, *, limit: int) -> list[KeyUsage]:
    """Notes answered by a moment, newest first."""
    wanted = {"key_id": key_id, "until_ms": until_ms, "limit": limit}
    return [decode(KeyUsage, row) for row in await tx.fetch_all(_BEFORE, wanted)]


async def after(tx: Transaction, key_id: str, since_ms: int, *, limit: int) -> list[KeyUsage]:
    """Notes answered after a moment, newest first."""
    wanted = {"key_id": key_id, "since_ms": since_ms, "limit": limit}
    return [decode(KeyUsage, row) for row in await tx.fetch_all(_AFTER, wanted)]


async def first_since(tx: Transaction, key_id: str, since_ms: int) -> KeyUsage | None:
    """The first note of a key from a moment on, or None."""
    row = await tx.fetch_one(_FIRST_SINCE, {"key_id": key_id, "since_ms": since_ms})
    return None if row is None else decode(KeyUsage, row)


async def keys(tx: Transaction) -> list[str]:
    """Fingerprints of every key that was noted."""
    return [str(row["id"]) for row in await tx.fetch_all(_KEYS)]


async def thin_out(tx: Transaction, *, since_ms: int, before_ms: int) -> None:
    """Keep only the first note of each day and key, of those in a span."""
    span = {"since_ms": since_ms, "before_ms": before_ms, "day_ms": DAY_MS}
    await tx.execute(_THIN_OUT, span)
