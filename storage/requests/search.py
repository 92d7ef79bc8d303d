"""Autocomplete: finds requests by the start of their id or by words of their prompt."""

import json
from collections.abc import Collection
from typing import Any, Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import Request

RECENT: Final = 500
"""How many of a server's requests are searched: the last ones that were started."""

# a spec begins with prompt and model, and a quote within the prompt is escaped there
_OF_MEMBER: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND series_of = ''
  AND (:is_any = 1 OR state IN {each:among})
  AND (substr(id, 1, CAST(:length AS INTEGER)) = :typed OR LOWER(spec) LIKE :pattern ESCAPE '!'
    OR state IN {each:states})
ORDER BY created_at_ms DESC, id DESC
LIMIT :limit"""
_OF_SERVER: Final = """
SELECT * FROM (
  SELECT * FROM requests WHERE guild_id = :guild_id AND series_of = ''
  ORDER BY started_at_ms DESC
  LIMIT :recent) AS recent
WHERE (substr(id, 1, CAST(:length AS INTEGER)) = :typed OR LOWER(spec) LIKE :pattern ESCAPE '!'
    OR state IN {each:states})
ORDER BY created_at_ms DESC, id DESC
LIMIT :limit"""


async def of_member(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    typed: str,
    *,
    limit: int,
    among: Collection[str] = (),
    in_states: Collection[str] = (),
) -> list[Request]:
    """A member's requests, newest first; those in `in_states` match whatever was typed.

    `among`: only requests in these states, where any are named.
    """
    wanted = _matching(typed, in_states, limit) | {
        "guild_id": guild_id,
        "user_id": user_id,
        "is_any": int(not among),
        "among": [str(state) for state in among],
    }
    return [decode(Request, row) for row in await tx.fetch_all(_OF_MEMBER, wanted)]


async def of_server(
    tx: Transaction,
    guild_id: int,
    typed: str,
    *,
    limit: int,
    in_states: Collection[str] = (),
) -> list[Request]:
    """Any member's requests among the last ones that a server started, newest first."""
    wanted = _matching(typed, in_states, limit) | {"guild_id": guild_id, "recent": RECENT}
    return [decode(Request, row) for row in await tx.fetch_all(_OF_SERVER, wanted)]


def _matching(typed: str, in_states: Collection[str], limit: int) -> dict[str, Any]:
    wanted = typed.strip().lower()
    written = json.dumps(wanted, ensure_ascii=False)[1:-1]
    for sign in "!%_":
        written = written.replace(sign, f"!{sign}")
    return {
        "states": [str(state) for state in in_states],
        "typed": wanted,
        "length": len(wanted),
        "pattern": f'{{"prompt":"%{written}%","model":"%',
        "limit": limit,
    }
