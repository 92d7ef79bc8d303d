"""Test environment: the bot in-process, with a fake Discord and a simulated provider."""

import asyncio
import io
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PIL import Image
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource

from bot.app import App, Role, open_app, wall_clock
from bot.demo.provider.faults import TaskPlan
from bot.demo.provider.render_pool import SMALL
from bot.demo.provider.simulator import SeedanceSimulator
from bot.services.operations.identify_pace import PACE_MS
from bot.settings import Settings
from bot.worker.context import LEASE_MS
from storage.engine.database import open_database
from storage.engine.rows import decode
from storage.engine.transaction import Database
from storage.records import OutboxMessage, Request, State
from storage.requests import outbox
from tests.support import known_commands
from tests.support.child_server import forked_children
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Channel, Guild, Message, User
from tests.support.patience import PATIENCE_S

KEY = "test-provider-key-0123456789"


async def brief(seconds: float) -> None:
    """Wait a fiftieth of the time."""
    await asyncio.sleep(seconds / 50)


class GivenSettings(Settings):
    """Settings from constructor arguments only."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)


@dataclass
class BotEnv:
    """One fake Discord, provider and database, and a bot that can be started and stopped."""

    discord: DiscordServer
    provider: SeedanceSimulator
    database: Database
    settings: GivenSettings
    guild: Guild
    channel: Channel
    alice: User
    clock: Callable[[], int] = wall_clock
    poll_ms: int = 100
    """Fixed poll interval; 0 uses the regular schedule."""
    lease_ms: int = LEASE_MS
    pace_ms: int = PACE_MS
    """Of identifying, where there are several shards."""
    sleep: Callable[[float], Awaitable[None]] = brief
    """Paces the edits of progress cards, and what of Discord is tried again."""
    form_wait_s: float = PATIENCE_S
    """How long forms wait for what they show, instead of a second."""
    knows_commands: bool = True
    """Whether a start finds the commands as another one has registered them."""

    def opened(self, role: Role = "all", **overrides: Any) -> AbstractAsyncContextManager[App]:
        """The bot, built and not run."""
        values = {**self.settings.model_dump(), **overrides}
        return open_app(
            GivenSettings(**values),
            role=role,
            clock=self.clock,
            fixed_poll_ms=self.poll_ms,
            lease_ms=self.lease_ms,
            pace_ms=self.pace_ms,
            sleep=self.sleep,
            form_wait_s=self.form_wait_s,
        )

    @asynccontextmanager
    async def running(self, role: Role = "all", **overrides: Any) -> AsyncIterator[App]:
        """Run the bot, connected, until the end of the block."""
        stop = asyncio.Event()
        world = self.discord.world
        if role != "worker" and self.knows_commands:
            await known_commands.recall(world, self.database, self.clock())
        async with self.opened(role, **overrides) as app:
            task = asyncio.create_task(app.run(stop))
            try:
                if role != "worker":
                    await self.discord.wait_ready_unless(task)
                    await known_commands.remember(world, self.database)
                yield app
            finally:
                stop.set()
                await asyncio.wait_for(task, 30)

    async def create(
        self, user: User | None = None, channel: Channel | None = None, **options: Any
    ) -> Interaction:
        """`/video create` as a member, Alice unless said otherwise."""
        files = options.pop("files", None) or {}
        chosen = {"prompt": "a lighthouse at dusk", "duration": 4, **options}
        return await self.discord.slash(
            self.guild,
            channel or self.channel,
            user or self.alice,
            "video create",
            {**chosen, **files},
        )

    async def request(self, number: int = 0) -> Request:
        """The n-th request, oldest first."""
        return (await self.requests())[number]

    async def requests(self) -> list[Request]:
        """All requests, oldest first."""
        async with self.database.reading() as tx:
            rows = await tx.fetch_all("SELECT * FROM requests ORDER BY created_at_ms, id")
        return [decode(Request, row) for row in rows]

    async def messages(self, request_id: str) -> list[OutboxMessage]:
        """All outbox messages of a request."""
        async with self.database.reading() as tx:
            return await outbox.of_request(tx, request_id)

    async def until(
        self, holds: Callable[[list[Request]], bool], timeout_s: float = PATIENCE_S
    ) -> list[Request]:
        """Wait until the requests satisfy a condition, checked after every outside call."""
        async with asyncio.timeout(timeout_s):
            while True:
                rows = await self.requests()
                if holds(rows):
                    return rows
                await self._something_happens()

    def hold_tasks(self, number: int = 1) -> None:
        """Have the provider's next tasks go on until `let_tasks_end`."""
        for _ in range(number):
            self.provider.faults.next_task(TaskPlan(never_ends=True))

    def let_tasks_end(self) -> None:
        """From now on the provider says that every video is ready."""
        for task in self.provider.tasks.values():
            task.plan = TaskPlan()

    async def until_state(
        self, *states: State, number: int = 0, timeout_s: float = PATIENCE_S
    ) -> Request:
        """Wait until the n-th request has one of these states."""
        rows = await self.until(
            lambda rows: len(rows) > number and rows[number].state in states, timeout_s
        )
        return rows[number]

    async def until_so(
        self, holds: Callable[[], Awaitable[bool]], timeout_s: float = PATIENCE_S
    ) -> None:
        """Wait for an asynchronous condition, checked after every outside call."""
        async with asyncio.timeout(timeout_s):
            while not await holds():
                await self._something_happens()

    async def _something_happens(self) -> None:
        """Wait for a call to Discord or the provider, or 50 ms: the database cannot notify."""
        before = len(self.discord.calls()) + len(self.provider.calls)
        try:
            await self.discord.wait_for(
                lambda: len(self.discord.calls()) + len(self.provider.calls) > before, 0.05
            )
        except TimeoutError:
            return

    def videos(self, channel: Channel | None = None) -> list[Message]:
        """Messages that carry an mp4."""
        return [
            message
            for message in self.discord.messages(channel)
            if any(file.filename.endswith(".mp4") for file in message.attachments)
        ]

    def texts(self, channel: Channel | None = None) -> list[str]:
        """Message texts in a channel, or in all."""
        return [message.content for message in self.discord.messages(channel)]


