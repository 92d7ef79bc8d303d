"""Reports of posted videos, and deleting a video as its requester or as a moderator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.errors import NotAllowed, UserError
from bot.services.authorization import find_here
from bot.services.caller import Caller
from bot.services.moderation import posted_result, review_lifecycle
from bot.services.moderation.audit_log import record_decision
from bot.services.outbox import enqueue_review_card
from bot.services.permissions import is_moderator
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.moderation import reports, reviews, visibility
from storage.moderation.audit_log import Action, Decision
from storage.moderation.reports import Report
from storage.moderation.reviews import Review, Stage
from storage.moderation.visibility import Display
from storage.records import OutboxState, Request
from storage.requests import joined_films, requests

LONGEST_REASON: Final = 500


@dataclass(frozen=True, slots=True)
class VideoPermissions:
    """What somebody may do about a video that is posted."""

    report: bool = False
    delete: bool = False


class ReportService:
    """One report per member and video; `report_threshold` of them hide it until a decision."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], wakeup: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup

    @repeated
    async def report(
        self, caller: Caller, reason: str, *, request_id: str = "", message_id: int = 0
    ) -> None:
        """Report a posted video, named by its request or its message.

        Raises: UserError where that is no posted video of this server, is the caller's own, or was
        reported by them before.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            settings = await read_settings(tx, caller.guild_id)
            request = await self._posted(tx, caller, request_id, message_id)
            if request.user_id == caller.user_id:
                raise NotAllowed("refused-report-own")
            await requests.lock(tx, request.id)
            review = await self._review(tx, settings, request, now_ms)
            said = reason.strip()[:LONGEST_REASON]
            report = Report(request.id, caller.user_id, caller.guild_id, review.id, said, now_ms)
            if not await reports.add(tx, report):
                raise UserError("refused-reported-already")
            counted = await reviews.count_report(tx, review.id) or review
            reported = _decision(caller, request, Action.REPORTED, now_ms, said)
            await record_decision(tx, settings, reported)
            if counted.reports >= settings.report_threshold:
                await self._hide(tx, settings, request, now_ms)
        self._wakeup()

    async def may(self, caller: Caller, request: Request) -> VideoPermissions:
        """What to offer the caller; checked again when it is used."""
        async with self._database.reading() as tx:
            if not await _stands(tx, request):
                return VideoPermissions()
            is_own = request.user_id == caller.user_id
            can_report = not is_own and not await reports.has(tx, request.id, caller.user_id)
            role = (await read_settings(tx, caller.guild_id)).moderator_role
        return VideoPermissions(report=can_report, delete=is_own or is_moderator(caller, role))

    async def deletable(self, caller: Caller, request_id: str) -> Request:
        """The posted video that the caller may take down. Raises: UserError, NotAllowed."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            return await self._deletable(tx, settings, caller, request_id)

    @repeated
    async def delete(self, caller: Caller, request_id: str) -> Request:
        """Take a posted video down, with its copies here; for its requester and for moderators.

        What an open report rests on stays for the moderators until they have decided.
        Raises: UserError, NotAllowed.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            request = await self._deletable(tx, settings, caller, request_id)
            await posted_result.show_as(tx, request.id, Display.GONE, now_ms)
            deleted = _decision(caller, request, Action.DELETED, now_ms)
            await record_decision(tx, settings, deleted)
        self._wakeup()
        return request

    async def _posted(
        self, tx: Transaction, caller: Caller, request_id: str, message_id: int
    ) -> Request:
        if message_id:
            message = await reports.result_by_message(tx, caller.guild_id, message_id)
            # a report of a film is one of its last part, without which the film is removed
            message = message or await joined_films.by_message(tx, caller.guild_id, message_id)
            request_id = message.request_id if message is not None else ""
        request = await find_here(tx, caller, request_id)
        if request is None or not await _stands(tx, request):
            raise UserError("refused-not-a-video")
        return request

    async def _deletable(
        self, tx: Transaction, settings: ServerSettings, caller: Caller, request_id: str
    ) -> Request:
        request = await self._posted(tx, caller, request_id, 0)
        is_own = request.user_id == caller.user_id
        if not is_own and not is_moderator(caller, settings.moderator_role):
            raise NotAllowed("refused-not-yours")
        return request

    async def _review(
        self, tx: Transaction, settings: ServerSettings, request: Request, now_ms: int
    ) -> Review:
        """The review of a reported video, opened with its first report, until it is decided."""
        review = await review_lifecycle.undecided_of(tx, request.id)
        if review is None:
            review = await review_lifecycle.open_review(
                tx, settings, request, Stage.REPORT, review_lifecycle.OF_REPORT, now_ms
            )
            await enqueue_review_card(tx, settings, review, now_ms)
        return review

    async def _hide(
        self, tx: Transaction, settings: ServerSettings, request: Request, now_ms: int
    ) -> None:
        result = await posted_result.result_of(tx, request.id)
        change = await visibility.get(tx, request.id)
        if result is None:
            return
        stands = change.wanted if change is not None else posted_result.posted_as(result)
        if stands is not Display.PLAIN:
            return
        await posted_result.show_as(tx, request.id, Display.SPOILER, now_ms)
        hidden = Decision(
            guild_id=request.guild_id,
            user_id=request.user_id,
            actor_id=0,
            action=Action.HIDDEN,
            at_ms=now_ms,
            request_id=request.id,
        )
        await record_decision(tx, settings, hidden)


def _decision(
    caller: Caller, request: Request, action: Action, now_ms: int, reason: str = ""
) -> Decision:
    return Decision(
        guild_id=request.guild_id,
        user_id=request.user_id,
        actor_id=caller.user_id,
        action=action,
        at_ms=now_ms,
        request_id=request.id,
        reason=reason,
    )


async def _stands(tx: Transaction, request: Request) -> bool:
    """Whether a request's video is posted and not to be removed."""
    result = await posted_result.result_of(tx, request.id)
    change = await visibility.get(tx, request.id)
    is_going = change is not None and change.wanted is Display.GONE
    return result is not None and result.state is OutboxState.SENT and not is_going
