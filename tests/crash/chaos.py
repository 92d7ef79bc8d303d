"""Everything below and beside the bots fails: database, connections, media store, disks, clocks.

Discord and the provider behave. So whatever was asked for is made, or is uncertain where a process
was killed while it submitted; nothing is lost, paid twice or posted twice, and all goes on by
itself: nobody but those that were killed is started again.
"""

import asyncio
import contextlib
import random
import resource
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import psycopg

from storage.engine.database import open_database
from tests.crash.bots import Bot
from tests.crash.invariants import broken_promises
from tests.crash.stage import Stage, open_stage
from tests.support.pooler import pooler
from tests.support.postgres import StoppableServer, stoppable_server
from tests.support.s3 import S3, open_s3

Say = Callable[[str], None]

ASK_EVERY_S: Final = 0.7
KILL_EVERY_S: Final = 20.0
RESTART_EVERY_S: Final = 30.0
AWAY_S: Final = 3.0
CUT_EVERY_S: Final = 5.0
SHUT_EVERY_S: Final = 20.0
SHUT_S: Final = 8.0
FULL_EVERY_S: Final = 15.0
FULL_S: Final = 4.0
COME_UP_S: Final = 8.0
START_S: Final = 120.0
SETTLE_S: Final = 180.0
MOST_SKEW_S: Final = 2 * 3600.0
_SKEWED: Final = ("-m", "tests.crash.skewed_bot")
_CUT: Final = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < 0.5"""


@dataclass(frozen=True)
class Chaos:
    """One stage, its processes with what they are told, and who is killed."""

    stage: Stage
    bots: dict[str, Bot]
    settings: dict[str, dict[str, str]]
    killed: str
    draw: random.Random
    say: Say

    async def start(self, name: str) -> None:
        """Start a process, with another wrong clock each time where its settings have one."""
        settings = {**self.stage.settings(SEEDANCE_MAX_ACTIVE="12"), **self.settings[name]}
        settings["DATA_DIR"] = str(self.stage.folder / f"data-{name}")
        if "CLOCK_SKEW_S" in settings:
            settings["CLOCK_SKEW_S"] = f"{self.draw.uniform(-MOST_SKEW_S, MOST_SKEW_S):.0f}"
        await self.bots[name].start(settings)

    async def run(self, seconds: float, *faults: "Callable[[Chaos], Awaitable[None]]") -> list[str]:
        """Let everything fail for so long, then let it be; what is wrong in the end."""
        for name in self.bots:
            await self.start(name)
        if not await self.stage.ready(self._is_everybody_alive, timeout_s=START_S):
            return ["the bots did not come up", *(bot.tail(10) for bot in self.bots.values())]
        works = [self._ask(), self._kill(), self._fill_disks(), *(each(self) for each in faults)]
        busy = [asyncio.ensure_future(each) for each in works]
        await asyncio.wait(busy, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
        for task in busy:
            task.cancel()
        ended = await asyncio.gather(*busy, return_exceptions=True)
        problems = [f"the chaos itself failed: {e!r}" for e in ended if isinstance(e, Exception)]
        return problems + await self._end()

    def _is_everybody_alive(self) -> bool:
        return all(bot.is_alive for bot in self.bots.values())

    async def _end(self) -> list[str]:
        problems = [
            f"{name} ended by itself:\n{bot.tail()}"
            for name, bot in self.bots.items()
            if not bot.is_alive
        ]
        problems += [f"never came to rest: {each}" for each in await self.stage.rest(SETTLE_S)]
        for name, bot in self.bots.items():
            code = await bot.stop()
            if code != 0:
                problems.append(f"{name} ended with {code} after SIGTERM:\n{bot.tail(8)}")
        problems += await broken_promises(self.stage)
        states = Counter(str(row.state) for row in await self.stage.requests())
        self.say(f"{self.stage.name}: {len(self.stage.asked)} asked, {dict(states)}")
        return [f"{self.stage.name}: {problem}" for problem in problems]

    async def _ask(self) -> None:
        while True:
            await self.stage.ask(pictures=self.draw.choice((0, 0, 1)))
            await asyncio.sleep(self.draw.uniform(0.2, 2 * ASK_EVERY_S))

    async def _kill(self) -> None:
        while True:
            await self._pause(KILL_EVERY_S)
            # the killed bot comes back, also where the time is up in between
            kill = asyncio.ensure_future(self._kill_once())
            try:
                await asyncio.shield(kill)
            finally:
                await kill

    async def _kill_once(self) -> None:
        bot = self.bots[self.killed]
        bot.kill()
        await bot.dead()
        self.say(f"{self.stage.name}: killed {self.killed}")
        await self.start(self.killed)

    async def _fill_disks(self) -> None:
        """Now and then no process can write any file: its disk is full.

        One that is about to start is spared: it would end and leave its restart to a supervisor.
        """
        while True:
            await self._pause(FULL_EVERY_S)
            bots = self.bots.values()
            pids = [bot.pid for bot in bots if bot.pid and bot.age_s > COME_UP_S]
            try:
                _limit_files(pids, 0)
                await asyncio.sleep(FULL_S)
            finally:
                _limit_files(pids, resource.RLIM_INFINITY)

    async def _pause(self, mean_s: float) -> None:
        await asyncio.sleep(self.draw.uniform(0.5, 1.5) * mean_s)


def _limit_files(pids: Sequence[int], size_bytes: int) -> None:
    """How far any file may grow that these processes write; pipes and sockets go on."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            limits = (size_bytes, resource.RLIM_INFINITY)
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


