"""Erases all data of a server except its requests and the sums of their cost.

So many rows at a time, each time in a short transaction. Requests and ledger lose their members'
ids; the requests are erased like those of deleted members.
"""

from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from storage.cast import entries
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import pseudonym_of
from storage.quotas.ledger_records import Account

_NAMED_REQUESTS: Final = """
SELECT id, user_id FROM requests WHERE guild_id = :guild_id AND user_id > 0 LIMIT :limit"""
_NAMED_ROWS: Final = """
SELECT id, user_id FROM ledger
WHERE account = :account AND guild_id = :guild_id AND user_id > 0
LIMIT :limit"""
_RENAME_REQUESTS: Final = """
UPDATE requests SET user_id = :pseudonym WHERE user_id = :user_id AND id IN {each:ids}"""
_RENAME_ROWS: Final = """
UPDATE ledger SET user_id = :pseudonym WHERE user_id = :user_id AND id IN {each:ids}"""
_REQUESTS: Final = """
SELECT id FROM requests WHERE guild_id = :guild_id AND id > :after ORDER BY id LIMIT :limit"""
_OF_REQUESTS: Final = (
    "DELETE FROM visibility WHERE request_id IN {each:ids}",
    "DELETE FROM events WHERE request_id IN {each:ids}",
)
_MESSAGES: Final = "SELECT id FROM outbox WHERE guild_id + 0 = :guild_id LIMIT :limit"
_OF_MESSAGES: Final = (
    "DELETE FROM joined_films WHERE film_id IN {each:ids}",
    "DELETE FROM outbox WHERE id IN {each:ids}",
)
_CAST: Final = "SELECT id FROM cast_entries WHERE guild_id = :guild_id LIMIT :limit"
_TABLES: Final = {
    "quotas": "guild_id, scope, subject_id, unit, period",
    "grants": "interaction_id",
    "resets": "interaction_id",
    "words": "guild_id, folded",
    "imported_rules": "guild_id, rule_id",
    "blocks": "guild_id, user_id",
    "audit_log": "id",
    "decided_content": "request_id, lookup",
    "reports": "request_id, by_id",
    "reviews": "id",
    "safety_checks": "request_id, stage",
    "privacy_notices": "guild_id, user_id",
    "saved_forms": "id",
    "template_panels": "outbox_id",
    "templates": "id",
    "showcase_votes": "request_id, user_id",
    "showcase_entries": "request_id",
    "servers": "guild_id",
}
_DELETE: Final = tuple(
    f"""
DELETE FROM {table} WHERE ({key}) IN (
  SELECT {key} FROM {table} WHERE guild_id = :guild_id LIMIT :limit)"""  # noqa: S608 - our own names
    for table, key in _TABLES.items()
)

Step = Callable[[Transaction, int, int], Awaitable[bool]]


async def clear_some(tx: Transaction, guild_id: int, *, limit: int) -> bool:
    """Clear up to `limit` rows of one table; False when nothing is left but `clear_requests`."""
    steps = (_rename_requests, _rename_ledger, _delete_messages, _remove_cast, _delete_the_rest)
    for step in steps:
        if await step(tx, guild_id, limit):
            return True
    return False


async def clear_requests(tx: Transaction, guild_id: int, after: str, *, limit: int) -> str:
    """Remove the history of the next requests behind an id; returns the last of them, or none."""
    page = {"guild_id": guild_id, "after": after, "limit": limit}
    ids = [str(row["id"]) for row in await tx.fetch_all(_REQUESTS, page)]
    for sql in _OF_REQUESTS:
        await tx.execute(sql, {"ids": ids})
    return ids[-1] if ids else ""


async def _rename_requests(tx: Transaction, guild_id: int, limit: int) -> bool:
    found = await tx.fetch_all(_NAMED_REQUESTS, {"guild_id": guild_id, "limit": limit})
    of_member: dict[int, list[str]] = defaultdict(list)
    for row in found:
        of_member[int(row["user_id"])].append(row["id"])
    for user_id, ids in of_member.items():
        names = {"user_id": user_id, "pseudonym": await pseudonym_of(tx, user_id)}
        await tx.execute(_RENAME_REQUESTS, {"ids": ids, **names})
    return bool(found)


async def _rename_ledger(tx: Transaction, guild_id: int, limit: int) -> bool:
    for account in Account:
        page = {"account": account.value, "guild_id": guild_id, "limit": limit}
        found = await tx.fetch_all(_NAMED_ROWS, page)
        of_member: dict[int, list[int]] = defaultdict(list)
        for row in found:
            of_member[int(row["user_id"])].append(int(row["id"]))
        for user_id, ids in of_member.items():
            names = {"user_id": user_id, "pseudonym": await pseudonym_of(tx, user_id)}
            await tx.execute(_RENAME_ROWS, {"ids": ids, **names})
        if found:
            return True
    return False


async def _delete_messages(tx: Transaction, guild_id: int, limit: int) -> bool:
    found = await tx.fetch_all(_MESSAGES, {"guild_id": guild_id, "limit": limit})
    ids = [row["id"] for row in found]
    for sql in _OF_MESSAGES if found else ():
        await tx.execute(sql, {"ids": ids})
    return bool(found)


async def _remove_cast(tx: Transaction, guild_id: int, limit: int) -> bool:
    found = await tx.fetch_all(_CAST, {"guild_id": guild_id, "limit": limit})
    await entries.erase(tx, [row["id"] for row in found])
    return bool(found)


async def _delete_the_rest(tx: Transaction, guild_id: int, limit: int) -> bool:
    for sql in _DELETE:
        if await tx.execute(sql, {"guild_id": guild_id, "limit": limit}):
            return True
    return False
