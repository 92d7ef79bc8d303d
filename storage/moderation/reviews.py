"""Reviews: what waits for a moderator and who decided what; each is decided once."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.rows import aliased, decode, encode
from storage.engine.transaction import Row, Transaction
from storage.records import NEVER_DUE, OutboxMessage


class Stage(StrEnum):
    """What a moderator is asked to pass: a request, a video before its channel, a posted video."""

    PROMPT = "prompt"
    RESULT = "result"
    REPORT = "report"


class ReviewState(StrEnum):
    """`spoiler` is passed too, behind a spoiler; `withdrawn` needs no decision any more."""

    OPEN = "open"
    APPROVED = "approved"
    SPOILER = "spoiler"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Review:
    """One look at one request. Its id is its card's too, and says request and number.

    `why` lists, with commas, what put it here: `mode`, `first`, `younger`, `links`, `words`,
    `reported`, `blocked`, `rejections`, `flagged`, `unchecked`. `due_at_ms` is when the moderators
    are to be reminded, then when it ends.
    `decided_by` 0 with a state other than open: it timed out.
    """

    id: str
    request_id: str
    number: int
    guild_id: int
    user_id: int
    stage: Stage
    why: str
    opened_at_ms: int
    due_at_ms: int
    ends_at_ms: int
    state: ReviewState = ReviewState.OPEN
    reminded_at_ms: int = 0
    reports: int = 0
    decided_by: int = 0
    decided_at_ms: int = 0
    reason: str = ""
    note: str = ""
    is_purged: bool = False
    """The files are gone from our disk, so they go from the card as well."""
    appeal_of: str = ""
    """The review whose rejection the requester appeals against; empty for all others."""
    appeal: str = ""
    """What the requester says against it."""
    takes_effect_at_ms: int = 0
    """When a moderator's rejection takes effect; until then it can be taken back. 0: it has."""
    claimed_by: int = 0
    """The moderator who looks at it in the queue."""
    claimed_until_ms: int = 0
    """Until when nobody else gets or decides it; 0 for nobody's."""

    @property
    def subject(self) -> str:
        """What the moderators are asked, as the texts name it: the stage, or `appeal`."""
        return "appeal" if self.appeal_of else self.stage

    @property
    def version(self) -> str:
        """What a card shows of it: another version is another card."""
        version = f"{self.state}:{self.reports}:{int(self.is_purged)}"
        is_claimed = self.state is ReviewState.OPEN and self.claimed_until_ms
        return f"{version}:{self.claimed_until_ms}" if is_claimed else version


def review_id(request_id: str, number: int) -> str:
    """The id of a request's n-th review and of its card."""
    return f"{request_id}:review:{number}"


_ADD: Final = """
INSERT INTO reviews (
  id, request_id, number, guild_id, user_id, stage, why, opened_at_ms, due_at_ms, ends_at_ms,
  state, reminded_at_ms, reports, decided_by, decided_at_ms, reason, note, is_purged, appeal_of,
  appeal, takes_effect_at_ms, claimed_by, claimed_until_ms)
VALUES (
  :id, :request_id, :number, :guild_id, :user_id, :stage, :why, :opened_at_ms, :due_at_ms,
  :ends_at_ms, :state, :reminded_at_ms, :reports, :decided_by, :decided_at_ms, :reason, :note,
  :is_purged, :appeal_of, :appeal, :takes_effect_at_ms, :claimed_by, :claimed_until_ms)
ON CONFLICT (id) DO NOTHING"""
_GET: Final = "SELECT * FROM reviews WHERE id = :id"
_OF_REQUEST: Final = "SELECT * FROM reviews WHERE request_id = :request_id ORDER BY number"
_DECIDE: Final = """
UPDATE reviews SET state = :state, decided_by = :by_id, decided_at_ms = :now_ms,
  reason = :reason, note = :note, due_at_ms = :never_due,
  takes_effect_at_ms = :takes_effect_at_ms, claimed_by = 0, claimed_until_ms = 0
WHERE id = :id AND state = 'open'
RETURNING *"""
_WITHDRAW: Final = """
UPDATE reviews SET state = 'withdrawn', decided_at_ms = :now_ms, due_at_ms = :never_due,
  takes_effect_at_ms = 0
WHERE request_id = :request_id AND (state = 'open' OR takes_effect_at_ms > 0)"""
_WITHDRAW_APPEALS: Final = """
UPDATE reviews SET state = 'withdrawn', decided_at_ms = :now_ms, due_at_ms = :never_due,
  takes_effect_at_ms = 0
WHERE user_id = :user_id AND appeal_of <> '' AND (state = 'open' OR takes_effect_at_ms > 0)"""
_COUNT_REPORT: Final = """
UPDATE reviews SET reports = reports + 1
WHERE id = :id AND (state = 'open' OR takes_effect_at_ms > 0)
RETURNING *"""
_DUE: Final = """
SELECT * FROM reviews
WHERE state = 'open' AND due_at_ms <= :now_ms AND id NOT IN {each:excluded}
ORDER BY due_at_ms, id
LIMIT :limit"""
_REMIND: Final = """
UPDATE reviews SET due_at_ms = ends_at_ms, reminded_at_ms = :now_ms
WHERE id = :id AND state = 'open' AND reminded_at_ms = 0"""
# the time, which is always so, makes SQLite take the index of open ones
_COUNT_OPEN: Final = """
SELECT COUNT(*) AS number FROM reviews
WHERE guild_id = :guild_id AND opened_at_ms >= 0 AND state = 'open'
  AND EXISTS (SELECT 1 FROM outbox AS card WHERE card.id = reviews.id)"""
