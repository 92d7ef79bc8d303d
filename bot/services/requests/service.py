"""Creates, lists, shows and cancels requests; each promise is one transaction."""

import logging
from collections.abc import Callable, Sequence

from bot.errors import TooLate, UnknownVideo, UserError
from bot.failpoints import point
from bot.rules.catalogue import Catalogue
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.authorization import find_here
from bot.services.caller import Caller, Receipt, RequestPage, RequestView
from bot.services.moderation.audit_log import record_decision
from bot.services.moderation.hold_policy import scan, scan_quickly, text_of
from bot.services.operations.circuit_breaker import FACT, PAUSED
from bot.services.permissions import is_moderator
from bot.services.quotas.service import QuotaService
from bot.services.requests import lifecycle
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import receipt_of
from bot.services.requests.preparing import Prepared, Preparer
from bot.services.requests.provenance import FRESH, Origin, created_before
from bot.services.requests.recording import Admitted, Recorder, carries_notice
from bot.services.requests.status import hindrance_of_all, view_of
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.allowed_models import AllowedModelService
from bot.services.wakeup import Topic, Wake
from storage.engine.database import interaction_lock
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, Conflict, StorageUnavailable
from storage.moderation.audit_log import Action, Decision
from storage.operations import key_values
from storage.privacy import pseudonyms
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
        draw: Callable[[int], int],
        wakeup: Wake,
    ) -> None:
        self._database = database
        self._admission = admission
        self._recorder = Recorder(catalogue, admission, quotas, settings, draw=draw)
        self._preparer = Preparer(catalogue, models, admission, quotas, self._recorder, clock)
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

        async def create(tx: Transaction) -> Receipt | Prepared:
            prepared = await self._preparer.prepare(tx, video_request, caller, faults, origin)
            if prepared.is_slow:
                return prepared
            admitted = [
                Admitted(video, scan_quickly(prepared.lists, text_of(video), caller))
                for video in prepared.videos
            ]
            return await self._record(tx, prepared.settings, admitted, caller, origin)

        made = await self._database.write(create)
        if isinstance(made, Prepared):
            made = await self._scan_and_record(made, caller, origin)
        if made.is_new:
            point("request.recorded")
        return made

    async def _scan_and_record(self, prepared: Prepared, caller: Caller, origin: Origin) -> Receipt:
        """Scan outside of any transaction, and record in a second one."""
        lists = prepared.lists
        admitted = [
            Admitted(video, await scan(lists, text_of(video), caller)) for video in prepared.videos
        ]

        async def record(tx: Transaction) -> Receipt:
            settings = await read_settings(tx, caller.guild_id)
            return await self._record(tx, settings, admitted, caller, origin)

        return await self._database.write(record)

    async def _record(
        self,
        tx: Transaction,
        settings: ServerSettings,
        admitted: Sequence[Admitted],
        caller: Caller,
        origin: Origin,
    ) -> Receipt:
        """Record what was admitted, or find what the same interaction, or a first tap, made."""
        now_ms = self._clock()
        await interaction_lock(tx, caller.interaction_id)
        await key_values.read_ahead(tx, PAUSED, FACT, pseudonyms.KEY)
        earlier = await requests.by_interaction(tx, caller.interaction_id)
        earlier = earlier or await created_before(tx, origin, caller, now_ms)
        hindrance = await hindrance_of_all(tx)
        if earlier is not None:
            group = await requests.variations_of(tx, earlier)
            is_first = await carries_notice(tx, earlier, caller)
            return receipt_of(group, is_first=is_first, hindrance=hindrance)
        for each in admitted:
            self._admission.check_server(settings, each.video, caller)
        made = await self._recorder.record(tx, settings, admitted, caller, origin, now_ms)
        return receipt_of(
            made.requests, made.left, is_new=True, is_first=made.is_first, hindrance=hindrance
        )

    async def answered(self, request_id: str, *, is_seen: bool) -> None:
        """Acknowledge a request whose reply is through, and wake the worker.

        Only an acknowledged request may go to the provider. Where that can't be recorded, its
        card acknowledges it later.
        """
        try:
            if is_seen:
                await self._database.write(
                    lambda tx: acknowledgements.acknowledge(tx, request_id, self._clock())
                )
        except StorageUnavailable as error:
            logger.warning(
                "A request's acknowledgement could not be recorded",
                extra={
                    "action": "request.answered",
                    "request_id": request_id,
                    "error": repr(error),
                },
            )
        self._wakeup(Topic.SLOTS, Topic.REQUESTS, Topic.OUTBOX)

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
