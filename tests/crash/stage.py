"""One Discord, one provider and one database, between which bots live and die."""

import asyncio
import itertools
import json
import random
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from bot.demo.provider.faults import Call, CallName, Drop, Fault, Refuse, Stall
from bot.demo.provider.render_pool import RenderOptions
from bot.demo.provider.simulator import SeedanceSimulator
from bot.services.operations.circuit_breaker import FACT, Health
from bot.services.server_settings import change_settings
from storage.engine.database import open_database
from storage.engine.transaction import Database
from storage.operations import key_values
from storage.records import ENDS, NEVER_DUE, OutboxMessage, Request, State
from storage.requests import outbox, requests
from tests.crash.series import SeriesDesk
from tests.media.films import film
from tests.support.bot_env import picture
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Channel, Guild, Upload, User

KEY = "torture-provider-key-5b1c7f0e42"
RESTS = ENDS | {State.UNCERTAIN}
CHANNELS, MEMBERS = 3, 5
FULL_MODEL = "sd2_mx_720p"
PRICES = f"""
[models."seedance2.0-fast-i2v".price]
per_task = "1.00"

[models."{FULL_MODEL}".price]
per_second = "0.25"
"""
"""What is reserved; the provider's bill differs now and then."""


@dataclass
class Fate:
    """What the provider does with one request; empty: it makes the video."""

    create: str = ""
    creates: list[str] = field(default_factory=list)
    """How each create for it was met: `taken`, `refused`, or what may be either."""


@dataclass
class Stage:
    """What outlives the bots, and who asks for videos there."""

    name: str
    folder: Path
    discord: DiscordServer
    provider: SeedanceSimulator
    database_url: str
    database: Database
    guild: Guild
    channels: list[Channel]
    log_channel: Channel
    members: list[User]
    draw: random.Random
    asked: list[Interaction] = field(default_factory=list)
    fates: dict[str, Fate] = field(default_factory=dict)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    stalled: int = 0
    desk: SeriesDesk | None = None

    def settings(self, **more: str) -> dict[str, str]:
        """The environment of a bot on this stage."""
        return {
            **self.discord.settings(),
            "SEEDANCE_BASE_URL": self.provider.url,
            "SEEDANCE_API_KEY": KEY,
            # uncertain ones hold their slots for a quarter of an hour
            "SEEDANCE_MAX_ACTIVE": "100000",
            "DATABASE_URL": self.database_url,
            "DATA_DIR": str(self.folder / "data"),
            "USER_DAILY_VIDEOS": "1000000",
            "SERVER_DAILY_VIDEOS": "1000000",
            "BOT_DAILY_VIDEOS": "1000000",
            "HTTP_PORT": "0",
            "MODELS_FILE": str(self.folder / "prices.toml"),
            "CURRENCY": "EUR",
            "LOG_LEVEL": "DEBUG",
            **more,
        }

    async def ask(self, fate: str = "", *, pictures: int = 0, model: str = "") -> Interaction:
        """A member asks for a video; what he asks for is like no other request.

        `model` has files reviewed: its pictures are new ones each time.
        """
        number = next(self.numbers)
        prompt = f"{self.name} wish {number:06d}"
        self.fates[prompt] = Fate(fate)
        files = {
            f"image{n}": Upload(f"picture{n}.png", picture(64, 48, colour))
            for n, colour in enumerate(("teal", "salmon", "gold")[:pictures], 1)
        }
        if model:
            fresh = picture(320, 320, f"#{self.draw.randrange(2**24):06x}")
            files = {"image1": Upload("picture1.png", fresh)}
        asked = await self.discord.slash(
            self.guild,
            self.channels[number % len(self.channels)],
            self.members[number % len(self.members)],
            "video create",
            {"prompt": prompt, "duration": 4, **({"model": model} if model else {})},
            files,
        )
        self.asked.append(asked)
        return asked

    async def ask_series(self, *fates: str) -> str:
        """A member asks for a series with a shot for each fate; tries of one are like no other."""
        assert self.desk is not None
        number = next(self.numbers)
        prompts = []
        for fate in fates:
            prompt = f"{self.name} wish {next(self.numbers):06d}"
            self.fates[prompt] = Fate(fate)
            prompts.append(prompt)
        return await self.desk.ask(
            tuple(prompts),
            self.members[number % len(self.members)].id,
            self.channels[number % len(self.channels)].id,
        )

    async def go_on_with_series(self) -> None:
        """Every series that stands still is tried again, finished or given up."""
        assert self.desk is not None
        for whole in await self.requests():
            if whole.shots and whole.state is State.DRAFT:
                # who asked was interrupted before the answer
                await self.desk.give_up(whole)
            elif whole.shots and whole.state is State.RUNNING:
                if self.draw.random() < 0.4:
                    prompt = f"{self.name} wish {next(self.numbers):06d}"
                    self.fates[prompt] = Fate()
                    for number in range(1, whole.shots + 1):
                        await self.desk.retry(whole.id, number, prompt)
                else:
                    await self.desk.go_on(whole)

    def meet_create(self, call: Call) -> Fault | None:
        """What the provider does with a create, by the fate of its request."""
        fate = self.fates[str(call.body["prompt"])]
        if fate.create == "refused":
            fate.creates.append("refused")
            return Refuse("20002", "duration out of range")
        if fate.create == "lost":
            fate.creates.append("lost")
            return Drop(carried_out=True)
        fate.creates.append("taken")
        return None

    def stall_create(self, call: Call) -> Fault:
        """A create that is taken and never answered."""
        self.fates[str(call.body["prompt"])].creates.append("lost")
        self.stalled += 1
        return Stall(carried_out=True)

    async def close_circuit_breaker(self) -> None:
        """Forget the provider's failures: what is tested here is not how they hold requests up."""
        async with self.database.transaction() as tx:
            await key_values.set(tx, FACT, json.dumps(asdict(Health())), 0)

    async def requests(self) -> list[Request]:
        """Every request, oldest first."""
        async with self.database.reading() as tx:
            rows = await tx.fetch_all("SELECT id FROM requests ORDER BY created_at_ms, id")
            return [await requests.require(tx, row["id"]) for row in rows]

    async def messages(self) -> list[OutboxMessage]:
        """Every message that was ever owed."""
        found = []
        async with self.database.reading() as tx:
            for row in await tx.fetch_all("SELECT id FROM outbox ORDER BY created_at_ms, id"):
                message = await outbox.get(tx, row["id"])
                if message is not None:
                    found.append(message)
        return found

    async def restless(self) -> list[str]:
        """What is still to be done, in words; empty when everything has come to rest."""
        async with self.database.reading() as tx:
            states = await tx.fetch_all(
                "SELECT id, state, due_at_ms, lease_owner, attempt FROM requests"
            )
            messages = await tx.fetch_all("SELECT id, attempt FROM outbox WHERE state = 'pending'")
            behind = await outbox.cards_behind(tx, NEVER_DUE, limit=50)
        found = [
            f"{row['id']} is {row['state']}, attempt {row['attempt']}"
            for row in states
            if State(row["state"]) not in RESTS
        ]
        found += [
            f"{row['id']} cancelled and watched"
            for row in states
            if row["state"] == State.CANCELLED and row["due_at_ms"] < NEVER_DUE
        ]
        found += [f"{row['id']} is owed, attempt {row['attempt']}" for row in messages]
        return found + [f"{message.id} shows {message.shown}" for message, _ in behind]

    async def rest(self, timeout_s: float) -> list[str]:
        """Wait until nothing is left to do; what is left when for so long nothing got less.

        A long run leaves a long line, which takes its time.
        """
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        left = await self.restless()
        least = len(left)
        while left and loop.time() < until:
            await self.go_on_with_series()
            await asyncio.sleep(0.5)
            left = await self.restless()
            if len(left) < least:
                least, until = len(left), loop.time() + timeout_s
        return left

    async def ready(self, is_alive: Callable[[], bool], timeout_s: float = 40) -> bool:
        """Wait until a bot is connected and its commands are there; False when it died before."""
        self._forget_dead_sessions()
        loop = asyncio.get_running_loop()
        until = loop.time() + timeout_s
        while loop.time() < until and is_alive():
            if self.discord.gateway.ready() and self.discord.world.commands[0]:
                return True
            await asyncio.sleep(0.05)
        return False

    def _forget_dead_sessions(self) -> None:
        sessions = self.discord.gateway.sessions
        for key in [key for key, session in sessions.items() if session.connection is None]:
            del sessions[key]