_VERSION: Final = """
review.state || ':' || CAST(review.reports AS TEXT) || ':' || CAST(review.is_purged AS TEXT)
  || CASE WHEN review.state = 'open' AND review.claimed_until_ms > 0
    THEN ':' || CAST(review.claimed_until_ms AS TEXT) ELSE '' END"""
# what shows a decision is not looked at again: the words are the partial index's own; and of each
# channel the first few alone: one that takes no edit hides no other's cards
_BEHIND: Final = (
    """
WITH behind AS (
  SELECT post.id, ROW_NUMBER() OVER (
    PARTITION BY post.sent_channel_id ORDER BY review.decided_at_ms, review.id) AS nth
  FROM outbox AS post JOIN reviews AS review ON review.id = post.id
  WHERE post.kind = 'review' AND post.state = 'sent'
    AND substr(post.shown, 1, 5) IN ('', 'open:')
    AND post.again_at_ms <= :now_ms AND post.id NOT IN {each:excluded}
    AND post.shown <> {version}
)
SELECT {posts}, {reviews}
FROM behind JOIN outbox AS post ON post.id = behind.id JOIN reviews AS review ON review.id = post.id
WHERE behind.nth <= :of_channel
ORDER BY behind.nth, post.again_at_ms, review.decided_at_ms, review.id
LIMIT :limit""".replace("{posts}", aliased(OutboxMessage, "post"))
    .replace("{reviews}", aliased(Review, "review"))
    .replace("{version}", _VERSION)
)
_SHOWN: Final = """
UPDATE outbox SET shown = :version WHERE id = :id AND EXISTS (
  SELECT 1 FROM reviews AS review WHERE review.id = outbox.id AND {version} = :version)""".replace(
    "{version}", _VERSION
)
_PURGE: Final = "UPDATE reviews SET is_purged = 1 WHERE request_id = :request_id"
_LOOK_AT_ALL: Final = """
UPDATE outbox SET shown = ''
WHERE request_id = :request_id AND kind = 'review' AND state = 'sent'"""
_ENQUEUE_AGAIN: Final = """
UPDATE outbox SET state = 'pending', intent_at_ms = 0, nonce = '', message_id = 0,
  sent_channel_id = 0, shown = '', attempt = 0, again_at_ms = 0, lease_owner = '',
  due_at_ms = :now_ms
WHERE id = :id AND kind = 'review' AND state = 'sent'"""
_LOOK_AT: Final = "UPDATE outbox SET shown = '' WHERE id = :id AND kind = 'review'"


async def add(tx: Transaction, review: Review) -> bool:
    """Open a review; False when there is one of its number already."""
    return await tx.execute(_ADD, encode(review)) == 1


async def get(tx: Transaction, wanted: str) -> Review | None:
    """The review of an id, or None."""
    return _decoded(await tx.fetch_one(_GET, {"id": wanted}))


