"""Videos that were voted for: their counts, what their buttons show, and who may see them."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import aliased, decode, encode
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, OutboxMessage, Request
from storage.showcase import votes


@dataclass(frozen=True, slots=True)
class Entry:
    """A video's count beside its outbox messages.

    `shown` is the count on its button. `due_at_ms` is when a worker should look at button and
    forward; claiming an entry moves that ahead.
    """

    request_id: str
    guild_id: int
    posted_at_ms: int
    is_private: bool
    """Its message stands in a private thread."""
    is_nsfw: bool
    """Its message stands in an age-restricted channel."""
    votes: int = 0
    shown: int = 0
    is_removed: bool = False
    """A moderator took it out, or its message was deleted by hand: for good."""
    attempt: int = 0
    """Failures in a row."""
    due_at_ms: int = NEVER_DUE


@dataclass(frozen=True, slots=True)
class Best:
    """A video of the list of the best, with the message that carries it."""

    entry: Entry
    request: Request
    result: OutboxMessage


_OPEN: Final = """
INSERT INTO showcase_entries (
  request_id, guild_id, votes, shown, is_private, is_nsfw, is_removed, posted_at_ms, attempt,
  due_at_ms)
VALUES (
  :request_id, :guild_id, :votes, :shown, :is_private, :is_nsfw, :is_removed, :posted_at_ms,
  :attempt, :due_at_ms)
ON CONFLICT (request_id) DO UPDATE SET
  is_private = excluded.is_private, is_nsfw = excluded.is_nsfw"""
_GET: Final = "SELECT * FROM showcase_entries WHERE request_id = :request_id"
_LOCK: Final = f"{_GET} {{for_update}}"
_COUNT: Final = """
UPDATE showcase_entries SET votes = votes + :change,
  due_at_ms = CASE WHEN due_at_ms > :due_at_ms THEN :due_at_ms ELSE due_at_ms END
WHERE request_id = :request_id
RETURNING *"""
_LOOK: Final = """
UPDATE showcase_entries SET attempt = 0, due_at_ms = :now_ms WHERE request_id = :request_id"""
_REMOVE: Final = """
UPDATE showcase_entries SET is_removed = 1, attempt = 0, due_at_ms = :now_ms
WHERE request_id = :request_id AND is_removed = 0"""
_FORGET: Final = "DELETE FROM showcase_entries WHERE request_id = :request_id"
_IS_DUE: Final = """
SELECT 1 FROM showcase_entries
WHERE due_at_ms <= :now_ms AND due_at_ms < 4611686018427387904 LIMIT 1"""
_CLAIM: Final = """
UPDATE showcase_entries SET due_at_ms = :until_ms
WHERE request_id IN (
  SELECT request_id FROM showcase_entries
  WHERE due_at_ms <= :now_ms AND due_at_ms < 4611686018427387904
  ORDER BY due_at_ms LIMIT :limit {skip_locked})
RETURNING *"""
_NOTE_SHOWN: Final = """
UPDATE showcase_entries SET shown = :shown WHERE request_id = :request_id"""
_AGAIN: Final = """
UPDATE showcase_entries SET attempt = :attempt, due_at_ms = :again_at_ms
WHERE request_id = :request_id AND due_at_ms = :due_at_ms"""
# a video of an age-restricted channel is named where its forward stands: that place is one too
_BEST: Final = (
    """
SELECT {entries}, {requests}, {posts}
FROM showcase_entries AS entry
  JOIN requests AS request ON request.id = entry.request_id
  JOIN outbox AS post ON post.id = entry.request_id || ':result'
WHERE entry.guild_id = :guild_id AND entry.posted_at_ms >= :since_ms
  AND entry.posted_at_ms < :until_ms
  AND entry.votes > 0 AND entry.is_removed = 0 AND entry.is_private = 0
  AND request.user_id > 0 AND post.state = 'sent' AND post.message_id > 0
  AND (entry.is_nsfw = 0 OR :with_nsfw = 1 OR EXISTS (
    SELECT 1 FROM outbox AS forward
    WHERE forward.id = entry.request_id || ':showcase' AND forward.state = 'sent'))
  AND NOT EXISTS (
    SELECT 1 FROM visibility
    WHERE visibility.request_id = entry.request_id AND visibility.wanted <> 'plain')
