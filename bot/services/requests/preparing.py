"""Prepares a request before it is recorded: what its prompt stands for, and what refuses it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.rules.catalogue import Catalogue
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.caller import Caller
from bot.services.cast.resolve import with_cast
from bot.services.moderation import hold_policy
from bot.services.moderation.word_lists import WordLists, read_word_lists
from bot.services.quotas.service import QuotaService
from bot.services.requests.admission import Admission
from bot.services.requests.prompt_preparation import fill, prepare
from bot.services.requests.provenance import FRESH, Origin
from bot.services.requests.recording import Recorder
from bot.services.server_settings import ServerSettings, read_settings
from bot.services.servers.allowed_models import AllowedModelService
from storage.engine.transaction import Transaction
from storage.records import State
from storage.requests import requests


@dataclass(frozen=True, slots=True)
class Prepared:
    """The requests that keep the rules, and what they were checked with."""

    videos: Sequence[VideoRequest]
    settings: ServerSettings
    lists: WordLists
    """To scan their prompts with."""

    @property
    def is_slow(self) -> bool:
        """Whether the scan may take too long for a transaction."""
        return hold_policy.is_slow(self.lists, self.videos)


class Preparer:
    """Everything that comes before a request is recorded."""

    def __init__(
        self,
        catalogue: Catalogue,
        models: AllowedModelService,
        admission: Admission,
        quotas: QuotaService,
        recorder: Recorder,
        clock: Callable[[], int],
    ) -> None:
        self._catalogue = catalogue
        self._models = models
        self._admission = admission
        self._quotas = quotas
        self._recorder = recorder
        self._clock = clock

    async def prepare(
        self,
        tx: Transaction,
        video_request: VideoRequest,
        caller: Caller,
        faults: Sequence[Violation],
        origin: Origin,
    ) -> Prepared:
        """Check the request. Raises: UserError that says which rule, value and what would pass."""
        settings = await read_settings(tx, caller.guild_id)
        if not video_request.model:
            default = self._models.default_name(caller.guild_id, settings)
            video_request = video_request.model_copy(update={"model": default})
        videos = await self._checked(tx, settings, video_request, caller, faults, origin)
        prepared = Prepared(videos, settings, await read_word_lists(tx, caller.guild_id))
        if prepared.is_slow:
            await self._refuse_before_scan(tx, settings, videos, caller)
        return prepared

    async def _checked(
        self,
        tx: Transaction,
        settings: ServerSettings,
        video_request: VideoRequest,
        caller: Caller,
        faults: Sequence[Violation],
        origin: Origin,
    ) -> list[VideoRequest]:
        """The requests that the prompt stands for: names found in each, defaults settled.

        The order is fixed: choices, names, then what a member typed into a template, unread.
        """
        allowed = self._admission.allowed_names(caller, settings)
        videos, wrong = prepare(video_request, text=origin.text)
        if wrong:
            videos, faults = (video_request,), (*faults, *wrong)
        checked = []
        for video in videos:
            named, unknown = await self._with_cast(tx, video, caller)
            filled = fill(named, origin.text)
            checked.append(self._admission.check_rules(filled, allowed, (*faults, *unknown)))
        return checked

    async def _with_cast(
        self, tx: Transaction, video: VideoRequest, caller: Caller
    ) -> tuple[VideoRequest, tuple[Violation, ...]]:
        """The request with the pictures of the names in it."""
        spec = self._catalogue.get(video.model)
        return (video, ()) if spec is None else await with_cast(tx, spec, video, caller)

    async def _refuse_before_scan(
        self,
        tx: Transaction,
        settings: ServerSettings,
        videos: Sequence[VideoRequest],
        caller: Caller,
    ) -> None:
        """Refuse what needs no scan to be refused, where a scan may take long.

        Raises: NotAllowed for a blocked member, and for a long prompt whatever limit is used up.
        """
        if await requests.by_interaction(tx, caller.interaction_id) is not None:
            return
        now_ms = self._clock()
        await hold_policy.require_unblocked(tx, caller, now_ms)
        for video in videos:
            if len(hold_policy.text_of(video)) > hold_policy.LONG:
                drawn = self._recorder.draw_up(video, caller, now_ms, "", FRESH)
                draft = replace(drawn, state=State.DRAFT)
                roles = caller.role_ids
                await self._quotas.check(tx, settings, (draft,), now_ms, role_ids=roles)
