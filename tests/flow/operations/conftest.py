"""The owner's environment, shared by the tests of `/owner`."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.flow.operations.owned import Owned
from tests.support.bot_env import open_bot_env


@pytest.fixture
async def owned(database_url: str, tmp_path: Path) -> AsyncIterator[Owned]:
    async with open_bot_env(database_url, tmp_path, user_daily_videos=None) as bot_env:
        guild = bot_env.discord.add_guild("Staff")
        channel = bot_env.discord.add_channel(guild, "desk")
        bot_env.settings = bot_env.settings.model_copy(update={"owner_guild_id": guild.id})
        yield Owned(bot_env, guild, channel, bot_env.discord.world.owner)
