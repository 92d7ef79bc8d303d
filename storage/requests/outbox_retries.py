"""When a message is tried again, and with what: each failure is remembered with its row."""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode, listed, spell
from storage.engine.transaction import Row, Transaction
from storage.errors import LeaseLost
from storage.records import Post

_HAND_ON: Final = spell(
    """
UPDATE posts SET needs = :needs, host = :host, due_at_ms = :now_ms, lease_owner = ''
WHERE id = :id AND state = 'owed' AND lease_owner = :holder
RETURNING {columns}""",
    Post,
)
_AIM: Final = spell(
    """
UPDATE posts SET aim_bytes = :aim_bytes
WHERE id = :id AND state = 'owed' AND lease_owner = :holder
RETURNING {columns}""",
    Post,
)
_REST: Final = """
UPDATE posts SET due_at_ms = :until_ms
WHERE channel_id = :channel_id AND state = 'owed' AND due_at_ms < :until_ms AND lease_owner = ''"""
_CHANGE_LATER: Final = """
UPDATE posts SET attempt = attempt + 1, again_at_ms = :again_at_ms
WHERE id = :id AND state = 'sent'"""
_CHANGED: Final = """
UPDATE posts SET attempt = 0, again_at_ms = 0 WHERE id = :id AND state = 'sent' AND attempt > 0"""
_WITHDRAWN: Final = """
SELECT post.id FROM posts AS post LEFT JOIN requests AS request ON request.id = post.request_id
WHERE post.id IN ({ids}) AND (post.state <> 'owed' OR (
  post.kind = 'result' AND request.state IN ('failed', 'rejected', 'cancelled')))"""


async def hand_on(
    tx: Transaction, post_id: str, *, owner: str, needs: str, host: str, now_ms: int
) -> Post:
    """Leave a message to the next kind of step; no failure is counted. Raises: LeaseLost.

    `host`: the machine that has made its file; empty where nobody has.
    """
    wanted = {"id": post_id, "holder": owner, "needs": needs, "host": host, "now_ms": now_ms}
    return _held(await tx.fetch_one(_HAND_ON, wanted), post_id)


async def aim(tx: Transaction, post_id: str, *, owner: str, aim_bytes: int) -> Post:
    """Remember which size to try after one that Discord refused. Raises: LeaseLost."""
    wanted = {"id": post_id, "holder": owner, "aim_bytes": aim_bytes}
    return _held(await tx.fetch_one(_AIM, wanted), post_id)


async def rest(tx: Transaction, channel_id: int, until_ms: int) -> int:
    """Let everything owed to a throttled channel wait, but for what is being sent right now."""
    return await tx.execute(_REST, {"channel_id": channel_id, "until_ms": until_ms})


async def change_later(tx: Transaction, post_id: str, again_at_ms: int) -> None:
    """A sent message could not be changed or taken away: count that, and when to try again."""
    await tx.execute(_CHANGE_LATER, {"id": post_id, "again_at_ms": again_at_ms})


async def changed(tx: Transaction, post_id: str) -> None:
    """It could be changed: the next failure is the first again."""
    await tx.execute(_CHANGED, {"id": post_id})


async def withdrawn(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of some messages that are not to be sent any more."""
    wanted, parameters = listed("id", ids)
    rows = await tx.fetch_all(_WITHDRAWN.replace("{ids}", wanted), parameters)
    return {str(row["id"]) for row in rows}


def _held(row: Row | None, post_id: str) -> Post:
    if row is None:
        raise LeaseLost(f"message {post_id} is not owed any more, or not ours")
    return decode(Post, row)
