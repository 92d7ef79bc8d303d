"""A bare discord.py client on the recording Discord."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass

import discord
import pytest
import yarl
from discord import app_commands

from tests.support.discord.http.server import DiscordServer
from tests.support.discord.records import Channel, Guild, User


class BareBot(discord.Client):
    """A bot without any of our code; commands are added by the tests."""

    def __init__(self) -> None:
        intents = discord.Intents(guilds=True)
        super().__init__(intents=intents, max_messages=None, guild_ready_timeout=0.05)
        self.tree = app_commands.CommandTree(self)

    async def sync(self) -> None:
        await self.tree.sync()


@dataclass
class Scene:
    """A server with one channel and one member, and a bot that can be started."""

    discord: DiscordServer
    guild: Guild
    channel: Channel
    alice: User
    bot: BareBot

    async def start(self) -> BareBot:
        """Connect the bot and register its commands."""
        await self.bot.login(self.discord.token)
        await self.bot.sync()
        self._task = asyncio.create_task(self.bot.connect())
        await self.discord.wait_ready()
        await asyncio.wait_for(self.bot.wait_until_ready(), 5)
        return self.bot

    async def stop(self) -> None:
        await self.bot.close()
        task = getattr(self, "_task", None)
        if task is not None:
            with contextlib.suppress(discord.ConnectionClosed, asyncio.CancelledError):
                await task


@pytest.fixture
async def server() -> AsyncIterator[DiscordServer]:
    async with DiscordServer() as running:
        yield running


@pytest.fixture
async def scene(server: DiscordServer, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    monkeypatch.setattr(discord.http.Route, "BASE", server.api_url)
    gateway = yarl.URL(server.gateway_url)
    monkeypatch.setattr(discord.gateway.DiscordWebSocket, "DEFAULT_GATEWAY", gateway)
    guild = server.add_guild("Home")
    channel = server.add_channel(guild, "general")
    made = Scene(server, guild, channel, server.add_user("alice"), BareBot())
    try:
        yield made
    finally:
        await made.stop()
