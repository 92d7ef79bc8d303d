"""`/videomod words`: changes, imports, shows and tries the server's word list."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import discord

from bot.discord_rest.automod import automod_rules_of
from bot.services.moderation.automod_rules import RuleOutcome
from bot.services.moderation.word_list import WordListView
from bot.services.moderation.word_lists import WordMatch
from bot.ui.formatting import CONTENT_LIMIT, below, within
from bot.ui.interactions import caller_of
from bot.ui.markdown import ELLIPSIS, code, inline
from bot.ui.responses import Answer
from bot.ui.services import Services
from bot.ui.texts import Localised
from storage.moderation.imported_rules import ImportedRule

WORD_SHOWN: Final = 160
PAGE_LIMIT: Final = 4000
OUTCOMES_SHOWN: Final = 20
"""Discord lets a server have fewer rules."""


@dataclass(frozen=True, slots=True)
class WordChange:
    """What was given with the command; `is_imported` None leaves the imported rules alone."""

    add: str = ""
    remove: str = ""
    is_imported: bool | None = None
    test: str = ""


async def send_words(
    services: Services, interaction: discord.Interaction[Any], answer: Answer, change: WordChange
) -> None:
    """Do what was asked for, and answer with the lists; or what holds a text, if one is tried."""
    caller, service = caller_of(interaction), services.words
    view = await service.change(caller, add=change.add, remove=change.remove)
    outcomes: list[RuleOutcome] | None = None
    if change.is_imported:
        given = await automod_rules_of(interaction.client, caller.guild_id)
        view, outcomes = await service.import_rules(caller, given)
    elif change.is_imported is not None:
        view = await service.forget_imported(caller)
    if not change.test:
        await answer.send(embed=word_page(view, change, outcomes, answer.t))
        return
    found = await service.test(caller, change.test)
    told = within(_told(change, outcomes, answer.t), CONTENT_LIMIT // 2)
    await answer.send(below(told, tested(found, answer.t)))


def word_page(
    view: WordListView, change: WordChange, outcomes: Sequence[RuleOutcome] | None, t: Localised
) -> discord.Embed:
    """What has changed, and the list behind a spoiler, so that nobody has to read it."""
    told = within(_told(change, outcomes, t), PAGE_LIMIT // 2)
    rules = within(_rules(view.imported, t), PAGE_LIMIT // 4)
    room = PAGE_LIMIT - len(told) - len(rules) - 200
    words = _listed((inline(word.word, WORD_SHOWN) for word in view.own), room)
    shown = f"||{words}||" if words else t("words-empty")
    embed = discord.Embed(title=t("words-title"))
    embed.description = within((told, shown, rules), PAGE_LIMIT)
    return embed


def _listed(words: Iterable[str], limit: int) -> str:
    """As many words as fit: cut within one, a lone backslash could keep the spoiler open."""
    kept: list[str] = []
    for word in words:
        limit -= len(word) + 2
        if limit < 0:
            return ", ".join((*kept, ELLIPSIS))
        kept.append(word)
    return ", ".join(kept)


def tested(found: Sequence[WordMatch], t: Localised) -> str:
    """What would hold a text."""
    if not found:
        return t("words-test-none")
    lines = (
        t("words-test-rule", word=code(each.word), rule=inline(each.rule, WORD_SHOWN))
        if each.rule
        else t("words-test-own", word=code(each.word))
        for each in found
    )
    return within((t("words-test-held"), *lines))


def _told(
    change: WordChange, outcomes: Sequence[RuleOutcome] | None, t: Localised
) -> Iterator[str]:
    if change.add:
        yield t("words-added", word=code(change.add))
    if change.remove:
        yield t("words-removed", word=code(change.remove))
    if change.is_imported is False:
        yield t("words-forgotten")
    if outcomes is None:
        return
    yield t("words-imported", count=sum(not each.left_out for each in outcomes))
    for each in outcomes[:OUTCOMES_SHOWN]:
        yield f"- {_outcome(each, t)}"


def _outcome(each: RuleOutcome, t: Localised) -> str:
    name = inline(each.name, WORD_SHOWN)
    if each.left_out:
        return t("import-left-out", rule=name, why=t(f"import-why-{each.left_out}"))
    told = [t("import-taken", rule=name, count=each.keywords)]
    if each.patterns:
        told.append(t("import-patterns", count=each.patterns))
    if each.signs:
        told.append(t("import-signs", count=each.signs))
    return " ".join(told)


def _rules(rules: Sequence[ImportedRule], t: Localised) -> Iterator[str]:
    if rules:
        names = ", ".join(f"**{inline(rule.name, WORD_SHOWN)}**" for rule in rules)
        yield t("words-rules", rules=names, ms=max(rule.at_ms for rule in rules))
