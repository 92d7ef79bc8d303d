"""A poster on the recording Discord, over real sockets."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord as discord_py
import pytest

from bot.delivery.poster import DiscordPoster
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.records import Channel, Guild, User
from tests.ui.making import catalogue, texts


@dataclass
class Scene:
    """A server with a channel and a member, and a poster that is logged in without a gateway."""

    discord: DiscordServer
    guild: Guild
    channel: Channel
    alice: User
    client: discord_py.Client
    poster: DiscordPoster
    before: int
    """An id that Discord gave before anything was sent."""


@pytest.fixture
async def scene(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    async with DiscordServer() as server:
        monkeypatch.setattr(discord_py.http.Route, "BASE", server.api_url)
        guild = server.add_guild("Home")
        channel = server.add_channel(guild, "general")
        client = discord_py.Client(intents=discord_py.Intents(guilds=True), max_messages=None)
        await client.login(server.token)
        poster = DiscordPoster(client, texts, catalogue)
        try:
            alice = server.add_user("alice")
            before = server.world.new_id()
            yield Scene(server, guild, channel, alice, client, poster, before)
        finally:
            await client.close()
