"""What follows from a decision: the request goes on or ends, a video is shown or taken down."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from bot.services.moderation import posted_result
from bot.services.moderation.appeal_effects import appeal_until_ms, grant, let_stand
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.hold_policy import passed_state
from bot.services.moderation.precedents import remember
from bot.services.outbox import enqueue_result, enqueue_taken_down
from bot.services.quotas.service import QuotaService
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.transaction import Transaction
from storage.moderation import review_claims, reviews
from storage.moderation.audit_log import Action, Decision
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.moderation.visibility import Display
from storage.records import NEVER_DUE, Request, State
from storage.requests import inputs, requests, series

TIMED_OUT: Final = "timeout"
"""The reason of a rejection by time-out."""

_ACTIONS: Final[Mapping[ReviewState, Action]] = {
    ReviewState.APPROVED: Action.APPROVED,
    ReviewState.SPOILER: Action.APPROVED_SPOILER,
    ReviewState.REJECTED: Action.REJECTED,
}
_ACTIONS_ON_REPORT: Final[Mapping[ReviewState, Action]] = {
    ReviewState.APPROVED: Action.KEPT,
    ReviewState.SPOILER: Action.KEPT_SPOILER,
    ReviewState.REJECTED: Action.TAKEN_DOWN,
}
_ACTIONS_ON_APPEAL: Final[Mapping[ReviewState, Action]] = {
    ReviewState.APPROVED: Action.APPEAL_GRANTED,
    ReviewState.SPOILER: Action.APPEAL_GRANTED,
    ReviewState.REJECTED: Action.APPEAL_DENIED,
}


async def apply_approval(
    tx: Transaction, settings: ServerSettings, review: Review, quotas: QuotaService
) -> None:
    """Let what was approved go on. Raises: Conflict when its request has moved meanwhile.

    For an appeal also AppealOverCeiling, where a ceiling of server or bot leaves no room.
    """
    request = await requests.require(tx, review.request_id)
    if review.appeal_of:
        await grant(tx, settings, review, request, quotas)
    elif review.stage is Stage.REPORT:
        is_spoiler = review.state is ReviewState.SPOILER
        shown = Display.SPOILER if is_spoiler else Display.PLAIN
        await posted_result.show_as(tx, request.id, shown, review.decided_at_ms)
    else:
        await _let_go_on(tx, settings, review, request)
    await _record(tx, settings, review)


async def apply_rejection(
    tx: Transaction, settings: ServerSettings, review: Review, now_ms: int
) -> None:
    """End what was rejected, and have its requester told.

    Raises: Conflict when its request has moved meanwhile.
    """
    request = await requests.require(tx, review.request_id)
    if review.appeal_of:
        await let_stand(tx, review, request, now_ms, is_late=review.reason == TIMED_OUT)
    elif review.stage is Stage.REPORT:
        await posted_result.show_as(tx, request.id, Display.GONE, now_ms)
        await enqueue_taken_down(tx, request, now_ms, reason=review.reason, note=review.note)
    else:
        await lifecycle.reject(
            tx,
            request,
            now_ms,
            reason=review.reason,
            note=review.note,
            appeal_until_ms=await _appeal_until_ms(tx, request, settings, now_ms),
        )
    await _record(tx, settings, review)


async def _appeal_until_ms(
    tx: Transaction, request: Request, settings: ServerSettings, now_ms: int
) -> int:
    """Until when the rejection may be appealed against; of a single shot not at all.

    The series stands still for that, and its member may try the shot again.
    """
    if request.series_of:
        return 0
    files = await series.files_holder(tx, request)
    shown = replace(request, prepared_at_ms=files.prepared_at_ms)
    return appeal_until_ms(shown, settings, now_ms)


async def _let_go_on(
    tx: Transaction, settings: ServerSettings, review: Review, request: Request
) -> None:
    now_ms = review.decided_at_ms
    is_prompt = review.stage is Stage.PROMPT
    moved = await requests.move(
        tx,
        request.id,
        source=State.HELD if is_prompt else State.REVIEWING,
        target=passed_state(needs_audit=request.needs_audit) if is_prompt else State.RENDERED,
        now_ms=now_ms,
        due_at_ms=now_ms if is_prompt else NEVER_DUE,
        lease_owner="",
        actor_id=review.decided_by,
    )
    if not is_prompt:
        is_spoiler = review.state is ReviewState.SPOILER
        await enqueue_result(tx, settings, moved, now_ms, is_spoiler=is_spoiler)


async def take_effect(tx: Transaction, review: Review, now_ms: int) -> bool:
    """Let a rejection take effect; False when it was taken back or withdrawn concurrently.

    Raises: Conflict when its request has moved meanwhile.
    """
    await requests.lock(tx, review.request_id)
    rejected = await review_claims.take_effect(tx, review.id)
    if rejected is None:
        return False
    settings = await read_settings(tx, review.guild_id)
    await apply_rejection(tx, settings, rejected, now_ms)
    return True


async def expire(tx: Transaction, review: Review, now_ms: int) -> bool:
    """Time out a review; False when it was decided concurrently.

    A request or result is rejected, and a rejection that was appealed against stands. A reported
    video stays as it is, hidden or not: reports alone take nothing down.
    """
    await requests.lock(tx, review.request_id)
    stays = review.stage is Stage.REPORT
    decided = await reviews.decide(
        tx,
        review.id,
        state=ReviewState.WITHDRAWN if stays else ReviewState.REJECTED,
        by_id=0,
        now_ms=now_ms,
        reason=TIMED_OUT,
    )
    if decided is None:
        return False
    settings = await read_settings(tx, review.guild_id)
    if stays:
        await _record(tx, settings, decided)
    else:
        await apply_rejection(tx, settings, decided, now_ms)
    return True


async def _record(tx: Transaction, settings: ServerSettings, review: Review) -> None:
    request = await requests.require(tx, review.request_id)
    files = await series.files_holder(tx, request)
    await remember(tx, review, request, await inputs.of_request(tx, files.id))
    timed_out = review.reason == TIMED_OUT
    await record_decision(
        tx,
        settings,
        Decision(
            guild_id=review.guild_id,
            user_id=review.user_id,
            actor_id=review.decided_by,
            action=_action(review, timed_out=timed_out),
            at_ms=review.decided_at_ms,
            request_id=review.request_id,
            reason="" if timed_out else review.reason,
            note=review.note,
        ),
    )


def _action(review: Review, *, timed_out: bool) -> Action:
    if review.appeal_of:
        return Action.APPEAL_TIMED_OUT if timed_out else _ACTIONS_ON_APPEAL[review.state]
    if timed_out:
        return Action.TIMED_OUT
    return (_ACTIONS_ON_REPORT if review.stage is Stage.REPORT else _ACTIONS)[review.state]
