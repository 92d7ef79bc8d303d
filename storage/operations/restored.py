"""Statements of a restore: what a copy of the database knows as unfinished, and how to mark it."""

from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.operations import key_values
from storage.records import NEVER_DUE, Request

MARGIN_MS: Final = 60_000
"""Discord's machines may differ so much in the time within an id."""
_MARGIN: Final = MARGIN_MS << 22

RESTORED: Final = "restored"
"""The key under which the last restore is kept: how many requests it parked, and when."""

_NEWEST_ID: Final = """
SELECT (SELECT COALESCE(MAX(interaction_id), 0) FROM requests) AS interaction_id,
  (SELECT COALESCE(MAX(message_id), 0) FROM outbox) AS message_id"""
# an earlier restore's id stays: what was posted behind it may still be unknown here
_MARK: Final = """
UPDATE requests SET key_usage_id = 0,
  restored_after_id = CASE WHEN restored_after_id = 0 THEN :after_id ELSE restored_after_id END
WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting', 'running', 'rendered',
    'reviewing', 'uncertain')"""
_UNSENT: Final = """
SELECT * FROM requests WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting')
  AND ((shots = 0 AND (series_of = '' OR state <> 'draft')) OR (shots > 0 AND state = 'draft'))
ORDER BY created_at_ms, id"""
_MESSAGES: Final = """
UPDATE outbox SET intent_at_ms = :now_ms, after_id = :after_id
WHERE state = 'pending' AND intent_at_ms = 0"""
_CARDS: Final = """
UPDATE outbox SET shown = '', attempt = 0, again_at_ms = 0
WHERE state = 'sent' AND kind = 'card' AND request_id IN (
  SELECT id FROM requests
  WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting', 'running', 'rendered',
    'reviewing', 'uncertain'))"""
_REVIEW_CARDS: Final = """
UPDATE outbox SET shown = '', attempt = 0, again_at_ms = 0
WHERE state = 'sent' AND kind = 'review' AND id IN (
  SELECT id FROM reviews WHERE state = 'open')"""
# a granted one may have been made and posted since: granted again it would be paid twice
_NO_APPEAL: Final = "UPDATE requests SET appeal_until_ms = 0 WHERE appeal_until_ms > 0"
_NO_APPEAL_REVIEWED: Final = """
UPDATE reviews SET state = 'withdrawn', decided_at_ms = :now_ms, due_at_ms = :never_due
WHERE appeal_of || '' <> '' AND id IN (SELECT id FROM reviews WHERE state = 'open')"""
_PARKED: Final = """
SELECT COUNT(*) AS number FROM requests WHERE state = 'uncertain' AND parked_from <> ''"""
_PARKED_UNTIL: Final = """
SELECT id FROM requests
WHERE state = 'uncertain' AND parked_from <> '' AND intent_at_ms <= :until_ms
ORDER BY intent_at_ms, id"""


async def mark(tx: Transaction, now_ms: int) -> None:
    """Mark what is unfinished: its messages may have arrived since, so they are searched for.

    Cards are edited again, as they may show something newer than the copy knows. What the key has
    used is no evidence any more: requests that the copy doesn't know were paid with it. Nobody can
    appeal any more against what was rejected before.
    """
    after_id = {"after_id": await _newest_id(tx)}
    await tx.execute(_MARK, after_id)
    await tx.execute(_MESSAGES, after_id | {"now_ms": now_ms})
    await tx.execute(_CARDS)
    await tx.execute(_REVIEW_CARDS)
    await tx.execute(_NO_APPEAL)
    await tx.execute(_NO_APPEAL_REVIEWED, {"now_ms": now_ms, "never_due": NEVER_DUE})


async def _newest_id(tx: Transaction) -> int:
    """An id from before the copy was made, as near to that moment as the copy can tell."""
    row = await tx.fetch_one(_NEWEST_ID)
    newest = max(int(row["interaction_id"]), int(row["message_id"])) if row else 0
    # 0 would read as "not from a copy"
    return max(1, newest - _MARGIN)


async def last_ms(tx: Transaction) -> int:
    """When the database was last restored; 0 for never."""
    return await key_values.since_ms(tx, RESTORED) or 0


async def unsent(tx: Transaction) -> list[Request]:
    """Every request that may have gone on to the provider since the copy, oldest first.

    Of series their shots, or, while they wait for an answer, the series alone.
    """
    return [decode(Request, row) for row in await tx.fetch_all(_UNSENT)]


async def count_parked(tx: Transaction) -> int:
    """How many requests a restore parked that nobody has settled yet."""
    row = await tx.fetch_one(_PARKED)
    return int(row["number"]) if row else 0


async def parked_ids(tx: Transaction, *, until_ms: int) -> list[str]:
    """Those of them that were parked at that moment or before it."""
    rows = await tx.fetch_all(_PARKED_UNTIL, {"until_ms": until_ms})
    return [str(row["id"]) for row in rows]
