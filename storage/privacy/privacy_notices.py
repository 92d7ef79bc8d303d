"""Which members have received the privacy notice, stored under their pseudonyms."""

from typing import Final

from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as, pseudonym_of

_ADD: Final = """
INSERT INTO privacy_notices (guild_id, user_id, at_ms) VALUES (:guild_id, :user_id, :now_ms)
ON CONFLICT (guild_id, user_id) DO NOTHING"""
_GIVEN: Final = (
    "SELECT at_ms FROM privacy_notices WHERE guild_id = :guild_id AND user_id = :user_id"
)
_REMOVE: Final = "DELETE FROM privacy_notices WHERE guild_id = :guild_id AND user_id = :user_id"


async def given_ms(tx: Transaction, guild_id: int, user_id: int) -> int | None:
    """When a member received the notice; None if they did not."""
    _, pseudonym = await known_as(tx, user_id)
    row = await tx.fetch_one(_GIVEN, {"guild_id": guild_id, "user_id": pseudonym})
    return None if row is None else int(row["at_ms"])


async def add(tx: Transaction, guild_id: int, user_id: int, now_ms: int) -> bool:
    """Record that a member receives the notice; False when they had it before."""
    member = {"guild_id": guild_id, "user_id": await pseudonym_of(tx, user_id)}
    return await tx.execute(_ADD, member | {"now_ms": now_ms}) == 1


async def remove(tx: Transaction, guild_id: int, user_id: int) -> None:
    """Undo `add`: the reply that carried the notice never arrived."""
    member = {"guild_id": guild_id, "user_id": await pseudonym_of(tx, user_id)}
    await tx.execute(_REMOVE, member)
