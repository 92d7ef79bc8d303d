"""Review decisions: one each, by a moderator other than the requester."""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from bot.errors import NotAllowed, TooLate, UserError
from bot.services.authorization import check_moderator
from bot.services.caller import Caller
from bot.services.moderation.appeals import require_decider
from bot.services.moderation.decision_effects import apply_approval
from bot.services.permissions import is_manager
from bot.services.quotas.service import QuotaService
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict, StorageUnavailable
from storage.moderation import review_claims, reviews
from storage.moderation.reviews import Review, ReviewState, review_id
from storage.privacy.pseudonyms import known_as
from storage.requests import requests

LONGEST_NOTE: Final = 500
UNDO_MS: Final = 30_000
"""How long a moderator's rejection can be taken back, before anybody is told."""
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


class ReviewService:
    """Decides reviews. Of two concurrent decisions one wins; the other moderator learns whose."""

    def __init__(
        self,
        database: Database,
        quotas: QuotaService,
        *,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._clock = clock
        self._wakeup = wakeup

    async def check(self, caller: Caller, request_id: str, number: int) -> Review:
        """The open review that the caller may decide on. Raises: NotAllowed, UserError, TooLate."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            return await _decidable(
                tx, settings, caller, review_id(request_id, number), self._clock()
            )

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
        """Decide; what follows from an approval happens in the same transaction.

        A rejection takes effect after UNDO_MS, as it can be taken back until then.

        `reason` is one of REASONS, `note` a text for the requester. Raises: NotAllowed
        for who is no moderator and for the requester, UserError for an id that was made up,
        TooLate with who was first, AppealOverCeiling where an appeal can't be granted now.
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
        now_ms, wanted = self._clock(), review_id(request_id, number)
        is_rejected = state is ReviewState.REJECTED
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            review = await _decidable(tx, settings, caller, wanted, now_ms)
            decided = await reviews.decide(
                tx,
                review.id,
                state=state,
                by_id=caller.user_id,
                now_ms=now_ms,
                reason=why[0] if why[0] in REASONS else "",
                note=why[1],
                takes_effect_at_ms=now_ms + UNDO_MS if is_rejected else 0,
            )
            if decided is None:
                raise _too_late(await reviews.get(tx, review.id) or review)
            if not is_rejected:
                await apply_approval(tx, settings, decided, self._quotas)
        return decided

    @repeated
    async def undo(self, caller: Caller, request_id: str, number: int) -> Review:
        """Take one's own rejection back, which opens the review again.

        Raises: NotAllowed for everybody else, UserError for an id that was made up, TooLate once
        it has taken effect.
        """
        now_ms, wanted = self._clock(), review_id(request_id, number)
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            review = await reviews.get(tx, wanted)
            if review is None or review.guild_id != caller.guild_id:
                raise UserError("refused-no-review")
            if not (is_manager(caller) and review.appeal_of):
                check_moderator(settings, caller)
            if review.decided_by not in await known_as(tx, caller.user_id):
                raise NotAllowed("refused-undo-others")
            opened = await review_claims.take_back(tx, wanted, now_ms)
            if opened is None:
                raise TooLate("refused-undo-late")
            await reviews.look_at_card(tx, wanted)
        self._wakeup()
        return opened


async def _decidable(
    tx: Transaction, settings: ServerSettings, caller: Caller, wanted: str, now_ms: int
) -> Review:
    review = await reviews.get(tx, wanted)
    is_here = review is not None and review.guild_id == caller.guild_id
    if review is not None and is_here and review.appeal_of:
        await require_decider(tx, settings, caller, review, now_ms)
    else:
        check_moderator(settings, caller)
    if review is None or not is_here:
        raise UserError("refused-no-review")
    if review.state is not ReviewState.OPEN:
        raise _too_late(review)
    # a member whose data was deleted is still the requester
    if review.user_id in await known_as(tx, caller.user_id):
        raise NotAllowed("refused-own-review")
    if review.claimed_until_ms > now_ms and review.claimed_by != caller.user_id:
        by, until_ms = str(review.claimed_by), review.claimed_until_ms
        raise TooLate("refused-claimed", {"by": by, "until_ms": until_ms})
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
