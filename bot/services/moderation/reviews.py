"""Review decisions: one each, by a moderator other than the requester."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.errors import NotAllowed, TooLate, UserError
from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.moderation import review_lifecycle
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.hold_policy import passed_state
from bot.services.moderation.review_lifecycle import ReviewSheet
from bot.services.outbox import enqueue_result, enqueue_taken_down, message_url
from bot.services.request_ids import is_id
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.moderation import reviews
from storage.moderation.audit_log import Action, Decision
from storage.moderation.reviews import Review, ReviewState, Stage, review_id
from storage.moderation.visibility import Display
from storage.privacy.pseudonyms import known_as
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests

QUEUE_PAGE: Final = 8
LONGEST_NOTE: Final = 500
TIMED_OUT: Final = "timeout"
"""The reason of a rejection by time-out."""

REASONS: Final = ("rules", "adult", "violence", "person", "brand", "spam", "other")
"""The ready-made reasons of a rejection; the texts have a sentence for each."""


class Verdict(StrEnum):
    """What the three buttons say."""

    APPROVE = "approve"
    SPOILER = "spoiler"
    REJECT = "reject"


_STATES: Final = {
    Verdict.APPROVE: ReviewState.APPROVED,
    Verdict.SPOILER: ReviewState.SPOILER,
    Verdict.REJECT: ReviewState.REJECTED,
}
_ACTIONS: Final = {
    ReviewState.APPROVED: Action.APPROVED,
    ReviewState.SPOILER: Action.APPROVED_SPOILER,
    ReviewState.REJECTED: Action.REJECTED,
}
_ACTIONS_ON_REPORT: Final = {
    ReviewState.APPROVED: Action.KEPT,
    ReviewState.SPOILER: Action.KEPT_SPOILER,
    ReviewState.REJECTED: Action.TAKEN_DOWN,
}


@dataclass(frozen=True, slots=True)
class QueuePage:
    """What waits, oldest first, each with the link of its card (empty while it has none)."""

    entries: Sequence[tuple[ReviewSheet, str]]
    total: int
    skip: int
    next_skip: int


class ReviewService:
    """Decides reviews. Of two concurrent decisions one wins; the other moderator learns whose."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], wakeup: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup

    async def check(self, caller: Caller, request_id: str, number: int) -> Review:
        """The open review that the caller may decide on. Raises: NotAllowed, UserError, TooLate."""
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            return await _decidable(tx, caller, request_id, number)

    async def decide(
        self,
        caller: Caller,
        request_id: str,
        number: int,
        verdict: Verdict,
        *,
        reason: str = "",
        note: str = "",
    ) -> Review:
        """Decide, and let what follows happen in the same transaction.

        `reason` is one of REASONS, `note` a text for the requester. Raises: NotAllowed
        for who is no moderator and for the requester, UserError for an id that was made up,
        TooLate with who was first.
        """
        try:
            decided = await self._decide(
                caller, request_id, number, _STATES[verdict], (reason, note.strip()[:LONGEST_NOTE])
            )
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        except Conflict as error:
            # the request moved concurrently, for example by a cancellation
            raise TooLate("refused-review-over", {"id": request_id}) from error
        self._wakeup()
        return decided

    @repeated
    async def _decide(
        self, caller: Caller, request_id: str, number: int, state: ReviewState, why: tuple[str, str]
    ) -> Review:
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await require_moderator(tx, caller)
            review = await _decidable(tx, caller, request_id, number)
            decided = await reviews.decide(
                tx,
                review.id,
                state=state,
                by_id=caller.user_id,
                now_ms=self._clock(),
                reason=why[0] if why[0] in REASONS else "",
                note=why[1],
            )
            if decided is None:
                raise _too_late(await reviews.get(tx, review.id) or review)
            await follow(tx, settings, decided)
        return decided

    async def queue(self, caller: Caller, *, skip: int = 0) -> QueuePage:
        """A page of what waits. Raises: NotAllowed."""
        async with self._database.reading() as tx:
            await require_moderator(tx, caller)
            found = await reviews.queue(tx, caller.guild_id, skip=skip, limit=QUEUE_PAGE + 1)
            entries = [
                (
                    await review_lifecycle.sheet_of(tx, review),
                    message_url(review.guild_id, channel_id, message_id),
                )
                for review, channel_id, message_id in found[:QUEUE_PAGE]
            ]
            total = await reviews.count_open(tx, caller.guild_id)
        more = len(found) > QUEUE_PAGE
        return QueuePage(entries, total, skip, skip + QUEUE_PAGE if more else 0)