async def of_request(tx: Transaction, request_id: str) -> list[Review]:
    """A request's reviews, first to last."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(Review, row) for row in rows]


async def decide(
    tx: Transaction,
    wanted: str,
    *,
    state: ReviewState,
    by_id: int,
    now_ms: int,
    reason: str = "",
    note: str = "",
    takes_effect_at_ms: int = 0,
) -> Review | None:
    """Decide an open review; None when it was decided before. Of two callers one gets the row.

    `takes_effect_at_ms`: when what follows from it is done; 0: the caller does it now.
    """
    decided = {
        "id": wanted,
        "state": state.value,
        "by_id": by_id,
        "now_ms": now_ms,
        "reason": reason,
        "note": note,
        "takes_effect_at_ms": takes_effect_at_ms,
        "never_due": NEVER_DUE,
    }
    return _decoded(await tx.fetch_one(_DECIDE, decided))


async def withdraw(tx: Transaction, request_id: str, now_ms: int) -> int:
    """Close a request's open review without a decision: it has ended in another way.

    A rejection that has not taken effect yet will not.
    """
    wanted = {"request_id": request_id, "now_ms": now_ms, "never_due": NEVER_DUE}
    number = await tx.execute(_WITHDRAW, wanted)
    if number:
        await tx.execute(_LOOK_AT_ALL, {"request_id": request_id})
    return number


async def withdraw_appeals(tx: Transaction, user_id: int, now_ms: int) -> int:
    """Close a member's open appeals without a decision: their data is being deleted."""
    wanted = {"user_id": user_id, "now_ms": now_ms, "never_due": NEVER_DUE}
    return await tx.execute(_WITHDRAW_APPEALS, wanted)


async def count_report(tx: Transaction, wanted: str) -> Review | None:
    """Add one report to a review; None when it was decided meanwhile for good."""
    return _decoded(await tx.fetch_one(_COUNT_REPORT, {"id": wanted}))


async def due(
    tx: Transaction, now_ms: int, *, exclude: Collection[str] = (), limit: int
) -> list[Review]:
    """Open reviews whose reminder or whose end is due, longest due first."""
    parameters = {"excluded": list(exclude)}
    rows = await tx.fetch_all(_DUE, parameters | {"now_ms": now_ms, "limit": limit})
    return [decode(Review, row) for row in rows]


async def remind(tx: Transaction, wanted: str, now_ms: int) -> bool:
    """Note that the moderators are being reminded; False when they were before."""
    return await tx.execute(_REMIND, {"id": wanted, "now_ms": now_ms}) == 1


async def count_open(tx: Transaction, guild_id: int) -> int:
    """How many reviews of a server wait; none whose files are still being fetched."""
    row = await tx.fetch_one(_COUNT_OPEN, {"guild_id": guild_id})
    return int(row["number"]) if row else 0


async def cards_behind(
    tx: Transaction, now_ms: int, *, exclude: Collection[str] = (), limit: int, of_channel: int
) -> list[tuple[OutboxMessage, Review]]:
    """Sent cards that show another version than their review's, and may be edited now.

    At most `of_channel` of each channel, and one of each before the second of any.
    """
    parameters = {"excluded": list(exclude)}
    wanted = {"now_ms": now_ms, "limit": limit, "of_channel": of_channel}
    rows = await tx.fetch_all(_BEHIND, parameters | wanted)
    return [(decode(OutboxMessage, row, "post"), decode(Review, row, "review")) for row in rows]


async def card_shows(tx: Transaction, wanted: str, version: str) -> None:
    """Record the version of its review that a card shows, unless that is outdated already."""
    await tx.execute(_SHOWN, {"id": wanted, "version": version})


async def purge(tx: Transaction, request_id: str) -> None:
    """Record that a request's files are gone, so that they are removed from its cards."""
    await tx.execute(_PURGE, {"request_id": request_id})
    await tx.execute(_LOOK_AT_ALL, {"request_id": request_id})


async def look_at_card(tx: Transaction, wanted: str) -> None:
    """Have a review's card edited once more, which detects a deleted message."""
    await tx.execute(_LOOK_AT, {"id": wanted})


async def enqueue_card_again(tx: Transaction, wanted: str, now_ms: int) -> bool:
    """Enqueue a card again whose message was deleted; False when it was not sent."""
    return await tx.execute(_ENQUEUE_AGAIN, {"id": wanted, "now_ms": now_ms}) == 1


def _decoded(row: Row | None) -> Review | None:
    return None if row is None else decode(Review, row)
