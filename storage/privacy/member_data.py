"""All that is stored of one member, in every server: for showing, counting and exporting it."""

from dataclasses import dataclass
from typing import Any, Final

from storage.engine.rows import decode, names
from storage.engine.transaction import Transaction
from storage.moderation.audit_log import Decision
from storage.moderation.blocks import Block
from storage.privacy.pseudonyms import known_as
from storage.quotas.quotas import Grant, Quota, Reset
from storage.records import Event, Input, LedgerEntry, OutboxMessage, Request, SavedForm

_OF_REQUESTS: Final = """
SELECT {columns} FROM {table} WHERE request_id IN (
  SELECT id FROM requests WHERE user_id IN (:user_id, :pseudonym))
ORDER BY request_id"""
_OF_MEMBER: Final = "SELECT {columns} FROM {table} WHERE {column} IN (:user_id, :pseudonym)"
_COUNTS: Final = """
SELECT COUNT(*) AS requests, COUNT(DISTINCT guild_id) AS servers,
  COALESCE(MIN(created_at_ms), 0) AS since_ms,
  COALESCE(SUM(CASE WHEN state IN ('posted', 'failed', 'rejected', 'cancelled')
    THEN 0 ELSE 1 END), 0) AS unfinished
FROM requests WHERE user_id = :user_id"""
_FILES: Final = """
SELECT COUNT(*) AS number FROM inputs WHERE request_id IN (
  SELECT id FROM requests WHERE user_id = :user_id)"""
_VIDEOS: Final = """
SELECT COUNT(*) AS number FROM outbox
WHERE user_id = :user_id AND kind IN ('result', 'film') AND state = 'sent' AND message_id > 0"""
_KEPT: Final = "SELECT COUNT(*) AS number FROM ledger WHERE user_id IN (:user_id, :pseudonym)"


@dataclass(frozen=True, slots=True)
class ReportMade:
    """A report as its author may read it."""

    request_id: str
    guild_id: int
    reason: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much is stored of a member; `kept` are the ledger's rows, which deletion leaves."""

    requests: int = 0
    servers: int = 0
    unfinished: int = 0
    files: int = 0
    videos: int = 0
    kept: int = 0
    since_ms: int = 0


@dataclass(frozen=True, slots=True)
class MemberData:
    """The rows themselves; under the member's id or, after a deletion, their pseudonym."""

    requests: tuple[Request, ...]
    inputs: tuple[Input, ...]
    messages: tuple[OutboxMessage, ...]
    events: tuple[Event, ...]
    ledger: tuple[LedgerEntry, ...]
    quotas: tuple[Quota, ...]
    grants: tuple[Grant, ...]
    resets: tuple[Reset, ...]
    decisions: tuple[Decision, ...]
    blocks: tuple[Block, ...]
    reports: tuple[ReportMade, ...]
    saved_forms: tuple[SavedForm, ...]


async def count(tx: Transaction, user_id: int) -> Counts:
    """How much is stored of a member."""
    member, pseudonym = await known_as(tx, user_id)
    one = {"user_id": member}
    row = await tx.fetch_one(_COUNTS, one) or {}
    return Counts(
        requests=int(row["requests"]),
        servers=int(row["servers"]),
        unfinished=int(row["unfinished"]),
        since_ms=int(row["since_ms"]),
        files=await _number(tx, _FILES, one),
        videos=await _number(tx, _VIDEOS, one),
        kept=await _number(tx, _KEPT, one | {"pseudonym": pseudonym}),
    )


async def everything(tx: Transaction, user_id: int) -> MemberData:
    """All rows of a member, each kind in the order in which it came to be."""
    member, pseudonym = await known_as(tx, user_id)
    whose = {"user_id": member, "pseudonym": pseudonym}

    async def rows(record: type[Any], table: str, column: str, order: str) -> tuple[Any, ...]:
        sql = _OF_REQUESTS if not column else f"{_OF_MEMBER} ORDER BY {order}"
        sql = sql.replace("{columns}", ", ".join(names(record)))
        sql = sql.replace("{table}", table).replace("{column}", column)
        if not column:
            sql = f"{sql}, {order}"
        if table == "quotas":
            sql = sql.replace("WHERE", "WHERE scope = 'member' AND")
        return tuple(decode(record, row) for row in await tx.fetch_all(sql, whose))

    return MemberData(
        requests=await rows(Request, "requests", "user_id", "created_at_ms, id"),
        inputs=await rows(Input, "inputs", "", "position"),
        messages=await rows(OutboxMessage, "outbox", "user_id", "created_at_ms, id"),
        events=await rows(Event, "events", "", "id"),
        ledger=await rows(LedgerEntry, "ledger", "user_id", "id"),
        quotas=await rows(Quota, "quotas", "subject_id", "guild_id, unit, period"),
        grants=await rows(Grant, "grants", "user_id", "at_ms"),
        resets=await rows(Reset, "resets", "user_id", "at_ms"),
        decisions=await rows(Decision, "audit_log", "user_id", "id"),
        blocks=await rows(Block, "blocks", "user_id", "at_ms"),
        reports=await rows(ReportMade, "reports", "by_id", "at_ms"),
        saved_forms=await rows(SavedForm, "saved_forms", "user_id", "created_at_ms"),
    )


async def _number(tx: Transaction, sql: str, whose: dict[str, int]) -> int:
    row = await tx.fetch_one(sql, whose)
    return int(row["number"]) if row else 0
