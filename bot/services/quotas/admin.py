"""Quota commands: show allowances, set limits, grant extra videos, reset counts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Final

from bot.errors import NotAllowed, UserError
from bot.services.authorization import check_moderator, require_moderator
from bot.services.caller import Caller
from bot.services.log_lines import enqueue_log
from bot.services.permissions import is_manager
from bot.services.quotas.limits import CEILINGS, MICROS, Period, Scope, Unit
from bot.services.quotas.service import Allowance, QuotaService, Remaining
from bot.services.server_settings import ServerSettings, read_settings
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.quotas import ledger, quotas
from storage.quotas.quotas import Grant, Quota, Reset

UNLIMITED: Final = "unlimited"
DEFAULT: Final = "default"
MOST: Final = {Unit.VIDEOS: 1_000_000, Unit.SECONDS: 100_000_000, Unit.COST: 10**15}
"""A higher limit is surely a typo; cost in millionths."""
MOST_GRANTED: Final = 1000


@dataclass(frozen=True, slots=True)
class Member:
    """A member about whom somebody asks, with the roles that Discord says they have."""

    user_id: int
    role_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """For whom a limit is: a member, a role, or everyone (then `id` is 0)."""

    scope: Scope
    id: int = 0

    @property
    def mention(self) -> str:
        """As Discord writes it; a message says who may be pinged by that."""
        if self.scope is Scope.EVERYONE:
            return "@everyone"
        return f"<@&{self.id}>" if self.scope is Scope.ROLE else f"<@{self.id}>"


@dataclass(frozen=True, slots=True)
class LimitChange:
    """What was set, and every limit that its subject has now.

    `amount` is `unlimited`, `default` or a whole number of the unit (cost in millionths).
    """

    subject: Subject
    unit: Unit
    period: Period
    amount: int | str
    now: tuple[Quota, ...]


@dataclass(frozen=True, slots=True)
class Granted:
    """What a member was given; less than `asked` where the server's `ceiling` allows no more."""

    grant: Grant
    asked: int
    ceiling: int | None


