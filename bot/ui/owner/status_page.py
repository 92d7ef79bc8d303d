"""`/owner status` for a phone: what is wrong first, then a line or two for each figure. Pure."""

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Final

import discord

from bot.services.operations.balance import BalanceView
from bot.services.operations.gateways import ShardsView
from bot.services.operations.status import OwnerStatus
from bot.shards import ranges
from bot.ui.formatting import dotted, price, within
from bot.ui.markdown import code
from bot.ui.texts import Localised
from storage.quotas.ledger_records import Usage
from storage.records import ENDS, State

CAUSES_SHOWN: Final = 6
WORKERS_SHOWN: Final = 4
GATEWAYS_SHOWN: Final = 8
RANGES_SHOWN: Final = 6
DESCRIPTION_LIMIT: Final = 4096
QUEUE_LATE_MS: Final = 30 * 60_000
MESSAGE_LATE_MS: Final = 15 * 60_000
BACKUP_LATE_MS: Final = 3 * 24 * 60 * 60_000

_PROBLEMS: Final = {
    "key": "owner-balance-key",
    "down": "owner-balance-down",
    "unsaid": "owner-balance-silent",
}


def status_page(status: OwnerStatus, currency: str, t: Localised) -> discord.Embed:
    """The status for a phone: what is wrong first, then a line or two for each figure."""
    wrong = [*_warnings(status, t)]
    figures = [
        within((f"**{t(title)}** {lines[0]}", *lines[1:]))
        for title, lines in (
            ("owner-spent", _spent(status, currency, t)),
            ("owner-requests", _requests(status, t)),
            ("owner-failures", _failures(status, t)),
            ("owner-provider", _provider(status, t)),
            ("owner-disk", [_disk(status, t)]),
            ("owner-workers", [_workers(status, t)]),
            *((("owner-shards", _shards(status.shards, t)),) if status.shards.total else ()),
        )
    ]
    return discord.Embed(
        title=t("owner-title"),
        description=within(
            (*(wrong or [t("owner-well")]), *figures, f"-# {dotted(_versions(status))}"),
            DESCRIPTION_LIMIT,
        ),
        colour=discord.Colour.orange() if wrong else discord.Colour.green(),
    )


def _warnings(status: OwnerStatus, t: Localised) -> Iterator[str]:
    """What is wrong, what costs most first."""
    health = status.health
    if status.is_store_away:
        yield t("owner-store-away")
    if health.is_open:
        yield t("owner-trouble", trouble=health.trouble, ms=health.since_ms)
    if not status.workers:
        yield t("owner-no-worker")
    yield from _lost_shards(status.shards, t)
    if status.is_disk_nearly_full:
        yield t("owner-disk-full")
    if status.balance.is_low:
        yield t("owner-balance-low", left=_left(status.balance))
    if uncertain := status.counts.get(State.UNCERTAIN, 0):
        yield t("owner-has-uncertain", count=uncertain)
    if status.restored:
        yield t("owner-has-restored", count=status.restored)
    if status.paused_since_ms:
        yield t("owner-paused", ms=status.paused_since_ms)
    yield from _late(status, t)


def _lost_shards(shards: ShardsView, t: Localised) -> Iterator[str]:
    """Shards whose servers can't ask for anything."""
    if shards.down:
        since_ms = min(shards.down.values())
        which = _numbers(shards.down)
        yield t("owner-shards-down", which=which, count=len(shards.down), ms=since_ms)
    if shards.missing:
        which = _numbers(shards.missing)
        yield t("owner-shards-missing", which=which, count=len(shards.missing))


def _late(status: OwnerStatus, t: Localised) -> Iterator[str]:
    """What has waited for long without a reason that is named already."""
    has_reason = status.paused_since_ms or status.health.is_open or not status.workers
    if 0 < status.queued_since_ms < status.now_ms - QUEUE_LATE_MS and not has_reason:
        yield t("owner-queue-late", ms=status.queued_since_ms)
    if 0 < status.message_since_ms < status.now_ms - MESSAGE_LATE_MS:
        yield t("owner-messages-late", ms=status.message_since_ms)
    if 0 < status.backup_ms < status.now_ms - BACKUP_LATE_MS:
        yield t("owner-backup-late", ms=status.backup_ms)


