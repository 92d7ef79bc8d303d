"""The same bot in a simulated Discord, in process: what a member of the demo's server meets."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import simcord

from bot.app import open_app
from bot.client import VideoBot
from bot.ui.texts import Texts
from tests.support.bot_env import GivenSettings
from tests.support.sqlite import new_sqlite


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[VideoBot]:
    told: dict[str, Any] = {
        "discord_token": "simulated",
        "seedance_base_url": "https://provider.example",
        "seedance_api_key": "test-provider-key-0123456789",
        "database_url": new_sqlite(tmp_path / "bot.db"),
        "data_dir": tmp_path / "data",
        "http_port": 0,
    }
    async with open_app(GivenSettings(**told)) as app:
        app.bot.services = replace(app.bot.services, texts=Texts(strict=True))
        yield app.bot


def said(result: simcord.InteractionResult) -> simcord.ResponseMessage:
    """The answer's message."""
    assert result.response is not None
    return result.response


async def test_a_member_creates_lists_and_cancels_a_request(bot: VideoBot) -> None:
    async with simcord.run(bot) as world:
        guild = world.create_guild()
        channel = guild.create_text_channel("videos")
        alice = guild.add_member(world.create_user("alice"))
        taken = await alice.slash(
            channel, "video create", prompt="a fox", image1=("fox.png", b"not looked at here")
        )
        assert taken.ephemeral
        assert "On its way!" in said(taken).content
        listed = await alice.slash(channel, "video list")
        (embed,) = said(listed).embeds
        assert "a fox" in (embed.description or "")
        request_id = (embed.description or "").split("`")[1]
        shown = await alice.slash(channel, "video show", id=request_id)
        pressed = await alice.click(said(shown), label="Cancel")
        assert "It doesn't count" in said(pressed).content
        models = await alice.slash(channel, "video models")
        turned = await alice.click(said(models), label="Next")
        assert turned.acknowledged
        offered = await alice.autocomplete(channel, "video create", "model", "std")
        assert [choice["value"] for choice in offered] == ["seedance2.0-std"]
