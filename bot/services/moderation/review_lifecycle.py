"""Opening, showing and closing a review: steps within a transaction, for services and worker."""

import json
from dataclasses import dataclass
from pathlib import Path

from bot.services.server_settings import read_settings
from storage.engine.database import Transaction
from storage.moderation import blocks, reports, reviews, visibility
from storage.moderation.reports import Report
from storage.moderation.reviews import ModerationRecord, Review, ReviewState, Stage, review_id
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
from storage.requests import inputs, outbox, requests

HOUR_MS = 60 * 60 * 1000

UNREACHABLE_MS = 10 * 60 * 1000
"""So long it is believed that a review channel can't be reached; then one request may try."""

OF_MODE = "mode"
OF_BLOCK = "blocked"
OF_REPORT = "reported"


@dataclass(frozen=True, slots=True)
class ReviewSheet:
    """All that a card tells of a review."""

    review: Review
    request: Request
    standing: ModerationRecord
    inputs: tuple[Input, ...] = ()
    reports: tuple[Report, ...] = ()
    video_url: str = ""
    """The posted video's message, where there is one."""


@dataclass(frozen=True, slots=True)
class SheetFile:
    """A file that goes up with a card, behind a spoiler.

    `about` says what it is: `video`, `frames` (of the video), `input` (the one at `position`),
    `preview` (of that one, smaller), `clip` (its frames) or `inputs` (all pictures side by side).
    """

    path: Path
    name: str
    about: str
    position: int = 0


async def open_review(
    tx: Transaction, request: Request, stage: Stage, why: str, now_ms: int
) -> Review:
    """Open a request's next review; its time runs from now, and half of it to the reminder."""
    settings = await read_settings(tx, request.guild_id)
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
    )
    await reviews.add(tx, review)
    return review


async def enqueue_review_card(tx: Transaction, review: Review, now_ms: int) -> None:
    """Owe the review channel a card. Where it goes is looked up again when it is sent."""
    settings = await read_settings(tx, review.guild_id)
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=review.id,
            kind=MessageKind.REVIEW,
            request_id=review.request_id,
            guild_id=review.guild_id,
            channel_id=settings.review_channel,
            user_id=review.user_id,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
        ),
    )


async def open_of(tx: Transaction, request_id: str) -> Review | None:
    """A request's open review, or None."""
    found = await reviews.of_request(tx, request_id)
    return next((review for review in found if review.state is ReviewState.OPEN), None)


async def inputs_are_ready(tx: Transaction, request: Request, now_ms: int) -> None:
    """A held request's pictures are fetched and pinned: now its card can show them."""
    if request.state is not State.HELD:
        return
    review = await open_of(tx, request.id)
    if review is not None:
        await enqueue_review_card(tx, review, now_ms)


async def is_pinned(tx: Transaction, request_id: str) -> bool:
    """Whether a moderator saw, or may be seeing, the inputs as they are: they must not change."""
    found = await reviews.of_request(tx, request_id)
    return any(review.stage is Stage.PROMPT for review in found)


async def is_behind_spoiler(tx: Transaction, request_id: str) -> bool:
    """Whether the last moderator who passed the request wanted it behind a spoiler."""
    passed = [
        review.state
        for review in await reviews.of_request(tx, request_id)
        if review.state in (ReviewState.APPROVED, ReviewState.SPOILER)
    ]
    return bool(passed) and passed[-1] is ReviewState.SPOILER


async def enqueue_result(tx: Transaction, request: Request, now_ms: int) -> None:
    """Owe the requester's channel the video, behind a spoiler where a moderator said so."""
    is_spoiler = await is_behind_spoiler(tx, request.id)
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=f"{request.id}:result",
            kind=MessageKind.RESULT,
            request_id=request.id,
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            user_id=request.user_id,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps({"spoiler": True} if is_spoiler else {}),
        ),
    )


async def after_rendering(tx: Transaction, request: Request, now_ms: int) -> Request:
    """A video is on our disk: owe it to its channel, or to a moderator's eyes first."""
    why = await _why_looked_at(tx, request, now_ms)
    if not why:
        await enqueue_result(tx, request, now_ms)
        return request
    held = await requests.move(
        tx,
        request.id,
        source=State.RENDERED,
        target=State.REVIEWING,
        now_ms=now_ms,
        due_at_ms=NEVER_DUE,
    )
    review = await open_review(tx, held, Stage.RESULT, why, now_ms)
    await enqueue_review_card(tx, review, now_ms)
    return held


async def _why_looked_at(tx: Transaction, request: Request, now_ms: int) -> str:
    why = []
    if (await read_settings(tx, request.guild_id)).review == "result":
        why.append(OF_MODE)
    if await blocks.active(tx, request.guild_id, request.user_id, now_ms) is not None:
        why.append(OF_BLOCK)
    return ",".join(why)


async def sheet_of(tx: Transaction, review: Review) -> ReviewSheet:
    """What its card shows, as the records stand. Raises: UnknownRequest."""
    request = await requests.require(tx, review.request_id)
    result = await result_of(tx, request.id)
    url = ""
    if result is not None and result.state is OutboxState.SENT and result.channel_id:
        url = (
            f"https://discord.com/channels/{result.guild_id}"
            f"/{result.sent_channel_id}/{result.message_id}"
        )
    return ReviewSheet(
        review=review,
        request=request,
        standing=await reviews.standing(tx, request.guild_id, request.user_id),
        inputs=tuple(await inputs.of_request(tx, request.id)),
        reports=tuple(await reports.of_review(tx, review.id)),
        video_url=url,
    )


async def result_of(tx: Transaction, request_id: str) -> OutboxMessage | None:
    """The message that brought a request's video, or will."""
    messages = await outbox.of_request(tx, request_id)
    return next((message for message in messages if message.kind is MessageKind.RESULT), None)


def posted_as(result: OutboxMessage) -> Display:
    """How a result was first sent."""
    return Display.SPOILER if json.loads(result.body).get("spoiler") else Display.PLAIN


async def show_as(tx: Transaction, request_id: str, wanted: Display, now_ms: int) -> None:
    """Ask for a posted video to be shown so; nothing to do where it was never sent."""
    result = await result_of(tx, request_id)
    if result is None or result.state is not OutboxState.SENT:
        return
    change = await visibility.get(tx, request_id)
    if change is None and posted_as(result) is wanted:
        return
    await visibility.want(tx, request_id, wanted, was=posted_as(result), now_ms=now_ms)


def _unreachable_key(guild_id: int) -> str:
    return f"review-unreachable:{guild_id}"


async def note_unreachable(tx: Transaction, guild_id: int, channel_id: int, now_ms: int) -> None:
    """Record that the review channel takes no card; requests that would need one are refused."""
    await key_values.set(tx, _unreachable_key(guild_id), str(channel_id), now_ms)


async def note_reachable(tx: Transaction, guild_id: int) -> None:
    """A card got there."""
    await key_values.delete(tx, _unreachable_key(guild_id))


async def has_review_place(tx: Transaction, guild_id: int, now_ms: int) -> bool:
    """Whether the server has a review channel that, as far as is known, can be reached."""
    channel_id = (await read_settings(tx, guild_id)).review_channel
    if not channel_id:
        return False
    key = _unreachable_key(guild_id)
    if await key_values.get(tx, key) != str(channel_id):
        return True
    since_ms = await key_values.since_ms(tx, key)
    return since_ms is None or now_ms - since_ms >= UNREACHABLE_MS
