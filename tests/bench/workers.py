"""What the workers get through, with a provider and a Discord that answer at once.

Queued requests are written as a gateway writes them, so that nothing but the workers is measured:
how many get from queued to posted a second, and how soon a queued one is submitted.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from bot.demo.provider.simulator import SeedanceSimulator
from bot.rules.request import VideoRequest
from bot.services.outbox import enqueue_card
from bot.services.wakeup import Topic
from storage.engine.clock import DatabaseClock
from storage.engine.database import open_database
from storage.engine.signals import send
from storage.engine.transaction import Database, Transaction
from storage.operations import workers
from storage.quotas import ledger
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests
from tests.bench.acknowledge import Setup, make_setup
from tests.bench.figures import milliseconds, percentile, table
from tests.bench.footage import ready_made
from tests.bench.growth import fill_with_ended
from tests.bench.processes import BotProcess, bot_settings, cpu_s, started
from tests.support.discord.http.server import DiscordServer
from tests.support.postgres import PostgresMissing, PostgresServer, postgres_server

POLL_MS: Final = 1_000
"""A provider that answers at once has the video at the first look."""
PATIENCE_S: Final = 60.0
AT_ONCE: Final = 50
RATE: Final = 50
"""Requests a second while what is measured is how soon each is submitted."""
_TOPICS: Final = f"{Topic.SLOTS},{Topic.REQUESTS},{Topic.OUTBOX}"
"""What a gateway signals for each request that it has acknowledged."""
_POSTED: Final = "SELECT COUNT(*) AS number FROM requests WHERE state = 'posted' AND origin = :run"
_TIMES: Final = """
SELECT created_at_ms, submitted_at_ms, ended_at_ms FROM requests
WHERE origin = :run ORDER BY ended_at_ms"""


@dataclass(frozen=True, slots=True)
class Load:
    """How much is asked for: `batch` at once, then `RATE` a second for `steady_s`."""

    batch: int = 2_000
    steady_s: float = 60.0
    processes: Sequence[int] = (1, 2, 4)
    beside: int = 1_000_000
    """So many ended requests lie beside in the last measurement."""
    held_s: float = 600.0
    """How long a transaction is held open meanwhile."""


QUICK: Final = Load(batch=300, steady_s=10.0, processes=(1, 2), beside=30_000, held_s=10.0)


@dataclass
class Feed:
    """Writes queued requests as a gateway does."""

    database: Database
    setup: Setup
    clock: Callable[[], int]
    made: int = 0

    async def ask(self, count: int, run: str) -> None:
        """Record so many in one transaction."""
        made = [self._request(self.made + n, run) for n in range(count)]
        self.made += count

        async def record(tx: Transaction) -> None:
            for request in made:
                await requests.add(tx, request)
                await enqueue_card(tx, request, request.created_at_ms)
                await ledger.reserve(tx, request, request.created_at_ms)
            await send(tx, _TOPICS)

        await self.database.write(record)

    def _request(self, number: int, run: str) -> Request:
        setup, now_ms = self.setup, self.clock()
        video = VideoRequest(prompt=f"bench {number}", model="seedance2.0-fast-i2v", duration=5)
        return Request(
            id=f"bench{number:06d}",
            interaction_id=setup.discord.world.new_id(),
            guild_id=setup.guild.id,
            channel_id=setup.channels[number % len(setup.channels)].id,
            user_id=setup.members[number % len(setup.members)].id,
            state=State.QUEUED,
            model=video.model,
            seconds=5,
            spec=video.model_dump_json(exclude_none=True),
            locale="en-US",
            guild_locale="en-US",
            upload_limit_bytes=20_000_000,
            origin=run,
            created_at_ms=now_ms,
            updated_at_ms=now_ms,
            due_at_ms=NEVER_DUE,
            prepared_at_ms=now_ms,
            acked_at_ms=now_ms,
        )

    async def posted(self, run: str, count: int) -> None:
        """Return once so many of a run are posted; TimeoutError when for long none was added."""
        had, since = -1, time.monotonic()
        while had < count:
            await asyncio.sleep(0.1)
            async with self.database.reading() as tx:
                row = await tx.fetch_one(_POSTED, {"run": run})
            now = int(row["number"]) if row else 0
            if now > had:
                had, since = now, time.monotonic()
            elif time.monotonic() - since > PATIENCE_S:
                raise TimeoutError(f"{had} of {count} were posted")

    async def times(self, run: str) -> list[tuple[int, int, int]]:
        """When each of a run was queued, submitted and posted."""
        async with self.database.reading() as tx:
            rows = await tx.fetch_all(_TIMES, {"run": run})
        return [(r["created_at_ms"], r["submitted_at_ms"], r["ended_at_ms"]) for r in rows]


async def measure(folder: Path, load: Load) -> str:
    """The table, on PostgreSQL; a note in its place where none can be had."""
    rows = []
    try:
        with postgres_server() as server:
            for count in load.processes:
                name = f"{count} worker{'s' * (count > 1)}"
                async with _opened(folder / name, server, 0) as stage:
                    rows.append([name, *await _measured(stage, count, load, load.steady_s)])
            async with _opened(folder / "beside", server, load.beside) as stage, _held_open(stage):
                count = load.processes[-1]
                name = f"{count} workers, {load.beside:,} ended, a transaction held open"
                seconds = max(load.steady_s, load.held_s)
                rows.append([name, *await _measured(stage, count, load, seconds)])
    except PostgresMissing as missing:
        return f"workers: not measured, {missing}"
    heads = ["PostgreSQL", "posted/s", "CPU", f"submitted p50 at {RATE}/s", "p99", "max", "of"]
    return table("Workers: from queued to posted, and from queued to submitted", heads, rows)


@dataclass(frozen=True, slots=True)
class _Stage:
    folder: Path
    url: str
    feed: Feed
    settings: dict[str, str]


@asynccontextmanager
async def _opened(folder: Path, server: PostgresServer, ended: int) -> AsyncIterator[_Stage]:
    render_options = await ready_made(folder)
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer(keeps_files=False))
        simulator = await stack.enter_async_context(
            SeedanceSimulator(seconds_per_video=0, plain_links=True, render_options=render_options)
        )
        name = server.create()
        stack.callback(server.drop, name)
        url = server.url(name)
        database = await open_database(url, migrate=True)
        stack.push_async_callback(database.close)
        if ended:
            await asyncio.to_thread(fill_with_ended, url, ended)
        clock = DatabaseClock(database)
        await clock.refresh()
        settings = bot_settings(
            folder,
            discord,
            DATABASE_URL=url,
            SEEDANCE_BASE_URL=simulator.url,
            SEEDANCE_API_KEY="simulated-key",
            SEEDANCE_MAX_ACTIVE="1000",
        )
        setup = make_setup("workers", discord, sends_cards=True)
        yield _Stage(folder, url, Feed(database, setup, clock), settings)


async def _measured(stage: _Stage, processes: int, load: Load, steady_s: float) -> list[str]:
    feed = stage.feed
    async with AsyncExitStack() as stack:
        bots = [
            await stack.enter_async_context(
                started(
                    ["-m", "tests.bench.fixed_bot", str(POLL_MS), "worker"],
                    {**stage.settings, "DATA_DIR": str(stage.folder / f"data-{number}")},
                    stage.folder / f"worker-{number}",
                )
            )
            for number in range(processes)
        ]
        await _alongside(bots, _all_alive(feed, processes))
        await _alongside(bots, _through(feed, "warm", AT_ONCE))
        spent_s = sum(cpu_s(bot.pid) for bot in bots)
        await _alongside(bots, _through(feed, "batch", load.batch))
        spent_s = sum(cpu_s(bot.pid) for bot in bots) - spent_s
        await _alongside(bots, _steadily(feed, "steady", steady_s))
    ends = [ended_ms for _, _, ended_ms in await feed.times("batch")]
    waited_s = [(at - begun) / 1000 for begun, at, _ in await feed.times("steady")]
    return [
        f"{_a_second(ends):.0f}",
        milliseconds(spent_s / load.batch),
        *(milliseconds(percentile(waited_s, share)) for share in (0.5, 0.99, 1.0)),
        str(len(waited_s)),
    ]


async def _through(feed: Feed, run: str, count: int) -> None:
    for _ in range(0, count, AT_ONCE):
        await feed.ask(AT_ONCE, run)
    await feed.posted(run, count)


async def _steadily(feed: Feed, run: str, seconds: float) -> None:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    count = round(RATE * seconds)
    for number in range(count):
        await asyncio.sleep(began_s + number / RATE - loop.time())
        await feed.ask(1, run)
    await feed.posted(run, count)


def _a_second(ends_ms: Sequence[int]) -> float:
    """Posted a second in the middle of a run, without its slow beginning and end."""
    first, last = ends_ms[len(ends_ms) // 5], ends_ms[-len(ends_ms) // 5]
    return 0.6 * len(ends_ms) / max(0.001, (last - first) / 1000)


async def _alongside(bots: Sequence[BotProcess], work: Awaitable[None]) -> None:
    """Do something that needs all of these; the first one that ends is the one to be told of."""
    working = asyncio.ensure_future(work)
    await bots[0].alongside(working)


async def _all_alive(feed: Feed, count: int) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with feed.database.reading() as tx:
                if len(await workers.alive(tx, 0)) >= count:
                    return
            await asyncio.sleep(0.1)


@asynccontextmanager
async def _held_open(stage: _Stage) -> AsyncIterator[None]:
    """A transaction that sees all rows as they are now, so that none of them can be cleaned up."""
    async with await psycopg.AsyncConnection.connect(stage.url) as other:
        await other.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
        await other.execute("SELECT COUNT(*) FROM requests")
        yield
