"""The audit log: who decided what, when and why; written with the action, read by moderators."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.log_lines import enqueue_log
from bot.services.request_ids import is_id
from bot.services.server_settings import ServerSettings
from bot.services.stats.spreadsheet import moment, table
from storage.engine.transaction import Database, Transaction
from storage.moderation import audit_log
from storage.moderation.audit_log import Action, Decision

PAGE_SIZE = 10
MOST_ROWS = 10_000
_COLUMNS = ("decided_at", "decision", "request", "member", "moderator", "reason", "note")

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
class LogFilter:
    """Which decisions are meant: all, or only those that fit everything that is given."""

    user_id: int = 0
    request_id: str = ""
    action: str = ""
    moderator_id: int = 0


@dataclass(frozen=True, slots=True)
class AuditLogPage:
    """A page of the log, newest first; `next_before` is 0 on the last page."""

    decisions: Sequence[Decision]
    wanted: LogFilter = field(default_factory=LogFilter)
    next_before: int = 0


@dataclass(frozen=True, slots=True)
class LogFile:
    """The log as a table for spreadsheets; `is_cut`: only the newest MOST_ROWS decisions."""

    csv: bytes
    rows: int
    is_cut: bool = False


class AuditLogService:
    """Pages and exports the audit log for moderators."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, caller: Caller, wanted: LogFilter, *, before: int = 0) -> AuditLogPage:
        """The log of this server, as far as the filter lets it through. Raises: NotAllowed.

        An unknown or malformed id has an empty page.
        """
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            found = await _found(tx, caller, wanted, before=before, limit=PAGE_SIZE + 1)
        shown = found[:PAGE_SIZE]
        more = len(found) > PAGE_SIZE
        return AuditLogPage(shown, wanted, shown[-1].id if more else 0)

    async def export(self, caller: Caller, wanted: LogFilter) -> LogFile:
        """The same as a CSV file, newest first. Raises: NotAllowed."""
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            found = await _found(tx, caller, wanted, before=0, limit=MOST_ROWS + 1)
        rows = found[:MOST_ROWS]
        made = await asyncio.to_thread(as_csv, rows)
        return LogFile(made, len(rows), is_cut=len(found) > MOST_ROWS)


async def _found(
    tx: Transaction, caller: Caller, wanted: LogFilter, *, before: int, limit: int
) -> list[Decision]:
    is_known = not wanted.action or wanted.action in set(Action)
    if not is_known or (wanted.request_id and not is_id(wanted.request_id)):
        return []
    return await audit_log.page(
        tx,
        caller.guild_id,
        limit=limit,
        user_id=wanted.user_id,
        request_id=wanted.request_id,
        moderator_id=wanted.moderator_id,
        actions=(Action(wanted.action),) if wanted.action else (),
        before=before,
    )


def as_csv(decisions: Sequence[Decision]) -> bytes:
    """The decisions for spreadsheets, one a line; times in UTC, ids as texts."""
    cells = (
        (
            moment(each.at_ms),
            each.action,
            each.request_id,
            str(each.user_id) if each.user_id else "",
            str(each.actor_id) if each.actor_id else "",
            each.reason,
            each.note,
        )
        for each in decisions
    )
    return table(_COLUMNS, cells)
