"""Alerts when 80 % of a monthly budget is used: once for each budget and month."""

from collections.abc import Sequence
from typing import Final

from bot.services.log_lines import enqueue_direct, enqueue_log
from bot.services.owners import read_owners
from bot.services.quotas.limits import Meter, Scope, Unit, month_name, next_month_ms
from bot.services.quotas.usage import QuotaSettings
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.records import Request

WARN_PERCENT: Final = 80


async def warn_of_budgets(
    tx: Transaction,
    server: ServerSettings,
    request: Request,
    meters: Sequence[Meter],
    settings: QuotaSettings,
    *,
    now_ms: int,
) -> None:
    """Enqueue the alerts that this request's price triggers; each is sent once.

    A server's budget goes to its log channel, with amounts. The bot's goes to the owners, and
    without amounts to the log channel of the server that made the request.
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
        outbox_id = f"{name}:{guild_id}"
        await enqueue_log(tx, server, guild_id, outbox_id, text, params, now_ms=now_ms)
        if limit.scope is Scope.BOT:
            for owner_id in await read_owners(tx, settings.owner_ids):
                outbox_id = f"{name}:owner:{owner_id}"
                await enqueue_direct(tx, owner_id, outbox_id, "alarm-budget", params, now_ms=now_ms)
