"""Joined films: which videos each consists of, and which films must be removed."""

from collections.abc import Sequence
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as
from storage.records import OutboxMessage, Request

_ADD: Final = """
INSERT INTO joined_films (film_id, part_id, position) VALUES (:film_id, :part_id, :position)"""
_PARTS: Final = """
SELECT requests.*
FROM joined_films JOIN requests ON requests.id = joined_films.part_id
WHERE joined_films.film_id = :film_id
ORDER BY joined_films.position"""
_BY_MESSAGE: Final = """
SELECT * FROM outbox
WHERE kind = 'film' AND message_id = :message_id AND message_id > 0 AND guild_id = :guild_id"""
_MADE: Final = """
SELECT created_at_ms FROM outbox
WHERE kind = 'film' AND guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
  AND created_at_ms >= :since_ms
ORDER BY created_at_ms"""
_CONDEMN: Final = """
UPDATE outbox SET shown = 'gone'
WHERE id = :film_id AND kind = 'film' AND state = 'sent'"""
_NOTE_SHOWN: Final = """
UPDATE outbox SET shown = :shown
WHERE id = :film_id AND kind = 'film' AND state = 'sent' AND shown <> 'gone'"""
_WITH_PART: Final = """
SELECT outbox.*
FROM joined_films JOIN outbox ON outbox.id = joined_films.film_id
WHERE joined_films.part_id = :part_id AND outbox.kind = 'film' AND outbox.state = 'sent'
  AND outbox.shown <> 'gone'
ORDER BY outbox.id"""
_UNWANTED: Final = """
SELECT * FROM outbox
WHERE kind = 'film' AND state = 'sent' AND again_at_ms <= :now_ms AND (
  shown = 'gone' OR user_id < 0
  OR EXISTS (
    SELECT 1 FROM joined_films JOIN requests ON requests.id = joined_films.part_id
    WHERE joined_films.film_id = outbox.id AND requests.user_id < 0)
  OR EXISTS (
    SELECT 1 FROM joined_films JOIN visibility ON visibility.request_id = joined_films.part_id
    WHERE joined_films.film_id = outbox.id AND visibility.wanted = 'gone'))
ORDER BY again_at_ms, id
LIMIT :limit"""


async def add(tx: Transaction, film_id: str, part_ids: Sequence[str]) -> None:
    """Record a film's parts, first part first."""
    for position, part_id in enumerate(part_ids):
        part = {"film_id": film_id, "part_id": part_id, "position": position}
        await tx.execute(_ADD, part)


async def parts_of(tx: Transaction, film_id: str) -> list[Request]:
    """The requests whose videos a film is made of, first part first."""
    return [decode(Request, row) for row in await tx.fetch_all(_PARTS, {"film_id": film_id})]


async def by_message(tx: Transaction, guild_id: int, message_id: int) -> OutboxMessage | None:
    """The film that a message is, or None."""
    wanted = {"guild_id": guild_id, "message_id": message_id}
    row = await tx.fetch_one(_BY_MESSAGE, wanted)
    return None if row is None else decode(OutboxMessage, row)


async def made_of_late(tx: Transaction, guild_id: int, user_id: int, *, since_ms: int) -> list[int]:
    """When a member requested films since a moment, oldest first, whatever became of them."""
    _, pseudonym = await known_as(tx, user_id)
    which = {
        "guild_id": guild_id,
        "user_id": user_id,
        "pseudonym": pseudonym,
        "since_ms": since_ms,
    }
    return [int(row["created_at_ms"]) for row in await tx.fetch_all(_MADE, which)]


async def condemn(tx: Transaction, film_id: str) -> bool:
    """Request a posted film's removal; False where none is posted."""
    return await tx.execute(_CONDEMN, {"film_id": film_id}) == 1


async def with_part(tx: Transaction, part_id: str) -> list[OutboxMessage]:
    """Posted films that contain this request's video."""
    rows = await tx.fetch_all(_WITH_PART, {"part_id": part_id})
    return [decode(OutboxMessage, row) for row in rows]


async def note_shown(tx: Transaction, film_id: str, shown: str) -> bool:
    """Record how a film is shown; False where it was, or must be, removed."""
    return await tx.execute(_NOTE_SHOWN, {"film_id": film_id, "shown": shown}) == 1


async def unwanted(tx: Transaction, *, now_ms: int, limit: int) -> list[OutboxMessage]:
    """Posted films that must be removed: deleted, or with a deleted or erased part."""
    rows = await tx.fetch_all(_UNWANTED, {"now_ms": now_ms, "limit": limit})
    return [decode(OutboxMessage, row) for row in rows]
