"""Appeals: a rejected request's member asks once for another moderator to look at it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.errors import NotAllowed, TooLate, UserError
from bot.services.caller import Caller
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.review_channel import has_review_channel
from bot.services.moderation.review_lifecycle import open_review
from bot.services.outbox import enqueue_review_card
from bot.services.permissions import is_manager, is_moderator
from bot.services.request_ids import is_id
from bot.services.server_settings import ServerSettings, read_settings
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageUnavailable
from storage.moderation import audit_log, reviews
from storage.moderation.audit_log import Action, Decision
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.privacy.pseudonyms import known_as
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests

LONGEST_APPEAL: Final = 500
ACTIVE_MS: Final = 30 * DAY_MS
"""Who decided nothing for so long is no longer counted among a server's moderators."""


@dataclass(frozen=True, slots=True)
class _Appealable:
    """A rejection that may be appealed against."""

    request: Request
    rejection: Review
    settings: ServerSettings


class AppealService:
    """Takes appeals; they are decided like other reviews."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], wakeup: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup

    async def check(self, caller: Caller, request_id: str) -> None:
        """Raises: NotAllowed, UserError, TooLate where the caller can't appeal."""
        async with self._database.reading() as tx:
            await _appealable(tx, caller, request_id, self._clock())

    async def appeal(self, caller: Caller, request_id: str, said: str) -> Review:
        """Put a rejection before the moderators once more; `said` is the member's text.

        Raises: NotAllowed for everybody but the requester; UserError for an empty text or an id
        that was made up; TooLate where it was appealed against before, or the time is over.
        """
        said = said.strip()[:LONGEST_APPEAL]
        if not said:
            raise UserError("refused-appeal-empty")
        try:
            review = await self._appeal(caller, request_id, said)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        self._wakeup()
        return review

    @repeated
    async def _appeal(self, caller: Caller, request_id: str, said: str) -> Review:
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            found = await _appealable(tx, caller, request_id, now_ms)
            request, rejection, settings = found.request, found.rejection, found.settings
            await requests.note(
                tx,
                request.id,
                source=State.REJECTED,
                owner=None,
                appealed_at_ms=now_ms,
                acked_at_ms=request.acked_at_ms or now_ms,
                appeal_until_ms=NEVER_DUE,
            )
            review = await open_review(
                tx,
                settings,
                request,
                rejection.stage,
                rejection.why,
                now_ms,
                appeal_of=rejection.id,
                appeal=said,
            )
            await enqueue_review_card(tx, settings, review, now_ms)
            made = Decision(
                guild_id=request.guild_id,
                user_id=request.user_id,
                actor_id=request.user_id,
                action=Action.APPEALED,
                at_ms=now_ms,
                request_id=request.id,
            )
            await record_decision(tx, settings, made)
        return review


async def _appealable(tx: Transaction, caller: Caller, request_id: str, now_ms: int) -> _Appealable:
    request = await requests.get(tx, request_id) if is_id(request_id) else None
    # pressed in a direct message there is no server to compare
    if request is None or caller.guild_id not in (0, request.guild_id):
        raise UserError("refused-no-appeal")
    if request.user_id not in await known_as(tx, caller.user_id):
        raise NotAllowed("refused-appeal-others")
    if request.appealed_at_ms:
        raise TooLate("refused-appealed-already")
    rejection = await _rejection_of(tx, request)
    if rejection is None or not request.appeal_until_ms:
        raise UserError("refused-no-appeal")
    if request.appeal_until_ms <= now_ms:
        raise TooLate("refused-appeal-late", {"until_ms": request.appeal_until_ms})
    settings = await read_settings(tx, request.guild_id)
    if not await has_review_channel(tx, settings, request.guild_id, now_ms):
        raise NotAllowed("refused-appeal-no-channel")
    return _Appealable(request, rejection, settings)


async def _rejection_of(tx: Transaction, request: Request) -> Review | None:
    if request.state is not State.REJECTED:
        return None
    found = await reviews.of_request(tx, request.id)
    rejected = [
        review
        for review in found
        if review.state is ReviewState.REJECTED and review.stage is not Stage.REPORT
    ]
    return rejected[-1] if rejected else None


async def require_decider(
    tx: Transaction, settings: ServerSettings, caller: Caller, appeal: Review, now_ms: int
) -> None:
    """Raises NotAllowed unless the caller may decide an appeal.

    Another moderator than the one who rejected; a manager, whoever they are, while nobody else has
    acted as a moderator of the server of late.
    """
    rejection = await reviews.get(tx, appeal.appeal_of)
    rejecter = rejection.decided_by if rejection is not None else 0
    is_rejecter = rejecter in await known_as(tx, caller.user_id)
    if is_moderator(caller, settings.moderator_role) and not is_rejecter:
        return
    if is_manager(caller):
        not_others = (*await known_as(tx, caller.user_id), rejecter, appeal.user_id)
        since_ms = now_ms - ACTIVE_MS
        if not await audit_log.has_other_moderators(
            tx, caller.guild_id, exclude=not_others, since_ms=since_ms
        ):
            return
    raise NotAllowed("refused-appeal-own-decision" if is_rejecter else "refused-moderators-only")
