"""Usage of each limit: the ledger sums behind every check and every reply."""

from dataclasses import dataclass, replace

from bot.services.quotas.limits import (
    CEILINGS,
    Limit,
    Meter,
    Period,
    Scope,
    Unit,
    member_limits,
    next_month_ms,
    room_again_ms,
)
from bot.services.server_settings import ServerSettings
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.quotas import ledger, quotas
from storage.quotas.ledger_records import Usage


@dataclass(frozen=True, slots=True)
class QuotaSettings:
    """The owner's limits; None is unlimited. Budgets are millionths of the owner's currency."""

    member_videos: int | None = None
    server_videos: int | None = None
    bot_videos: int | None = None
    server_budget: int | None = None
    bot_budget: int | None = None
    currency: str = ""
    owner_ids: tuple[int, ...] = ()
    """Who is alerted about the bot's budget; empty: the application's owners."""


@dataclass(frozen=True, slots=True)
class Payer:
    """For whom is measured: a member of a server with their roles, at a moment."""

    guild_id: int
    user_id: int
    role_ids: tuple[int, ...]
    now_ms: int


class UsageMeter:
    """Reads every limit that holds for a member, and what is used of it."""

    def __init__(self, settings: QuotaSettings) -> None:
        self._settings = settings

    async def read(self, tx: Transaction, server: ServerSettings, payer: Payer) -> list[Meter]:
        """The member's own limits first, then the ceilings of server and bot."""
        reset_ms = await quotas.last_reset_ms(tx, payer.guild_id, payer.user_id)
        known: dict[tuple[object, ...], Usage] = {}
        meters = []
        for limit in await self._limits(tx, server, payer):
            account = limit.account
            since_ms = _since_ms(limit, payer.now_ms, reset_ms)
            key = (limit.scope if limit.scope in CEILINGS else "", account, since_ms)
            if key not in known:
                whose = limit.of(payer.guild_id, payer.user_id)
                known[key] = await ledger.usage(tx, account, since_ms=since_ms, **whose)
            meters.append(Meter(limit, limit.unit.of(known[key])))
        return meters

    async def _limits(self, tx: Transaction, server: ServerSettings, payer: Payer) -> list[Limit]:
        rows = await quotas.for_member(tx, payer.guild_id, payer.user_id)
        grants = await quotas.active_grants(tx, payer.guild_id, payer.user_id, payer.now_ms)
        extra = sum(grant.videos for grant in grants)
        own = [
            replace(limit, extra=extra) if limit.unit is Unit.VIDEOS else limit
            for limit in member_limits(rows, payer.role_ids, self._settings.member_videos)
        ]
        return [*own, *self._ceilings(server)]

    def _ceilings(self, server: ServerSettings) -> list[Limit]:
        owners = self._settings
        chosen = [n for n in (server.server_daily, owners.server_videos) if n is not None]
        ceilings = (
            (Scope.SERVER, Unit.VIDEOS, Period.DAY, min(chosen, default=None)),
            (Scope.SERVER, Unit.COST, Period.MONTH, owners.server_budget),
            (Scope.BOT, Unit.VIDEOS, Period.DAY, owners.bot_videos),
            (Scope.BOT, Unit.COST, Period.MONTH, owners.bot_budget),
        )
        return [
            Limit(scope, unit, period, amount)
            for scope, unit, period, amount in ceilings
            if amount is not None
        ]

    async def with_next(self, tx: Transaction, meter: Meter, payer: Payer) -> Meter:
        """The meter with the moment at which something of it comes back."""
        if not meter.used or not meter.limit.total:
            return meter
        if meter.limit.period is Period.DAY and meter.left:
            counting = await self._counting(tx, meter.limit, payer)
            frees_ms: int | None = counting[0][0] + DAY_MS if counting else None
        else:
            frees_ms = await self.room_ms(tx, meter.limit, payer, needed=1)
        return replace(meter, frees_at_ms=frees_ms or 0)

    async def room_ms(
        self, tx: Transaction, limit: Limit, payer: Payer, *, needed: int
    ) -> int | None:
        """When so much more fits if nothing else is asked for; None when it never will."""
        if limit.period is Period.MONTH:
            fits = limit.amount > 0 and needed <= limit.amount
            return next_month_ms(payer.now_ms) if fits else None
        grants = []
        if limit.extra:
            grants = await quotas.active_grants(tx, payer.guild_id, payer.user_id, payer.now_ms)
        return room_again_ms(
            await self._counting(tx, limit, payer),
            amount=limit.amount,
            needed=needed,
            grants=[(grant.until_ms, grant.videos) for grant in grants],
        )

    async def _counting(self, tx: Transaction, limit: Limit, payer: Payer) -> list[tuple[int, int]]:
        reset_ms = await quotas.last_reset_ms(tx, payer.guild_id, payer.user_id)
        rows = await ledger.counting(
            tx,
            limit.account,
            since_ms=_since_ms(limit, payer.now_ms, reset_ms),
            **limit.of(payer.guild_id, payer.user_id),
        )
        return [(at_ms, limit.unit.of(usage)) for at_ms, usage in rows]


def _since_ms(limit: Limit, now_ms: int, reset_ms: int) -> int:
    """From when on rows count: a reset applies to a member's count, never to cost."""
    starts_ms = limit.period.starts_ms(now_ms)
    if limit.scope in CEILINGS or limit.unit is Unit.COST:
        return starts_ms
    return max(starts_ms, reset_ms + 1)
