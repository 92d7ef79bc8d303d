"""Drafts: requests whose price the member must confirm before anything is reserved."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.errors import NotAllowed, TooLate, UnknownVideo, UserError
from bot.rules.check import warnings
from bot.rules.request import VideoRequest
from bot.services.authorization import find_here
from bot.services.caller import Caller, Receipt
from bot.services.moderation import hold_policy
from bot.services.moderation.word_lists import read_word_lists
from bot.services.outbox import enqueue_card
from bot.services.quotas.limits import MICROS
from bot.services.quotas.service import QuotaService, Remaining
from bot.services.requests.admission import Admission
from bot.services.requests.status import hindrance_of_all
from bot.services.series.confirming import Confirmed, let_series_go
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import CommitUncertain, Conflict, StorageUnavailable
from storage.moderation import safety_checks
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import SafetyCheck
from storage.quotas import ledger
from storage.records import Request, State
from storage.requests import requests, series

DRAFT_MS: Final = 15 * 60_000
"""How long a draft waits before it expires, with its files."""

MOST_DRAFTS: Final = 5
"""Of a member in a server: drafts take no quota, but their files take room."""

EXPIRED: Final = "expired"
"""The `failure` of a draft that nobody confirmed; told in a message, as its answer is too old."""


def draft_ends_ms(request: Request) -> int:
    """When a draft goes unless it is confirmed."""
    return request.created_at_ms + DRAFT_MS


def must_confirm(settings: ServerSettings, request: Request) -> bool:
    """Whether the request costs more than a member of this server may spend without a question."""
    if request.cost_micros is None:
        return False
    try:
        return request.cost_micros > Decimal(settings.confirm_above) * MICROS
    except InvalidOperation:
        # nothing is set, or a word
        return False


async def check_drafts(
    tx: Transaction,
    settings: ServerSettings,
    quotas: QuotaService,
    drafts: Sequence[Request],
    caller: Caller,
    now_ms: int,
) -> Remaining:
    """Whether a prompt's drafts may be kept: room for them, and quota enough to confirm all now.

    Call it before they are written. Locks the accounts. Raises: UserError.
    """
    await ledger.lock_accounts(tx, caller.guild_id, caller.user_id)
    waiting = await requests.count_drafts(tx, caller.guild_id, caller.user_id)
    if waiting >= MOST_DRAFTS:
        raise UserError("refused-drafts", {"limit": MOST_DRAFTS})
    return await quotas.check(tx, settings, drafts, now_ms, role_ids=caller.role_ids)


class DraftService:
    """Confirms drafts: everything is checked again and quota is reserved."""

    def __init__(
        self,
        database: Database,
        admission: Admission,
        quotas: QuotaService,
        *,
        clock: Callable[[], int],
        wakeup: Callable[[], None],
        has_safety_check: bool = False,
    ) -> None:
        self._database = database
        self._admission = admission
        self._quotas = quotas
        self._clock = clock
        self._wakeup = wakeup
        self._has_safety_check = has_safety_check

    async def confirm(self, caller: Caller, request_id: str, *, shown_micros: int) -> Receipt:
        """Reserve a draft's quota and let it go on; a second press changes nothing.

        Of one prompt's variations all that still wait go on, or none; so do a series and all its
        shots. `shown_micros` is the price
        that was confirmed. If it is higher by now, as a clip turned out to be longer than it could
        be known, they wait on and the receipt shows it.
        Raises: UnknownVideo, NotAllowed for anybody but its member, TooLate, and whatever refuses
        a request.
        """
        try:
            try:
                return await self._confirm(caller, request_id, shown_micros)
            except (CommitUncertain, Conflict):
                # the second try shows whether the first one, or another press, was recorded
                return await self._confirm(caller, request_id, shown_micros)
        except StorageUnavailable as error:
            raise UserError("refused-try-again") from error

    @repeated
    async def _confirm(self, caller: Caller, request_id: str, shown_micros: int) -> Receipt:
        self._admission.check_place(caller)
        async with self._database.reading() as tx:
            group = await _own(tx, caller, request_id)
            listed = await read_word_lists(tx, caller.guild_id)
            settings = await read_settings(tx, caller.guild_id)
        allowed = self._admission.allowed_names(caller, settings)
        scanned: dict[str, hold_policy.ScannedPrompt] = {}
        for draft in _waiting(group):
            video = VideoRequest.model_validate_json(draft.spec)
            if draft.shots:
                # it is never sent itself
                continue
            self._admission.check_rules(video, allowed, ())
            text = hold_policy.text_of(video)
            scanned[draft.id] = await hold_policy.scan(listed, text, caller)
        async with self._database.transaction() as tx:
            # locked: another press, a price or an end comes before all of it, or after
            group = await _own(tx, caller, request_id, locks=True)
            now_ms = self._clock()
            hindrance = await hindrance_of_all(tx)
            drafts = _waiting(group)
            if not drafts:
                return receipt_of(_still_alive(group), hindrance=hindrance)
            if now_ms >= draft_ends_ms(drafts[0]):
                raise TooLate("refused-draft-over", {"id": drafts[0].id})
            if _price(drafts) > shown_micros:
                return receipt_of(drafts)
            go_on = self._let_series_go if drafts[0].shots else self._go_on
            confirmed, left = await go_on(tx, drafts, caller, now_ms, scanned)
        self._wakeup()
        return receipt_of(confirmed, left, is_new=True, hindrance=hindrance)

    async def _go_on(
        self,
        tx: Transaction,
        drafts: Sequence[Request],
        caller: Caller,
        now_ms: int,
        scanned: Mapping[str, hold_policy.ScannedPrompt],
    ) -> tuple[list[Request], Remaining]:
        """Hold or queue each draft, and reserve the quota of all."""
        settings = await read_settings(tx, caller.guild_id)
        moved, holds = list[Request](), list[hold_policy.HoldDecision]()
        for draft in drafts:
            video = VideoRequest.model_validate_json(draft.spec)
            self._admission.check_server(settings, video, caller)
            if draft.id not in scanned:
                raise Conflict("the draft was not there a moment ago")
            check = await safety_checks.get(tx, draft.id, Stage.PROMPT)
            hold = await hold_policy.evaluate(
                tx, settings, video, caller, now_ms, scanned[draft.id], check
            )
            is_fetched = not self._is_unchecked(settings, video, check)
            holds.append(hold)
            moved.append(
                await requests.move(
                    tx,
                    draft.id,
                    source=State.DRAFT,
                    target=hold.first_state(needs_audit=draft.needs_audit),
                    now_ms=now_ms,
                    due_at_ms=now_ms,
                    lease_owner="",
                    prepared_at_ms=draft.prepared_at_ms if is_fetched else 0,
                )
            )
        left = await self._quotas.reserve_all(tx, settings, moved, now_ms, role_ids=caller.role_ids)
        for request, hold in zip(moved, holds, strict=True):
            await enqueue_card(tx, request, now_ms)
            await hold_policy.record(tx, settings, request, hold, now_ms)
        return moved, left

    async def _let_series_go(
        self,
        tx: Transaction,
        group: Sequence[Request],
        caller: Caller,
        now_ms: int,
        scanned: Mapping[str, hold_policy.ScannedPrompt],
    ) -> tuple[list[Request], Remaining]:
        """The same for a series and its shots."""
        settings = await read_settings(tx, caller.guild_id)
        shots = group[1:]
        if any(shot.id not in scanned for shot in shots):
            raise Conflict("the draft was not there a moment ago")
        first = VideoRequest.model_validate_json(shots[0].spec)
        self._admission.check_server(settings, first, caller)
        check = await safety_checks.get(tx, shots[0].id, Stage.PROMPT)
        has_word = any(scanned[shot.id].has_word for shot in shots)
        known = Confirmed(
            replace(scanned[shots[0].id], has_word=has_word),
            check,
            self._is_unchecked(settings, first, check),
        )
        return await let_series_go(tx, settings, self._quotas, group, caller, now_ms, known)

    def _is_unchecked(
        self, settings: ServerSettings, video: VideoRequest, check: SafetyCheck | None
    ) -> bool:
        """Whether the draft's pictures must be fetched again, so that they are checked."""
        is_on = self._has_safety_check and settings.hold_flagged
        return is_on and bool(video.media) and check is None