def _left(balance: BalanceView) -> int | str:
    return "none" if balance.videos_left is None else balance.videos_left


def _spent(status: OwnerStatus, currency: str, t: Localised) -> list[str]:
    return [
        t("owner-spent-month", what=_usage(status.spent.month, status, currency, t)),
        t("owner-spent-today", what=_usage(status.spent.today, status, currency, t)),
    ]


def _usage(usage: Usage, status: OwnerStatus, currency: str, t: Localised) -> str:
    cost = price(usage.cost_micros, currency, t) if status.has_prices else ""
    amounts = (
        t("amount-videos", count=usage.videos),
        t("amount-seconds", count=usage.seconds),
    )
    return dotted((cost, *amounts))


def _requests(status: OwnerStatus, t: Localised) -> list[str]:
    always = (State.QUEUED, State.RUNNING, State.UNCERTAIN)
    shown = [
        t("owner-count", state=t(f"state-{state}", progress=0), count=number)
        for state, number in status.counts.items()
        if state not in ENDS and (number or state in always)
    ]
    pending = t("owner-owed", count=status.messages_pending) if status.messages_pending else ""
    return [dotted(shown), pending]


def _failures(status: OwnerStatus, t: Localised) -> list[str]:
    if not status.failures_week:
        return [t("owner-failures-week", what=_causes({}, t))]
    return [
        t("owner-failures-day", what=_causes(status.failures_day, t)),
        t("owner-failures-week", what=_causes(status.failures_week, t)),
    ]


def _causes(causes: Mapping[str, int], t: Localised) -> str:
    if not causes:
        return t("owner-failures-none")
    words = [
        t("owner-cause", cause=cause.replace("_", "-"), count=number)
        for cause, number in list(causes.items())[:CAUSES_SHOWN]
    ]
    return f"{t.number(sum(causes.values()))} ({', '.join(words)})"


def _provider(status: OwnerStatus, t: Localised) -> list[str]:
    health = status.health
    state = t("owner-provider-well")
    if health.is_open:
        state = t("owner-provider-trouble", ms=health.since_ms, failures=health.failures)
    throttled = status.throttled_until_ms
    limited = t("owner-throttled", ms=throttled) if throttled else ""
    return [dotted((state, _balance(status.balance, t))), limited]


def _balance(balance: BalanceView, t: Localised) -> str:
    if balance.problem:
        return t(_PROBLEMS[balance.problem])
    if balance.is_unlimited:
        return t("owner-balance-unlimited")
    if balance.available is None:
        return t("owner-balance-silent")
    return t("owner-balance", amount=t.number(balance.available), left=_left(balance))


def _disk(status: OwnerStatus, t: Localised) -> str:
    sizes = {
        "used": status.disk_used_bytes,
        "limit": status.disk_limit_bytes,
        "free": status.disk_free_bytes,
    }
    return t("owner-disk-used", **{name: _gigabytes(size, t) for name, size in sizes.items()})


def _gigabytes(size: int, t: Localised) -> str:
    return t.number(round(Decimal(size) / 1_000_000_000, 1))


def _workers(status: OwnerStatus, t: Localised) -> str:
    hosts = [code(worker.host) for worker in status.workers[:WORKERS_SHOWN]]
    return dotted((t.number(len(status.workers)), ", ".join(hosts)))


def _shards(shards: ShardsView, t: Localised) -> list[str]:
    """How many are connected, and which process has which."""
    processes = [
        f"{code(gateway.host)} {_range(gateway.first_shard, gateway.last_shard)}"
        for gateway in shards.gateways[:GATEWAYS_SHOWN]
    ]
    more = "…" if len(shards.gateways) > GATEWAYS_SHOWN else ""
    connected = t("owner-shards-connected", count=shards.connected, total=shards.total)
    return [connected, dotted((*processes, more))]


def _numbers(ids: Collection[int]) -> str:
    """Shards as a few ranges."""
    found = [_range(first, last) for first, last in ranges(ids)]
    return ", ".join((*found[:RANGES_SHOWN], *(("…",) if len(found) > RANGES_SHOWN else ())))


def _range(first: int, last: int) -> str:
    return str(first) if first == last else f"{first}–{last}"


def _versions(status: OwnerStatus) -> list[str]:
    named = [f"{name} {version}" for name, version in status.versions.items()]
    return [*named, status.database]
