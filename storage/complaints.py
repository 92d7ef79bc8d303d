"""Members' reports of posted videos, and how each reported or deleted video should be shown."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.pseudonyms import known_as
from storage.records import PARKED, Post
from storage.rows import decode, encode, spell
from storage.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Report:
    """What one member said against one video."""

    request_id: str
    by_id: int
    guild_id: int
    review_id: str
    reason: str
    at_ms: int


class Shown(StrEnum):
    """How a posted video stands in its channel."""

    PLAIN = "plain"
    SPOILER = "spoiler"
    GONE = "gone"


@dataclass(frozen=True, slots=True)
class Showing:
    """`wanted` and `shown` differ while the message still has to be changed.

    `is_purged`: a video that is gone has left our disk as well. `due_at_ms` is when to try next.
    """

    request_id: str
    wanted: Shown
    shown: Shown
    due_at_ms: int
    is_purged: bool = False


_ADD: Final = spell(
    "INSERT INTO reports ({columns}) VALUES ({values}) ON CONFLICT (request_id, by_id) DO NOTHING",
    Report,
)
_REPORTED: Final = """
SELECT 1 AS found FROM reports WHERE request_id = :request_id AND by_id = :pseudonym"""
_OF_REVIEW: Final = spell(
    "SELECT {columns} FROM reports WHERE review_id = :review_id ORDER BY at_ms, by_id", Report
)
_RESULT_BY_MESSAGE: Final = spell(
    """
SELECT {columns} FROM posts
WHERE kind = 'result' AND message_id = :message_id AND message_id > 0 AND guild_id = :guild_id""",
    Post,
)
_WANT: Final = """
INSERT INTO showings (request_id, wanted, shown, is_purged, due_at_ms)
VALUES (:request_id, :wanted, :was, 0, :now_ms)
ON CONFLICT (request_id) DO UPDATE SET wanted = excluded.wanted, due_at_ms = excluded.due_at_ms
WHERE showings.wanted <> 'gone'"""
_SHOWING: Final = spell("SELECT {columns} FROM showings WHERE request_id = :request_id", Showing)
_DUE: Final = spell(
    """
SELECT {columns} FROM showings WHERE due_at_ms <= :now_ms
ORDER BY due_at_ms, request_id
LIMIT :limit""",
    Showing,
)
_PUT_OFF: Final = "UPDATE showings SET due_at_ms = :due_at_ms WHERE request_id = :request_id"
_IS_SHOWN: Final = """
UPDATE showings SET shown = :shown, is_purged = :is_purged,
  due_at_ms = CASE WHEN wanted = :shown THEN :due_at_ms ELSE due_at_ms END
WHERE request_id = :request_id"""


async def add(tx: Transaction, report: Report) -> bool:
    """Record a report; False when this member has reported this video before.

    Also when they have deleted their data since: a member counts once.
    """
    _, pseudonym = await known_as(tx, report.by_id)
    whose = {"request_id": report.request_id, "pseudonym": pseudonym}
    if await tx.fetch_one(_REPORTED, whose) is not None:
        return False
    return await tx.execute(_ADD, encode(report)) == 1


async def of_review(tx: Transaction, review_id: str) -> list[Report]:
    """The reports that a review is about, first to last."""
    rows = await tx.fetch_all(_OF_REVIEW, {"review_id": review_id})
    return [decode(Report, row) for row in rows]


async def result_by_message(tx: Transaction, guild_id: int, message_id: int) -> Post | None:
    """The posted video that a message is, or None."""
    wanted = {"guild_id": guild_id, "message_id": message_id}
    row = await tx.fetch_one(_RESULT_BY_MESSAGE, wanted)
    return None if row is None else decode(Post, row)


async def want(tx: Transaction, request_id: str, wanted: Shown, *, was: Shown, now_ms: int) -> None:
    """Ask for a posted video to be shown so; `was` is how it stands if nobody ever asked.

    What is to go stays gone, whoever asks for it back.
    """
    change = {"request_id": request_id, "wanted": wanted, "was": was, "now_ms": now_ms}
    await tx.execute(_WANT, change)


async def showing(tx: Transaction, request_id: str) -> Showing | None:
    """How a video is and should be shown; None while nobody asked for a change."""
    row = await tx.fetch_one(_SHOWING, {"request_id": request_id})
    return None if row is None else decode(Showing, row)


async def due(tx: Transaction, now_ms: int, *, limit: int) -> list[Showing]:
    """Videos that have to be changed now, longest due first."""
    rows = await tx.fetch_all(_DUE, {"now_ms": now_ms, "limit": limit})
    return [decode(Showing, row) for row in rows]


async def put_off(tx: Transaction, request_id: str, due_at_ms: int) -> None:
    """Try again later."""
    await tx.execute(_PUT_OFF, {"request_id": request_id, "due_at_ms": due_at_ms})


async def is_shown(
    tx: Transaction,
    request_id: str,
    shown: Shown,
    *,
    is_purged: bool = False,
    due_at_ms: int = PARKED,
) -> None:
    """Note how it stands now; due again at `due_at_ms`, or at once when another way is wanted."""
    change = {
        "request_id": request_id,
        "shown": shown,
        "is_purged": int(is_purged),
        "due_at_ms": due_at_ms,
    }
    await tx.execute(_IS_SHOWN, change)
