"""Opens, describes and closes reviews inside a transaction, for services and the worker."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from bot.services.moderation.precedents import Precedents, precedents_of
from bot.services.outbox import enqueue_result, enqueue_review_card, sent_url
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, read_settings
from storage.durations import HOUR_MS
from storage.engine.transaction import Transaction
from storage.moderation import (
    blocks,
    member_record,
    reports,
    reviews,
    safety_checks,
    visibility,
)
from storage.moderation.member_record import ModerationRecord
from storage.moderation.reports import Report
from storage.moderation.reviews import Review, ReviewState, Stage, review_id
from storage.moderation.safety_checks import Outcome, SafetyCheck, SafetyFinding
from storage.moderation.visibility import Display
from storage.operations import key_values
from storage.records import (
    NEVER_DUE,
    Input,
    MessageKind,
    OutboxMessage,
    OutboxState,
    Request,
    State,
)
from storage.requests import inputs, outbox, requests, series
from storage.showcase import entries as showcase

UNREACHABLE_MS = 10 * 60 * 1000
"""How long a review channel counts as unreachable; after that a request may try it again."""

OF_MODE = "mode"
OF_BLOCK = "blocked"
OF_REPORT = "reported"
OF_FLAGGED = "flagged"
"""The safety check has seen something."""
OF_UNCHECKED = "unchecked"
"""The safety check gave no answer."""


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """Everything a review card shows."""

    review: Review
    request: Request
    standing: ModerationRecord
    inputs: tuple[Input, ...] = ()
    reports: tuple[Report, ...] = ()
    video_url: str = ""
    """The posted video's message, where there is one."""
    rejection: Review | None = None
    """The decision that is appealed against; None for all other reviews."""
    precedents: Precedents = field(default_factory=Precedents)
    flagged: tuple[SafetyFinding, ...] = ()
    """What the safety check has seen on what is asked about, most surely first."""


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file that goes up with a card, behind a spoiler.

    `about` says what it is: `flagged` (the moment that the safety check has seen), `video`,
    `frames` (of the video), `input` (the one at `position`), `preview` (of that one, smaller),
    `clip` (its frames) or `inputs` (all pictures side by side).
    """

    path: Path
    name: str
    about: str
    position: int = 0


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


async def _flagged_of(tx: Transaction, review: Review) -> tuple[SafetyFinding, ...]:
    """What the check has seen: on the pictures, or on the video once that is asked about."""
    stage = Stage.PROMPT if review.stage is Stage.PROMPT else Stage.RESULT
    request = await requests.require(tx, review.request_id)
    checked = await series.files_holder(tx, request) if stage is Stage.PROMPT else request
    check = await safety_checks.get(tx, checked.id, stage)
    return () if check is None else check.flagged


async def sheet_of(tx: Transaction, review: Review) -> ReviewSheet:
    """What its card shows, as the records stand. Raises: UnknownRequest."""
    request = await requests.require(tx, review.request_id)
    result = await result_of(tx, request.id)
    is_in_channel = result is not None and result.channel_id != 0
    rows = await inputs.of_request(tx, (await series.files_holder(tx, request)).id)
    return ReviewSheet(
        review=review,
        request=request,
        standing=await member_record.read(tx, request.guild_id, request.user_id),
        inputs=tuple(rows),
        reports=tuple(await reports.of_review(tx, review.id)),
        video_url=sent_url(result) if is_in_channel else "",
        rejection=await reviews.get(tx, review.appeal_of) if review.appeal_of else None,
        precedents=await precedents_of(tx, request, rows),
        flagged=await _flagged_of(tx, review),
    )


async def result_of(tx: Transaction, request_id: str) -> OutboxMessage | None:
    """The outbox message that carries a request's video, or None."""
    messages = await outbox.of_request(tx, request_id)
    return next((message for message in messages if message.kind is MessageKind.RESULT), None)


def posted_as(result: OutboxMessage) -> Display:
    """How a result was first sent."""
    return Display.SPOILER if json.loads(result.body).get("spoiler") else Display.PLAIN


async def show_as(tx: Transaction, request_id: str, wanted: Display, now_ms: int) -> None:
    """Request a posted video's visibility; does nothing where it was never sent."""
    result = await result_of(tx, request_id)
    if result is None or result.state is not OutboxState.SENT:
        return
    change = await visibility.get(tx, request_id)
    if change is None and posted_as(result) is wanted:
        return
    await visibility.want(tx, request_id, wanted, was=posted_as(result), now_ms=now_ms)
    # a forward is a copy: it does not change with the message
    await showcase.look_at(tx, request_id, now_ms)


def _unreachable_key(guild_id: int) -> str:
    return f"review-unreachable:{guild_id}"


async def note_unreachable(tx: Transaction, guild_id: int, channel_id: int, now_ms: int) -> None:
    """Record that the review channel is unreachable; requests that need a review are refused."""
    await key_values.set(tx, _unreachable_key(guild_id), str(channel_id), now_ms)


async def note_reachable(tx: Transaction, guild_id: int) -> None:
    """Record that a card reached the review channel."""
    await key_values.delete(tx, _unreachable_key(guild_id))


async def has_review_channel(
    tx: Transaction, settings: ServerSettings, guild_id: int, now_ms: int
) -> bool:
    """Whether the server has a review channel that is not known to be unreachable."""
    channel_id = settings.review_channel
    if not channel_id:
        return False
    key = _unreachable_key(guild_id)
    if await key_values.get(tx, key) != str(channel_id):
        return True
    since_ms = await key_values.since_ms(tx, key)
    return since_ms is None or now_ms - since_ms >= UNREACHABLE_MS
