"""Opens and closes reviews inside a transaction, for services and the worker."""

from bot.services.moderation.review_channel import has_review_channel
from bot.services.outbox import enqueue_result, enqueue_review_card
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, read_settings
from storage.durations import HOUR_MS
from storage.engine.transaction import Transaction
from storage.moderation import blocks, reviews, safety_checks
from storage.moderation.reviews import Review, ReviewState, Stage, review_id
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests, series

OF_MODE = "mode"
OF_BLOCK = "blocked"
OF_REPORT = "reported"
OF_FLAGGED = "flagged"
"""The safety check has seen something."""
OF_UNCHECKED = "unchecked"
"""The safety check gave no answer."""


async def open_review(
    tx: Transaction,
    settings: ServerSettings,
    request: Request,
    stage: Stage,
    why: str,
    now_ms: int,
    *,
    appeal_of: str = "",
    appeal: str = "",
) -> Review:
    """Open a request's next review; the reminder is due after half of its time-out.

    `appeal_of`: the rejection that the member appeals against, saying `appeal`.
    """
    number = len(await reviews.of_request(tx, request.id)) + 1
    waits_ms = round(settings.review_timeout_hours * HOUR_MS)
    review = Review(
        id=review_id(request.id, number),
        request_id=request.id,
        number=number,
        guild_id=request.guild_id,
        user_id=request.user_id,
        stage=stage,
        why=why,
        opened_at_ms=now_ms,
        due_at_ms=now_ms + waits_ms // 2,
        ends_at_ms=now_ms + waits_ms,
        appeal_of=appeal_of,
        appeal=appeal,
    )
    await reviews.add(tx, review)
    return review


async def open_again(
    tx: Transaction, settings: ServerSettings, request: Request, now_ms: int
) -> None:
    """Open a held request's review anew, for the reasons of the last; its card follows."""
    before = [each for each in await reviews.of_request(tx, request.id) if each.why]
    why = before[-1].why if before else OF_MODE
    await open_review(tx, settings, request, Stage.PROMPT, why, now_ms)


async def open_of(tx: Transaction, request_id: str) -> Review | None:
    """A request's open review, or None."""
    found = await reviews.of_request(tx, request_id)
    return next((review for review in found if review.state is ReviewState.OPEN), None)


async def undecided_of(tx: Transaction, request_id: str) -> Review | None:
    """A request's review that is open, or whose rejection can still be taken back; or None."""
    found = await reviews.of_request(tx, request_id)
    return next(
        (each for each in found if each.state is ReviewState.OPEN or each.takes_effect_at_ms), None
    )


async def inputs_are_ready(tx: Transaction, request: Request, now_ms: int) -> None:
    """Enqueue the review card of a held request once its inputs are fetched and pinned.

    A series' card shows the files of its first shot, and is sent from where they lie.
    """
    if request.is_waiting_shot and request.shot == 1:
        request = await requests.require(tx, request.series_of)
        if request.state is State.HELD:
            first = await series.files_holder(tx, request)
            await requests.note(tx, request.id, source=State.HELD, owner=None, host=first.host)
    if request.state is not State.HELD:
        return
    review = await open_of(tx, request.id)
    if review is not None:
        settings = await read_settings(tx, request.guild_id)
        await enqueue_review_card(tx, settings, review, now_ms)


async def is_behind_spoiler(tx: Transaction, request_id: str) -> bool:
    """Whether the last moderator who passed the request wanted it behind a spoiler."""
    passed = [
        review.state
        for review in await reviews.of_request(tx, request_id)
        if review.state in (ReviewState.APPROVED, ReviewState.SPOILER)
    ]
    return bool(passed) and passed[-1] is ReviewState.SPOILER


async def was_passed_as_spoiler(tx: Transaction, request_id: str) -> bool:
    """Whether any moderator ever passed the request behind a spoiler."""
    found = await reviews.of_request(tx, request_id)
    return any(review.state is ReviewState.SPOILER for review in found)


async def after_rendering(tx: Transaction, request: Request, now_ms: int) -> Request:
    """Enqueue a rendered video for its channel, or open a review where a moderator must pass it.

    What the safety check flagged fails where no moderator can be asked: nobody could pass it.
    """
    settings = await read_settings(tx, request.guild_id)
    why = await _why_reviewed(tx, settings, request, now_ms)
    checked = why_flagged(settings, await safety_checks.get(tx, request.id, Stage.RESULT))
    if checked and not why:
        if await has_review_channel(tx, settings, request.guild_id, now_ms):
            why = checked
        elif checked == OF_FLAGGED:
            return await lifecycle.fail(tx, request, "flagged-result", now_ms=now_ms)
    elif checked:
        why = f"{why},{checked}"
    if not why:
        is_spoiler = await is_behind_spoiler(tx, request.id)
        await enqueue_result(tx, settings, request, now_ms, is_spoiler=is_spoiler)
        return request
    held = await requests.move(
        tx,
        request.id,
        source=State.RENDERED,
        target=State.REVIEWING,
        now_ms=now_ms,
        due_at_ms=NEVER_DUE,
    )
    review = await open_review(tx, settings, held, Stage.RESULT, why, now_ms)
    await enqueue_review_card(tx, settings, review, now_ms)
    return held


async def _why_reviewed(
    tx: Transaction, settings: ServerSettings, request: Request, now_ms: int
) -> str:
    why = []
    if settings.review == "result":
        why.append(OF_MODE)
    if await blocks.active(tx, request.guild_id, request.user_id, now_ms) is not None:
        why.append(OF_BLOCK)
    return ",".join(why)


def why_flagged(settings: ServerSettings, check: SafetyCheck | None) -> str:
    """Why a moderator must look at what was checked; empty where nobody needs to."""
    if check is None or not settings.hold_flagged or check.outcome is Outcome.CLEAR:
        return ""
    return OF_FLAGGED if check.outcome is Outcome.FLAGGED else OF_UNCHECKED
