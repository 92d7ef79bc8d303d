"""`/videomod words import` and `test`, from outside."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from storage.moderation import words
from storage.moderation.audit_log import Action
from storage.moderation.words import Word
from storage.records import State
from tests.support.dialects import on_sqlite
from tests.support.discord.automod import Trigger, add_automod_rule
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Permission
from tests.support.moderated_env import ModeratedEnv, open_moderated_env

ROUTE = "GET /guilds/{guild_id}/auto-moderation/rules"


@pytest.fixture
async def moderated_env(database_url: str, tmp_path: Path) -> AsyncIterator[ModeratedEnv]:
    async with open_moderated_env(database_url, tmp_path) as opened:
        yield opened


def make_rules(moderated_env: ModeratedEnv) -> None:
    """A rule that can be taken, and some that can't."""
    world, guild = moderated_env.bot_env.discord.world, moderated_env.bot_env.guild
    add_automod_rule(
        world,
        guild,
        "Weapons",
        keyword_filter=["grenade*", "*bomb*"],
        regex_patterns=["(?i)gr.n.de"],
        allow_list=["bombay"],
    )
    add_automod_rule(world, guild, "Old", keyword_filter=["fox"], enabled=False)
    add_automod_rule(world, guild, "Discord's", Trigger.KEYWORD_PRESET, presets=[1, 3])
    add_automod_rule(world, guild, "Pings", Trigger.MENTION_SPAM, mention_total_limit=5)


async def imported(moderated_env: ModeratedEnv) -> Interaction:
    options: dict[str, Any] = {"import": True}
    return await moderated_env.mod("words", **options)


@on_sqlite
async def test_rules_are_imported_tried_and_hold(moderated_env: ModeratedEnv) -> None:
    bot_env = moderated_env.bot_env
    make_rules(moderated_env)
    async with bot_env.running():
        refused = await imported(moderated_env)
        assert "Manage Server" in refused.text
        own = bot_env.guild.members[bot_env.discord.world.bot.id]
        own.permissions |= Permission.MANAGE_GUILD
        done = (await imported(moderated_env)).text
        assert "One rule was taken" in done
        assert "**Weapons**: 2 keywords. Its regular expression was left out" in done
        assert "**Old**: left out; it is switched off" in done
        assert "**Discord's**: left out" in done
        assert "**Pings**: left out" in done
        tried = await moderated_env.mod("words", test="three gr3nades")
        assert "would wait" in tried.text
        assert "`grenade*` is in the AutoMod rule **Weapons**" in tried.text
        assert "would hold" in (await moderated_env.mod("words", test="a fox in Bombay")).text
        asked = await moderated_env.ask(prompt="three gr3nades")
        request = await bot_env.until_state(State.HELD)
        card = await moderated_env.card(request.id)
        assert "a word on the list" in card.content
        listed = await moderated_env.mod("words")
        assert "From AutoMod" in listed.text
        assert "**Weapons**" in listed.text
        undone: dict[str, Any] = {"import": False}
        gone = await moderated_env.mod("words", **undone)
        assert "imported rules are removed" in gone.text
        await bot_env.discord.quiet()
    shown = [asked.text, *bot_env.texts(bot_env.channel), *bot_env.texts(moderated_env.log)]
    assert not any(word in text for text in shown for word in ("grenade*", "Weapons"))
    assert [each.action for each in reversed(await moderated_env.log_of())] == [
        Action.RULES_IMPORTED,
        Action.WORD_REMOVED,
    ]


@on_sqlite
async def test_nobody_else_may_import_and_an_outage_changes_nothing(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    make_rules(moderated_env)
    own = bot_env.guild.members[bot_env.discord.world.bot.id]
    own.permissions |= Permission.MANAGE_GUILD
    async with bot_env.running():
        stranger = await moderated_env.mod("words", user=moderated_env.dave, **{"import": True})
        assert "Only moderators" in stranger.text
        assert not bot_env.discord.calls(ROUTE)
        await imported(moderated_env)
        bot_env.discord.fail(ROUTE, times=None, status=503)
        assert "Try again" in (await imported(moderated_env)).text
        assert "would wait" in (await moderated_env.mod("words", test="bombs")).text
    assert [each.action for each in await moderated_env.log_of()] == [Action.RULES_IMPORTED]


@on_sqlite
async def test_what_was_tested_is_told_beside_a_word_that_was_added(
    moderated_env: ModeratedEnv,
) -> None:
    bot_env = moderated_env.bot_env
    named = [f"{number:02}{'w' * 58}" for number in range(40)]
    async with bot_env.database.transaction() as tx:
        for word in named:
            await words.add(tx, Word(bot_env.guild.id, word, word, 1, 1))
    async with bot_env.running():
        asked = await moderated_env.mod("words", add="apple" * 12, test=" ".join(named))
    first, *others = asked.text.splitlines()
    assert "apple" * 12 in first
    assert named[0] in "".join(others)
