"""What moderators decided about words and pictures, found again by hashes alone.

A row has a keyed hash of a prompt's words, the checksum of a file, or the look of a picture: 64
bits that like pictures share most of. None of them gives a picture or a prompt back.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction

MOST_FOUND: Final = 300


@dataclass(frozen=True, slots=True)
class DecidedContent:
    """One way to find a decided request again. `outcome` is `approved` or `rejected`.

    `lookup` is what rows are found by: the kind and a hash, or a part of one; `hash` the whole.
    """

    request_id: str
    lookup: str
    guild_id: int
    hash: str
    outcome: str
    at_ms: int


# the last decision on a request counts, as on an appeal
_PUT: Final = """
INSERT INTO decided_content (request_id, lookup, guild_id, hash, outcome, at_ms)
VALUES (:request_id, :lookup, :guild_id, :hash, :outcome, :at_ms)
ON CONFLICT (request_id, lookup) DO UPDATE SET outcome = excluded.outcome, at_ms = excluded.at_ms"""
_FIND: Final = """
SELECT * FROM decided_content
WHERE guild_id = :guild_id AND lookup IN {each:lookups} AND request_id <> :but
ORDER BY at_ms DESC, request_id
LIMIT :limit"""
_FORGET: Final = "DELETE FROM decided_content WHERE request_id = :request_id"
_FORGET_MEMBER: Final = """
DELETE FROM decided_content WHERE (request_id, lookup) IN (
  SELECT content.request_id, content.lookup
  FROM requests AS request JOIN decided_content AS content ON content.request_id = request.id
  WHERE request.user_id = :user_id LIMIT :limit)"""
_DROP_OLD: Final = """
DELETE FROM decided_content WHERE (request_id, lookup) IN (
  SELECT request_id, lookup FROM decided_content WHERE at_ms < :before_ms
  ORDER BY at_ms LIMIT :limit)"""


async def put(tx: Transaction, content: DecidedContent) -> None:
    """Remember a decision, in place of an earlier one on the same request."""
    await tx.execute(_PUT, encode(content))


async def find(
    tx: Transaction, guild_id: int, lookups: Collection[str], *, but: str
) -> list[DecidedContent]:
    """What was decided about other requests of a server, newest first, up to MOST_FOUND rows."""
    wanted = {"guild_id": guild_id, "lookups": list(lookups), "but": but, "limit": MOST_FOUND}
    return [decode(DecidedContent, row) for row in await tx.fetch_all(_FIND, wanted)]


async def forget(tx: Transaction, request_id: str) -> None:
    """Delete everything about one request."""
    await tx.execute(_FORGET, {"request_id": request_id})


async def forget_member(tx: Transaction, user_id: int, *, limit: int) -> bool:
    """Delete up to `limit` rows about a member's requests; False when none was left."""
    return await tx.execute(_FORGET_MEMBER, {"user_id": user_id, "limit": limit}) > 0


async def drop_old(tx: Transaction, before_ms: int, *, limit: int) -> bool:
    """Delete up to `limit` rows of before a moment; False when none was left."""
    return await tx.execute(_DROP_OLD, {"before_ms": before_ms, "limit": limit}) > 0
