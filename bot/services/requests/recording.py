"""Records requests as drafts, held or queued, in the transaction of their admission."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from bot.rules.catalogue import Catalogue
from bot.rules.media_rules import needs_review
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.cast.resolve import require_cast
from bot.services.moderation import hold_policy
from bot.services.moderation.review_history import was_passed
from bot.services.outbox import enqueue_card
from bot.services.quotas.service import QuotaService, Remaining
from bot.services.request_ids import new_id
from bot.services.requests.admission import Admission, AdmissionSettings, announced_bytes
from bot.services.requests.drafts import check_drafts, draft_ends_ms, must_confirm
from bot.services.requests.provenance import FRESH, Origin, host_of_kept
from bot.services.series.planning import SeriesPlan
from bot.services.series.retrying import Retry
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.errors import Conflict
from storage.privacy import privacy_notices
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests, series

NOT_HELD: Final = hold_policy.HoldDecision()
_BASE: int = 36
"""Ids are digits of this base."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that keeps the rules, and what the word list says of its prompt."""

    video: VideoRequest
    scanned: hold_policy.ScannedPrompt


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was added, and the quota that is left.

    `is_first`: the member had none in this server before, so the answer carries the privacy notice.
    """

    requests: list[Request]
    left: Remaining
    is_first: bool


class Recorder:
    """Draws requests up and records them, all of one prompt or none."""

    def __init__(
        self,
        catalogue: Catalogue,
        admission: Admission,
        quotas: QuotaService,
        settings: AdmissionSettings,
        *,
        draw: Callable[[int], int],
    ) -> None:
        self._catalogue = catalogue
        self._admission = admission
        self._quotas = quotas
        self._settings = settings
        self._draw = draw

    async def record(
        self,
        tx: Transaction,
        settings: ServerSettings,
        admitted: Sequence[Admitted],
        caller: Caller,
        origin: Origin,
        now_ms: int,
    ) -> Recorded:
        """Add the requests; reserve their quota unless their member must confirm them first.

        Several are one prompt's variations and always wait as drafts for the one answer.
        """
        holds, drawn = [], []
        for each in admitted:
            hold = await hold_policy.evaluate(
                tx, settings, each.video, caller, now_ms, each.scanned
            )
            host = await require_cast(tx, each.video) or await host_of_kept(tx, each.video)
            holds.append(hold)
            language = settings.language
            drawn.append(
                self.draw_up(each.video, caller, now_ms, language, origin, hold=hold, host=host)
            )
        drawn = _grouped(drawn)
        is_draft = (
            len(drawn) > 1 or origin.is_asked or any(must_confirm(settings, each) for each in drawn)
        )
        if is_draft:
            drawn = [_as_draft(each) for each in drawn]
            left = await check_drafts(tx, settings, self._quotas, drawn, caller, now_ms)
        added = [await self._add(tx, request, caller) for request in drawn]
        if not is_draft:
            (request,), (hold,) = added, holds
            roles = caller.role_ids
            left = await self._quotas.reserve(tx, settings, request, now_ms, role_ids=roles)
            await enqueue_card(tx, request, now_ms)
            await hold_policy.record(tx, settings, request, hold, now_ms)
        return Recorded(added, left, await _is_first(tx, caller, now_ms))

    async def record_series(
        self,
        tx: Transaction,
        settings: ServerSettings,
        plan: SeriesPlan,
        scanned: hold_policy.ScannedPrompt,
        caller: Caller,
        now_ms: int,
    ) -> Recorded:
        """Add a series and its shots as drafts, the series first; they wait for one answer.

        Raises: UserError for whatever would refuse them once they are confirmed.
        """
        whole, shots = self._draw_up_series(plan, caller, now_ms, settings.language)
        await hold_policy.evaluate(tx, settings, plan.seen, caller, now_ms, scanned)
        first = plan.shots[0]
        host = await require_cast(tx, first) or await host_of_kept(tx, first)
        shots[0] = replace(shots[0], host=host)
        left = await check_drafts(tx, settings, self._quotas, shots, caller, now_ms)
        added = [await self._add(tx, request, caller) for request in (whole, *shots)]
        return Recorded(added, left, await _is_first(tx, caller, now_ms))

    async def record_shot(
        self, tx: Transaction, settings: ServerSettings, again: Retry, caller: Caller, now_ms: int
    ) -> tuple[Request, Remaining]:
        """Add a shot that is tried again, and reserve its quota; its turn has come.

        What a moderator has passed is not held again, unless its text is another.
        """
        whole, stopped = again.series, again.stopped
        hold = NOT_HELD
        if again.is_edited or not await was_passed(tx, stopped):
            hold = await hold_policy.evaluate(
                tx, settings, again.video, caller, now_ms, again.scanned
            )
        origin = Origin(f"retry:{stopped.id}")
        shot = replace(
            self.draw_up(again.video, caller, now_ms, settings.language, origin, hold=hold),
            channel_id=whole.channel_id,
            parent_channel_id=whole.parent_channel_id,
            is_nsfw=whole.is_nsfw,
            is_private=whole.is_private,
            guild_locale=whole.guild_locale,
            series_of=whole.id,
            shot=stopped.shot,
            # the newest counts, whatever the clock says
            created_at_ms=max(now_ms, stopped.created_at_ms + 1),
            acked_at_ms=now_ms,
            host=await host_of_kept(tx, again.video),
        )
        shot = await self._add(tx, shot, caller)
        left = await self._quotas.reserve_all(
            tx, settings, (shot,), now_ms, role_ids=caller.role_ids, is_paced=False
        )
        await hold_policy.record(tx, settings, shot, hold, now_ms)
        await series.wake(tx, whole.id, now_ms)
        return shot, left

    def _draw_up_series(
        self, plan: SeriesPlan, caller: Caller, now_ms: int, language: str
    ) -> tuple[Request, list[Request]]:
        whole = self.draw_up(plan.whole, caller, now_ms, language, FRESH)
        shots = [self.draw_up(each, caller, now_ms, language, FRESH) for each in plan.shots]
        whole = replace(
            whole,
            id=plan.series_id,
            state=State.DRAFT,
            seconds=sum(shot.seconds for shot in shots),
            cost_micros=None,
            due_at_ms=draft_ends_ms(whole),
            # it has no files of its own to fetch
            prepared_at_ms=0,
            shots=len(shots),
        )
        return whole, [
            replace(
                shot,
                interaction_id=-int(shot.id, _BASE),
                state=State.DRAFT,
                series_of=whole.id,
                shot=number,
                # the first one's files are fetched at once, the others' frame is not there yet
                due_at_ms=shot.due_at_ms if number == 1 else NEVER_DUE,
            )
            for number, shot in enumerate(shots, start=1)
        ]

    async def _add(self, tx: Transaction, request: Request, caller: Caller) -> Request:
        # late, as it locks the member's accounts until the transaction ends
        await self._admission.check_member_room(tx, request.stored_bytes, caller)
        if not await requests.add(tx, request):
            raise Conflict("interaction or id is taken")
        return request

    def draw_up(
        self,
        video: VideoRequest,
        caller: Caller,
        now_ms: int,
        language: str,
        origin: Origin,
        *,
        hold: hold_policy.HoldDecision = NOT_HELD,
        host: str = "",
    ) -> Request:
        """The record of a request that is not yet written; without files it is prepared."""
        spec = self._catalogue.require(video.model)
        needs_audit = needs_review(spec, video)
        return Request(
            id=new_id(self._draw),
            interaction_id=caller.interaction_id,
            guild_id=caller.guild_id,
            channel_id=caller.channel_id,
            parent_channel_id=caller.parent_channel_id if caller.is_thread else 0,
            user_id=caller.user_id,
            state=hold.first_state(needs_audit=needs_audit),
            model=video.model,
            seconds=video.duration or 0,
            spec=video.model_dump_json(exclude_none=True),
            locale=caller.locale,
            guild_locale=language or caller.guild_locale,
            is_nsfw=caller.is_nsfw,
            is_private=caller.is_thread and not caller.has_plain_parent,
            upload_limit_bytes=caller.upload_limit_bytes or self._settings.upload_limit_bytes,
            cost_micros=price_micros(spec, video),
            needs_audit=needs_audit,
            origin=origin.name,
            template=origin.template,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
            due_at_ms=now_ms if video.media else NEVER_DUE,
            prepared_at_ms=0 if video.media else now_ms,
            host=host,
            stored_bytes=announced_bytes(video),
        )


async def _is_first(tx: Transaction, caller: Caller, now_ms: int) -> bool:
    return await privacy_notices.add(tx, caller.guild_id, caller.user_id, now_ms)


async def carries_notice(tx: Transaction, earlier: Request, caller: Caller) -> bool:
    """Whether the answer to this interaction, which made a request before, has the privacy notice.

    So it has where both were recorded together: nobody may have seen the first answer.
    """
    if earlier.interaction_id != caller.interaction_id:
        return False
    given_ms = await privacy_notices.given_ms(tx, caller.guild_id, caller.user_id)
    return given_ms == earlier.created_at_ms


def _as_draft(request: Request) -> Request:
    """A request that waits for its member's answer, whether its files are still to be fetched."""
    due_ms = draft_ends_ms(request) if request.prepared_at_ms else request.due_at_ms
    return replace(request, state=State.DRAFT, due_at_ms=due_ms)


def _grouped(drawn: list[Request]) -> list[Request]:
    """Several requests as the variations of one prompt; the first keeps the interaction's id.

    So the interaction makes its group once. Discord's ids are positive, and a request's id of ten
    digits fits into 64 bits.
    """
    if len(drawn) == 1:
        return drawn
    return [
        replace(
            request,
            interaction_id=request.interaction_id if number == 1 else -int(request.id, _BASE),
            variation_of=drawn[0].id,
            variation=number,
            variations=len(drawn),
        )
        for number, request in enumerate(drawn, start=1)
    ]
