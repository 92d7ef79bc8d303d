"""Enqueues messages of requests and reviews, one function for each kind, and links to sent ones.

A message's id says what it is, so enqueueing it again does nothing. Each function writes in the
caller's transaction: the message is recorded together with what it reports, or not at all.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.moderation.reviews import Review
from storage.records import MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import joined_films, outbox
from storage.requests.outbox import enqueue

TAKEN_DOWN: Final = "taken-down"
"""The state a notice gives for a posted video that was removed; no state of a request."""
KEPT: Final = "kept"
"""The state a notice gives for a video that Discord does not accept yet; no state of a request."""
UNVERIFIED: Final = "unverified"
"""The state a notice gives for a video that may not have arrived; no state of a request."""

APPEAL_GRANTED: Final = "appeal-granted"
APPEAL_DENIED: Final = "appeal-denied"
APPEAL_LATE: Final = "appeal-late"
"""The states that notices of an appeal's outcome give; no states of a request."""

SERIES_STOPPED: Final = "series-stopped"
SERIES_REJECTED: Final = "series-rejected"
SERIES_UNCERTAIN: Final = "series-uncertain"
SERIES_LATE: Final = "series-late"
"""The states that notices of a series under way give: it stands still for a shot that failed, was
rejected or is uncertain, or stood for too long and is finished; no states of a request."""
SERIES_STATES: Final = frozenset({SERIES_STOPPED, SERIES_REJECTED, SERIES_UNCERTAIN, SERIES_LATE})

Params = Mapping[str, str | int]


def message_url(guild_id: int, channel_id: int, message_id: int) -> str:
    """The link that opens a message; `guild_id` 0 for a direct one, empty without a message."""
    if not message_id:
        return ""
    return f"https://discord.com/channels/{guild_id or '@me'}/{channel_id}/{message_id}"


def sent_url(message: OutboxMessage | None) -> str:
    """The link to a message of the outbox; empty unless it was sent."""
    if message is None or message.state is not OutboxState.SENT:
        return ""
    guild_id = message.guild_id if message.channel_id else 0
    return message_url(guild_id, message.sent_channel_id, message.message_id)


async def enqueue_card(tx: Transaction, request: Request, now_ms: int) -> None:
    """Enqueue a request's progress card."""
    await _enqueue_of_request(tx, request, "card", MessageKind.CARD, now_ms)


async def enqueue_result(
    tx: Transaction, settings: ServerSettings, request: Request, now_ms: int, *, is_spoiler: bool
) -> None:
    """Enqueue the video for the requester's channel, with the vote button if there is a showcase.

    After a restore it may have been posted since the copy was made: then the message has its intent
    from the start, so that the channel is searched before anything is sent.
    """
    body = {"spoiler": True} if is_spoiler else {}
    if settings.showcase_channel:
        body["votes"] = True
    after_id = request.restored_after_id
    await _enqueue_of_request(
        tx, request, "result", MessageKind.RESULT, now_ms, body, may_be_after_id=after_id
    )


def notice_id(request: Request) -> str:
    """The id of the notice of a request's present end, or of its being uncertain."""
    return f"{request.id}:{_notice_suffix(request)}"


def _notice_suffix(request: Request) -> str:
    if request.state is State.UNCERTAIN:
        # an owner may send it again, and that answer may be lost as well: a notice of its own
        return f"notice:{request.state}:{request.intent_at_ms}"
    if request.state is State.REJECTED and request.reopened_at_ms:
        # rejected for a second time, after an appeal against the first was granted
        return f"notice:{request.state}:{request.reopened_at_ms}"
    return f"notice:{request.state}"


async def enqueue_notice(
    tx: Transaction,
    request: Request,
    now_ms: int,
    *,
    count_came_back: bool,
    was_held: bool = False,
    by: str = "",
    is_restored: bool = False,
) -> None:
    """Enqueue the one message that tells the requester how it ended, or that it is uncertain.

    A rejection goes by direct message. `was_held`: no moderator passed the prompt, so the notice
    does not repeat it. `by`: who cancelled it, where that was not its requester. `is_restored`: it
    is uncertain because of a restore.
    """
    body: dict[str, Any] = {"state": request.state, "count_came_back": count_came_back}
    if was_held:
        body["is_held"] = True
    if by:
        body["by"] = by
    if is_restored:
        body["restored"] = True
    suffix, is_rejected = _notice_suffix(request), request.state is State.REJECTED
    if is_restored and request.shots:
        # of its shots that are uncertain, whatever its own state: after each restore anew
        suffix = f"notice:restored:{now_ms}"
    if is_rejected:
        body |= {"reason": request.failure, **json.loads(request.failure_note)}
    if is_rejected and request.appeal_until_ms:
        body["appeal_until_ms"] = request.appeal_until_ms
    await _enqueue_of_request(
        tx,
        request,
        suffix,
        MessageKind.NOTICE,
        now_ms,
        body,
        channel_id=0 if is_rejected else None,
    )


