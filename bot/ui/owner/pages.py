"""Private answers to owners: status and uncertain requests. Pure; sized for a phone."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Final

import discord

from bot.services.operations.balance import BalanceView
from bot.services.operations.status import OwnerStatus
from bot.services.operations.uncertain import Settlement, UncertainPage
from bot.ui.error_messages import explain
from bot.ui.formatting import dotted, mention, price, within
from bot.ui.markdown import code, inline
from bot.ui.texts import Localised
from storage.records import ENDS, Request, State, Usage

FIELD_LIMIT: Final = 1024
CAUSES_SHOWN: Final = 6
WORKERS_SHOWN: Final = 4
DESCRIPTION_LIMIT: Final = 4096
QUEUE_LATE_MS: Final = 30 * 60_000
MESSAGE_LATE_MS: Final = 15 * 60_000
BACKUP_LATE_MS: Final = 3 * 24 * 60 * 60_000
WORDS_SHOWN: Final = 200
NAME_SHOWN: Final = 40

_PROBLEMS: Final = {
    "key": "owner-balance-key",
    "down": "owner-balance-down",
    "unsaid": "owner-balance-silent",
}

NameOf = Callable[[int], str]
"""Looks up a server's name by its id; empty where unknown."""


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
    if health.is_open:
        yield t("owner-trouble", trouble=health.trouble, ms=health.since_ms)
    if not status.workers:
        yield t("owner-no-worker")
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


def _versions(status: OwnerStatus) -> list[str]:
    named = [f"{name} {version}" for name, version in status.versions.items()]
    return [*named, status.database]


def paused(is_new: bool, running: int, t: Localised) -> str:
    """The answer to `/owner pause`."""
    return t("owner-pause-done", running=running) if is_new else t("owner-pause-already")


def resumed(was_paused: bool, waiting: int, t: Localised) -> str:
    """The answer to `/owner resume`."""
    return t("owner-resume-done", waiting=waiting) if was_paused else t("owner-resume-already")


def uncertain_page(
    page: UncertainPage, name_of: NameOf, currency: str, t: Localised
) -> discord.Embed:
    """A page of uncertain requests with everything known about each."""
    about = [t("uncertain-about")] if page.total > page.restored else []
    if page.restored:
        about.append(t("uncertain-about-restored", count=page.restored))
    if page.total == 1:
        about.append(explanation(page, t))
    embed = discord.Embed(
        title=t("uncertain-title", count=page.total),
        description=within(about or [t("uncertain-none")]),
    )
    return _with_requests(embed, page.requests, name_of, currency, t)


def explanation(page: UncertainPage, t: Localised) -> str:
    """What each button means for these requests."""
    is_restored = page.total > 0 and page.restored == page.total
    return t("uncertain-explain-restored" if is_restored else "uncertain-explain")


def chosen_page(
    page: UncertainPage, name_of: NameOf, currency: str, t: Localised, *, question: str
) -> discord.Embed:
    """The chosen requests, and the question what became of them."""
    embed = discord.Embed(title=t("uncertain-chosen", count=page.total), description=question)
    _with_requests(embed, page.requests, name_of, currency, t)
    if more := page.total - len(page.requests):
        embed.set_footer(text=t("uncertain-chosen-more", count=more))
    return embed


def sure_again(page: UncertainPage, currency: str, t: Localised) -> str:
    """The confirmation before money is spent; with the cost where all of it is known."""
    costs = [row.cost_micros for row in page.requests]
    is_restored = page.total > 0 and page.restored == page.total
    question = "uncertain-sure-go" if is_restored else "uncertain-sure-again"
    lines = [t(question, count=page.total)]
    if page.total == len(costs) and all(cost is not None for cost in costs):
        total = sum(cost or 0 for cost in costs)
        lines.append(t("uncertain-sure-again-cost", price=price(total, currency, t)))
    return within(lines)


def _with_requests(
    embed: discord.Embed, rows: Iterable[Request], name_of: NameOf, currency: str, t: Localised
) -> discord.Embed:
    for row in rows:
        embed.add_field(name=code(row.id), value=_known(row, name_of, currency, t), inline=False)
    return embed


def _known(row: Request, name_of: NameOf, currency: str, t: Localised) -> str:
    name = inline(name_of(row.guild_id), NAME_SHOWN)
    guild = f"{name} ({code(str(row.guild_id))})" if name else code(str(row.guild_id))
    cost = ""
    if row.cost_micros is not None:
        cost = t("uncertain-cost", price=price(row.cost_micros, currency, t))
    length = t("length", seconds=row.seconds) if row.seconds else ""
    words = code(row.provider_text, WORDS_SHOWN) if row.provider_text else ""
    return within(
        (
            t("uncertain-parked", ms=row.intent_at_ms, state=row.parked_from)
            if row.parked_from
            else t("uncertain-sent", ms=row.intent_at_ms),
            t("uncertain-where", guild=guild, user=mention(row.user_id)),
            dotted((code(row.model), length, cost)),
            t("uncertain-words", text=words) if words else "",
            t("uncertain-task", task=code(row.task_id, WORDS_SHOWN)) if row.task_id else "",
        ),
        FIELD_LIMIT,
    )


def settlement(done: str, result: Settlement, currency: str, t: Localised) -> str:
    """What a press settled; `done` is the key of the text for it."""
    settled, late = len(result.settled), len(result.late)
    refused = [
        t("uncertain-refused", id=code(each), why=explain(error, t, currency))
        for each, error in result.refused.items()
    ]
    seen = [
        t("uncertain-seen", id=code(each), status=status) for each, status in result.seen.items()
    ]
    return within(
        (
            t(done, count=settled) if settled else "",
            *seen,
            *refused,
            t("uncertain-late", count=late) if late else "",
        )
    )