async def _decidable(tx: Transaction, caller: Caller, request_id: str, number: int) -> Review:
    wanted = review_id(request_id, number) if is_id(request_id) else ""
    review = await reviews.get(tx, wanted)
    if review is None or review.guild_id != caller.guild_id:
        raise UserError("refused-no-review")
    if review.state is not ReviewState.OPEN:
        raise _too_late(review)
    # a member whose data was deleted is still the requester
    if review.user_id in await known_as(tx, caller.user_id):
        raise NotAllowed("refused-own-review")
    return review


def _too_late(review: Review) -> TooLate:
    if review.state is ReviewState.WITHDRAWN:
        return TooLate("refused-review-over", {"id": review.request_id})
    if not review.decided_by:
        return TooLate("refused-review-late", {"decided_ms": review.decided_at_ms})
    return TooLate(
        "refused-decided",
        {
            "by": str(review.decided_by),
            "state": review.state,
            "decided_ms": review.decided_at_ms,
        },
    )


async def follow(tx: Transaction, settings: ServerSettings, review: Review) -> None:
    """Apply a recorded decision to its request. Raises: Conflict when that has moved on."""
    request = await requests.require(tx, review.request_id)
    if review.stage is Stage.REPORT:
        await _follow_report(tx, review, request)
    elif review.state is ReviewState.REJECTED:
        now_ms = review.decided_at_ms
        await lifecycle.reject(tx, request, now_ms, reason=review.reason, note=review.note)
    else:
        await _let_go_on(tx, review, request)
    await _record_decision(tx, settings, review)


async def _record_decision(tx: Transaction, settings: ServerSettings, review: Review) -> None:
    actions = _ACTIONS_ON_REPORT if review.stage is Stage.REPORT else _ACTIONS
    timed_out = review.reason == TIMED_OUT
    await record_decision(
        tx,
        settings,
        Decision(
            guild_id=review.guild_id,
            user_id=review.user_id,
            actor_id=review.decided_by,
            action=Action.TIMED_OUT if timed_out else actions[review.state],
            at_ms=review.decided_at_ms,
            request_id=review.request_id,
            reason="" if timed_out else review.reason,
            note=review.note,
        ),
    )


async def _let_go_on(tx: Transaction, review: Review, request: Request) -> None:
    now_ms = review.decided_at_ms
    is_prompt = review.stage is Stage.PROMPT
    moved = await requests.move(
        tx,
        request.id,
        source=State.HELD if is_prompt else State.REVIEWING,
        target=passed_state(request) if is_prompt else State.RENDERED,
        now_ms=now_ms,
        due_at_ms=now_ms if is_prompt else NEVER_DUE,
        lease_owner="",
        actor_id=review.decided_by,
    )
    if not is_prompt:
        is_spoiler = review.state is ReviewState.SPOILER
        await enqueue_result(tx, moved, now_ms, is_spoiler=is_spoiler)


async def _follow_report(tx: Transaction, review: Review, request: Request) -> None:
    """Show a reported video as it was decided, or take it down and say so."""
    now_ms = review.decided_at_ms
    if review.state is ReviewState.REJECTED:
        await review_lifecycle.show_as(tx, request.id, Display.GONE, now_ms)
        await enqueue_taken_down(tx, request, now_ms, reason=review.reason, note=review.note)
        return
    is_spoiler = review.state is ReviewState.SPOILER
    await review_lifecycle.show_as(
        tx, request.id, Display.SPOILER if is_spoiler else Display.PLAIN, now_ms
    )


async def expire(tx: Transaction, review: Review, now_ms: int) -> bool:
    """Time out a review; False when it was decided concurrently.

    A request or result is rejected. A reported video stays as it is, hidden or not: reports alone
    take nothing down.
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
        await _record_decision(tx, settings, decided)
    else:
        await follow(tx, settings, decided)
    return True
