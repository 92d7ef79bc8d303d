"""Finds requests by what somebody types: the beginning of the id, or words of the prompt."""

import json
from collections.abc import Collection
from typing import Final

from storage.engine.rows import decode, listed, spell
from storage.engine.transaction import Transaction
from storage.records import Request

RECENT: Final = 500
"""So many of a server's requests, the last ones to be started, are looked through."""

# a spec begins with prompt and model; a quote within the prompt stands there as \"
_FITS: Final = """
  (substr(id, 1, CAST(:length AS INTEGER)) = :typed OR LOWER(spec) LIKE :pattern ESCAPE '!'
    OR state IN ({states}))"""
_OF_MEMBER: Final = spell(
    f"""
SELECT {{columns}} FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id
  AND (:is_any = 1 OR state IN ({{among}})) AND {_FITS}
ORDER BY created_at_ms DESC, id DESC
LIMIT :limit""",  # noqa: S608 - our own words
    Request,
)
_OF_SERVER: Final = spell(
    f"""
SELECT {{columns}} FROM (
  SELECT {{columns}} FROM requests WHERE guild_id = :guild_id
  ORDER BY started_at_ms DESC
  LIMIT :recent) AS recent
WHERE {_FITS}
ORDER BY created_at_ms DESC, id DESC
LIMIT :limit""",  # noqa: S608 - our own words
    Request,
)


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
    """A member's requests, newest first; `in_states` fit too, whatever was typed.

    `among`: only requests in these states, where any are named.
    """
    asked, parameters = _asked(typed, in_states, limit)
    names, more = listed("among", among)
    sql = _OF_MEMBER.replace("{states}", asked).replace("{among}", names)
    whose = {"guild_id": guild_id, "user_id": user_id, "is_any": int(not among)}
    return [decode(Request, row) for row in await tx.fetch_all(sql, parameters | more | whose)]


async def of_server(
    tx: Transaction,
    guild_id: int,
    typed: str,
    *,
    limit: int,
    in_states: Collection[str] = (),
) -> list[Request]:
    """Anybody's among the last requests of a server, newest first."""
    asked, parameters = _asked(typed, in_states, limit)
    sql = _OF_SERVER.replace("{states}", asked)
    parameters |= {"guild_id": guild_id, "recent": RECENT}
    return [decode(Request, row) for row in await tx.fetch_all(sql, parameters)]


def _asked(typed: str, in_states: Collection[str], limit: int) -> tuple[str, dict[str, str | int]]:
    wanted = typed.strip().lower()
    written = json.dumps(wanted, ensure_ascii=False)[1:-1]
    for sign in "!%_":
        written = written.replace(sign, f"!{sign}")
    states, parameters = listed("state", in_states)
    return states, {
        **parameters,
        "typed": wanted,
        "length": len(wanted),
        "pattern": f'{{"prompt":"%{written}%","model":"%',
        "limit": limit,
    }
