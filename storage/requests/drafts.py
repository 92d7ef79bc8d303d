"""Drafts: requests that wait for their member and have taken nothing yet."""

from typing import Final

from storage.engine.transaction import Transaction

_COUNT: Final = """
SELECT COUNT(*) AS number FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'draft'"""


async def count_open(tx: Transaction, guild_id: int, user_id: int) -> int:
    """How many drafts of a member wait in a server."""
    row = await tx.fetch_one(_COUNT, {"guild_id": guild_id, "user_id": user_id})
    return int(row["number"]) if row else 0
