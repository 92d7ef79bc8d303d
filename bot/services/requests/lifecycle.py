"""Every way a request can end, each one transaction: the move, the money, who is told."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from bot.services.owners import read_owners
from bot.services.quotas.reservations import close_accounts
from bot.services.requests.failures import Failure
from bot.services.server_settings import read_settings
from storage.engine.database import Transaction
from storage.moderation import reviews
from storage.records import MessageKind, OutboxMessage, Request, State
from storage.requests import outbox, requests

TAKEN_DOWN = "taken-down"
"""What a notice tells of a posted video that was removed; no state of a request."""
KEPT = "kept"
"""What a notice tells of a video that waits for Discord to take it; no state of a request."""


async def end(
    tx: Transaction,
    request: Request,
    target: State,
    *,
    now_ms: int,
    owner: str | None = None,
    is_told: bool = True,
    by: str = "",
    **changes: Any,
) -> Request:
    """Move a request to an end, close its accounts and owe the requester the news if `is_told`.

    `by`: who cancelled it, where that was not its requester.

    A cancelled or failed request may keep its provider slot (`slot_until_ms`): its task goes on
    there and is watched quietly. `owner` guards the move with the worker's lease.
    Raises: LeaseLost or Conflict when the request is no longer in `request.state`.
    """
    moved = await requests.move(
        tx,
        request.id,
        source=request.state,
        target=target,
        owner=owner,
        now_ms=now_ms,
        **changes,
    )
    # whoever waits for a decision on it waits no longer
    await reviews.withdraw(tx, moved.id, now_ms)
    came_back = await close_accounts(tx, moved, now_ms)
    if is_told and target is not State.POSTED:
        was_held = request.state is State.HELD
        await enqueue_notice(tx, moved, now_ms, count_came_back=came_back, was_held=was_held, by=by)
    return moved


def notice_id(request: Request) -> str:
    """The id of the message that tells of a request's present end, or that it is uncertain."""
    about = str(request.state)
    if request.state is State.UNCERTAIN:
        # sent again on an owner's word and lost again: that is news of its own
        about = f"{about}:{request.intent_at_ms}"
    return f"{request.id}:notice:{about}"


async def fail(
    tx: Transaction,
    request: Request,
    failure: Failure,
    *,
    now_ms: int,
    owner: str | None = None,
    note: Mapping[str, Any] | None = None,
    provider_text: str = "",
    **changes: Any,
) -> Request:
    """End a request badly; `failure` is a word the texts know, `note` what they need besides."""
    return await end(
        tx,
        request,
        State.FAILED,
        now_ms=now_ms,
        owner=owner,
        failure=failure,
        failure_note=json.dumps(dict(note or {}), ensure_ascii=False),
        provider_text=provider_text[:2000],
        **{"slot_until_ms": 0, **changes},
    )


async def reject(
    tx: Transaction, request: Request, now_ms: int, *, reason: str, note: str = ""
) -> Request:
    """End what a moderator, or the end of its time, did not pass; `reason` is the texts' word."""
    return await end(
        tx,
        request,
        State.REJECTED,
        now_ms=now_ms,
        failure=reason,
        failure_note=json.dumps({"note": note} if note else {}, ensure_ascii=False),
        slot_until_ms=0,
    )


async def make_uncertain(
    tx: Transaction,
    request: Request,
    *,
    now_ms: int,
    slot_until_ms: int,
    owner: str | None = None,
    task_id: str = "",
    provider_text: str = "",
    owner_ids: Collection[int] = (),
) -> Request:
    """The provider may have taken it and its answer was lost: never sent again by itself.

    `task_id`: what an answer named although it was an error; it proves nothing, but can be asked.
    `owner_ids` are the setting's: where the server has no log channel, the owners are told.
    """
    moved = await requests.move(
        tx,
        request.id,
        source=request.state,
        target=State.UNCERTAIN,
        owner=owner,
        now_ms=now_ms,
        slot_until_ms=slot_until_ms,
        due_at_ms=now_ms + 24 * 60 * 60 * 1000,
        lease_owner="",
        task_id=task_id,
        provider_text=provider_text[:2000],
    )
    body = {"state": State.UNCERTAIN, "count_came_back": False}
    outbox_id = notice_id(moved)
    await _enqueue_notice(tx, moved, outbox_id, body, moved.channel_id, now_ms)
    about = outbox_id.partition(":notice:")[2]
    await _tell_who_settles(tx, moved, about, owner_ids, now_ms)
    return moved


