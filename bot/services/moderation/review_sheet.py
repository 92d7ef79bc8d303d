"""What a review card shows, as the records stand."""

from dataclasses import dataclass, field
from pathlib import Path

from bot.services.moderation.posted_result import result_of
from bot.services.moderation.precedents import Precedents, precedents_of
from bot.services.outbox import sent_url
from storage.engine.transaction import Transaction
from storage.moderation import member_record, reports, reviews, safety_checks
from storage.moderation.member_record import ModerationRecord
from storage.moderation.reports import Report
from storage.moderation.reviews import Review, Stage
from storage.moderation.safety_checks import SafetyFinding
from storage.records import Input, Request
from storage.requests import inputs, requests, series


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
