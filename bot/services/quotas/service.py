"""Quota checks and reservations, made in the transaction that records the request."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from bot.errors import NotAllowed, QuotaExceeded
from bot.services.quotas.budget_alerts import warn_of_budgets
from bot.services.quotas.limits import CEILINGS, MICROS, Meter, Unit
from bot.services.quotas.reservations import open_accounts, reopen_accounts, take_count_again
from bot.services.quotas.usage import Payer, QuotaSettings, UsageMeter
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.quotas import ledger, quotas
from storage.quotas.quotas import Grant
from storage.records import Request, State
from storage.requests import requests


@dataclass(frozen=True, slots=True)
class Remaining:
    """What a member may still ask for; None where nothing limits it.

    Videos by every limit, ceilings included; seconds and cost by the member's own limits alone.
    """

    videos: int | None = None
    seconds: int | None = None
    cost_micros: int | None = None


@dataclass(frozen=True, slots=True)
class Allowance:
    """All that limits one member, and what is used of it now."""

    user_id: int
    meters: tuple[Meter, ...] = ()
    """The member's own limits first, then the ceilings of server and bot."""
    grants: tuple[Grant, ...] = ()
    under_way: int = 0
    at_once: int | None = None
    cooldown_s: int = 0
    ready_ms: int = 0
    """When the cool-down is over; 0 when none runs."""

    @property
    def left(self) -> Remaining:
        """What the member may still ask for."""
        own = [meter for meter in self.meters if meter.limit.scope not in CEILINGS]
        return Remaining(
            _least(self.meters, Unit.VIDEOS), _least(own, Unit.SECONDS), _least(own, Unit.COST)
        )