async def _tell_who_settles(
    tx: Transaction, request: Request, about: str, owner_ids: Collection[int], now_ms: int
) -> None:
    """A line in the log channel; without one a direct message to each owner."""
    params: dict[str, str | int] = {"id": request.id, "user": str(request.user_id)}
    log_id = f"{request.id}:log:{about}"
    if (await read_settings(tx, request.guild_id)).log_channel:
        await enqueue_log(
            tx,
            request.guild_id,
            log_id,
            "log-uncertain",
            params,
            now_ms=now_ms,
            request_id=request.id,
        )
        return
    for owner_id in await read_owners(tx, owner_ids):
        outbox_id = f"{log_id}:{owner_id}"
        await enqueue_direct(tx, owner_id, outbox_id, "log-uncertain", params, now_ms=now_ms)


async def enqueue_notice(
    tx: Transaction,
    request: Request,
    now_ms: int,
    *,
    count_came_back: bool,
    was_held: bool = False,
    by: str = "",
) -> None:
    """Owe the requester one message of its own about how it ended; of a rejection in private.

    `was_held`: no moderator has passed its prompt, so the message does not repeat it.
    """
    body: dict[str, Any] = {"state": request.state, "count_came_back": count_came_back}
    if was_held:
        body["is_held"] = True
    if by:
        body["by"] = by
    is_rejected = request.state is State.REJECTED
    if is_rejected:
        body |= {"reason": request.failure, **json.loads(request.failure_note)}
    channel_id = 0 if is_rejected else request.channel_id
    await _enqueue_notice(tx, request, notice_id(request), body, channel_id, now_ms)


async def enqueue_kept(tx: Transaction, request: Request, now_ms: int) -> None:
    """Owe the requester, once, the news that their video is there and Discord does not take it."""
    body = {"state": KEPT, "plain": True}
    outbox_id = f"{request.id}:notice:{KEPT}"
    await _enqueue_notice(tx, request, outbox_id, body, request.channel_id, now_ms)


async def enqueue_taken_down(
    tx: Transaction, request: Request, now_ms: int, *, reason: str, note: str
) -> None:
    """Owe the requester the news, in private, that their posted video was taken down."""
    body = {"state": TAKEN_DOWN, "reason": reason, "note": note}
    await _enqueue_notice(tx, request, f"{request.id}:notice:{TAKEN_DOWN}", body, 0, now_ms)


async def _enqueue_notice(
    tx: Transaction,
    request: Request,
    outbox_id: str,
    body: Mapping[str, Any],
    channel_id: int,
    now_ms: int,
) -> None:
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=outbox_id,
            kind=MessageKind.NOTICE,
            request_id=request.id,
            guild_id=request.guild_id,
            channel_id=channel_id,
            user_id=request.user_id,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps(body, ensure_ascii=False),
        ),
    )


async def enqueue_log(
    tx: Transaction,
    guild_id: int,
    outbox_id: str,
    text: str,
    params: Mapping[str, str | int],
    *,
    now_ms: int,
    request_id: str = "",
    channel_id: int | None = None,
    locale: str = "",
) -> None:
    """Owe the server's log channel a line; a server without one is told nothing.

    `channel_id`: one that is, or was, its log channel; 0 for none. `locale` is the server's own
    language, for lines about no request.
    """
    settings = await read_settings(tx, guild_id)
    if channel_id is None:
        channel_id = settings.log_channel
    if not channel_id:
        return
    body = {"text": text, "params": dict(params), "locale": settings.language or locale}
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=outbox_id,
            kind=MessageKind.LOG,
            request_id=request_id,
            guild_id=guild_id,
            channel_id=channel_id,
            user_id=0,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps(body, ensure_ascii=False),
        ),
    )


async def enqueue_direct(
    tx: Transaction,
    user_id: int,
    outbox_id: str,
    text: str,
    params: Mapping[str, str | int],
    *,
    now_ms: int,
    guild_id: int = 0,
    channel_id: int = 0,
    locale: str = "",
) -> None:
    """Owe somebody a direct message, such as an owner the news that the provider is down.

    With `channel_id` it is tried there first; the direct message follows if that place is closed.
    """
    body = {"text": text, "params": dict(params), "locale": locale}
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=outbox_id,
            kind=MessageKind.DIRECT,
            request_id="",
            guild_id=guild_id,
            channel_id=channel_id,
            user_id=user_id,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps(body, ensure_ascii=False),
        ),
    )
