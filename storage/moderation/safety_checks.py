"""What the operator's check said of a request's pictures and of its result; no picture itself."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.moderation.reviews import Stage


class Outcome(StrEnum):
    """`unanswered`: the check gave no answer that could be understood."""

    CLEAR = "clear"
    FLAGGED = "flagged"
    UNANSWERED = "unanswered"


@dataclass(frozen=True, slots=True)
class SafetyFinding:
    """One thing that was flagged. `score`: 0 to 100.

    `position` of the input it was found on, -1 for the result; `at_ms` into the clip, -1 in a
    picture.
    """

    label: str
    score: int
    position: int
    at_ms: int = -1


@dataclass(frozen=True, slots=True)
class SafetyCheck:
    """One check of a request's pictures (stage `prompt`) or of its video (stage `result`).

    `digest` is a hash of the files that were looked at; `findings` is JSON, see `findings_of`.
    """

    request_id: str
    stage: Stage
    guild_id: int
    checker: str
    digest: str
    outcome: Outcome
    checked_at_ms: int
    top_score: int = 0
    findings: str = "[]"

    def is_answer_to(self, digest: str, checker: str) -> bool:
        """Whether this checker has answered about these very files."""
        is_answer = self.outcome is not Outcome.UNANSWERED
        return is_answer and (self.digest, self.checker) == (digest, checker)

    @property
    def flagged(self) -> tuple[SafetyFinding, ...]:
        """What was flagged, most surely first."""
        return tuple(SafetyFinding(**each) for each in json.loads(self.findings))


@dataclass(frozen=True, slots=True)
class FlaggedReview:
    """A moderator's decision on something flagged: how surely it was, and what they said."""

    top_score: int
    is_rejected: bool


_PUT: Final = """
INSERT INTO safety_checks (
  request_id, stage, guild_id, checker, digest, outcome, top_score, findings, checked_at_ms)
VALUES (
  :request_id, :stage, :guild_id, :checker, :digest, :outcome, :top_score, :findings,
  :checked_at_ms)
ON CONFLICT (request_id, stage) DO UPDATE SET
  checker = excluded.checker, digest = excluded.digest, outcome = excluded.outcome,
  top_score = excluded.top_score, findings = excluded.findings,
  checked_at_ms = excluded.checked_at_ms"""
_GET: Final = "SELECT * FROM safety_checks WHERE request_id = :request_id AND stage = :stage"
_ERASE: Final = """
UPDATE safety_checks SET digest = '', findings = '[]' WHERE request_id = :request_id"""
_ADD_REASON: Final = """
UPDATE reviews SET why = CASE WHEN why = '' THEN :why ELSE why || ',' || :why END
WHERE id = :id AND state = 'open'"""
_DECIDED: Final = """
SELECT checks.top_score, reviews.state FROM safety_checks AS checks
JOIN reviews ON reviews.request_id = checks.request_id AND reviews.stage = checks.stage
WHERE checks.guild_id = :guild_id AND checks.outcome = 'flagged'
  AND checks.checked_at_ms >= :since_ms
  AND reviews.decided_by <> 0 AND reviews.appeal_of = ''
  AND reviews.state IN ('approved', 'spoiler', 'rejected')
ORDER BY checks.checked_at_ms DESC
LIMIT :limit"""


async def put(tx: Transaction, check: SafetyCheck) -> None:
    """Write a check, in place of an earlier one of the same stage."""
    await tx.execute(_PUT, encode(check))


async def get(tx: Transaction, request_id: str, stage: Stage) -> SafetyCheck | None:
    """The check of a stage, or None."""
    row = await tx.fetch_one(_GET, {"request_id": request_id, "stage": stage.value})
    return None if row is None else decode(SafetyCheck, row)


async def erase(tx: Transaction, request_id: str) -> None:
    """Forget what was seen on a request's files; that it was flagged, and how surely, stays."""
    await tx.execute(_ERASE, {"request_id": request_id})


async def add_reason(tx: Transaction, review_id: str, why: str) -> None:
    """Add to an open review one more reason why it is there."""
    await tx.execute(_ADD_REASON, {"id": review_id, "why": why})


async def decided(
    tx: Transaction, guild_id: int, *, since_ms: int, limit: int
) -> Sequence[FlaggedReview]:
    """What a server's moderators decided on what was flagged, latest first; no time-outs."""
    wanted = {"guild_id": guild_id, "since_ms": since_ms, "limit": limit}
    return [
        FlaggedReview(int(row["top_score"]), is_rejected=row["state"] == "rejected")
        for row in await tx.fetch_all(_DECIDED, wanted)
    ]
