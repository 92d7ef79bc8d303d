"""Private answers to owners: pause, resume and uncertain requests. Pure; sized for a phone."""

from collections.abc import Callable
from typing import Final

import discord

from bot.services.operations.evidence import Evidence, Finding
from bot.services.operations.uncertain_views import Settlement, UncertainPage
from bot.ui.error_messages import explain
from bot.ui.formatting import dotted, mention, price, within
from bot.ui.markdown import code, inline
from bot.ui.texts import Localised
from storage.records import Request

FIELD_LIMIT: Final = 1024
KNOWN_LIMIT: Final = 650
"""What is known of an uncertain request leaves room for the evidence."""
WORDS_SHOWN: Final = 200
NAME_SHOWN: Final = 40

NameOf = Callable[[int], str]
"""Looks up a server's name by its id; empty where unknown."""


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
    return _with_requests(embed, page, name_of, currency, t)


def explanation(page: UncertainPage, t: Localised) -> str:
    """What each button means for these requests."""
    is_restored = page.total > 0 and page.restored == page.total
    return t("uncertain-explain-restored" if is_restored else "uncertain-explain")


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
    is_restored = page.total > 0 and page.restored == page.total
    question = "uncertain-sure-go" if is_restored else "uncertain-sure-again"
    lines = [t(question, count=page.total)]
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
            t("uncertain-parked", ms=row.intent_at_ms, state=row.parked_from)
            if row.parked_from
            else t("uncertain-sent", ms=row.intent_at_ms),
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
