"""Private answers to owners: status and uncertain requests. Pure; sized for a phone."""

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Final

import discord

from bot.services.operations.balance import BalanceView
from bot.services.operations.evidence import Evidence, Finding
from bot.services.operations.status import OwnerStatus
from bot.services.operations.uncertain_views import Settlement, UncertainPage
from bot.ui.error_messages import explain
from bot.ui.formatting import dotted, mention, price, within
from bot.ui.markdown import code, inline
from bot.ui.texts import Localised
from storage.records import ENDS, Request, State, Usage, Worker

FIELD_LIMIT: Final = 1024
KNOWN_LIMIT: Final = 650
"""What is known of an uncertain request leaves room for the evidence."""
CAUSES_SHOWN: Final = 6
WORKERS_SHOWN: Final = 8
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
    """The status: problems first, then the figures."""
    wrong = [*_warnings(status, t)]
    embed = discord.Embed(
        title=t("owner-title"),
        description=within(wrong or [t("owner-well")], 3000),
        colour=discord.Colour.orange() if wrong else discord.Colour.green(),
    )
    for title, lines in (
        ("owner-spent", _spent(status, currency, t)),
        ("owner-requests", _requests(status, t)),
        ("owner-failures", _failures(status, t)),
        ("owner-provider", _provider(status, t)),
        ("owner-disk", [_disk(status, t)]),
        ("owner-workers", [_worker(each, t) for each in status.workers[:WORKERS_SHOWN]]),
        ("owner-versions", [dotted(_versions(status))]),
    ):
        if value := within(lines, FIELD_LIMIT):
            embed.add_field(name=t(title), value=value, inline=False)
    return embed


def _warnings(status: OwnerStatus, t: Localised) -> Iterator[str]:
    if status.paused_since_ms:
        yield t("owner-paused", ms=status.paused_since_ms)
    health = status.health
    if health.is_open:
        yield t("owner-trouble", trouble=health.trouble, ms=health.since_ms)
    if status.balance.is_low:
        yield t("owner-balance-low", left=_left(status.balance))
    if status.is_disk_nearly_full:
        yield t("owner-disk-full")
    if not status.workers:
        yield t("owner-no-worker")
    if uncertain := status.counts.get(State.UNCERTAIN, 0):
        yield t("owner-has-uncertain", count=uncertain)


def _left(balance: BalanceView) -> int | str:
    return "none" if balance.videos_left is None else balance.videos_left


def _spent(status: OwnerStatus, currency: str, t: Localised) -> list[str]:
    return [
        t("owner-spent-month", what=_usage(status.spent.month, status, currency, t)),
        t("owner-spent-today", what=_usage(status.spent.today, status, currency, t)),
        f"-# {t('owner-spent-zone')}",
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
    return [
        state,
        t("owner-throttled", ms=throttled) if throttled else "",
        _balance(status.balance, t),
    ]


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


def _worker(worker: Worker, t: Localised) -> str:
    return t("owner-worker", host=code(worker.host), ms=worker.seen_at_ms)


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
    about = t("uncertain-about") if page.total else t("uncertain-none")
    if page.total == 1:
        about = within((about, t("uncertain-explain")))
    embed = discord.Embed(title=t("uncertain-title", count=page.total), description=about)
    return _with_requests(embed, page, name_of, currency, t)


def chosen_page(
    page: UncertainPage, name_of: NameOf, currency: str, t: Localised, *, question: str
) -> discord.Embed:
    """The chosen requests, and the question what became of them."""
    embed = discord.Embed(title=t("uncertain-chosen", count=page.total), description=question)
    _with_requests(embed, page, name_of, currency, t)
    if more := page.total - len(page.requests):
        embed.set_footer(text=t("uncertain-chosen-more", count=more))
    return embed


def sure_again(page: UncertainPage, currency: str, t: Localised) -> str:
    """The confirmation before money is spent; with the cost where all of it is known."""
    costs = [row.cost_micros for row in page.requests]
    lines = [t("uncertain-sure-again", count=page.total)]
    if page.total == len(costs) and all(cost is not None for cost in costs):
        total = sum(cost or 0 for cost in costs)
        lines.append(t("uncertain-sure-again-cost", price=price(total, currency, t)))
    return within(lines)


def _with_requests(
    embed: discord.Embed, page: UncertainPage, name_of: NameOf, currency: str, t: Localised
) -> discord.Embed:
    for row in page.requests:
        evidence = page.evidence.get(row.id, Evidence(Finding.NO_NOTES))
        told = (
            _known(row, name_of, currency, t),
            evidence_line(evidence, currency, t, is_exclusive=page.is_key_exclusive),
        )
        embed.add_field(name=code(row.id), value=within(told, FIELD_LIMIT), inline=False)
    return embed


def evidence_line(evidence: Evidence, currency: str, t: Localised, *, is_exclusive: bool) -> str:
    """What the key's use says of an uncertain request, and what follows from it."""
    said = t(
        f"evidence-{evidence.finding}",
        amount=price(abs(evidence.rise_micros), currency, t),
        direction="up" if evidence.rise_micros > 0 else "down",
        ms=evidence.until_ms,
        since_ms=evidence.before.answered_at_ms if evidence.before else 0,
        after_ms=evidence.after.asked_at_ms if evidence.after else 0,
    )
    is_proof = evidence.finding in (Finding.BILLED, Finding.NOT_BILLED)
    return within((said, "" if is_exclusive or not is_proof else t("evidence-shared")))


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
            t("uncertain-sent", ms=row.intent_at_ms),
            t("uncertain-where", guild=guild, user=mention(row.user_id)),
            dotted((code(row.model), length, cost)),
            t("uncertain-words", text=words) if words else "",
            t("uncertain-task", task=code(row.task_id, WORDS_SHOWN)) if row.task_id else "",
        ),
        KNOWN_LIMIT,
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