@asynccontextmanager
async def open_stage(
    name: str, folder: Path, database_url: str, seed: int, *, seconds_per_video: float = 0.5
) -> AsyncIterator[Stage]:
    """Build a stage whose bots are not started yet; its database is migrated."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prices.toml").write_text(PRICES)
    draw = random.Random(f"{seed}:{name}")
    video = film(folder / "fixed.mp4", seconds=4, width=320, height=180)
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer())
        provider = await stack.enter_async_context(
            SeedanceSimulator(
                api_key=KEY,
                seconds_per_video=lambda _: seconds_per_video * (0.5 + draw.random()),
                plain_links=True,
                render_options=RenderOptions(fixed=video),
            )
        )
        provider.assets.review_s = 0
        database = await open_database(database_url, migrate=True)
        stack.push_async_callback(database.close)
        guild = discord.add_guild("Torture")
        log_channel = discord.add_channel(guild, "log")
        async with database.transaction() as tx:
            await change_settings(tx, guild.id, log_channel=log_channel.id)
        stage = Stage(
            name=name,
            folder=folder,
            discord=discord,
            provider=provider,
            database_url=database_url,
            database=database,
            guild=guild,
            channels=[discord.add_channel(guild, f"films-{n}") for n in range(CHANNELS)],
            log_channel=log_channel,
            members=[discord.add_user(f"member{n}") for n in range(MEMBERS)],
            draw=draw,
        )
        stage.desk = SeriesDesk(database, folder, guild.id)
        provider.faults.every(CallName.CREATE, stage.meet_create)
        yield stage
