"""Series: one film of several shots, asked for, and gone on with after a stop."""

from collections.abc import Callable, Sequence

from bot.errors import NotAllowed, UnknownVideo, UserError
from bot.failpoints import point
from bot.rules.catalogue import Catalogue
from bot.rules.violation import Violation
from bot.services.authorization import find_here
from bot.services.caller import Caller, Receipt
from bot.services.moderation import hold_policy
from bot.services.moderation.word_lists import read_word_lists
from bot.services.quotas.service import QuotaService
from bot.services.request_ids import new_id
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import receipt_of
from bot.services.requests.recording import Recorder, carries_notice
from bot.services.requests.status import hindrance_of_all
from bot.services.series.planning import SeriesPlanner
from bot.services.series.retrying import Retry, retried_video
from bot.services.series.stopping import finish_series, require_stopped
from bot.services.series.views import SeriesView, SeriesWish
from bot.services.server_settings import read_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.database import interaction_lock
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, Conflict, StorageUnavailable
from storage.records import Request
from storage.requests import requests, series


class SeriesService:
    """What a member does with series alone; they are confirmed, shown, cancelled as any request."""

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
        wakeup: Callable[[], None],
    ) -> None:
        self._database = database
        self._planner = SeriesPlanner(database, catalogue, models, admission)
        self._recorder = Recorder(catalogue, admission, quotas, settings, draw=draw)
        self._admission = admission
        self._clock = clock
        self._draw = draw
        self._wakeup = wakeup

    async def create(
        self, caller: Caller, wish: SeriesWish, *, faults: Sequence[Violation] = ()
    ) -> Receipt:
        """Check a series and record it as a draft; the same interaction makes one.

        It always waits for one answer, to all prompts and the whole price. The receipt's request is
        the series, its group the shots. `faults` were found while the form was read.
        Raises a UserError that says which rule, which value and what would pass.
        """
        try:
            try:
                return await self._create(caller, wish, faults)
            except (CommitUncertain, Conflict):
                return await self._create(caller, wish, faults)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error

    @repeated
    async def _create(
        self, caller: Caller, wish: SeriesWish, faults: Sequence[Violation]
    ) -> Receipt:
        self._admission.check_place(caller)
        plan = await self._planner.plan(wish, new_id(self._draw), caller, faults)
        scanned = await self._scan(plan.text, caller)
        async with self._database.transaction() as tx:
            await interaction_lock(tx, caller.interaction_id)
            earlier = await requests.by_interaction(tx, caller.interaction_id)
            hindrance = await hindrance_of_all(tx)
            if earlier is not None:
                shots = await series.shots_of(tx, earlier.id)
                is_first = await carries_notice(tx, earlier, caller)
                return receipt_of([earlier, *shots], is_first=is_first, hindrance=hindrance)
            settings = await read_settings(tx, caller.guild_id)
            self._admission.check_server(settings, plan.shots[0], caller)
            made = await self._recorder.record_series(
                tx, settings, plan, scanned, caller, self._clock()
            )
        point("request.recorded")
        self._wakeup()
        return receipt_of(
            made.requests, made.left, is_new=True, is_first=made.is_first, hindrance=hindrance
        )

    async def _scan(self, text: str, caller: Caller) -> hold_policy.ScannedPrompt:
        """Match all prompts with the word list. Raises: NotAllowed for a blocked member."""
        async with self._database.reading() as tx:
            await hold_policy.require_unblocked(tx, caller, self._clock())
            listed = await read_word_lists(tx, caller.guild_id)
        return await hold_policy.scan(listed, text, caller)

    async def retry(
        self, caller: Caller, series_id: str, shot: int, prompt: str | None = None
    ) -> Receipt:
        """Ask for a shot anew, for which the series stands still; by today's rules and quota.

        `prompt` is a new text, None the same again. One press makes one shot, and a second meets
        it: `is_new` says which. The receipt's group is that shot; it is `held` where a moderator
        must pass it first.
        Raises: UnknownVideo, NotAllowed for anybody but its member, TooLate while nothing stands
        still for this shot, and whatever refuses a request.
        """
        try:
            try:
                return await self._retry(caller, series_id, shot, prompt)
            except (CommitUncertain, Conflict):
                return await self._retry(caller, series_id, shot, prompt)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error

    @repeated
    async def _retry(
        self, caller: Caller, series_id: str, shot: int, prompt: str | None
    ) -> Receipt:
        self._admission.check_place(caller)
        async with self._database.reading() as tx:
            whole = await _own(tx, caller, series_id)
            if (made := await self._made_before(tx, caller, whole)) is not None:
                return made
            stopped = await require_stopped(tx, whole, shot)
            asked = await retried_video(tx, stopped, prompt)
        video = await self._planner.checked_shot(asked, shot, caller)
        scanned = await self._scan(hold_policy.text_of(video), caller)
        async with self._database.transaction() as tx:
            await requests.lock(tx, series_id)
            await interaction_lock(tx, caller.interaction_id)
            whole = await _own(tx, caller, series_id)
            if (made := await self._made_before(tx, caller, whole)) is not None:
                return made
            now = await require_stopped(tx, whole, shot)
            if now.id != stopped.id:
                raise Conflict("the shot was tried again a moment ago")
            settings = await read_settings(tx, caller.guild_id)
            self._admission.check_server(settings, video, caller)
            again = Retry(whole, stopped, video, scanned, is_edited=prompt is not None)
            made_now, left = await self._recorder.record_shot(
                tx, settings, again, caller, self._clock()
            )
            hindrance = await hindrance_of_all(tx)
        self._wakeup()
        return receipt_of([whole, made_now], left, is_new=True, hindrance=hindrance)

    async def _made_before(self, tx: Transaction, caller: Caller, whole: Request) -> Receipt | None:
        """The receipt of the shot that this very press has made; None for a new press."""
        made = await requests.by_interaction(tx, caller.interaction_id)
        if made is None or made.series_of != whole.id:
            return None
        return receipt_of([whole, made], hindrance=await hindrance_of_all(tx))

    @repeated
    async def finish(self, caller: Caller, series_id: str) -> SeriesView:
        """Make the film of what there is; what was not made comes back. A second press sees it due.

        Raises: UnknownVideo, NotAllowed for anybody but its member; TooLate while it does not stand
        still; UserError where nothing is made, so that cancelling is what is left.
        """
        try:
            async with self._database.transaction() as tx:
                await requests.lock(tx, series_id)
                whole = await _own(tx, caller, series_id)
                view = await finish_series(tx, whole, self._clock(), actor_id=caller.user_id)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error
        self._wakeup()
        return view


async def _own(tx: Transaction, caller: Caller, series_id: str) -> Request:
    """The caller's own series. Raises: UnknownVideo, NotAllowed."""
    found = await find_here(tx, caller, series_id)
    if found is None or not found.shots:
        raise UnknownVideo(series_id)
    if found.user_id != caller.user_id:
        raise NotAllowed("refused-not-yours-alone")
    return found
