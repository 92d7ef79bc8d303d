"""Names and descriptions of commands and options in every language, within Discord's limits."""

import re
from typing import Any

import discord
from discord import app_commands

from bot.client import COGS, VideoBot
from bot.ui.command_names import CommandTranslator
from bot.ui.texts import DEFAULT, sources_of
from tests.ui.making import services, texts

OWNER_GUILD = discord.Object(5)
NAME = re.compile(r"[-_'\w]{1,32}")
MENU_TYPES = (2, 3)


async def a_bot() -> VideoBot:
    """A bot with every cog, connected to nothing."""
    bot = VideoBot(services(), owner_guild_id=OWNER_GUILD.id)
    for name in COGS:
        await bot.load_extension(name)
    return bot


async def payloads(bot: VideoBot) -> list[dict[str, Any]]:
    """Every command as Discord would be told."""
    translator = CommandTranslator(texts)
    await bot.tree.set_translator(translator)
    found = [*bot.tree.get_commands(), *bot.tree.get_commands(guild=OWNER_GUILD)]
    return [await each.get_translated_payload(bot.tree, translator) for each in found]


def check(node: dict[str, Any], path: str) -> None:
    """A command or option and all below it."""
    is_menu = node.get("type") in MENU_TYPES and not node.get("description")
    chinese = node["name_localizations"]["zh-CN"]
    if is_menu:
        assert 1 <= len(chinese) <= 32, path
        return
    assert NAME.fullmatch(node["name"]), path
    assert NAME.fullmatch(chinese), path
    assert chinese == chinese.lower(), path
    described = node["description_localizations"]["zh-CN"]
    assert 1 <= len(node["description"]) <= 100, path
    assert 1 <= len(described) <= 100, path
    assert described != node["description"], path
    below = node.get("options", [])
    names = [each["name_localizations"]["zh-CN"] for each in below]
    assert len(set(names)) == len(names), path
    assert len(below) <= 25, path
    for choice in node.get("choices", []):
        assert 1 <= len(choice["name"]) <= 100, path
    for each in below:
        check(each, f"{path} {each['name']}")


def letters(node: dict[str, Any]) -> int:
    """What Discord counts towards a command's 8000, by its longest language."""
    own = sum(
        max(len(text) for text in (node[key], *node.get(f"{key}_localizations", {}).values()))
        for key in ("name", "description")
        if node.get(key)
    )
    chosen = sum(len(each["name"]) + len(str(each["value"])) for each in node.get("choices", []))
    return own + chosen + sum(letters(each) for each in node.get("options", []))


async def test_every_command_and_option_is_translated_into_every_language() -> None:
    for payload in await payloads(await a_bot()):
        check(payload, payload["name"])
        assert letters(payload) <= 8000


async def test_commands_are_for_servers_only() -> None:
    bot = await a_bot()
    for payload in await payloads(bot):
        assert payload["contexts"] == [0]
        assert payload["integration_types"] == [0]


async def test_command_texts_belong_to_commands_and_options_that_exist() -> None:
    bot = await a_bot()
    menus = bot.tree.walk_commands(type=discord.AppCommandType.message)
    known = {f"command-{menu.name.replace(' ', '-')}" for menu in menus}
    special: set[str] = set()
    for node in (*bot.tree.walk_commands(), *bot.tree.walk_commands(guild=OWNER_GUILD)):
        known.add(f"command-{node.qualified_name.replace(' ', '-')}")
        if isinstance(node, app_commands.Command):
            known |= {
                f"option-{each.display_name.rstrip('0123456789')}" for each in node.parameters
            }
            command = node.qualified_name.replace(" ", "-")
            special |= {f"option-{each.display_name}-{command}" for each in node.parameters}
    source = "\n".join(sources_of(DEFAULT).values())
    have = set(re.findall(r"^((?:command|option)-[\w-]+) =", source, re.MULTILINE))
    assert have - special == known


async def test_discord_shows_each_command_to_those_it_is_for() -> None:
    bot = await a_bot()
    try:
        shown = {each["name"]: each["default_member_permissions"] for each in await payloads(bot)}
    finally:
        await bot.close()
    assert shown.pop("owner") == discord.Permissions(administrator=True).value
    assert shown.pop("videoadmin") == discord.Permissions(manage_guild=True).value
    assert shown.pop("videomod") == discord.Permissions(manage_messages=True).value
    assert not any(shown.values()), shown
    assert {"video", "cast", "quota", "Animate", "Report video", "Add to cast"} <= shown.keys()
