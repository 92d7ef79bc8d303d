"""When a change of a sent message is tried again: each failure is remembered with its row."""

from typing import Final

from storage.transaction import Transaction

_CHANGE_LATER: Final = """
UPDATE posts SET attempt = attempt + 1, again_at_ms = :again_at_ms
WHERE id = :id AND state = 'sent'"""
_CHANGED: Final = """
UPDATE posts SET attempt = 0, again_at_ms = 0 WHERE id = :id AND state = 'sent' AND attempt > 0"""


async def change_later(tx: Transaction, post_id: str, again_at_ms: int) -> None:
    """A sent message could not be changed or taken away: count that, and when to try again."""
    await tx.execute(_CHANGE_LATER, {"id": post_id, "again_at_ms": again_at_ms})


async def changed(tx: Transaction, post_id: str) -> None:
    """It could be changed: the next failure is the first again."""
    await tx.execute(_CHANGED, {"id": post_id})
