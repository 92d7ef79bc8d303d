"""Quota limits, grants of extra videos and resets, as managers and moderators set them.

None of it changes the ledger: limits and grants say how much may be used, a reset from when on
the ledger's rows count.
"""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as


@dataclass(frozen=True, slots=True)
class Quota:
    """One limit that a manager set.

    `scope` is `member`, `role` or `everyone`, `unit` is `videos`, `seconds` or `cost` (millionths),
    `period` is `day` or `month`. An `amount` of None is unlimited.
    """

    guild_id: int
    scope: str
    subject_id: int
    unit: str
    period: str
    amount: int | None
    set_by: int
    set_at_ms: int


@dataclass(frozen=True, slots=True)
class Grant:
    """Extra videos for one member, from `at_ms` until `until_ms`."""

    interaction_id: int
    guild_id: int
    user_id: int
    videos: int
    by_id: int
    at_ms: int
    until_ms: int


@dataclass(frozen=True, slots=True)
class Reset:
    """A reset of a member's count at `at_ms`."""

    interaction_id: int
    guild_id: int
    user_id: int
    by_id: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class Changes:
    """When a member's count was last reset, 0 for never, and how many extra videos they have."""

    reset_ms: int = 0
    extra: int = 0


_PUT: Final = """
INSERT INTO quotas (guild_id, scope, subject_id, unit, period, amount, set_by, set_at_ms)
VALUES (:guild_id, :scope, :subject_id, :unit, :period, :amount, :set_by, :set_at_ms)
ON CONFLICT (guild_id, scope, subject_id, unit, period) DO UPDATE SET
  amount = excluded.amount, set_by = excluded.set_by, set_at_ms = excluded.set_at_ms"""
_REMOVE: Final = """
DELETE FROM quotas
WHERE guild_id = :guild_id AND scope = :scope AND subject_id IN (:subject_id, :pseudonym)
  AND unit = :unit AND period = :period"""
_FOR_MEMBER: Final = """
SELECT * FROM quotas
WHERE guild_id = :guild_id
  AND (scope IN ('role', 'everyone') OR (
    scope = 'member' AND subject_id IN (:user_id, :pseudonym)))
ORDER BY scope, subject_id, unit, period"""
_OF_SUBJECT: Final = """
SELECT * FROM quotas
WHERE guild_id = :guild_id AND scope = :scope AND subject_id IN (:subject_id, :pseudonym)
ORDER BY unit, period"""
_GRANT: Final = """
INSERT INTO grants (interaction_id, guild_id, user_id, videos, by_id, at_ms, until_ms)
VALUES (:interaction_id, :guild_id, :user_id, :videos, :by_id, :at_ms, :until_ms)
ON CONFLICT (interaction_id) DO NOTHING"""
_GRANTS: Final = """
SELECT * FROM grants
WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym) AND until_ms > :now_ms
ORDER BY until_ms, interaction_id"""
_GRANT_OF: Final = "SELECT * FROM grants WHERE interaction_id = :interaction_id"
_RESET: Final = """
INSERT INTO resets (interaction_id, guild_id, user_id, by_id, at_ms)
VALUES (:interaction_id, :guild_id, :user_id, :by_id, :at_ms)
ON CONFLICT (interaction_id) DO NOTHING"""
_LAST_RESET: Final = """
SELECT COALESCE(MAX(at_ms), 0) AS at_ms FROM resets
WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)"""
_CHANGES: Final = """
SELECT
  (SELECT COALESCE(MAX(at_ms), 0) FROM resets
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)) AS reset_ms,
  (SELECT CAST(COALESCE(SUM(videos), 0) AS BIGINT) FROM grants
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
      AND until_ms > :now_ms) AS extra"""


async def put(tx: Transaction, quota: Quota) -> None:
    """Set a limit, in place of an earlier one of the same subject, unit and period."""
    await remove(tx, quota.guild_id, quota.scope, quota.subject_id, quota.unit, quota.period)
    await tx.execute(_PUT, encode(quota))


async def remove(
    tx: Transaction, guild_id: int, scope: str, subject_id: int, unit: str, period: str
) -> bool:
    """Take a limit back; False when there was none."""
    which = {
        "guild_id": guild_id,
        "scope": scope,
        "subject_id": subject_id,
        "pseudonym": await _pseudonym(tx, scope, subject_id),
        "unit": unit,
        "period": period,
    }
    return await tx.execute(_REMOVE, which) > 0


async def for_member(tx: Transaction, guild_id: int, user_id: int) -> list[Quota]:
    """What may concern a member: their own limits, everyone's, and those of every role."""
    rows = await tx.fetch_all(_FOR_MEMBER, await _member(tx, guild_id, user_id))
    return [decode(Quota, row) for row in rows]


async def of_subject(tx: Transaction, guild_id: int, scope: str, subject_id: int) -> list[Quota]:
    """Every limit that is set for one member, one role, or everyone."""
    which = {
        "guild_id": guild_id,
        "scope": scope,
        "subject_id": subject_id,
        "pseudonym": await _pseudonym(tx, scope, subject_id),
    }
    return [decode(Quota, row) for row in await tx.fetch_all(_OF_SUBJECT, which)]


async def grant(tx: Transaction, given: Grant) -> bool:
    """Give extra videos; False when this interaction has given them already."""
    return await tx.execute(_GRANT, encode(given)) == 1


async def grant_of(tx: Transaction, interaction_id: int) -> Grant | None:
    """What an interaction gave, or None."""
    row = await tx.fetch_one(_GRANT_OF, {"interaction_id": interaction_id})
    return None if row is None else decode(Grant, row)


async def active_grants(tx: Transaction, guild_id: int, user_id: int, now_ms: int) -> list[Grant]:
    """Grants that have not ended, the first to end first."""
    which = await _member(tx, guild_id, user_id) | {"now_ms": now_ms}
    return [decode(Grant, row) for row in await tx.fetch_all(_GRANTS, which)]


async def reset(tx: Transaction, entry: Reset) -> bool:
    """Reset a member's count; False when this interaction has done so already."""
    return await tx.execute(_RESET, encode(entry)) == 1


async def last_reset_ms(tx: Transaction, guild_id: int, user_id: int) -> int:
    """When a member's count was last reset; 0 for never."""
    row = await tx.fetch_one(_LAST_RESET, await _member(tx, guild_id, user_id))
    return int(row["at_ms"]) if row else 0


async def changes_of(tx: Transaction, guild_id: int, user_id: int, now_ms: int) -> Changes:
    """What moderators have changed of a member's count; see Changes."""
    row = await tx.fetch_one(_CHANGES, await _member(tx, guild_id, user_id) | {"now_ms": now_ms})
    return decode(Changes, row) if row else Changes()


async def _member(tx: Transaction, guild_id: int, user_id: int) -> dict[str, int]:
    """The ids a member's rows may be stored under: their own and their pseudonym."""
    _, pseudonym = await known_as(tx, user_id)
    return {"guild_id": guild_id, "user_id": user_id, "pseudonym": pseudonym}


async def _pseudonym(tx: Transaction, scope: str, subject_id: int) -> int:
    if scope != "member":
        return subject_id
    _, pseudonym = await known_as(tx, subject_id)
    return pseudonym
