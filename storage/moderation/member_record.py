"""A member's moderation record in one server: what was posted, passed, rejected and reported.

A rejection against which an appeal was granted counts no more.
"""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as


@dataclass(frozen=True, slots=True)
class ModerationRecord:
    """Counts over all of a member's requests in one server."""

    posted: int = 0
    rejected: int = 0
    blocked: int = 0


@dataclass(frozen=True, slots=True)
class RecentRecord:
    """Whether a report of a video of the member's is open, and how many requests were rejected.

    Rejections count since a moment, and only those that were not lifted.
    """

    is_reported: bool = False
    rejected: int = 0


_PASSED: Final = """
SELECT COUNT(*) AS number FROM requests AS request
WHERE request.guild_id = :guild_id AND request.user_id IN (:user_id, :pseudonym)
  AND request.series_of = ''
  AND (request.state = 'posted' OR EXISTS (
    SELECT 1 FROM reviews WHERE reviews.request_id = request.id
      AND reviews.stage = 'prompt' AND reviews.state IN ('approved', 'spoiler')))"""
_RECENT: Final = """
SELECT
  (SELECT COUNT(*) FROM (
    SELECT 1 AS found FROM reviews
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
      AND stage = 'report' AND state = 'open'
    LIMIT 1) AS open_reports) AS is_reported,
  (SELECT COUNT(*) FROM audit_log AS decision
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
      AND action = 'rejected' AND at_ms >= :since_ms AND NOT EXISTS (
        SELECT 1 FROM audit_log AS later
        WHERE later.guild_id = decision.guild_id AND later.request_id = decision.request_id
          AND later.id > decision.id AND later.action = 'appeal-granted')) AS rejected"""
_STANDING: Final = """
SELECT
  (SELECT COUNT(*) FROM requests
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
    AND state = 'posted' AND series_of = '') AS posted,
  (SELECT COUNT(*) FROM audit_log AS decision
    WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
    AND action IN ('rejected', 'taken-down') AND NOT EXISTS (
      SELECT 1 FROM audit_log AS later
      WHERE later.guild_id = decision.guild_id AND later.request_id = decision.request_id
        AND later.id > decision.id AND later.action = 'appeal-granted')) AS rejected,
  (SELECT COUNT(*) FROM audit_log WHERE guild_id = :guild_id AND user_id IN (:user_id, :pseudonym)
    AND action = 'blocked') AS blocked"""


async def count_passed(tx: Transaction, guild_id: int, user_id: int) -> int:
    """How many of a member's requests a moderator has passed, or were posted."""
    row = await tx.fetch_one(_PASSED, await _member(tx, guild_id, user_id))
    return int(row["number"]) if row else 0


async def recent(tx: Transaction, guild_id: int, user_id: int, *, since_ms: int) -> RecentRecord:
    """What holds a member's next request by itself: see RecentRecord."""
    wanted = await _member(tx, guild_id, user_id) | {"since_ms": since_ms}
    row = await tx.fetch_one(_RECENT, wanted)
    return decode(RecentRecord, row) if row else RecentRecord()


async def read(tx: Transaction, guild_id: int, user_id: int) -> ModerationRecord:
    """What a member has had posted, rejected or taken down, and how often they were blocked."""
    row = await tx.fetch_one(_STANDING, await _member(tx, guild_id, user_id))
    return decode(ModerationRecord, row) if row else ModerationRecord()


async def _member(tx: Transaction, guild_id: int, user_id: int) -> dict[str, int]:
    """The ids a member's rows may be stored under: their own and their pseudonym."""
    _, pseudonym = await known_as(tx, user_id)
    return {"guild_id": guild_id, "user_id": user_id, "pseudonym": pseudonym}