def _footage(folder: Path) -> Path:
    """Where rendered videos are kept for all tests of a run, given the folder of one of them."""
    # each worker of pytest-xdist has a folder of its own in that of the run
    run = folder.parents["PYTEST_XDIST_WORKER" in os.environ]
    kept_in = run / "footage"
    kept_in.mkdir(exist_ok=True)
    return kept_in


@asynccontextmanager
async def open_bot_env(
    database_url: str,
    folder: Path,
    *,
    seconds_per_video: float = 0.2,
    clock: Callable[[], int] = wall_clock,
    **settings: Any,
) -> AsyncIterator[BotEnv]:
    """Build an environment whose bot is not started yet; `settings` by field name."""
    async with AsyncExitStack() as stack:
        stack.enter_context(forked_children())
        discord = await stack.enter_async_context(DiscordServer())
        provider = await stack.enter_async_context(
            SeedanceSimulator(
                api_key=KEY,
                seconds_per_video=seconds_per_video,
                plain_links=True,
                render_options=replace(SMALL, kept_in=_footage(folder)),
            )
        )
        database = await open_database(database_url, migrate=True)
        stack.push_async_callback(database.close)
        given = {name.lower(): value for name, value in discord.settings().items()}
        values = {
            **given,
            "seedance_base_url": provider.url,
            "seedance_api_key": KEY,
            "database_url": database_url,
            "data_dir": folder / "data",
            "http_port": 0,
            **settings,
        }
        guild = discord.add_guild("Home")
        yield BotEnv(
            discord=discord,
            provider=provider,
            database=database,
            settings=GivenSettings(**values),
            guild=guild,
            channel=discord.add_channel(guild, "general"),
            alice=discord.add_user("alice"),
            clock=clock,
        )


def picture(width: int = 640, height: int = 360, colour: str = "teal", form: str = "PNG") -> bytes:
    """A picture's bytes."""
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, form)
    return out.getvalue()


def states(rows: Iterable[Request]) -> list[State]:
    """The states of requests."""
    return [row.state for row in rows]