ORDER BY entry.votes DESC, entry.posted_at_ms, entry.request_id
LIMIT :limit""".replace("{entries}", aliased(Entry, "entry"))
    .replace("{requests}", aliased(Request, "request"))
    .replace("{posts}", aliased(OutboxMessage, "post"))
)


async def open_entry(tx: Transaction, entry: Entry) -> None:
    """Make a video's entry, or note anew who can see its place."""
    await tx.execute(_OPEN, encode(entry))


async def get(tx: Transaction, request_id: str) -> Entry | None:
    """A video's entry; None while nobody has voted for it."""
    row = await tx.fetch_one(_GET, {"request_id": request_id})
    return None if row is None else decode(Entry, row)


async def count(tx: Transaction, request_id: str, change: int, *, due_at_ms: int) -> Entry:
    """Add to a video's count, and have its button show that at `due_at_ms` at the latest.

    In one statement, so that concurrent votes are all counted. Raises: RuntimeError without entry.
    """
    what = {"request_id": request_id, "change": change, "due_at_ms": due_at_ms}
    row = await tx.fetch_one(_COUNT, what)
    if row is None:
        raise RuntimeError(f"nobody opened the entry of {request_id}")
    return decode(Entry, row)


async def look_at(tx: Transaction, request_id: str, now_ms: int) -> None:
    """Have a video's button and forward looked at soon, if it was voted for."""
    await tx.execute(_LOOK, {"request_id": request_id, "now_ms": now_ms})


async def remove(tx: Transaction, request_id: str, now_ms: int) -> bool:
    """Take a video out for good; False when it is out or was never voted for."""
    return await tx.execute(_REMOVE, {"request_id": request_id, "now_ms": now_ms}) == 1


async def forget(tx: Transaction, request_id: str) -> None:
    """Delete a video's count and the votes for it."""
    await votes.forget(tx, request_id)
    await tx.execute(_FORGET, {"request_id": request_id})


async def withdraw_votes(tx: Transaction, user_id: int, *, limit: int) -> bool:
    """Delete some of a member's votes and lower their counts; False when none is left.

    The buttons are due at once.
    """
    found = await votes.voted_for(tx, user_id, limit=limit)
    for request_id in found:
        # as whoever votes: the entry first, then the vote
        await tx.fetch_one(_LOCK, {"request_id": request_id})
        if await votes.take_back(tx, request_id, user_id):
            what = {"request_id": request_id, "change": -1, "due_at_ms": 0}
            await tx.execute(_COUNT, what)
    return bool(found)


async def is_any_due(tx: Transaction, now_ms: int) -> bool:
    """Whether any entry is to be looked at."""
    return await tx.fetch_one(_IS_DUE, {"now_ms": now_ms}) is not None


async def claim(tx: Transaction, *, now_ms: int, until_ms: int, limit: int) -> list[Entry]:
    """Take entries that are to be looked at; each is due again at `until_ms` unless it is done."""
    page = {"now_ms": now_ms, "until_ms": until_ms, "limit": limit}
    return [decode(Entry, row) for row in await tx.fetch_all(_CLAIM, page)]


async def note_shown(tx: Transaction, request_id: str, shown: int) -> None:
    """Record which count a video's button shows."""
    await tx.execute(_NOTE_SHOWN, {"request_id": request_id, "shown": shown})


async def again(tx: Transaction, entry: Entry, again_at_ms: int, *, attempt: int = 0) -> None:
    """Set when a claimed entry is looked at next, unless it was voted for meanwhile."""
    what = {"request_id": entry.request_id, "due_at_ms": entry.due_at_ms}
    await tx.execute(_AGAIN, what | {"again_at_ms": again_at_ms, "attempt": attempt})


async def best(
    tx: Transaction, guild_id: int, *, since_ms: int, until_ms: int, with_nsfw: bool, limit: int
) -> list[Best]:
    """The best-voted videos posted from `since_ms` until before `until_ms` that still stand.

    None of a private thread; of age-restricted channels only `with_nsfw`, or where the forward
    shows them already.
    """
    wanted = {"guild_id": guild_id, "since_ms": since_ms, "until_ms": until_ms}
    rows = await tx.fetch_all(_BEST, wanted | {"with_nsfw": int(with_nsfw), "limit": limit})
    return [
        Best(
            decode(Entry, row, "entry"),
            decode(Request, row, "request"),
            decode(OutboxMessage, row, "post"),
        )
        for row in rows
    ]
