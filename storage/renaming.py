"""A member's id gives way to their pseudonym, in rows that stay: so many at a time.

Whatever counts for a member is found under both, so that it may stop in between and go on later.
"""

from typing import Final, NamedTuple

from storage import mentions
from storage.records import PARKED
from storage.transaction import Transaction


class _Renamed(NamedTuple):
    """A column that may hold a member's id; `key` finds a row again, `only` says which rows."""

    table: str
    column: str
    key: str
    only: str = ""


_EVERYWHERE: Final = (
    _Renamed("requests", "user_id", "id"),
    _Renamed("posts", "user_id", "id"),
    _Renamed("ledger", "user_id", "id"),
    _Renamed("events", "actor_id", "id", "actor_id <> 0 AND "),
    _Renamed("quotas", "set_by", "guild_id, scope, subject_id, unit, period"),
    _Renamed(
        "quotas", "subject_id", "guild_id, scope, subject_id, unit, period", "scope = 'member' AND "
    ),
    _Renamed("grants", "user_id", "interaction_id"),
    _Renamed("grants", "by_id", "interaction_id"),
    _Renamed("resets", "user_id", "interaction_id"),
    _Renamed("resets", "by_id", "interaction_id"),
    _Renamed("reviews", "user_id", "id"),
    _Renamed("reviews", "decided_by", "id"),
    _Renamed("decisions", "user_id", "id"),
    _Renamed("decisions", "actor_id", "id"),
    _Renamed("words", "by_id", "guild_id, folded"),
    _Renamed("blocks", "user_id", "guild_id, user_id"),
    _Renamed("blocks", "by_id", "guild_id, user_id"),
    _Renamed("reports", "by_id", "request_id, by_id"),
)
_RENAME: Final = tuple(
    (
        each.table,
        f"""
UPDATE {each.table} SET {each.column} = :pseudonym
WHERE ({each.key}) IN (
  SELECT {each.key} FROM {each.table}
  WHERE {each.only}{each.column} = :user_id LIMIT :limit)""",  # noqa: S608 - our own names
    )
    for each in _EVERYWHERE
)
_REPORTED_TWICE: Final = """
DELETE FROM reports WHERE by_id = :user_id AND EXISTS (
  SELECT 1 FROM reports AS earlier
  WHERE earlier.request_id = reports.request_id AND earlier.by_id = :pseudonym)"""
_DROP_OWED: Final = """
UPDATE posts SET state = 'dropped', due_at_ms = :parked, lease_owner = ''
WHERE user_id = :pseudonym AND state = 'owed' AND intent_at_ms = 0
  AND kind NOT IN ('log', 'review')"""
_NOT_TOLD: Final = "DELETE FROM told WHERE user_id = :pseudonym"
_NO_SKETCH: Final = "DELETE FROM sketches WHERE user_id = :user_id"


async def rename_some(tx: Transaction, user_id: int, pseudonym: int, *, limit: int) -> bool:
    """Rename up to `limit` rows of one table; False when none is left anywhere.

    Messages owed to the member are dropped, unless one may have arrived already. Which old messages
    name them must have been noted: see `mentions.note_old`.
    """
    names = {"user_id": user_id, "pseudonym": pseudonym}
    for table, sql in _RENAME:
        if table == "reports":
            await tx.execute(_REPORTED_TWICE, names)
        if await tx.execute(sql, names | {"limit": limit}):
            if table == "posts":
                await tx.execute(_DROP_OWED, {"pseudonym": pseudonym, "parked": PARKED})
            return True
    if await mentions.rename(tx, user_id, pseudonym, limit=limit):
        return True
    await tx.execute(_NOT_TOLD, {"pseudonym": pseudonym})
    await tx.execute(_NO_SKETCH, {"user_id": user_id})
    return False
