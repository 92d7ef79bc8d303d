"""The audit log of moderators' decisions: append-only, kept when requests are deleted."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as
from storage.records import NEVER_DUE


class Action(StrEnum):
    """What was done, by a moderator or, with actor 0, by the bot itself."""

    APPROVED = "approved"
    APPROVED_SPOILER = "approved-spoiler"
    REJECTED = "rejected"
    TIMED_OUT = "timed-out"
    APPEALED = "appealed"
    APPEAL_GRANTED = "appeal-granted"
    APPEAL_DENIED = "appeal-denied"
    APPEAL_TIMED_OUT = "appeal-timed-out"
    KEPT = "kept"
    KEPT_SPOILER = "kept-spoiler"
    TAKEN_DOWN = "taken-down"
    REPORTED = "reported"
    HIDDEN = "hidden"
    DELETED = "deleted"
    FILM_DELETED = "film-deleted"
    CANCELLED = "cancelled"
    BLOCKED = "blocked"
    UNBLOCKED = "unblocked"
    WORD_ADDED = "word-added"
    WORD_REMOVED = "word-removed"
    RULES_IMPORTED = "rules-imported"
    CAST_ADDED = "cast-added"
    CAST_REMOVED = "cast-removed"
    SHOWCASE_REMOVED = "showcase-removed"


@dataclass(frozen=True, slots=True)
class Decision:
    """Who did what, about whom and which request, when and why.

    `user_id` 0 concerns no member, an empty `request_id` no request. `reason` is a word the texts
    know or what somebody typed; `note` is what was typed beside it.
    """

    guild_id: int
    user_id: int
    actor_id: int
    action: Action
    at_ms: int
    request_id: str = ""
    reason: str = ""
    note: str = ""
    id: int = 0
    """Given by the database; later ones are larger."""


_ADD: Final = """
INSERT INTO audit_log (guild_id, user_id, actor_id, action, at_ms, request_id, reason, note)
VALUES (:guild_id, :user_id, :actor_id, :action, :at_ms, :request_id, :reason, :note)
RETURNING id"""
_PAGE: Final = """
SELECT * FROM audit_log
WHERE guild_id = :guild_id AND id < :before{whose}
ORDER BY id DESC
LIMIT :limit"""


# acts of moderators alone: members report, delete, cancel and appeal as well
_HAS_OTHERS: Final = """
SELECT 1 AS found FROM audit_log
WHERE guild_id = :guild_id AND at_ms >= :since_ms AND actor_id > 0
  AND actor_id NOT IN {each:excluded}
  AND action NOT IN ('reported', 'hidden', 'deleted', 'film-deleted', 'cancelled', 'appealed')
LIMIT 1"""


async def add(tx: Transaction, decision: Decision) -> int:
    """Write a decision down; returns its id."""
    values = encode(decision)
    del values["id"]
    row = await tx.fetch_one(_ADD, values)
    return int(row["id"]) if row else 0


async def has_other_moderators(
    tx: Transaction, guild_id: int, *, exclude: Collection[int], since_ms: int
) -> bool:
    """Whether anybody but these has acted as a moderator of a server since a moment."""
    wanted = {"excluded": list(exclude), "guild_id": guild_id, "since_ms": since_ms}
    return await tx.fetch_one(_HAS_OTHERS, wanted) is not None


async def page(
    tx: Transaction,
    guild_id: int,
    *,
    limit: int,
    user_id: int = 0,
    request_id: str = "",
    moderator_id: int = 0,
    actions: Collection[Action] = (),
    before: int = 0,
) -> list[Decision]:
    """Decisions of a server, newest first; `before` an id.

    About a member or a request, by a moderator, and of some kinds, as far as these are given.
    """
    wanted: dict[str, int | str | list[str]] = {
        "guild_id": guild_id,
        "limit": limit,
        "before": before or NEVER_DUE,
    }
    whose = ""
    if user_id:
        whose += " AND user_id IN (:user_id, :pseudonym)"
        wanted["user_id"], wanted["pseudonym"] = await known_as(tx, user_id)
    if request_id:
        whose += " AND request_id = :request_id"
        wanted["request_id"] = request_id
    if moderator_id:
        whose += " AND actor_id IN (:moderator_id, :moderator_pseudonym)"
        names = await known_as(tx, moderator_id)
        wanted["moderator_id"], wanted["moderator_pseudonym"] = names
    if actions:
        whose += " AND action IN {each:actions}"
        wanted["actions"] = [action.value for action in actions]
    rows = await tx.fetch_all(_PAGE.replace("{whose}", whose), wanted)
    return [decode(Decision, row) for row in rows]
