"""Word lists of servers: a moderator must approve prompts that contain one of the words."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Word:
    """A word or phrase as it was typed, and folded as it is compared."""

    guild_id: int
    folded: str
    word: str
    by_id: int
    at_ms: int


_ADD: Final = """
INSERT INTO words (guild_id, folded, word, by_id, at_ms)
VALUES (:guild_id, :folded, :word, :by_id, :at_ms)
ON CONFLICT (guild_id, folded) DO NOTHING"""
_REMOVE: Final = "DELETE FROM words WHERE guild_id = :guild_id AND folded = :folded"
_OF_SERVER: Final = "SELECT * FROM words WHERE guild_id = :guild_id ORDER BY word, folded"


async def add(tx: Transaction, word: Word) -> bool:
    """Put a word on its server's list; False when it is there."""
    return await tx.execute(_ADD, encode(word)) == 1


async def remove(tx: Transaction, guild_id: int, folded: str) -> bool:
    """Take a word off; False when it was not there."""
    return await tx.execute(_REMOVE, {"guild_id": guild_id, "folded": folded}) == 1


async def of_server(tx: Transaction, guild_id: int) -> list[Word]:
    """A server's list in the order of the alphabet."""
    rows = await tx.fetch_all(_OF_SERVER, {"guild_id": guild_id})
    return [decode(Word, row) for row in rows]
