"""What the recording Discord demands of commands, and the API description it judges by."""

from typing import Any

import discord
import pytest

from tests.support.discord.commands import command_faults, find_command
from tests.support.discord.http.server import CALLBACK, SEND
from tests.support.discord.schema import problems_of
from tests.support_test.conftest import Scene


def _command(**more: Any) -> dict[str, Any]:
    return {"name": "make", "description": "Make", "type": 1, "options": [], **more}


def _option(name: str = "prompt", **more: Any) -> dict[str, Any]:
    return {"name": name, "description": "What", "type": 3, **more}


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (_command(name="Make It"), "cannot be a name"),
        (_command(description=""), "description is required"),
        (_command(options=[_option(str(n)) for n in range(26)]), "26 options"),
        (_command(options=[_option(), _option()]), "two options"),
        (_command(options=[_option("a"), _option("b", required=True)]), "required options"),
        (_command(options=[_option(autocomplete=True, choices=[{"name": "a"}])]), "exclude"),
        (_command(options=[_option(str(n) * 9, description="x" * 99) for n in range(9)] * 9), ""),
    ],
)
def test_a_command_that_discord_would_refuse_is_named(command: dict[str, Any], word: str) -> None:
    assert any(word in fault for fault in command_faults([command]))


def test_the_longest_language_counts_towards_a_commands_size() -> None:
    long = {"zh-CN": "长" * 100}
    options = [_option(f"o{n}", description_localizations=long) for n in range(25)]
    choices = [{"name": "x" * 100, "value": "y" * 100} for _ in range(25)]
    assert command_faults([_command(options=options)]) == []
    options[0]["choices"] = choices
    options[1]["choices"] = choices
    options[2]["choices"] = [{"name": "z" * 100, "value": "y" * 100}] * 1
    assert "in all" in command_faults([_command(options=options)])[0]


def test_two_commands_of_one_name_are_refused() -> None:
    assert command_faults([_command(), _command()]) == ["make: registered twice"]


def test_a_path_finds_its_subcommand() -> None:
    sub = {"type": 1, "name": "create", "description": "Create"}
    tree = [_command(name="video", options=[sub])]
    assert find_command(tree, "video create") == (tree[0], [sub])
    for path in ("video delete", "picture"):
        with pytest.raises(LookupError):
            find_command(tree, path)


async def test_registered_commands_keep_their_ids(scene: Scene) -> None:
    @scene.bot.tree.command(name="ping")
    async def ping(interaction: discord.Interaction) -> None:
        """Say pong."""

    await scene.bot.login(scene.discord.token)
    first = await scene.bot.tree.sync()
    again = await scene.bot.tree.sync()
    assert [command.id for command in first] == [command.id for command in again]
    assert [c.name for c in await scene.bot.tree.fetch_commands()] == ["ping"]
    here = await scene.bot.tree.sync(guild=discord.Object(scene.guild.id))
    assert here == []


def test_bodies_are_judged_by_the_description() -> None:
    row = {"type": 1, "components": [{"type": 2, "style": 1, "label": "x" * 81, "custom_id": "a"}]}
    for route, body, word in (
        (SEND, {"content": 5}, "not of type"),
        (SEND, {"nonce": "n" * 26}, "26 characters"),
        (SEND, {"components": [row]}, "81 characters"),
        (SEND, {"embeds": [{}] * 11}, "11 items"),
        (SEND, {"attachments": [{"filename": "a"}]}, "missing"),
        (CALLBACK, {"data": {}}, "missing"),
        (CALLBACK, {"type": 9, "data": {"custom_id": "a", "title": "t" * 46}}, "46 characters"),
    ):
        found = problems_of(route, body)
        assert any(word in problem for problem in found), (body, found)
    assert problems_of(SEND, {"content": "x", "nonce": 5, "components": None}) == []
    assert problems_of("GET /gateway", None) == []
