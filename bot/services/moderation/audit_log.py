"""The audit log: who decided what, when and why; written with the action, read by moderators."""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.outbox import enqueue_log
from bot.services.request_ids import is_id
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Database, Transaction
from storage.moderation import audit_log
from storage.moderation.audit_log import Action, Decision

PAGE_SIZE = 10

_IN_LOG_ALREADY = frozenset({Action.HIDDEN})
"""Actions that get no line in the log channel: the report before them has one."""


async def record_decision(tx: Transaction, settings: ServerSettings, decision: Decision) -> None:
    """Append to the audit log and enqueue a line for the log channel."""
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
    await enqueue_log(
        tx,
        settings,
        decision.guild_id,
        f"log:decision:{number}",
        f"log-decision-{decision.action}",
        params,
        now_ms=decision.at_ms,
        request_id=decision.request_id,
    )


@dataclass(frozen=True, slots=True)
class AuditLogPage:
    """A page of the log, newest first; `next_before` is 0 on the last page."""

    decisions: Sequence[Decision]
    user_id: int = 0
    request_id: str = ""
    next_before: int = 0


class AuditLogService:
    """Pages the audit log for moderators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(
        self, caller: Caller, *, user_id: int = 0, request_id: str = "", before: int = 0
    ) -> AuditLogPage:
        """The log of this server, about a member, about a request, or both. Raises: NotAllowed.

        An unknown or malformed id has an empty page.
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