async def chaos_sqlite(folder: Path, seconds: float, seed: int, say: Say) -> list[str]:
    """One process on SQLite, which is killed, has a wrong clock and a full disk."""
    url = f"sqlite:///{folder / 'bot.db'}"
    async with open_stage("chaos sqlite", folder, url, seed) as stage, AsyncExitStack() as stack:
        bot = Bot("bot", folder, ())
        stack.push_async_callback(bot.stop)
        return await Chaos(
            stage=stage,
            bots={"bot": bot},
            settings={"bot": {}},
            killed="bot",
            draw=random.Random(f"{seed}:chaos sqlite"),
            say=say,
        ).run(seconds)


async def chaos_postgres(folder: Path, seconds: float, seed: int, say: Say) -> list[str]:
    """A gateway and two workers on PostgreSQL and an S3 store, which both go away.

    One worker is behind a pooler, is killed again and again and has another wrong clock each time.
    """
    with stoppable_server() as server:
        name = server.server.create()
        url = server.server.url(name)
        database = await open_database(url, migrate=True)
        await database.close()
        socket = url.rpartition("host=")[2]
        async with (
            open_stage("chaos postgres", folder, url, seed) as stage,
            pooler(socket, name, sessions=6) as between,
            open_s3() as s3,
            _bots(folder) as bots,
        ):
            store = {name.upper(): str(value) for name, value in s3.settings.items()}
            chaos = Chaos(
                stage=stage,
                bots=bots,
                settings={
                    "gateway": store,
                    "worker-1": store,
                    "worker-2": {**store, "DATABASE_URL": between.url, "CLOCK_SKEW_S": "0"},
                },
                killed="worker-2",
                draw=random.Random(f"{seed}:chaos postgres"),
                say=say,
            )
            return await chaos.run(
                seconds, partial(_restart, server), partial(_cut, url), partial(_shut, s3)
            )


@asynccontextmanager
async def _bots(folder: Path) -> AsyncIterator[dict[str, Bot]]:
    bots = {
        "gateway": Bot("gateway", folder, ("--role", "gateway")),
        "worker-1": Bot("worker-1", folder, ("--role", "worker")),
        "worker-2": Bot("worker-2", folder, ("--role", "worker"), _SKEWED),
    }
    async with AsyncExitStack() as stack:
        for bot in bots.values():
            stack.push_async_callback(bot.stop)
        yield bots


async def _restart(server: StoppableServer, chaos: Chaos) -> None:
    """The database goes away and comes back."""
    while True:
        await asyncio.sleep(chaos.draw.uniform(0.5, 1.5) * RESTART_EVERY_S)
        await asyncio.to_thread(server.stop)
        try:
            await asyncio.sleep(chaos.draw.uniform(0.0, AWAY_S))
        finally:
            await asyncio.shield(asyncio.to_thread(server.start))
        chaos.say(f"{chaos.stage.name}: restarted the database")


async def _shut(s3: S3, chaos: Chaos) -> None:
    """The media store resets every connection for a while."""
    while True:
        await asyncio.sleep(chaos.draw.uniform(0.5, 1.5) * SHUT_EVERY_S)
        s3.gate.shut()
        try:
            await asyncio.sleep(chaos.draw.uniform(0.0, SHUT_S))
        finally:
            s3.gate.open()
        chaos.say(f"{chaos.stage.name}: the media store was away")


async def _cut(url: str, chaos: Chaos) -> None:
    """Every other connection to the database breaks, whatever it is doing."""
    while True:
        await asyncio.sleep(chaos.draw.uniform(0.5, 1.5) * CUT_EVERY_S)
        with contextlib.suppress(psycopg.Error):
            async with await psycopg.AsyncConnection.connect(url, autocommit=True) as other:
                await other.execute(_CUT)