class QuotaService:
    """Checks and reserves; the ledger's sums are the only truth."""

    def __init__(self, settings: QuotaSettings) -> None:
        self._settings = settings
        self._metering = UsageMeter(settings)

    async def reserve(
        self,
        tx: Transaction,
        server: ServerSettings,
        request: Request,
        now_ms: int,
        *,
        role_ids: Sequence[int] = (),
    ) -> Remaining:
        """Take a request's video, seconds and price from every account, or raise."""
        return await self.reserve_all(tx, server, (request,), now_ms, role_ids=role_ids)

    async def reserve_all(
        self,
        tx: Transaction,
        server: ServerSettings,
        together: Sequence[Request],
        now_ms: int,
        *,
        role_ids: Sequence[int] = (),
        is_paced: bool = True,
    ) -> Remaining:
        """Take what one member's requests need together from every account, or raise.

        Call it after they were written, in the same transaction: concurrent reservations of the
        same member, server or bot wait until it ends. Without `is_paced` neither the cool-down nor
        how many are under way matters.
        Raises: QuotaExceeded with the limit, what is used of it and when it frees up; NotAllowed
        while too many are under way or the cool-down runs.
        """
        await ledger.lock_accounts(tx, together[0].guild_id, together[0].user_id)
        if is_paced:
            await _check_pace(tx, together, server, now_ms)
        meters = await self._check(tx, server, together, now_ms, role_ids)
        for request in together:
            await open_accounts(tx, request, now_ms)
            await warn_of_budgets(tx, server, request, meters, self._settings, now_ms=now_ms)
            meters = _after(meters, (request,))
        return Allowance(together[0].user_id, tuple(meters)).left

    async def check(
        self,
        tx: Transaction,
        server: ServerSettings,
        together: Sequence[Request],
        now_ms: int,
        *,
        role_ids: Sequence[int] = (),
    ) -> Remaining:
        """Raise what `reserve_all` would raise now without reserving anything, for drafts."""
        await _check_pace(tx, together, server, now_ms)
        meters = await self._check(tx, server, together, now_ms, role_ids)
        return Allowance(together[0].user_id, tuple(_after(meters, together))).left

    async def reserve_again(
        self, tx: Transaction, server: ServerSettings, request: Request, now_ms: int
    ) -> None:
        """Reserve a refunded count of an uncertain request again, before it is submitted again.

        An owner has decided so: the member's own limit does not stand in the way, the ceilings of
        server and bot do. Raises: QuotaExceeded.
        """
        await ledger.lock_accounts(tx, request.guild_id, request.user_id)
        if await take_count_again(tx, request, now_ms):
            await self._check_ceilings(tx, server, request, now_ms)

    async def reserve_for_appeal(
        self, tx: Transaction, server: ServerSettings, request: Request, now_ms: int
    ) -> None:
        """Reserve anew what a rejected request gave back, once an appeal is granted.

        The member's own limit does not stand in the way, the ceilings of server and bot do, unless
        they never got anything back. Raises: QuotaExceeded.
        """
        await ledger.lock_accounts(tx, request.guild_id, request.user_id)
        if await reopen_accounts(tx, request, now_ms):
            await self._check_ceilings(tx, server, request, now_ms)

    async def _check_ceilings(
        self, tx: Transaction, server: ServerSettings, request: Request, now_ms: int
    ) -> None:
        """Raise QuotaExceeded where what was just reserved goes past a ceiling."""
        payer = Payer(request.guild_id, request.user_id, (), now_ms)
        for meter in await self._metering.read(tx, server, payer):
            # what it takes is among the used by now
            if meter.limit.scope in CEILINGS and not meter.takes(0):
                needed = meter.limit.unit.needed_by(request)
                others = replace(meter, used=meter.used - needed)
                raise await self._exceeded(tx, others, needed, payer)

    async def allowance(
        self,
        tx: Transaction,
        server: ServerSettings,
        guild_id: int,
        user_id: int,
        now_ms: int,
        *,
        role_ids: Sequence[int] = (),
    ) -> Allowance:
        """Everything that limits a member and how much of it is used."""
        payer = Payer(guild_id, user_id, tuple(role_ids), now_ms)
        meters = await self._metering.read(tx, server, payer)
        last_ms = await ledger.last_reserved_ms(tx, guild_id, user_id)
        ready_ms = last_ms + server.cooldown * 1000
        return Allowance(
            user_id=user_id,
            meters=tuple([await self._metering.with_next(tx, each, payer) for each in meters]),
            grants=tuple(await quotas.active_grants(tx, guild_id, user_id, now_ms)),
            under_way=await requests.active_of_member(tx, guild_id, user_id),
            at_once=server.at_once,
            cooldown_s=server.cooldown,
            ready_ms=ready_ms if last_ms and ready_ms > now_ms else 0,
        )

    def server_ceiling(self, settings: ServerSettings) -> int | None:
        """How many videos a day a server may make at most, by its managers and by the owner."""
        ceilings = (settings.server_daily, self._settings.server_videos, self._settings.bot_videos)
        return min((videos for videos in ceilings if videos is not None), default=None)

    async def _check(
        self,
        tx: Transaction,
        server: ServerSettings,
        together: Sequence[Request],
        now_ms: int,
        role_ids: Sequence[int],
    ) -> list[Meter]:
        payer = Payer(together[0].guild_id, together[0].user_id, tuple(role_ids), now_ms)
        meters = await self._metering.read(tx, server, payer)
        for meter in meters:
            needed = sum(meter.limit.unit.needed_by(request) for request in together)
            if not meter.takes(needed):
                raise await self._exceeded(tx, meter, needed, payer)
        return meters

    async def _exceeded(
        self, tx: Transaction, meter: Meter, needed: int, payer: Payer
    ) -> QuotaExceeded:
        limit = meter.limit
        return QuotaExceeded(
            scope=limit.scope,
            unit=limit.unit,
            period=limit.period,
            limit=_text(limit.total, limit.unit),
            used=_text(meter.used, limit.unit),
            needed=_text(needed, limit.unit),
            frees_at_ms=await self._metering.room_ms(tx, limit, payer, needed=needed),
            role_id=limit.subject_id,
        )


async def _check_pace(
    tx: Transaction, together: Sequence[Request], settings: ServerSettings, now_ms: int
) -> None:
    request = together[0]
    if settings.at_once is not None:
        series_id = request.series_of
        others = await requests.active_of_member(
            tx, request.guild_id, request.user_id, but=series_id
        )
        number = 1 if series_id else len(together)
        if not series_id:
            others -= sum(each.state is not State.DRAFT for each in together)
        if others + number > settings.at_once:
            params = {"active": others, "limit": settings.at_once}
            if number > 1:
                raise NotAllowed("refused-at-once-all", {**params, "number": number})
            raise NotAllowed("refused-at-once", params)
    if settings.cooldown:
        last_ms = await ledger.last_reserved_ms(tx, request.guild_id, request.user_id)
        ready_ms = last_ms + settings.cooldown * 1000
        if last_ms and now_ms < ready_ms:
            params = {"seconds": settings.cooldown, "frees_ms": ready_ms}
            raise NotAllowed("refused-cooldown", params)


def _after(meters: Sequence[Meter], together: Sequence[Request]) -> list[Meter]:
    """What is used once the requests' amounts are taken."""
    return [
        replace(
            meter,
            used=meter.used + sum(meter.limit.unit.needed_by(request) for request in together),
        )
        for meter in meters
    ]


def _least(meters: Sequence[Meter], unit: Unit) -> int | None:
    return min((meter.left for meter in meters if meter.limit.unit is unit), default=None)


def _text(amount: int, unit: Unit) -> str:
    return str(Decimal(amount) / MICROS if unit is Unit.COST else amount)
