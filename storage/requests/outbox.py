"""The outbox: messages to send, their leases and attempts, and whether they arrived.

Before the first try `intend` writes when, with which nonce, and behind which of Discord's ids; a
row with an intent and no message id may have arrived: its place is searched for its marker first.
"""

from collections.abc import Collection
from typing import Any, Final

from storage.engine.leases import Leases
from storage.engine.rows import aliased, assignments, decode, encode
from storage.engine.transaction import Row, Transaction
from storage.errors import Conflict, LeaseLost
from storage.privacy import message_mentions
from storage.records import NEVER_DUE, OutboxMessage, OutboxState, Request

OF_CHANNEL: Final = 20
"""How many cards of one channel are read at once."""
PASSING_MS: Final = 1_500
"""A state that is usually left at once is shown on a card only where it lasts longer."""

LEASES: Final = Leases("outbox", waiting="state = 'pending'")

_ENQUEUE: Final = """
INSERT INTO outbox (
  id, kind, request_id, guild_id, channel_id, user_id, created_at_ms, body, state, nonce,
  intent_at_ms, message_id, sent_channel_id, shown, due_at_ms, lease_owner, attempt, sent_at_ms,
  after_id, needs, host, aim_bytes, again_at_ms)
VALUES (
  :id, :kind, :request_id, :guild_id, :channel_id, :user_id, :created_at_ms, :body, :state,
  :nonce, :intent_at_ms, :message_id, :sent_channel_id, :shown, :due_at_ms, :lease_owner,
  :attempt, :sent_at_ms, :after_id, :needs, :host, :aim_bytes, :again_at_ms)
ON CONFLICT (id) DO NOTHING"""
_GET: Final = "SELECT * FROM outbox WHERE id = :id"
_LOCKED: Final = "SELECT * FROM outbox WHERE id = :id {for_update}"
_OF_REQUEST: Final = (
    "SELECT * FROM outbox WHERE request_id = :request_id ORDER BY created_at_ms, id"
)
_CARD: Final = """
SELECT * FROM outbox WHERE request_id = :request_id AND kind = 'card'
ORDER BY created_at_ms DESC, id DESC
LIMIT 1"""
_CLAIM: Final = """
WITH due AS MATERIALIZED (
  SELECT id FROM outbox
  WHERE id IN {each:ids} AND state = 'pending' AND due_at_ms <= :now_ms
  ORDER BY due_at_ms, created_at_ms, id
  {skip_locked}
)
UPDATE outbox SET lease_owner = :owner, due_at_ms = :until_ms
WHERE id IN (SELECT id FROM due)
RETURNING *"""
_INTEND: Final = """
UPDATE outbox SET
  intent_at_ms = CASE WHEN intent_at_ms = 0 THEN :now_ms ELSE intent_at_ms END,
  after_id = CASE WHEN intent_at_ms = 0 THEN :after_id ELSE after_id END,
  nonce = CASE WHEN nonce = '' THEN :nonce ELSE nonce END
WHERE id = :id AND state = 'pending' AND lease_owner = :holder
RETURNING *"""
_NEWEST_KNOWN: Final = """
SELECT (SELECT interaction_id FROM requests WHERE id = :request_id) AS interaction_id,
       (SELECT MAX(message_id) FROM outbox WHERE request_id = :request_id) AS message_id"""
_CHANGE: Final = """
UPDATE outbox SET id = id{assignments}
WHERE id = :id{guard}
RETURNING *"""
_HELD: Final = " AND state = 'pending' AND lease_owner = :holder"
_RETRY: Final = """
UPDATE outbox SET attempt = attempt + 1, due_at_ms = :due_at_ms, lease_owner = ''
WHERE id = :id AND state = 'pending' AND lease_owner = :holder
RETURNING *"""
_SHOWN: Final = """
UPDATE outbox SET shown = :shown, attempt = 0, again_at_ms = 0 WHERE id = :id"""
# a look that was asked for ends in a plus sign
_SHOWN_SINCE: Final = f"""{_SHOWN}
  AND (substr(shown, length(shown), 1) <> '+' OR shown = :before)"""
