"""Who decided what, when and why: written down with the deed, told to the log, read back."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.request_ids import is_id
from bot.services.requests import lifecycle
from storage.engine.database import Database, Transaction
from storage.moderation import audit_log
from storage.moderation.audit_log import Action, Decision

PAGE_SIZE = 10

_IN_LOG_ALREADY = frozenset({Action.HIDDEN})
"""What follows a report at once needs no second line."""


async def record_decision(tx: Transaction, decision: Decision) -> None:
    """Log a decision in the transaction that carries it out, and owe the log channel a line."""
    number = await audit_log.add(tx, decision)
    if decision.action in _IN_LOG_ALREADY:
        return
    params: dict[str, str | int] = {
        "id": decision.request_id,
        "user": str(decision.user_id),
        "by": str(decision.actor_id),
        "reason": decision.reason,
        "note": decision.note,
    }
    await lifecycle.enqueue_log(
        tx,
        decision.guild_id,
        f"log:decision:{number}",
        f"log-decision-{decision.action}",
        params,
        now_ms=decision.at_ms,
        request_id=decision.request_id,
    )


@dataclass(frozen=True, slots=True)
class AuditLogPage:
    """Some of the log, newest first; `next_before` is 0 on the last page."""

    decisions: Sequence[Decision]
    user_id: int = 0
    request_id: str = ""
    next_before: int = 0


class AuditLogService:
    """Reads the log to moderators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, caller: Caller, *, user_id: int = 0, request_id: str = "", before: int = 0
    ) -> AuditLogPage:
        """The log of this server, about a member, about a request, or both. Raises: NotAllowed.

        An id that nothing was ever decided about has an empty page, whoever made it up.
        """
        if request_id and not is_id(request_id):
            request_id = "-"
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            found = await audit_log.page(
                tx,
                caller.guild_id,
                limit=PAGE_SIZE + 1,
                user_id=user_id,
                request_id=request_id,
                before=before,
            )
        shown = found[:PAGE_SIZE]
        more = len(found) > PAGE_SIZE
        return AuditLogPage(shown, user_id, request_id, shown[-1].id if more else 0)