class QuotaAdminService:
    """Checks permissions on every call, whatever Discord showed."""

    def __init__(
        self,
        database: Database,
        quotas: QuotaService,
        *,
        clock: Callable[[], int],
        currency: str = "",
    ) -> None:
        self._database = database
        self._quotas = quotas
        self._clock = clock
        self._currency = currency

    async def show(self, caller: Caller, member: Member | None = None) -> Allowance:
        """The caller's own allowance, or for moderators anybody's. Raises: NotAllowed."""
        who = member or Member(caller.user_id, caller.role_ids)
        async with self._database.reading() as tx:
            settings = await read_settings(tx, caller.guild_id)
            if who.user_id != caller.user_id:
                check_moderator(settings, caller)
            return await self._allowance(tx, settings, caller.guild_id, who)

    async def left(self, caller: Caller) -> Remaining:
        """What the caller may still ask for."""
        return (await self.show(caller)).left

    @repeated
    async def set_limit(
        self, caller: Caller, subject: Subject, amount: str, unit: Unit, period: Period
    ) -> LimitChange:
        """Set, lift or remove a limit; for managers. Raises: NotAllowed, UserError."""
        if not is_manager(caller):
            raise NotAllowed("refused-managers-only")
        wanted = read_amount(amount, unit)
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            key = (caller.guild_id, str(subject.scope), subject.id, str(unit), str(period))
            if wanted == DEFAULT:
                await quotas.remove(tx, *key)
            else:
                number = wanted if isinstance(wanted, int) else None
                await quotas.put(tx, Quota(*key, number, caller.user_id, now_ms))
            settings = await read_settings(tx, caller.guild_id)
            rows = await quotas.of_subject(tx, caller.guild_id, subject.scope, subject.id)
            change = LimitChange(subject, unit, period, wanted, tuple(rows))
            await self._log_limit(tx, settings, caller, change, now_ms)
        return change

    @repeated
    async def grant(self, caller: Caller, member: Member, videos: int) -> Granted:
        """Give extra videos for 24 hours; for moderators, to others, up to the server's ceiling.

        The same interaction gives once. Raises: NotAllowed, UserError.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            if member.user_id == caller.user_id:
                raise NotAllowed("refused-grant-self")
            if not 1 <= videos <= MOST_GRANTED:
                raise UserError("refused-grant-number", {"videos": videos, "most": MOST_GRANTED})
            ceiling = self._quotas.server_ceiling(settings)
            await ledger.lock_accounts(tx, caller.guild_id, member.user_id)
            earlier = await quotas.grant_of(tx, caller.interaction_id)
            if earlier is not None:
                return Granted(earlier, videos, ceiling)
            room = await self._room_for_grants(tx, settings, caller.guild_id, member)
            given = Grant(
                interaction_id=caller.interaction_id,
                guild_id=caller.guild_id,
                user_id=member.user_id,
                videos=videos if room is None else min(videos, room),
                by_id=caller.user_id,
                at_ms=now_ms,
                until_ms=now_ms + DAY_MS,
            )
            await quotas.grant(tx, given)
            told = {"videos": given.videos, "ms": given.until_ms}
            await self._log(tx, settings, caller, "log-grant", member.user_id, told, now_ms)
        return Granted(given, videos, ceiling)

    @repeated
    async def reset(self, caller: Caller, user_id: int) -> bool:
        """Reset a member's used count; for moderators, for others.

        Nothing is taken out of the ledger, and what was spent stays spent. False when this
        interaction has done it already. Raises: NotAllowed.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            settings = await require_moderator(tx, caller)
            if user_id == caller.user_id:
                raise NotAllowed("refused-reset-self")
            await ledger.lock_accounts(tx, caller.guild_id, user_id)
            entry = Reset(caller.interaction_id, caller.guild_id, user_id, caller.user_id, now_ms)
            is_new = await quotas.reset(tx, entry)
            if is_new:
                await self._log(tx, settings, caller, "log-reset", user_id, {}, now_ms)
        return is_new

    async def _allowance(
        self, tx: Transaction, settings: ServerSettings, guild_id: int, member: Member
    ) -> Allowance:
        return await self._quotas.allowance(
            tx, settings, guild_id, member.user_id, self._clock(), role_ids=member.role_ids
        )

    async def _room_for_grants(
        self, tx: Transaction, settings: ServerSettings, guild_id: int, member: Member
    ) -> int | None:
        """How many more may be granted; None without a ceiling. Raises: UserError for none."""
        ceiling = self._quotas.server_ceiling(settings)
        allowance = await self._allowance(tx, settings, guild_id, member)
        own = [
            meter.limit
            for meter in allowance.meters
            if meter.limit.unit is Unit.VIDEOS and meter.limit.scope not in CEILINGS
        ]
        if not own:
            raise UserError("refused-grant-unlimited", {"user": str(member.user_id)})
        if ceiling is None:
            return None
        daily = [limit.total for limit in own if limit.period is Period.DAY]
        may = min(daily, default=own[0].extra)
        if may >= ceiling:
            told = {"limit": ceiling, "may": may}
            raise UserError("refused-grant-ceiling", {"user": str(member.user_id), **told})
        return ceiling - may

    async def _log_limit(
        self,
        tx: Transaction,
        settings: ServerSettings,
        caller: Caller,
        change: LimitChange,
        now_ms: int,
    ) -> None:
        params: dict[str, str | int] = {
            "subject": change.subject.mention,
            "unit": change.unit,
            "period": change.period,
        }
        if change.unit is Unit.COST and isinstance(change.amount, int):
            params |= {"amount_micros": change.amount, "currency": self._currency}
        else:
            params["amount"] = str(change.amount)
        await self._log(tx, settings, caller, "log-quota", 0, params, now_ms)

    async def _log(
        self,
        tx: Transaction,
        settings: ServerSettings,
        caller: Caller,
        text: str,
        user_id: int,
        params: Mapping[str, str | int],
        now_ms: int,
    ) -> None:
        told: dict[str, str | int] = {**params, "by": str(caller.user_id)}
        if user_id:
            told["user"] = str(user_id)
        outbox_id = f"{caller.interaction_id}:{text}"
        await enqueue_log(tx, settings, caller.guild_id, outbox_id, text, told, now_ms=now_ms)


def read_amount(text: str, unit: Unit) -> int | str:
    """A limit as somebody typed it: a number (money with up to six decimals), or one of two words.

    Raises: UserError with what would pass.
    """
    word = text.strip().lower()
    if word in (UNLIMITED, DEFAULT):
        return word
    scale = MICROS if unit is Unit.COST else 1
    try:
        amount = Decimal(word) * scale if word.replace(".", "", 1).isdecimal() else None
    except InvalidOperation:
        amount = None
    if amount is None or amount != int(amount) or amount > MOST[unit]:
        raise UserError("refused-amount", {"value": text.strip()[:50], "unit": str(unit)})
    return int(amount)
