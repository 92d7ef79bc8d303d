"""Records requests as drafts, held or queued, in the transaction of their admission."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from bot.rules.catalogue import Catalogue
from bot.rules.media_rules import needs_review
from bot.rules.price import price_micros
from bot.rules.request import VideoRequest
from bot.services.caller import Caller
from bot.services.cast.resolve import require_cast
from bot.services.moderation import hold_policy
from bot.services.outbox import enqueue_card
from bot.services.quotas.service import QuotaService, Remaining
from bot.services.request_ids import new_id
from bot.services.requests.admission import Admission, AdmissionSettings
from bot.services.requests.drafts import check_drafts, must_confirm
from bot.services.requests.provenance import Origin, host_of_kept
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.errors import Conflict
from storage.records import Request, State
from storage.requests import requests

_BASE: int = 36
"""Ids are digits of this base."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A request that keeps the rules, and what the word list says of its prompt."""

    video: VideoRequest
    scanned: hold_policy.ScannedPrompt


class Recorder:
    """Draws requests up and records them, all of one prompt or none."""

    def __init__(
        self,
        catalogue: Catalogue,
        admission: Admission,
        quotas: QuotaService,
        settings: AdmissionSettings,
        *,
        choose: Callable[[str], str],
    ) -> None:
        self._catalogue = catalogue
        self._admission = admission
        self._quotas = quotas
        self._settings = settings
        self._choose = choose

    async def record(
        self,
        tx: Transaction,
        settings: ServerSettings,
        admitted: Sequence[Admitted],
        caller: Caller,
        origin: Origin,
        now_ms: int,
    ) -> tuple[list[Request], Remaining]:
        """Add the requests; reserve their quota unless their member must confirm them first.

        Several are one prompt's variations and always wait as drafts for the one answer.
        """
        drawn = [
            self.draw_up(each.video, caller, now_ms, settings.language, origin) for each in admitted
        ]
        drawn = _grouped(drawn)
        holds = []
        for number, each in enumerate(admitted):
            hold = await hold_policy.evaluate(
                tx, settings, each.video, caller, now_ms, each.scanned
            )
            host = await require_cast(tx, each.video) or await host_of_kept(tx, each.video)
            holds.append(hold)
            drawn[number] = replace(drawn[number], state=hold.first_state(drawn[number]), host=host)
        is_draft = (
            len(drawn) > 1 or origin.is_asked or any(must_confirm(settings, each) for each in drawn)
        )
        if is_draft:
            drawn = [replace(each, state=State.DRAFT) for each in drawn]
            left = await check_drafts(tx, settings, self._quotas, drawn, caller, now_ms)
        added = [
            await self._add(tx, request, each.video, caller)
            for request, each in zip(drawn, admitted, strict=True)
        ]
        if not is_draft:
            (request,), (hold,) = added, holds
            roles = caller.role_ids
            left = await self._quotas.reserve(tx, settings, request, now_ms, role_ids=roles)
            await enqueue_card(tx, request, now_ms)
            await hold_policy.record(tx, settings, request, hold, now_ms)
        return added, left

    async def _add(
        self, tx: Transaction, request: Request, video: VideoRequest, caller: Caller
    ) -> Request:
        # late, as it locks the member's accounts until the transaction ends
        stored_bytes = await self._admission.check_room(tx, video, caller)
        request = replace(request, stored_bytes=stored_bytes)
        if not await requests.add(tx, request):
            raise Conflict("interaction or id is taken")
        return request

    def draw_up(
        self, video: VideoRequest, caller: Caller, now_ms: int, language: str, origin: Origin
    ) -> Request:
        """The record of a request that is not yet written."""
        spec = self._catalogue.require(video.model)
        return Request(
            id=new_id(self._choose),
            interaction_id=caller.interaction_id,
            guild_id=caller.guild_id,
            channel_id=caller.channel_id,
            parent_channel_id=caller.parent_channel_id if caller.is_thread else 0,
            user_id=caller.user_id,
            state=State.QUEUED,
            model=video.model,
            seconds=video.duration or 0,
            spec=video.model_dump_json(exclude_none=True),
            locale=caller.locale,
            guild_locale=language or caller.guild_locale,
            is_nsfw=caller.is_nsfw,
            is_private=caller.is_thread and not caller.has_plain_parent,
            upload_limit_bytes=caller.upload_limit_bytes or self._settings.upload_limit_bytes,
            cost_micros=price_micros(spec, video),
            needs_audit=needs_review(spec, video),
            origin=origin.name,
            template=origin.template,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
            due_at_ms=now_ms,
        )


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