async def _own(
    tx: Transaction, caller: Caller, request_id: str, *, locks: bool = False
) -> list[Request]:
    """The caller's request and the other variations of its prompt, or a series and its shots.

    With `locks` all of them stay as they are until the transaction ends.
    """
    if locks:
        # a series' shots move with its row locked
        await requests.lock(tx, request_id)
    request = await find_here(tx, caller, request_id)
    if request is None:
        raise UnknownVideo(request_id)
    if request.user_id != caller.user_id:
        raise NotAllowed("refused-not-yours-alone")
    if request.shots:
        return [request, *await series.shots_of(tx, request.id)]
    return await requests.variations_of(tx, request, locks=locks)


def _waiting(group: Sequence[Request]) -> list[Request]:
    return [request for request in group if request.state is State.DRAFT]


def _price(drafts: Sequence[Request]) -> int:
    return sum(draft.cost_micros or 0 for draft in drafts)


def _still_alive(group: Sequence[Request]) -> list[Request]:
    """What a second press meets: the requests on their way, or their end."""
    whole = group[0]
    if whole.shots and whole.state is not State.CANCELLED and not _is_unmade(whole):
        return list(group)
    # one that was cancelled or failed as a draft was never confirmed
    alive = [each for each in group if each.state is not State.CANCELLED and not _is_unmade(each)]
    if alive and not whole.shots:
        return alive
    request = whole
    if request.state is State.CANCELLED:
        raise TooLate("refused-draft-over", {"id": request.id})
    raise TooLate("refused-too-late", {"id": request.id, "state": request.state})


def _is_unmade(request: Request) -> bool:
    return request.state is State.FAILED and not request.acked_at_ms


def receipt_of(
    group: Sequence[Request],
    left: Remaining | None = None,
    *,
    is_new: bool = False,
    is_first: bool = False,
    hindrance: str = "",
) -> Receipt:
    """The receipt of a request, of all variations of a prompt, or of a series and its shots."""
    video = VideoRequest.model_validate_json(group[0].spec)
    left = left or Remaining()
    together = tuple(group[1:] if group[0].shots else group)
    files = VideoRequest.model_validate_json(together[0].spec)
    prices = [request.cost_micros for request in group if request.cost_micros is not None]
    return Receipt(
        request=group[0],
        video=video,
        is_new=is_new,
        warnings=warnings(files) if is_new else (),
        price_micros=sum(prices) if prices else None,
        left=left.videos,
        left_seconds=left.seconds,
        left_micros=left.cost_micros,
        hindrance=hindrance,
        group=together,
        is_first=is_first,
    )
