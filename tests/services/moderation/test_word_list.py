"""Imported AutoMod rules beside a server's own list, on both databases."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import NotAllowed, UserError
from bot.services.moderation.automod_rules import (
    MOST_RULES,
    AutoModRule,
    RuleKind,
    RuleOutcome,
    read_rules,
)
from bot.services.moderation.word_list import MOST_WORDS, WordListService
from bot.services.moderation.word_lists import WordMatch
from storage.engine.transaction import Database
from storage.moderation import audit_log, imported_rules, words
from storage.moderation.imported_rules import ImportedRule
from storage.moderation.words import Word
from storage.privacy.pseudonymize import rename_some
from storage.privacy.pseudonyms import pseudonym_of
from storage.privacy.server_erasure import clear_some
from storage.records import State
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import GUILD, MODERATOR, Counter, caller, moderator
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile

PETS = AutoModRule(id=7, name="Pets", kind=RuleKind.KEYWORD, keywords=("cat*", "*dog"))
OTHER = 99


def service_of(counter: Counter) -> WordListService:
    return WordListService(counter.database, clock=lambda: counter.now_ms)


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(review_channel=77)
    return opened


async def stored(database: Database, guild_id: int = GUILD) -> list[ImportedRule]:
    async with database.reading() as tx:
        return await imported_rules.of_server(tx, guild_id)


async def state_of(counter: Counter, prompt: str, **place: Any) -> State:
    return (await counter.ask(caller(**place), prompt=prompt)).request.state


async def test_an_imported_rule_holds_what_it_matches_and_the_own_list_stays(
    counter: Counter,
) -> None:
    service = service_of(counter)
    await service.change(moderator(), add="grenade")
    view, outcomes = await service.import_rules(moderator(), [PETS])
    assert [word.word for word in view.own] == ["grenade"]
    assert [rule.name for rule in view.imported] == ["Pets"]
    assert outcomes == [RuleOutcome("Pets", keywords=2)]
    assert await state_of(counter, "all the c4ts") is State.HELD
    assert await state_of(counter, "a bulldog") is State.HELD
    assert await state_of(counter, "a gr3nade") is State.HELD
    assert await state_of(counter, "a location for dogged people") is State.QUEUED


async def test_another_import_takes_the_place_of_the_first(counter: Counter) -> None:
    service = service_of(counter)
    await service.import_rules(moderator(), [PETS])
    await service.import_rules(moderator(guild_id=OTHER), [PETS])
    birds = replace(PETS, id=8, name="Birds", keywords=("*bird*",))
    await service.import_rules(moderator(), [birds])
    assert [rule.name for rule in await stored(counter.database)] == ["Birds"]
    assert await service.test(moderator(), "cats and songbirds") == (WordMatch("*bird*", "Birds"),)
    assert (await service.forget_imported(moderator())).imported == []
    with pytest.raises(UserError, match="refused-import-none"):
        await service.forget_imported(moderator())
    assert await service.test(moderator(), "cats and songbirds") == ()
    assert [rule.name for rule in await stored(counter.database, OTHER)] == ["Pets"]
    async with counter.database.reading() as tx:
        log = await audit_log.page(tx, GUILD, limit=9)
    assert [(each.action, each.note, each.actor_id) for each in reversed(log)] == [
        ("rules-imported", "Pets", MODERATOR),
        ("rules-imported", "Birds", MODERATOR),
        ("word-removed", "Birds", MODERATOR),
    ]


async def test_exempt_roles_and_channels_are_exempt_here_too(counter: Counter) -> None:
    rule = replace(PETS, exempt_role_ids=(5,), exempt_channel_ids=(6,))
    await service_of(counter).import_rules(moderator(), [rule])
    assert await state_of(counter, "cats") is State.HELD
    assert await state_of(counter, "cats", role_ids=(4, 5)) is State.QUEUED
    assert await state_of(counter, "cats", channel_id=6) is State.QUEUED
    thread: dict[str, Any] = {"channel_id": 60, "parent_channel_id": 6, "is_thread": True}
    assert await state_of(counter, "cats", **thread) is State.QUEUED
    # who tries a text need not be one whom the rule is for
    assert await service_of(counter).test(moderator(role_ids=(5,)), "cats")


async def test_allowed_words_are_let_through(counter: Counter) -> None:
    rule = replace(PETS, allowed=("catalogue", "cater*"))
    await service_of(counter).import_rules(moderator(), [rule])
    assert await state_of(counter, "a catalogue of caterers") is State.QUEUED
    assert await state_of(counter, "a catalogue of cats") is State.HELD


async def test_only_moderators_import_try_and_remove(counter: Counter) -> None:
    service = service_of(counter)
    for asked in (
        service.import_rules(caller(), [PETS]),
        service.forget_imported(caller()),
        service.test(caller(), "cats"),
    ):
        with pytest.raises(NotAllowed):
            await asked
    assert await stored(counter.database) == []


async def test_the_rules_go_with_the_server_and_the_moderators_id_with_them(
    counter: Counter,
) -> None:
    await service_of(counter).import_rules(moderator(), [PETS])
    async with counter.database.transaction() as tx:
        pseudonym = await pseudonym_of(tx, MODERATOR)
        while await rename_some(tx, MODERATOR, pseudonym, limit=10):
            pass
    assert [rule.by_id for rule in await stored(counter.database)] == [pseudonym]
    async with counter.database.transaction() as tx:
        while await clear_some(tx, GUILD, limit=10):
            pass
    assert await stored(counter.database) == []


def read(*rules: AutoModRule) -> tuple[list[ImportedRule], list[RuleOutcome]]:
    return read_rules(rules, GUILD, MODERATOR, 1)


@pytest.mark.parametrize(
    ("rule", "left_out"),
    [
        (replace(PETS, is_enabled=False), "disabled"),
        (replace(PETS, keywords=(), pattern_count=2), "patterns"),
        (replace(PETS, keywords=("🖕", "*", "!!")), "empty"),
        (replace(PETS, keywords=()), "empty"),
        (replace(PETS, kind=RuleKind.PRESET), "preset"),
        (replace(PETS, kind=RuleKind.MENTIONS), "mentions"),
        (replace(PETS, kind=RuleKind.SPAM), "spam"),
        (replace(PETS, kind=RuleKind.PROFILE), "profile"),
        (replace(PETS, kind=RuleKind.OTHER), "other"),
    ],
)
def test_a_rule_that_is_left_out_says_why(rule: AutoModRule, left_out: str) -> None:
    taken, outcomes = read(rule, PETS)
    assert [each.name for each in taken] == ["Pets"]
    assert [each.left_out for each in outcomes] == [left_out, ""]


def test_what_is_left_out_of_a_rule_is_counted() -> None:
    mixed = replace(PETS, keywords=("cat*", "🖕", "cat*", "x" * 61), pattern_count=3)
    taken, outcomes = read(mixed)
    assert taken[0].keywords == '["cat*"]'
    assert outcomes == [RuleOutcome("Pets", keywords=1, patterns=3, signs=3)]


def test_as_many_rules_as_discord_allows_are_taken() -> None:
    taken, outcomes = read(*[replace(PETS, id=n, name=f"{n}") for n in range(MOST_RULES + 1)])
    assert len(taken) == MOST_RULES
    assert [each.left_out for each in outcomes] == [""] * MOST_RULES + ["too-many"]


async def test_the_largest_rule_there_can_be_is_taken_and_found(counter: Counter) -> None:
    keywords = tuple(f"*w{n:03}{'xy' * 27}*" for n in range(1000))
    assert {len(each) for each in keywords} == {60}
    allowed = tuple(f"allowed{n}" for n in range(100))
    service = service_of(counter)
    await service.import_rules(moderator(), [replace(PETS, keywords=keywords, allowed=allowed)])
    text = f"the w999{'xy' * 27}z"
    assert await service.test(moderator(), text) == (WordMatch(keywords[-1], "Pets"),)
    assert await state_of(counter, text) is State.HELD


@on_postgres
async def test_a_word_list_takes_no_more_than_it_may_hold(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with counter.database.transaction() as tx:
        for number in range(MOST_WORDS - 1):
            await words.add(tx, Word(GUILD, f"word{number}", f"word{number}", MODERATOR, 1))
    service = service_of(counter)
    meanwhile = Meanwhile(
        monkeypatch,
        (words, "of_server"),
        lambda: service.change(moderator(), add="tiger"),
        counter.database,
    )
    await service.change(moderator(), add="lion")
    outcome = await meanwhile.outcome()
    assert isinstance(outcome, UserError)
    assert outcome.key == "refused-words-full"
