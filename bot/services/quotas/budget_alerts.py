"""Tells people in time that a month's money runs out: once for each budget and month."""

from collections.abc import Sequence
from typing import Final, Protocol

from bot.services.owners import read_owners
from bot.services.quotas.limits import Meter, Scope, Unit, month_name, next_month_ms
from bot.services.requests import lifecycle
from storage.engine.database import Transaction
from storage.records import Request

WARN_PERCENT: Final = 80


class BudgetSettings(Protocol):
    """What the warnings need of the settings."""

    @property
    def currency(self) -> str:
        """What the amounts are in."""
        ...

    @property
    def owner_ids(self) -> tuple[int, ...]:
        """Whom the bot's budget is told."""
        ...


async def warn_of_budgets(
    tx: Transaction,
    request: Request,
    meters: Sequence[Meter],
    settings: BudgetSettings,
    *,
    now_ms: int,
) -> None:
    """Owe the warnings that this request's price calls for; owing one twice is owing it once.

    A server's budget is told in its log channel, with amounts. The bot's is told to the owners,
    and without amounts in the log channel of the server whose request it was.
    """
    for meter in meters:
        limit = meter.limit
        used = meter.used + limit.unit.needed_by(request)
        if limit.unit is not Unit.COST or limit.scope not in (Scope.SERVER, Scope.BOT):
            continue
        if used * 100 < limit.amount * WARN_PERCENT:
            continue
        params: dict[str, str | int] = {
            "percent": used * 100 // limit.amount,
            "used_micros": used,
            "limit_micros": limit.amount,
            "currency": settings.currency,
            "ms": next_month_ms(now_ms),
        }
        name = f"budget:{limit.scope}:{month_name(now_ms)}"
        guild_id = request.guild_id
        text = f"log-budget-{limit.scope}"
        await lifecycle.enqueue_log(tx, guild_id, f"{name}:{guild_id}", text, params, now_ms=now_ms)
        if limit.scope is Scope.BOT:
            for owner_id in await read_owners(tx, settings.owner_ids):
                outbox_id = f"{name}:owner:{owner_id}"
                await lifecycle.enqueue_direct(
                    tx, owner_id, outbox_id, "alarm-budget", params, now_ms=now_ms
                )
