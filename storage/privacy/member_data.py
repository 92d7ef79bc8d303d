"""Reads everything stored about one member, in every server, for `/video mydata`."""

from dataclasses import dataclass
from typing import Final, TypeVar

from storage.cast.entries import CastEntry, CastPicture
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.moderation.audit_log import Decision
from storage.moderation.blocks import Block
from storage.moderation.safety_checks import SafetyCheck
from storage.privacy.pseudonyms import known_as
from storage.quotas.ledger_records import LedgerEntry
from storage.quotas.quotas import Grant, Quota, Reset
from storage.quotas.task_costs import CostChange
from storage.records import Input, OutboxMessage, Request, SavedForm
from storage.requests.events import Event
from storage.showcase.votes import Vote

_Record = TypeVar("_Record")

_REQUESTS: Final = """
SELECT * FROM requests WHERE user_id IN (:user_id, :pseudonym) ORDER BY created_at_ms, id"""
_INPUTS: Final = """
SELECT * FROM inputs
WHERE request_id IN (SELECT id FROM requests WHERE user_id IN (:user_id, :pseudonym))
ORDER BY request_id, position"""
_MESSAGES: Final = """
SELECT * FROM outbox WHERE user_id IN (:user_id, :pseudonym) ORDER BY created_at_ms, id"""
_EVENTS: Final = """
SELECT * FROM events
WHERE request_id IN (SELECT id FROM requests WHERE user_id IN (:user_id, :pseudonym))
ORDER BY request_id, id"""
_LEDGER: Final = "SELECT * FROM ledger WHERE user_id IN (:user_id, :pseudonym) ORDER BY id"
_COSTS: Final = """
SELECT * FROM task_costs
WHERE request_id IN (SELECT id FROM requests WHERE user_id IN (:user_id, :pseudonym))
ORDER BY request_id, id"""
_QUOTAS: Final = """
SELECT * FROM quotas WHERE scope = 'member' AND subject_id IN (:user_id, :pseudonym)
ORDER BY guild_id, unit, period"""
_GRANTS: Final = "SELECT * FROM grants WHERE user_id IN (:user_id, :pseudonym) ORDER BY at_ms"
_RESETS: Final = "SELECT * FROM resets WHERE user_id IN (:user_id, :pseudonym) ORDER BY at_ms"
_DECISIONS: Final = "SELECT * FROM audit_log WHERE user_id IN (:user_id, :pseudonym) ORDER BY id"
_BLOCKS: Final = "SELECT * FROM blocks WHERE user_id IN (:user_id, :pseudonym) ORDER BY at_ms"
_REPORTS: Final = "SELECT * FROM reports WHERE by_id IN (:user_id, :pseudonym) ORDER BY at_ms"
_APPEALS: Final = """
SELECT * FROM reviews WHERE user_id IN (:user_id, :pseudonym) AND appeal_of <> ''
ORDER BY opened_at_ms, id"""
_SAFETY_CHECKS: Final = """
SELECT * FROM safety_checks
WHERE request_id IN (SELECT id FROM requests WHERE user_id IN (:user_id, :pseudonym))
ORDER BY request_id, stage"""
_VOTES: Final = """
SELECT * FROM showcase_votes WHERE user_id IN (:user_id, :pseudonym) ORDER BY at_ms, request_id"""
_SAVED_FORMS: Final = """
SELECT * FROM saved_forms WHERE user_id IN (:user_id, :pseudonym) ORDER BY created_at_ms"""
_CAST: Final = """
SELECT * FROM cast_entries WHERE guild_id = 0 AND user_id = :user_id AND removed_at_ms = 0
ORDER BY folded"""
_CAST_PICTURES: Final = """
SELECT * FROM cast_pictures WHERE cast_id IN (
  SELECT id FROM cast_entries
  WHERE guild_id = 0 AND user_id = :user_id AND removed_at_ms = 0)
ORDER BY cast_id, position"""
_NAMES: Final = """
SELECT COUNT(*) AS number FROM cast_entries
WHERE guild_id = 0 AND user_id = :user_id AND removed_at_ms = 0"""
_COUNTS: Final = """
SELECT COUNT(*) AS requests, COUNT(DISTINCT guild_id) AS servers,
  COALESCE(MIN(created_at_ms), 0) AS since_ms,
  COALESCE(SUM(CASE WHEN state IN ('posted', 'failed', 'rejected', 'cancelled')
    THEN 0 ELSE 1 END), 0) AS unfinished
FROM requests WHERE user_id = :user_id AND series_of = ''"""
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
class AppealMade:
    """An appeal as its author may read it."""

    request_id: str
    guild_id: int
    appeal: str
    state: str
    opened_at_ms: int


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
    names: int = 0
    """Of their own cast."""


@dataclass(frozen=True, slots=True)
class MemberData:
    """The rows themselves; under the member's id or, after a deletion, their pseudonym."""

    requests: tuple[Request, ...]
    inputs: tuple[Input, ...]
    messages: tuple[OutboxMessage, ...]
    events: tuple[Event, ...]
    ledger: tuple[LedgerEntry, ...]
    costs: tuple[CostChange, ...]
    quotas: tuple[Quota, ...]
    grants: tuple[Grant, ...]
    resets: tuple[Reset, ...]
    decisions: tuple[Decision, ...]
    blocks: tuple[Block, ...]
    reports: tuple[ReportMade, ...]
    appeals: tuple[AppealMade, ...]
    safety_checks: tuple[SafetyCheck, ...]
    votes: tuple[Vote, ...]
    saved_forms: tuple[SavedForm, ...]
    cast: tuple[CastEntry, ...]
    cast_pictures: tuple[CastPicture, ...]


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
        names=await _number(tx, _NAMES, one),
        kept=await _number(tx, _KEPT, one | {"pseudonym": pseudonym}),
    )


async def everything(tx: Transaction, user_id: int) -> MemberData:
    """All rows of a member, each kind in the order in which it came to be."""
    member, pseudonym = await known_as(tx, user_id)
    whose = {"user_id": member, "pseudonym": pseudonym}

    async def rows(record: type[_Record], sql: str) -> tuple[_Record, ...]:
        return tuple(decode(record, row) for row in await tx.fetch_all(sql, whose))

    return MemberData(
        requests=await rows(Request, _REQUESTS),
        inputs=await rows(Input, _INPUTS),
        messages=await rows(OutboxMessage, _MESSAGES),
        events=await rows(Event, _EVENTS),
        ledger=await rows(LedgerEntry, _LEDGER),
        costs=await rows(CostChange, _COSTS),
        quotas=await rows(Quota, _QUOTAS),
        grants=await rows(Grant, _GRANTS),
        resets=await rows(Reset, _RESETS),
        decisions=await rows(Decision, _DECISIONS),
        blocks=await rows(Block, _BLOCKS),
        reports=await rows(ReportMade, _REPORTS),
        appeals=await rows(AppealMade, _APPEALS),
        safety_checks=await rows(SafetyCheck, _SAFETY_CHECKS),
        votes=await rows(Vote, _VOTES),
        saved_forms=await rows(SavedForm, _SAVED_FORMS),
        cast=await rows(CastEntry, _CAST),
        cast_pictures=await rows(CastPicture, _CAST_PICTURES),
    )


async def _number(tx: Transaction, sql: str, whose: dict[str, int]) -> int:
    row = await tx.fetch_one(sql, whose)
    return int(row["number"]) if row else 0
