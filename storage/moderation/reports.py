"""Members' reports of posted videos."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as
from storage.records import OutboxMessage


@dataclass(frozen=True, slots=True)
class Report:
    """What one member said against one video."""

    request_id: str
    by_id: int
    guild_id: int
    review_id: str
    reason: str
    at_ms: int


_ADD: Final = """
INSERT INTO reports (request_id, by_id, guild_id, review_id, reason, at_ms)
VALUES (:request_id, :by_id, :guild_id, :review_id, :reason, :at_ms)
ON CONFLICT (request_id, by_id) DO NOTHING"""
_HAS: Final = """
SELECT 1 AS found FROM reports
WHERE request_id = :request_id AND by_id IN (:by_id, :pseudonym)"""
_OF_REVIEW: Final = "SELECT * FROM reports WHERE review_id = :review_id ORDER BY at_ms, by_id"
_RESULT_BY_MESSAGE: Final = """
SELECT * FROM outbox
WHERE kind = 'result' AND message_id = :message_id AND message_id > 0 AND guild_id = :guild_id"""
_FORWARD_BY_MESSAGE: Final = """
SELECT * FROM outbox
WHERE kind = 'forward' AND message_id = :message_id AND message_id > 0 AND guild_id = :guild_id"""


async def add(tx: Transaction, report: Report) -> bool:
    """Record a report; False when this member has reported this video before.

    Also when they have deleted their data since: a member counts once.
    """
    if await has(tx, report.request_id, report.by_id):
        return False
    return await tx.execute(_ADD, encode(report)) == 1


async def has(tx: Transaction, request_id: str, by_id: int) -> bool:
    """Whether this member has reported this video, also before they deleted their data."""
    _, pseudonym = await known_as(tx, by_id)
    whose = {"request_id": request_id, "by_id": by_id, "pseudonym": pseudonym}
    return await tx.fetch_one(_HAS, whose) is not None


async def of_review(tx: Transaction, review_id: str) -> list[Report]:
    """The reports that a review is about, first to last."""
    rows = await tx.fetch_all(_OF_REVIEW, {"review_id": review_id})
    return [decode(Report, row) for row in rows]


async def result_by_message(
    tx: Transaction, guild_id: int, message_id: int
) -> OutboxMessage | None:
    """The message of a posted video, or its forward in the showcase; None where it is neither."""
    wanted = {"guild_id": guild_id, "message_id": message_id}
    row = await tx.fetch_one(_RESULT_BY_MESSAGE, wanted)
    row = row or await tx.fetch_one(_FORWARD_BY_MESSAGE, wanted)
    return None if row is None else decode(OutboxMessage, row)
