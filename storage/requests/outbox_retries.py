"""Outbox retries: when a message is tried again and with what file size."""

from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Row, Transaction
from storage.errors import LeaseLost
from storage.records import OutboxMessage

_HAND_ON: Final = """
UPDATE outbox SET needs = :needs, host = :host, due_at_ms = :now_ms, lease_owner = ''
WHERE id = :id AND state = 'pending' AND lease_owner = :holder
RETURNING *"""
_AIM: Final = """
UPDATE outbox SET aim_bytes = :aim_bytes
WHERE id = :id AND state = 'pending' AND lease_owner = :holder
RETURNING *"""
_REST: Final = """
UPDATE outbox SET due_at_ms = :until_ms
WHERE channel_id = :channel_id AND state = 'pending' AND due_at_ms < :until_ms
  AND lease_owner = ''"""
_CHANGE_LATER: Final = """
UPDATE outbox SET attempt = attempt + 1, again_at_ms = :again_at_ms
WHERE id = :id AND state = 'sent'"""
_CHANGED: Final = """
UPDATE outbox SET attempt = 0, again_at_ms = 0 WHERE id = :id AND state = 'sent' AND attempt > 0"""
_WITHDRAWN: Final = """
SELECT post.id FROM outbox AS post LEFT JOIN requests AS request ON request.id = post.request_id
WHERE post.id IN {each:ids} AND (post.state <> 'pending' OR (
  post.kind = 'result' AND request.state IN ('failed', 'rejected', 'cancelled')))"""


async def hand_on(
    tx: Transaction, outbox_id: str, *, owner: str, needs: str, host: str, now_ms: int
) -> OutboxMessage:
    """Hand a message to the next kind of step; no failure is counted. Raises: LeaseLost.

    `host`: the host that stores its file; empty where none does.
    """
    wanted = {"id": outbox_id, "holder": owner, "needs": needs, "host": host, "now_ms": now_ms}
    return _held(await tx.fetch_one(_HAND_ON, wanted), outbox_id)


async def aim(tx: Transaction, outbox_id: str, *, owner: str, aim_bytes: int) -> OutboxMessage:
    """Remember which size to try after one that Discord refused. Raises: LeaseLost."""
    wanted = {"id": outbox_id, "holder": owner, "aim_bytes": aim_bytes}
    return _held(await tx.fetch_one(_AIM, wanted), outbox_id)


async def rest(tx: Transaction, channel_id: int, until_ms: int) -> int:
    """Delay everything pending for a throttled channel, except what is being sent."""
    return await tx.execute(_REST, {"channel_id": channel_id, "until_ms": until_ms})


async def change_later(tx: Transaction, outbox_id: str, again_at_ms: int) -> None:
    """Record that a sent message could not be changed or deleted, and when to retry."""
    await tx.execute(_CHANGE_LATER, {"id": outbox_id, "again_at_ms": again_at_ms})


async def changed(tx: Transaction, outbox_id: str) -> None:
    """Record a successful change: the failure count starts again."""
    await tx.execute(_CHANGED, {"id": outbox_id})


async def withdrawn(tx: Transaction, ids: Collection[str]) -> set[str]:
    """Those of some messages that are not to be sent any more."""
    parameters = {"ids": list(ids)}
    rows = await tx.fetch_all(_WITHDRAWN, parameters)
    return {str(row["id"]) for row in rows}


def _held(row: Row | None, outbox_id: str) -> OutboxMessage:
    if row is None:
        raise LeaseLost(f"message {outbox_id} is no longer pending, or not leased by us")
    return decode(OutboxMessage, row)
