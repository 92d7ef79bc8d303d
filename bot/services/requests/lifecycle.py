"""Ends a request: moves it, closes its accounts and enqueues the notice, in one transaction."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from bot.services.log_lines import enqueue_log_or_direct
from bot.services.outbox import enqueue_notice, notice_id
from bot.services.quotas.costs import expect_cost
from bot.services.quotas.reservations import close_accounts, is_count_released
from bot.services.requests.failures import Failure
from bot.services.server_settings import read_settings
from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.quotas import ledger
from storage.records import ENDS, NEVER_DUE, Request, State
from storage.requests import requests, series


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
    """Move a request to an end, close its accounts and, if `is_told`, notify the requester.

    `by`: who cancelled it, where that was not its requester. `owner`: the worker that holds the
    lease. A cancelled or failed request may keep its provider slot (`slot_until_ms`): its task
    goes on there and is polled until it ends.
    A series' shots end with it. A shot's end is told nowhere: its series stands still then.
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
    # its open review needs no decision any more
    await reviews.withdraw(tx, moved.id, now_ms)
    came_back = await _close(tx, moved, now_ms)
    if moved.series_of:
        await _end_unbegun(tx, moved, now_ms)
        return moved
    if is_told and target is not State.POSTED and not await _is_told_before(tx, request, moved):
        was_held = request.is_unpassed
        await enqueue_notice(tx, moved, now_ms, count_came_back=came_back, was_held=was_held, by=by)
    return moved


async def _close(tx: Transaction, ended: Request, now_ms: int) -> bool:
    """Close an ended request's accounts, or its shots'; True when the count came back."""
    if ended.shots:
        return await _end_shots(tx, ended, now_ms)
    came_back = await close_accounts(tx, ended, now_ms)
    await expect_cost(tx, ended, now_ms)
    return came_back


async def _end_shots(tx: Transaction, whole: Request, now_ms: int) -> bool:
    """End the shots of a series that has ended; True when nothing of it counts any more.

    What was made ends as the film does. What the provider has is discarded there, and watched until
    its end. What is uncertain stays so: an owner settles it.
    """
    came_back = True
    for shot in await series.all_shots(tx, whole.id):
        if shot.state in ENDS or shot.state is State.UNCERTAIN:
            came_back = await is_count_released(tx, shot) and came_back
            continue
        target, changes = State.CANCELLED, dict[str, Any]()
        if shot.state is State.RENDERED or whole.state is State.REJECTED:
            target = whole.state
            changes = {"failure": whole.failure, "failure_note": whole.failure_note}
        if shot.state in (State.SUBMITTING, State.RUNNING):
            target, changes = State.CANCELLED, watched(shot, now_ms)
        ended = await end(tx, shot, target, now_ms=now_ms, is_told=False, **changes)
        came_back = await is_count_released(tx, ended) and came_back
    if whole.state is State.POSTED:
        await series.forget_videos(tx, whole.id)
    return came_back


async def after_shot(tx: Transaction, shot: Request, now_ms: int) -> Request:
    """Keep a rendered shot for its film, or discard it where its series is over meanwhile."""
    whole = await requests.require(tx, shot.series_of)
    if whole.state in ENDS or whole.result_host:
        return await end(tx, shot, State.CANCELLED, now_ms=now_ms)
    return shot


def watched(request: Request, now_ms: int) -> dict[str, Any]:
    """What changes when a request is cancelled: a task that runs on is watched until its end.

    It keeps its provider slot meanwhile.
    """
    return {
        "due_at_ms": now_ms if request.task_id else NEVER_DUE,
        "slot_until_ms": request.slot_until_ms if request.intent_at_ms else 0,
    }


async def _end_unbegun(tx: Transaction, shot: Request, now_ms: int) -> None:
    """Fail a series of which nothing was begun, as one of its shots can't be made at all."""
    whole = await requests.require(tx, shot.series_of)
    if shot.state is State.FAILED and whole.state in (State.DRAFT, State.HELD, State.QUEUED):
        await end(
            tx,
            whole,
            State.FAILED,
            now_ms=now_ms,
            failure=shot.failure,
            failure_note=shot.failure_note,
            slot_until_ms=0,
        )


async def _is_told_before(tx: Transaction, before: Request, ended: Request) -> bool:
    """Whether another draft of its prompt has ended for the very same reason: once is enough."""
    if before.state is not State.DRAFT or not ended.failure or not ended.variation_of:
        return False
    # its variations end at one moment: each sees what another, which had the lock, has recorded
    await ledger.lock_accounts(tx, ended.guild_id, ended.user_id)
    why = (ended.state, ended.failure, ended.failure_note)
    return any(
        other.id != ended.id and (other.state, other.failure, other.failure_note) == why
        for other in await requests.variations_of(tx, ended)
    )


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
    """Fail a request; `failure` is a key of the texts, `note` holds their parameters."""
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
    tx: Transaction,
    request: Request,
    now_ms: int,
    *,
    reason: str,
    note: str = "",
    appeal_until_ms: int = 0,
) -> Request:
    """Reject a request after a decision or a time-out; `reason` is a key of the texts.

    `appeal_until_ms`: until when the member may appeal; 0 for not at all.
    """
    return await end(
        tx,
        request,
        State.REJECTED,
        now_ms=now_ms,
        failure=reason,
        failure_note=json.dumps({"note": note} if note else {}, ensure_ascii=False),
        slot_until_ms=0,
        appeal_until_ms=appeal_until_ms,
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
    """Record that the submission's answer was lost: it is never submitted again by itself.

    `task_id`: the one an error response named, if any; it proves nothing but can be queried.
    `owner_ids` from the settings: who is notified where the server has no log channel.
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
    if not moved.series_of:
        await enqueue_notice(tx, moved, now_ms, count_came_back=False)
    await _tell_who_settles(tx, moved, owner_ids, now_ms)
    return moved


async def park(tx: Transaction, request: Request, *, now_ms: int, due_at_ms: int) -> Request:
    """Make a request of a restored copy uncertain: it may have gone on since the copy was made.

    It counts as if sent now, so that an owner who settles it sees it as they do any other.
    """
    was = State.QUEUED if request.state is State.SUBMITTING else request.state
    return await requests.move(
        tx,
        request.id,
        source=request.state,
        target=State.UNCERTAIN,
        now_ms=now_ms,
        event_note="parked by a restore",
        parked_from=was.value,
        intent_at_ms=now_ms,
        slot_until_ms=0,
        due_at_ms=due_at_ms,
        lease_owner="",
    )


async def _tell_who_settles(
    tx: Transaction, request: Request, owner_ids: Collection[int], now_ms: int
) -> None:
    """Tell the log channel; without one, each owner by direct message."""
    params: dict[str, str | int] = {"id": request.id, "user": str(request.user_id)}
    log_id = notice_id(request).replace(":notice:", ":log:")
    await enqueue_log_or_direct(
        tx,
        await read_settings(tx, request.guild_id),
        request,
        log_id,
        "log-uncertain",
        params,
        now_ms=now_ms,
        owner_ids=owner_ids,
    )
