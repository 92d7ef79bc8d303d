"""How a rejection that was appealed against is lifted, or stands."""

from collections.abc import Sequence
from typing import Final

from bot.errors import AppealOverCeiling, QuotaExceeded
from bot.services.moderation import review_lifecycle
from bot.services.moderation.hold_policy import passed_state
from bot.services.outbox import (
    APPEAL_DENIED,
    APPEAL_GRANTED,
    APPEAL_LATE,
    enqueue_appeal_notice,
    enqueue_card_again,
    enqueue_result,
)
from bot.services.quotas.service import QuotaService
from bot.services.server_settings import ServerSettings
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests, series
from storage.stats import daily_counts

APPEAL_MS: Final = 3 * DAY_MS
"""How long after a rejection its member may appeal: over a weekend, and no longer, as the files
are kept until then."""


def appeal_until_ms(request: Request, settings: ServerSettings, now_ms: int) -> int:
    """Until when a request that is rejected now may be appealed for; 0: not at all.

    Never past the server's retention time. Not where no moderator could have seen its files, and
    not a second time.
    """
    if request.appealed_at_ms or not request.prepared_at_ms:
        return 0
    return now_ms + min(APPEAL_MS, settings.retention_days * DAY_MS)


async def grant(
    tx: Transaction,
    settings: ServerSettings,
    review: Review,
    request: Request,
    quotas: QuotaService,
) -> None:
    """Let a rejected request go on as if it had been approved at first.

    What was given back is reserved anew, although the member's own limit is used up.
    Raises: AppealOverCeiling where a ceiling of server or bot leaves no room; Conflict.
    """
    now_ms = review.decided_at_ms
    is_prompt = review.stage is Stage.PROMPT
    shots = await _rejected_shots(tx, request)
    for each in shots if request.shots else (request,):
        await daily_counts.take_out(tx, each)
    moved = await requests.move(
        tx,
        request.id,
        source=State.REJECTED,
        target=passed_state(needs_audit=request.needs_audit) if is_prompt else State.RENDERED,
        now_ms=now_ms,
        due_at_ms=now_ms if is_prompt else NEVER_DUE,
        lease_owner="",
        failure="",
        failure_note="{}",
        audit_since_ms=0,
        appeal_until_ms=0,
        reopened_at_ms=now_ms,
        actor_id=review.decided_by,
        event_note="appeal granted",
    )
    goes_on = [await _let_shot_go_on(tx, each, now_ms, is_prompt=is_prompt) for each in shots]
    await _reserve(tx, settings, goes_on if request.shots else [moved], quotas, now_ms)
    await enqueue_card_again(tx, moved, now_ms, number=review.number)
    if is_prompt:
        await enqueue_appeal_notice(tx, moved, now_ms, APPEAL_GRANTED)
        return
    is_spoiler = review.state is ReviewState.SPOILER
    was_spoiler = await review_lifecycle.was_passed_as_spoiler(tx, request.id)
    await enqueue_result(tx, settings, moved, now_ms, is_spoiler=is_spoiler or was_spoiler)


async def _reserve(
    tx: Transaction,
    settings: ServerSettings,
    together: Sequence[Request],
    quotas: QuotaService,
    now_ms: int,
) -> None:
    """Reserve anew what was given back. Raises: AppealOverCeiling."""
    try:
        for each in together:
            await quotas.reserve_for_appeal(tx, settings, each, now_ms)
    except QuotaExceeded as error:
        raise AppealOverCeiling(error) from error


async def _rejected_shots(tx: Transaction, whole: Request) -> list[Request]:
    """The shots of a series that were rejected with it."""
    if not whole.shots:
        return []
    return [
        shot
        for shot in await series.shots_of(tx, whole.id)
        if shot.state is State.REJECTED and shot.ended_at_ms == whole.ended_at_ms
    ]


async def _let_shot_go_on(
    tx: Transaction, shot: Request, now_ms: int, *, is_prompt: bool
) -> Request:
    """Have a shot wait for its turn, or for its film, once more."""
    is_fetched = is_prompt and shot.shot == 1 and not shot.prepared_at_ms
    return await requests.move(
        tx,
        shot.id,
        source=State.REJECTED,
        target=State.QUEUED if is_prompt else State.RENDERED,
        now_ms=now_ms,
        due_at_ms=now_ms if is_fetched else NEVER_DUE,
        lease_owner="",
        failure="",
        failure_note="{}",
    )


async def let_stand(
    tx: Transaction, review: Review, request: Request, now_ms: int, *, is_late: bool
) -> None:
    """Tell the member that the rejection stands; the files need not be kept any longer.

    Raises: Conflict.
    """
    kept = await requests.note(tx, request.id, source=State.REJECTED, owner=None, appeal_until_ms=0)
    outcome = APPEAL_LATE if is_late else APPEAL_DENIED
    reason = "" if is_late else review.reason
    await enqueue_appeal_notice(tx, kept, now_ms, outcome, reason=reason, note=review.note)
