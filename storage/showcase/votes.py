"""Votes for posted videos: one row a member and video."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Vote:
    """A member's vote for a video."""

    request_id: str
    user_id: int
    guild_id: int
    at_ms: int


_ADD: Final = """
INSERT INTO showcase_votes (request_id, user_id, guild_id, at_ms)
VALUES (:request_id, :user_id, :guild_id, :at_ms)
ON CONFLICT (request_id, user_id) DO NOTHING"""
_TAKE_BACK: Final = """
DELETE FROM showcase_votes WHERE request_id = :request_id AND user_id = :user_id"""
_OF_MEMBER: Final = """
SELECT request_id FROM showcase_votes WHERE user_id = :user_id ORDER BY request_id LIMIT :limit"""
_FORGET: Final = "DELETE FROM showcase_votes WHERE request_id = :request_id"
_DROP_OLD: Final = """
DELETE FROM showcase_votes WHERE (request_id, user_id) IN (
  SELECT request_id, user_id FROM showcase_votes
  WHERE at_ms < :before_ms ORDER BY at_ms LIMIT :limit)"""


async def add(tx: Transaction, vote: Vote) -> bool:
    """Record a vote; False when its member has voted for that video already."""
    return await tx.execute(_ADD, encode(vote)) == 1


async def take_back(tx: Transaction, request_id: str, user_id: int) -> bool:
    """Delete a vote; False when there is none."""
    which = {"request_id": request_id, "user_id": user_id}
    return await tx.execute(_TAKE_BACK, which) == 1


async def voted_for(tx: Transaction, user_id: int, *, limit: int) -> list[str]:
    """Some of the requests that a member has voted for, in the order of their ids."""
    rows = await tx.fetch_all(_OF_MEMBER, {"user_id": user_id, "limit": limit})
    return [str(row["request_id"]) for row in rows]


async def forget(tx: Transaction, request_id: str) -> None:
    """Delete every vote for a video."""
    await tx.execute(_FORGET, {"request_id": request_id})


async def drop_old(tx: Transaction, before_ms: int, *, limit: int) -> bool:
    """Delete some votes from before a moment, whose counts stay; False when none is left."""
    return await tx.execute(_DROP_OLD, {"before_ms": before_ms, "limit": limit}) > 0
