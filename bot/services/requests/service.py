"""Creates, lists, shows and cancels requests; each promise is one transaction."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace

from bot.errors import TooLate, UnknownVideo, UserError
from bot.failpoints import point
from bot.rules.catalogue import Catalogue
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.authorization import find_here
from bot.services.caller import Caller, Receipt, RequestPage, RequestView
from bot.services.cast.resolve import with_cast
from bot.services.moderation import hold_policy
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.word_lists import read_word_lists
from bot.services.permissions import is_moderator
from bot.services.quotas.service import QuotaService
from bot.services.requests import lifecycle
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import receipt_of
from bot.services.requests.prompt_preparation import fill, prepare
from bot.services.requests.provenance import FRESH, Origin, created_before
from bot.services.requests.recording import Admitted, Recorder
from bot.services.requests.status import hindrance_of_all, view_of
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.database import interaction_lock
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, Conflict, StorageUnavailable
from storage.moderation.audit_log import Action, Decision
from storage.records import NEVER_DUE, Request, State
from storage.requests import acknowledgements, requests, series

logger = logging.getLogger(__name__)

PAGE_SIZE = 5

CANCELLABLE = frozenset(
    {
        State.DRAFT,
        State.HELD,
        State.AUDITING,
        State.QUEUED,
        State.SUBMITTING,
        State.RUNNING,
    }
)
"""Later its video is being delivered, or it has ended; an uncertain one is settled by an owner."""


class RequestService:
    """Everything a member does with requests; reads the database, never Discord."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        models: AllowedModelService,
        quotas: QuotaService,
        admission: Admission,
        settings: AdmissionSettings,
        *,
        clock: Callable[[], int],
        choose: Callable[[str], str],
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._models = models
        self._quotas = quotas
        self._admission = admission
        self._recorder = Recorder(catalogue, admission, quotas, settings, choose=choose)
        self._settings = settings
        self._clock = clock
        self._wakeup = wakeup

    async def create(
        self,
        video_request: VideoRequest,
        caller: Caller,
        *,
        faults: Sequence[Violation] = (),
        origin: Origin = FRESH,
    ) -> Receipt:
        """Check a request, reserve its quota and record it; the same interaction makes one request.

        Its prompt is as it was typed: one with choices makes a request for each variation, and all
        wait as drafts for one answer. `faults` were found while reading the options. An empty
        `model` means the server's default. `origin`: what it is made from; a second tap meets the
        first one's request.
        Raises a UserError that says which rule, which value and what would pass.
        """
        try:
            try:
                return await self._create(video_request, caller, faults, origin)
            except (CommitUncertain, Conflict):
                # the second try shows whether it was recorded: the interaction is the key
                return await self._create(video_request, caller, faults, origin)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error

    @repeated
    async def _create(
        self,
        video_request: VideoRequest,
        caller: Caller,
        faults: Sequence[Violation],
        origin: Origin,
    ) -> Receipt:
        self._admission.check_place(caller)
        if not video_request.model:
            default = await self._models.default_model(caller.guild_id)
            video_request = video_request.model_copy(update={"model": default})
        videos = await self._checked(video_request, caller, faults, origin)
        admitted = [Admitted(video, await self._scan(video, caller)) for video in videos]
        async with self._database.transaction() as tx:
            await interaction_lock(tx, caller.interaction_id)
            earlier = await requests.by_interaction(tx, caller.interaction_id)
            earlier = earlier or await created_before(tx, origin, caller, self._clock())
            hindrance = await hindrance_of_all(tx)
            if earlier is not None:
                return receipt_of(await requests.variations_of(tx, earlier), hindrance=hindrance)
            settings = await read_settings(tx, caller.guild_id)
            for video in videos:
                self._admission.check_server(settings, video, caller)
            made, left = await self._recorder.record(
                tx, settings, admitted, caller, origin, self._clock()
            )
        point("request.recorded")
        return receipt_of(made, left, is_new=True, hindrance=hindrance)

    async def _with_cast(
        self, video_request: VideoRequest, caller: Caller
    ) -> tuple[VideoRequest, tuple[Violation, ...]]:
        """The request with the pictures of the names in it."""
        spec = self._catalogue.get(video_request.model)
        if spec is None:
            return video_request, ()
        async with self._database.reading() as tx:
            return await with_cast(tx, spec, video_request, caller)

    async def _checked(
        self,
        video_request: VideoRequest,
        caller: Caller,
        faults: Sequence[Violation],
        origin: Origin,
    ) -> list[VideoRequest]:
        """The requests that the prompt stands for: names found in each, defaults settled.

        The order is fixed: choices, names, then what a member typed into a template, unread.
        """
        videos, wrong = prepare(video_request, text=origin.text)
        if wrong:
            videos, faults = (video_request,), (*faults, *wrong)
        checked = []
        for each in videos:
            video, unknown = await self._with_cast(each, caller)
            video = fill(video, origin.text)
            checked.append(await self._admission.check_rules(video, caller, (*faults, *unknown)))
        return checked

    async def _scan(self, video: VideoRequest, caller: Caller) -> hold_policy.ScannedPrompt:
        """Match the prompt with the word list, unless something cheaper refuses the request first.

        Raises: NotAllowed for a blocked member, and for a long prompt whatever limit is used up.
        """
        now_ms = self._clock()
        async with self._database.reading() as tx:
            if await requests.by_interaction(tx, caller.interaction_id) is not None:
                return hold_policy.ScannedPrompt()
            await hold_policy.require_unblocked(tx, caller, now_ms)
            listed = await read_word_lists(tx, caller.guild_id)
            if listed and len(hold_policy.text_of(video)) > hold_policy.LONG:
                settings = await read_settings(tx, caller.guild_id)
                drawn = self._recorder.draw_up(video, caller, now_ms, "", FRESH)
                draft = replace(drawn, state=State.DRAFT)
                roles = caller.role_ids
                await self._quotas.check(tx, settings, (draft,), now_ms, role_ids=roles)
        return await hold_policy.scan(listed, hold_policy.text_of(video), caller)

    async def answered(self, request_id: str, *, is_seen: bool) -> None:
        """Acknowledge a request whose reply is through, and wake the worker.

        Only an acknowledged request may go to the provider. Where that can't be recorded, its
        card acknowledges it later.
        """
        try:
            if is_seen:
                async with self._database.transaction() as tx:
                    await acknowledgements.acknowledge(tx, request_id, self._clock())
        except StorageUnavailable as error:
            logger.warning(
                "A request's acknowledgement could not be recorded",
                extra={
                    "action": "request.answered",
                    "request_id": request_id,
                    "error": repr(error),
                },
            )
        self._wakeup()

    async def page(self, caller: Caller, *, before_ms: int = 0) -> RequestPage:
        """The caller's own requests in this server, newest first."""
        async with self._database.reading() as tx:
            rows = await requests.page_of_member(
                tx,
                caller.guild_id,
                caller.user_id,
                before_ms=before_ms or NEVER_DUE,
                limit=PAGE_SIZE + 1,
            )
            now_ms, most = self._clock(), self._settings.max_active
            views = [
                await view_of(tx, row, now_ms=now_ms, max_active=most) for row in rows[:PAGE_SIZE]
            ]
        has_more = len(rows) > PAGE_SIZE
        return RequestPage(tuple(views), views[-1].request.created_at_ms if has_more else 0)

    async def show(self, caller: Caller, request_id: str) -> RequestView:
        """One request; a moderator of its server may see anyone's. Raises: UnknownVideo."""
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            request = await self._visible(tx, settings, caller, request_id)
            return await view_of(
                tx, request, now_ms=self._clock(), max_active=self._settings.max_active
            )

    @repeated
    async def cancel(self, caller: Caller, request_id: str) -> tuple[Request, bool]:
        """Cancel a request; True in second place when it ran already, so nothing comes back.

        Of a series what was not begun comes back all the same.

        Raises: UnknownVideo, TooLate when it has ended or its video is on its way.
        """
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            request = await self._visible(tx, settings, caller, request_id)
            if request.state not in CANCELLABLE:
                raise TooLate("refused-too-late", {"id": request.id, "state": request.state})
            was_running = request.intent_at_ms > 0
            if request.shots:
                shots = await series.all_shots(tx, request.id)
                was_running = any(shot.intent_at_ms for shot in shots)
            cancelled = await lifecycle.end(
                tx,
                request,
                State.CANCELLED,
                now_ms=self._clock(),
                **lifecycle.watched(request, self._clock()),
                # cancelling one's own is confirmed in the private reply
                is_told=caller.user_id != request.user_id,
                by="moderator",
            )
            if caller.user_id != request.user_id:
                await record_decision(tx, settings, _cancellation(cancelled, caller, self._clock()))
        self._wakeup()
        return cancelled, was_running

    async def _visible(
        self, tx: Transaction, settings: ServerSettings, caller: Caller, request_id: str
    ) -> Request:
        request = await find_here(tx, caller, request_id)
        if request is None:
            raise UnknownVideo(request_id)
        is_own = request.user_id == caller.user_id
        if not is_own and not is_moderator(caller, settings.moderator_role):
            raise UnknownVideo(request_id)
        return request


def _cancellation(request: Request, caller: Caller, now_ms: int) -> Decision:
    """The audit log's entry of a moderator's cancellation."""
    return Decision(
        guild_id=request.guild_id,
        user_id=request.user_id,
        actor_id=caller.user_id,
        action=Action.CANCELLED,
        at_ms=now_ms,
        request_id=request.id,
    )
