"""Blocks: which members may not request videos in a server, and until when."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as


@dataclass(frozen=True, slots=True)
class Block:
    """One member of one server; `until_ms` 0 is until somebody ends it."""

    guild_id: int
    user_id: int
    by_id: int
    reason: str
    at_ms: int
    until_ms: int = 0


_PUT: Final = """
INSERT INTO blocks (guild_id, user_id, by_id, reason, at_ms, until_ms)
VALUES (:guild_id, :user_id, :by_id, :reason, :at_ms, :until_ms)
ON CONFLICT (guild_id, user_id) DO UPDATE SET
  by_id = excluded.by_id, reason = excluded.reason,
  at_ms = excluded.at_ms, until_ms = excluded.until_ms"""
_ACTIVE: Final = """
SELECT * FROM blocks
WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
  AND (until_ms = 0 OR until_ms > :now_ms)"""
_REMOVE: Final = """
DELETE FROM blocks
WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
  AND (until_ms = 0 OR until_ms > :now_ms)"""

_FORGET: Final = """
DELETE FROM blocks WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)"""


async def put(tx: Transaction, block: Block) -> None:
    """Block a member, in place of an earlier block."""
    await tx.execute(_FORGET, await _member(tx, block.guild_id, block.user_id))
    await tx.execute(_PUT, encode(block))


async def active(tx: Transaction, guild_id: int, user_id: int, now_ms: int) -> Block | None:
    """The block that holds now, or None."""
    wanted = await _member(tx, guild_id, user_id) | {"now_ms": now_ms}
    row = await tx.fetch_one(_ACTIVE, wanted)
    return None if row is None else decode(Block, row)


async def remove(tx: Transaction, guild_id: int, user_id: int, now_ms: int) -> bool:
    """End a block; False when none held."""
    wanted = await _member(tx, guild_id, user_id) | {"now_ms": now_ms}
    return await tx.execute(_REMOVE, wanted) > 0


async def _member(tx: Transaction, guild_id: int, user_id: int) -> dict[str, int]:
    """The ids a member's block may be stored under: their own and their pseudonym."""
    _, pseudonym = await known_as(tx, user_id)
    return {"guild_id": guild_id, "user_id": user_id, "pseudonym": pseudonym}
