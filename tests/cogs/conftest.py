"""The bot as the app builds it, on SQLite, with a recording Discord over sockets and no worker."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import discord
import pytest

from bot.app import open_app
from bot.client import VideoBot
from bot.ui.texts import Texts
from storage.engine.database import open_database
from storage.engine.transaction import Database
from storage.records import MessageKind, OutboxMessage, Request
from storage.requests import outbox, requests
from tests.support.bot_env import GivenSettings, brief
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Channel, Guild, User
from tests.support.sqlite import new_sqlite

NOW_MS = 1_790_000_000_000


@dataclass
class Scene:
    """A server, a channel, two members, a database, and what the bot is told."""

    discord: DiscordServer
    guild: Guild
    channel: Channel
    alice: User
    bob: User
    database: Database
    settings: GivenSettings
    ticks: int = 0

    def clock(self) -> int:
        """A second later each time, so that everything has its order."""
        self.ticks += 1
        return NOW_MS + self.ticks * 1000

    @asynccontextmanager
    async def running(
        self, *, sleep: Callable[[float], Awaitable[None]] = brief, **settings: Any
    ) -> AsyncIterator[VideoBot]:
        """The bot, connected; nothing works on its requests."""
        given = GivenSettings(**{**self.settings.model_dump(), **settings})
        async with open_app(given, clock=self.clock, sleep=sleep) as app:
            app.bot.services = replace(app.bot.services, texts=Texts(strict=True))
            stop = asyncio.Event()
            task = asyncio.create_task(app.bot.serve(self.discord.token, stop))
            try:
                await self.discord.wait_ready_unless(task)
                yield app.bot
            finally:
                stop.set()
                await asyncio.wait_for(task, 10)

    async def use(
        self, path: str, options: dict[str, Any] | None = None, *, user: User | None = None
    ) -> Interaction:
        """Use a command as Alice, unless said otherwise, and wait for its words."""
        asked = await self.discord.slash(
            self.guild, self.channel, user or self.alice, path, options or {}
        )
        await asked.wait_shown()
        return asked

    async def create(self, prompt: str = "a fox", **options: Any) -> Interaction:
        """`/video create` as Alice."""
        return await self.use("video create", {"prompt": prompt, **options})

    async def requests(self) -> list[Request]:
        """Every request, oldest first."""
        async with self.database.reading() as tx:
            rows = await tx.fetch_all("SELECT id FROM requests ORDER BY created_at_ms, id")
            return [await requests.require(tx, row["id"]) for row in rows]

    async def card(self, request: Request) -> OutboxMessage:
        """The card that a request owes."""
        async with self.database.reading() as tx:
            messages = await outbox.of_request(tx, request.id)
        (card,) = [each for each in messages if each.kind is MessageKind.CARD]
        return card


@pytest.fixture
async def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Scene]:
    async with DiscordServer() as server:
        # the app points discord.py elsewhere; the next test finds it as it was
        monkeypatch.setattr(discord.http.Route, "BASE", discord.http.Route.BASE)
        gateway = discord.gateway.DiscordWebSocket
        monkeypatch.setattr(gateway, "DEFAULT_GATEWAY", gateway.DEFAULT_GATEWAY)
        url = new_sqlite(tmp_path / "bot.db")
        database = await open_database(url, migrate=True)
        told: dict[str, Any] = {
            **{name.lower(): value for name, value in server.settings().items()},
            "seedance_base_url": "https://provider.example",
            "seedance_api_key": "test-provider-key-0123456789",
            "database_url": url,
            "data_dir": tmp_path / "data",
            "http_port": 0,
            "user_daily_videos": 12,
            "currency": "USD",
            "privacy_url": "https://example.org/privacy",
        }
        try:
            guild = server.add_guild("Home")
            yield Scene(
                discord=server,
                guild=guild,
                channel=server.add_channel(guild, "general"),
                alice=server.add_user("alice"),
                bob=server.add_user("bob"),
                database=database,
                settings=GivenSettings(**told),
            )
        finally:
            await database.close()