async def enqueue_kept(tx: Transaction, request: Request, now_ms: int) -> None:
    """Enqueue the notice that the video is ready and Discord does not accept it."""
    body = {"state": KEPT, "plain": True}
    await _enqueue_of_request(tx, request, f"notice:{KEPT}", MessageKind.NOTICE, now_ms, body)


async def enqueue_unverified(tx: Transaction, request: Request, now_ms: int) -> None:
    """Enqueue the notice that the video may not have arrived, and where a link to it is."""
    body = {"state": UNVERIFIED, "plain": True}
    await _enqueue_of_request(tx, request, f"notice:{UNVERIFIED}", MessageKind.NOTICE, now_ms, body)


async def enqueue_taken_down(
    tx: Transaction, request: Request, now_ms: int, *, reason: str, note: str
) -> None:
    """Enqueue the direct message that tells the requester of a video that was taken down."""
    suffix, body = f"notice:{TAKEN_DOWN}", {"state": TAKEN_DOWN, "reason": reason, "note": note}
    await _enqueue_of_request(tx, request, suffix, MessageKind.NOTICE, now_ms, body, channel_id=0)


async def enqueue_appeal_notice(
    tx: Transaction,
    request: Request,
    now_ms: int,
    outcome: str,
    *,
    reason: str = "",
    note: str = "",
) -> None:
    """Enqueue the direct message that tells the requester what became of their appeal."""
    body = {"state": outcome, "reason": reason, "note": note}
    await _enqueue_of_request(
        tx, request, "notice:appeal", MessageKind.NOTICE, now_ms, body, channel_id=0
    )


def series_notice_id(whole: Request, state: str, about: str) -> str:
    """The id of the notice of a series under way, in one of `SERIES_STATES`."""
    return f"{whole.id}:{_series_notice_suffix(state, about)}"


def _series_notice_suffix(state: str, about: str) -> str:
    return f"notice:{state}:{about}"


async def enqueue_series_notice(
    tx: Transaction,
    whole: Request,
    state: str,
    about: str,
    body: Mapping[str, Any],
    now_ms: int,
) -> None:
    """Enqueue the notice of a series under way, in one of `SERIES_STATES`.

    Once for each `about`. That a moderator rejected a shot goes by direct message.
    """
    await _enqueue_of_request(
        tx,
        whole,
        _series_notice_suffix(state, about),
        MessageKind.NOTICE,
        now_ms,
        {**body, "state": state},
        channel_id=0 if state == SERIES_REJECTED else None,
    )


async def enqueue_card_again(
    tx: Transaction, request: Request, now_ms: int, *, number: int
) -> None:
    """Enqueue a new progress card for a request that goes on after its end.

    `number` tells it from earlier ones. An earlier one that still stands shows the state again.
    """
    old = await outbox.card_of(tx, request.id)
    if old is not None and old.state is OutboxState.SENT:
        await outbox.look_at_card(tx, request.id)
        return
    await _enqueue_of_request(tx, request, f"card:{number}", MessageKind.CARD, now_ms)


async def enqueue_review_card(
    tx: Transaction, settings: ServerSettings, review: Review, now_ms: int
) -> None:
    """Enqueue a review's card; the review channel is read again when it is sent."""
    card = OutboxMessage(
        id=review.id,
        kind=MessageKind.REVIEW,
        request_id=review.request_id,
        guild_id=review.guild_id,
        channel_id=settings.review_channel,
        user_id=review.user_id,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
    )
    await enqueue(tx, card)


async def enqueue_joined_film(
    tx: Transaction,
    parts: Sequence[Request],
    body: Mapping[str, Any],
    *,
    number: int,
    user_id: int,
    shown: str,
    now_ms: int,
) -> bool:
    """Enqueue the `number`-th film that ends with the last part, and record its parts.

    `user_id` asked for it; `body["channel"]` is where it goes. False when it is there already.
    """
    last = parts[-1]
    film = OutboxMessage(
        id=f"{last.id}:film:{number}",
        kind=MessageKind.FILM,
        request_id=last.id,
        guild_id=last.guild_id,
        channel_id=body["channel"],
        user_id=user_id,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=json.dumps(body, ensure_ascii=False),
        shown=shown,
    )
    if not await enqueue(tx, film):
        return False
    await joined_films.add(tx, film.id, [part.id for part in parts])
    return True


async def _enqueue_of_request(
    tx: Transaction,
    request: Request,
    suffix: str,
    kind: MessageKind,
    now_ms: int,
    body: Mapping[str, Any] | None = None,
    *,
    channel_id: int | None = None,
    may_be_after_id: int = 0,
) -> None:
    """Enqueue a message to a request's member: in its channel, or with `channel_id` 0 directly.

    `may_be_after_id`: it may have been sent already, behind this id of Discord's.
    """
    message = OutboxMessage(
        id=f"{request.id}:{suffix}",
        kind=kind,
        request_id=request.id,
        guild_id=request.guild_id,
        channel_id=request.channel_id if channel_id is None else channel_id,
        user_id=request.user_id,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=json.dumps(dict(body or {}), ensure_ascii=False),
        intent_at_ms=now_ms if may_be_after_id else 0,
        after_id=may_be_after_id,
    )
    await enqueue(tx, message)
