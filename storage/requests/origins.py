"""Requests made from others: which one a second tap meets, and whose disk has their files."""

from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import Request

_MADE: Final = """
SELECT * FROM requests
WHERE origin = :origin AND user_id = :user_id AND created_at_ms >= :since_ms
ORDER BY created_at_ms DESC, id
LIMIT 1"""
_LAST: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id
ORDER BY created_at_ms DESC, id DESC
LIMIT 1"""
_HOSTS: Final = "SELECT host, result_host FROM requests WHERE id = :id"


async def made_from(tx: Transaction, origin: str, user_id: int, *, since_ms: int) -> Request | None:
    """A member's newest request of an origin, if it is not older than a moment."""
    wanted = {"origin": origin, "user_id": user_id, "since_ms": since_ms}
    row = await tx.fetch_one(_MADE, wanted)
    return None if row is None else decode(Request, row)


async def last_of_member(tx: Transaction, guild_id: int, user_id: int) -> Request | None:
    """A member's newest request in a server."""
    row = await tx.fetch_one(_LAST, {"guild_id": guild_id, "user_id": user_id})
    return None if row is None else decode(Request, row)


async def host_of(tx: Transaction, request_id: str, *, is_result: bool = False) -> str:
    """The machine whose disk has a request's inputs, or its result; empty where nobody knows."""
    row = await tx.fetch_one(_HOSTS, {"id": request_id})
    return str(row["result_host" if is_result else "host"]) if row is not None else ""
