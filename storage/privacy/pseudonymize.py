"""Replaces a member's id by their pseudonym in rows that stay, in batches.

Whatever counts for a member is found under both, so that it may stop in between and go on later.
"""

from collections.abc import Awaitable, Callable
from typing import Final, NamedTuple

from storage.cast import entries
from storage.engine.transaction import Transaction
from storage.privacy import message_mentions, typed_text
from storage.records import NEVER_DUE
from storage.showcase import entries as showcase


class _Renamed(NamedTuple):
    """A column that may hold a member's id; `key` finds a row again, `only` says which rows."""

    table: str
    column: str
    key: str
    only: str = ""


_EVERYWHERE: Final = (
    _Renamed("requests", "user_id", "id"),
    _Renamed("outbox", "user_id", "id"),
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
    _Renamed("reviews", "claimed_by", "id", "claimed_by <> 0 AND "),
    _Renamed("audit_log", "user_id", "id"),
    _Renamed("audit_log", "actor_id", "id"),
    _Renamed("words", "by_id", "guild_id, folded"),
    _Renamed("imported_rules", "by_id", "guild_id, rule_id"),
    _Renamed("templates", "by_id", "id"),
    _Renamed("blocks", "user_id", "guild_id, user_id"),
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
# their words go with their name
_BLOCKED_BY: Final = """
UPDATE blocks SET by_id = :pseudonym, reason = ''
WHERE (guild_id, user_id) IN (
  SELECT guild_id, user_id FROM blocks WHERE by_id = :user_id LIMIT :limit)"""
_DECIDED_BY: Final = """
SELECT id, request_id FROM reviews
WHERE decided_by <> 0 AND decided_by = :user_id ORDER BY id LIMIT :limit"""
_RENAME_DECIDER: Final = """
UPDATE reviews SET decided_by = :pseudonym, note = ''
WHERE decided_by = :user_id AND id IN {each:ids}"""
_DROP_PENDING: Final = """
UPDATE outbox SET state = 'dropped', due_at_ms = :never_due, lease_owner = '', body = '{}'
WHERE user_id = :pseudonym AND state = 'pending' AND intent_at_ms = 0 AND kind <> 'review'"""
_NOT_TOLD: Final = "DELETE FROM privacy_notices WHERE user_id = :pseudonym"
_CAST: Final = "SELECT id FROM cast_entries WHERE guild_id = 0 AND user_id = :user_id"
_NO_SAVED_FORM: Final = "DELETE FROM saved_forms WHERE user_id = :user_id"


Step = Callable[[Transaction, int, int, int], Awaitable[bool]]


async def rename_some(tx: Transaction, user_id: int, pseudonym: int, *, limit: int) -> bool:
    """Rename up to `limit` rows of one table; False when none is left anywhere.

    Pending messages to the member are dropped, unless one may have arrived already. What they typed
    about others, as a reporter or a moderator, is erased with their name. Their votes are deleted.
    Which old messages name them must have been noted: see `message_mentions.note_old`.
    """
    if await showcase.withdraw_votes(tx, user_id, limit=limit):
        return True
    steps: tuple[Step, ...] = (_rename_columns, _rename_blocker, _rename_decider, _rename_bodies)
    for step in steps:
        if await step(tx, user_id, pseudonym, limit):
            return True
    await tx.execute(_NOT_TOLD, {"pseudonym": pseudonym})
    await tx.execute(_NO_SAVED_FORM, {"user_id": user_id})
    await _remove_cast(tx, user_id)
    return False


async def _remove_cast(tx: Transaction, user_id: int) -> None:
    """Own names and pictures: a member has few. Failed ones still have what is wrong with them."""
    ids = [row["id"] for row in await tx.fetch_all(_CAST, {"user_id": user_id})]
    await entries.erase(tx, ids)


async def _rename_columns(tx: Transaction, user_id: int, pseudonym: int, limit: int) -> bool:
    names = {"user_id": user_id, "pseudonym": pseudonym}
    for table, sql in _RENAME:
        if table == "reports":
            await tx.execute(_REPORTED_TWICE, names)
        if await tx.execute(sql, names | {"limit": limit}):
            if table == "outbox":
                await _drop_pending(tx, pseudonym)
            return True
    return False


async def _rename_blocker(tx: Transaction, user_id: int, pseudonym: int, limit: int) -> bool:
    names = {"user_id": user_id, "pseudonym": pseudonym, "limit": limit}
    return await tx.execute(_BLOCKED_BY, names) > 0


async def _rename_decider(tx: Transaction, user_id: int, pseudonym: int, limit: int) -> bool:
    rows = await tx.fetch_all(_DECIDED_BY, {"user_id": user_id, "limit": limit})
    if rows:
        # requests, reviews, messages: the one lock order
        request_ids = sorted({str(row["request_id"]) for row in rows})
        await typed_text.erase_notes_to(tx, request_ids)
        parameters = {"ids": [row["id"] for row in rows]}
        names = {"user_id": user_id, "pseudonym": pseudonym}
        await tx.execute(_RENAME_DECIDER, parameters | names)
        await typed_text.erase_notices_to(tx, request_ids)
    return bool(rows)


async def _rename_bodies(tx: Transaction, user_id: int, pseudonym: int, limit: int) -> bool:
    if not await message_mentions.rename(tx, user_id, pseudonym, limit=limit):
        return False
    # lines of the log channel that go now, and were not sent yet
    await _drop_pending(tx, pseudonym)
    return True


async def _drop_pending(tx: Transaction, pseudonym: int) -> None:
    await tx.execute(_DROP_PENDING, {"pseudonym": pseudonym, "never_due": NEVER_DUE})