# ends first, then what moved last, of each channel the first few alone: one that takes no edit
# hides no other's cards; the list is the partial index's own, word for word
# each request by its key: PostgreSQL takes the few cards under way for a quarter of all messages
# and would join them with the whole table
_BEHIND: Final = """
WITH card AS MATERIALIZED (
  SELECT post.id, post.sent_channel_id, post.shown,
    (SELECT request.state FROM requests AS request WHERE request.id = post.request_id) AS state,
    (SELECT request.updated_at_ms FROM requests AS request
      WHERE request.id = post.request_id) AS updated_at_ms
  FROM outbox AS post
  WHERE post.kind = 'card' AND post.state = 'sent' AND post.again_at_ms <= :now_ms
    AND post.shown NOT IN ('posted', 'failed', 'rejected', 'cancelled')
), outdated AS (
  SELECT id, sent_channel_id, updated_at_ms,
    CASE WHEN state IN ('posted', 'failed', 'rejected', 'cancelled') THEN 0 ELSE 1 END AS goes_on
  FROM card
  WHERE shown <> state
    AND (state NOT IN ('submitting', 'rendered') OR updated_at_ms <= :passing_ms)
), behind AS (
  SELECT id, updated_at_ms, goes_on, ROW_NUMBER() OVER (
    PARTITION BY sent_channel_id ORDER BY goes_on, updated_at_ms, id) AS nth
  FROM outdated
)
SELECT id FROM behind
WHERE nth <= :of_channel
ORDER BY CASE WHEN nth > 1 THEN 1 ELSE 0 END, goes_on, updated_at_ms, id
LIMIT :limit"""
_CARDS: Final = """
SELECT {posts}, {requests} FROM outbox AS post
JOIN requests AS request ON request.id = post.request_id
WHERE post.id IN {each:ids}""".replace("{posts}", aliased(OutboxMessage, "post")).replace(
    "{requests}", aliased(Request, "request")
)
_LOOK_AT_CARD: Final = """
UPDATE outbox SET shown = shown || '+', attempt = 0, again_at_ms = 0
WHERE request_id = :request_id AND kind = 'card' AND state = 'sent'"""


async def enqueue(tx: Transaction, message: OutboxMessage) -> bool:
    """Enqueue a message; False when its id is there already, pending or sent."""
    is_new = await tx.execute(_ENQUEUE, encode(message)) == 1
    if is_new:
        await message_mentions.note(tx, message.id, message.body)
    return is_new


async def get(tx: Transaction, outbox_id: str) -> OutboxMessage | None:
    """The message, or None."""
    row = await tx.fetch_one(_GET, {"id": outbox_id})
    return None if row is None else decode(OutboxMessage, row)


async def locked(tx: Transaction, outbox_id: str) -> OutboxMessage | None:
    """The message, locked until the transaction ends, or None."""
    row = await tx.fetch_one(_LOCKED, {"id": outbox_id})
    return None if row is None else decode(OutboxMessage, row)


async def of_request(tx: Transaction, request_id: str) -> list[OutboxMessage]:
    """Every message of a request, oldest first."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(OutboxMessage, row) for row in rows]


async def card_of(tx: Transaction, request_id: str) -> OutboxMessage | None:
    """A request's progress card, whatever its state; the newest if there were several."""
    row = await tx.fetch_one(_CARD, {"request_id": request_id})
    return None if row is None else decode(OutboxMessage, row)


async def claim(
    tx: Transaction, ids: Collection[str], *, owner: str, now_ms: int, lease_ms: int
) -> list[OutboxMessage]:
    """Lease those of some messages that are still due, for `lease_ms`; ordered by age."""
    parameters = {"ids": list(ids)}
    lease = {"owner": owner, "now_ms": now_ms, "until_ms": now_ms + lease_ms}
    rows = await tx.fetch_all(_CLAIM, parameters | lease)
    claimed = [decode(OutboxMessage, row) for row in rows]
    return sorted(claimed, key=lambda message: (message.created_at_ms, message.id))


async def intend(
    tx: Transaction, outbox_id: str, *, owner: str, nonce: str, now_ms: int, after_id: int
) -> OutboxMessage:
    """Record the intent to send; an earlier intent, its nonce and `after_id` stay.

    Raises: LeaseLost.
    """
    wanted = {"id": outbox_id, "holder": owner, "nonce": nonce, "now_ms": now_ms}
    row = await tx.fetch_one(_INTEND, wanted | {"after_id": after_id})
    return _held(row, outbox_id)


async def newest_known_id(tx: Transaction, request_id: str) -> int:
    """The newest id that Discord gave us of a request: its interaction's or a message's."""
    row = await tx.fetch_one(_NEWEST_KNOWN, {"request_id": request_id})
    return 0 if row is None else max(int(row["interaction_id"] or 0), int(row["message_id"] or 0))


async def sent(
    tx: Transaction, outbox_id: str, *, owner: str, message_id: int, channel_id: int, now_ms: int
) -> OutboxMessage:
    """Record that it arrived, and where. Raises: LeaseLost."""
    return await _change(
        tx,
        outbox_id,
        owner,
        state=OutboxState.SENT,
        message_id=message_id,
        sent_channel_id=channel_id,
        sent_at_ms=now_ms,
        due_at_ms=NEVER_DUE,
        lease_owner="",
        attempt=0,
    )


