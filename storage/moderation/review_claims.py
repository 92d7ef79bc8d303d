"""Who looks at which open review, and rejections that can still be taken back."""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Row, Transaction
from storage.moderation.reviews import Review

# two who ask at once get different rows: what another is taking is passed over; and a review has a
# card once the request's files are fetched, which nobody may pass unseen
_CLAIM_NEXT: Final = """
WITH next AS MATERIALIZED (
  SELECT id FROM reviews
  WHERE guild_id = :guild_id AND state = 'open' AND user_id NOT IN {each:own}
    AND (opened_at_ms > :after_ms OR (opened_at_ms = :after_ms AND id > :after_id))
    AND (claimed_until_ms <= :now_ms OR claimed_by = :by_id)
    AND EXISTS (SELECT 1 FROM outbox AS card WHERE card.id = reviews.id)
    AND NOT EXISTS (
      SELECT 1 FROM reviews AS rejection
      WHERE rejection.id = reviews.appeal_of AND rejection.decided_by IN {each:own})
  ORDER BY opened_at_ms, id
  LIMIT 1
  {skip_locked}
)
UPDATE reviews SET claimed_by = :by_id, claimed_until_ms = :until_ms
WHERE id IN (SELECT id FROM next)
RETURNING *"""
_CLAIM: Final = """
UPDATE reviews SET claimed_by = :by_id, claimed_until_ms = :until_ms
WHERE id = :id AND state = 'open' AND (claimed_until_ms <= :now_ms OR claimed_by = :by_id)
  AND EXISTS (SELECT 1 FROM outbox AS card WHERE card.id = reviews.id)
RETURNING *"""
_RELEASE: Final = """
UPDATE reviews SET claimed_by = 0, claimed_until_ms = 0
WHERE claimed_by = :by_id AND claimed_by <> 0 AND guild_id = :guild_id AND id <> :keep"""
_LAPSE: Final = """
UPDATE reviews SET claimed_by = 0, claimed_until_ms = 0
WHERE claimed_until_ms > 0 AND claimed_until_ms <= :now_ms"""
_HAS_LAPSED: Final = """
SELECT 1 AS found FROM reviews
WHERE claimed_until_ms > 0 AND claimed_until_ms <= :now_ms
LIMIT 1"""
_TAKING_EFFECT: Final = """
SELECT * FROM reviews
WHERE takes_effect_at_ms > 0 AND takes_effect_at_ms <= :now_ms AND id NOT IN {each:excluded}
ORDER BY takes_effect_at_ms, id
LIMIT :limit"""
_TAKE_EFFECT: Final = """
UPDATE reviews SET takes_effect_at_ms = 0 WHERE id = :id AND takes_effect_at_ms > 0 RETURNING *"""
# reminded of, it is due at its end; else halfway, as when it was opened
_TAKE_BACK: Final = """
UPDATE reviews SET state = 'open', decided_by = 0, decided_at_ms = 0, reason = '', note = '',
  takes_effect_at_ms = 0,
  due_at_ms = CASE WHEN reminded_at_ms > 0 THEN ends_at_ms
    ELSE opened_at_ms + (ends_at_ms - opened_at_ms) / 2 END
WHERE id = :id AND state = 'rejected' AND takes_effect_at_ms > :now_ms
RETURNING *"""


async def claim_next(
    tx: Transaction,
    guild_id: int,
    *,
    own: Collection[int],
    by_id: int,
    after: tuple[int, str],
    now_ms: int,
    until_ms: int,
) -> Review | None:
    """Claim the oldest open review of a server behind one, that is free for a moderator.

    One whose card is not enqueued yet, as the request's files are still being fetched, is not.
    `own`: the ids they are known as; their own requests and appeals against their own rejections
    are passed over. `after`: when the last one was opened, and its id. None where none is free.
    """
    wanted = {
        "own": list(own),
        "guild_id": guild_id,
        "by_id": by_id,
        "after_ms": after[0],
        "after_id": after[1],
        "now_ms": now_ms,
        "until_ms": until_ms,
    }
    return _decoded(await tx.fetch_one(_CLAIM_NEXT, wanted))


async def claim(
    tx: Transaction, review_id: str, *, by_id: int, now_ms: int, until_ms: int
) -> Review | None:
    """Claim one review, or renew the claim; None where it is closed, not ready, or another's."""
    wanted = {"id": review_id, "by_id": by_id, "now_ms": now_ms, "until_ms": until_ms}
    return _decoded(await tx.fetch_one(_CLAIM, wanted))


async def release(tx: Transaction, guild_id: int, by_id: int, *, keep: str = "") -> None:
    """Give up a moderator's claims in a server, except on one review."""
    await tx.execute(_RELEASE, {"guild_id": guild_id, "by_id": by_id, "keep": keep})


async def has_lapsed(tx: Transaction, now_ms: int) -> bool:
    """Whether any claim has run out and is still shown on its card."""
    return await tx.fetch_one(_HAS_LAPSED, {"now_ms": now_ms}) is not None


async def end_lapsed(tx: Transaction, now_ms: int) -> None:
    """End the claims that have run out."""
    await tx.execute(_LAPSE, {"now_ms": now_ms})


async def taking_effect(
    tx: Transaction, now_ms: int, *, exclude: Collection[str] = (), limit: int
) -> list[Review]:
    """Rejections that are to take effect now, longest due first."""
    wanted = {"excluded": list(exclude), "now_ms": now_ms, "limit": limit}
    return [decode(Review, row) for row in await tx.fetch_all(_TAKING_EFFECT, wanted)]


async def take_effect(tx: Transaction, review_id: str) -> Review | None:
    """Mark a rejection as in effect; None where it is already, or was taken back."""
    return _decoded(await tx.fetch_one(_TAKE_EFFECT, {"id": review_id}))


async def take_back(tx: Transaction, review_id: str, now_ms: int) -> Review | None:
    """Open a rejected review again; None where the rejection has taken effect."""
    return _decoded(await tx.fetch_one(_TAKE_BACK, {"id": review_id, "now_ms": now_ms}))


def _decoded(row: Row | None) -> Review | None:
    return None if row is None else decode(Review, row)