async def retry(tx: Transaction, outbox_id: str, *, owner: str, due_at_ms: int) -> OutboxMessage:
    """Reschedule it after a failure, which is counted; its intent stays. Raises: LeaseLost."""
    row = await tx.fetch_one(_RETRY, {"id": outbox_id, "holder": owner, "due_at_ms": due_at_ms})
    return _held(row, outbox_id)


async def redirect(
    tx: Transaction,
    outbox_id: str,
    *,
    owner: str,
    channel_id: int = 0,
    user_id: int = 0,
    body: str | None = None,
    may_be_after_id: int = 0,
    now_ms: int = 0,
) -> OutboxMessage:
    """Send it elsewhere: to a channel, or with `user_id` to a member in private (channel 0).

    Only when it surely did not arrive at the first place: intent, nonce and attempts are reset.
    `body` takes the place of what it says. `may_be_after_id`: it may be there already, behind this
    id of Discord's, and is searched for first. The lease stays. Raises: LeaseLost.
    """
    if bool(channel_id) == bool(user_id):
        raise TypeError("a message goes to a channel or to a member")
    place = {"channel_id": channel_id} | ({"user_id": user_id} if user_id else {})
    said = {} if body is None else {"body": body}
    intent = {"intent_at_ms": now_ms if may_be_after_id else 0, "after_id": may_be_after_id}
    return await _change(tx, outbox_id, owner, nonce="", attempt=0, **intent, **place, **said)


async def settle(
    tx: Transaction, outbox_id: str, *, owner: str | None, state: OutboxState
) -> OutboxMessage:
    """End it without a message, or end a message that was sent; never due again.

    With an owner it must be pending and leased by that owner, else LeaseLost. Without, any state;
    Conflict when it is not there.
    """
    return await _change(tx, outbox_id, owner, state=state, due_at_ms=NEVER_DUE, lease_owner="")


async def shown(tx: Transaction, outbox_id: str, shown: str, *, before: str | None = None) -> None:
    """Record which state of its request a sent card shows; the failure count starts again.

    `before`: what the row said when an edit began. Nothing is recorded if `look_at_card` came in
    between, so that the card is edited once more.
    """
    if before is None:
        await tx.execute(_SHOWN, {"id": outbox_id, "shown": shown})
    else:
        await tx.execute(_SHOWN_SINCE, {"id": outbox_id, "shown": shown, "before": before})


async def look_at_card(tx: Transaction, request_id: str) -> None:
    """Have a request's card edited again at once: an event it waited for has happened."""
    await tx.execute(_LOOK_AT_CARD, {"request_id": request_id})


async def cards_behind(
    tx: Transaction, now_ms: int, *, limit: int, of_channel: int = OF_CHANNEL
) -> list[tuple[OutboxMessage, Request]]:
    """Sent cards that show another state than their request's, ends first, then longest behind.

    At most `of_channel` of each channel, and one of each before the second of any; none that could
    not be changed and whose time has not come again, and none whose state has only just begun and
    is usually left at once. A card that shows an end is never among them
    until `look_at_card`.
    """
    wanted = {"now_ms": now_ms, "limit": limit, "of_channel": of_channel}
    wanted |= {"passing_ms": now_ms - PASSING_MS}
    ids = [row["id"] for row in await tx.fetch_all(_BEHIND, wanted)]
    if not ids:
        return []
    rows = {row["post_id"]: row for row in await tx.fetch_all(_CARDS, {"ids": ids})}
    found = [rows[each] for each in ids if each in rows]
    return [(decode(OutboxMessage, row, "post"), decode(Request, row, "request")) for row in found]


async def _change(
    tx: Transaction,
    outbox_id: str,
    owner: str | None,
    **changes: Any,
) -> OutboxMessage:
    clause, parameters = assignments(OutboxMessage, changes, {"id"})
    sql = _CHANGE.replace("{assignments}", clause)
    sql = sql.replace("{guard}", "" if owner is None else _HELD)
    row = await tx.fetch_one(sql, parameters | {"id": outbox_id, "holder": owner})
    if row is None and owner is None:
        raise Conflict(f"there is no message {outbox_id}")
    return _held(row, outbox_id)


def _held(row: Row | None, outbox_id: str) -> OutboxMessage:
    if row is None:
        raise LeaseLost(f"message {outbox_id} is no longer pending, or not leased by us")
    return decode(OutboxMessage, row)


async def count_pending(tx: Transaction) -> int:
    """How many messages are pending."""
    row = await tx.fetch_one("SELECT COUNT(*) AS number FROM outbox WHERE state = 'pending'")
    return int(row["number"]) if row else 0
