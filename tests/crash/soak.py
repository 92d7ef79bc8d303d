"""Everything fails now and then for a while; in the end nothing is wrong and nothing has grown."""

import asyncio
import socket
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.provider.faults import CallName
from bot.errors import UserError
from tests.crash.bots import Bot
from tests.crash.faults import let_loose
from tests.crash.invariants import broken_promises
from tests.crash.leaks import leaks_in, leaks_in_rows, secrets_of, signatures_of
from tests.crash.process_stats import ProcessMonitor, ProcessStats
from tests.crash.stage import Stage, open_stage

ASK_EVERY_S = 0.8
FEEL_EVERY_S = 2.0
SETTLE_S = 150.0
SHAKE_EVERY_S = 25.0
KILL_EVERY_S = 20.0


@dataclass
class Crew:
    """The processes that serve one stage, each with its role, and how they feel."""

    stage: Stage
    bots: dict[str, Bot]
    log_format: str
    monitors: dict[str, ProcessMonitor] = field(default_factory=dict)
    idle: dict[str, ProcessStats] = field(default_factory=dict)

    async def start(self, name: str) -> None:
        """Start or restart one of them."""
        monitor = self.monitors.setdefault(
            name, ProcessMonitor(f"{self.stage.name} {name}", free_port())
        )
        settings = self.stage.settings(
            HTTP_PORT=str(monitor.port), LOG_FORMAT=self.log_format, SEEDANCE_MAX_ACTIVE="12"
        )
        # each has a disk of its own, as on machines of their own
        settings["DATA_DIR"] = str(self.stage.folder / f"data-{name}")
        await self.bots[name].start(settings)

    async def start_all(self) -> None:
        """Start everybody and wait until Discord hears them."""
        for name in self.bots:
            await self.start(name)
        if not await self.stage.ready(lambda: all(bot.is_alive for bot in self.bots.values())):
            tails = "\n".join(bot.tail(10) for bot in self.bots.values())
            message = f"the bots did not come up:\n{tails}"
            raise RuntimeError(message)
        await asyncio.gather(*(monitor.until_ready() for monitor in self.monitors.values()))

    async def sample(self) -> None:
        """Take a sample of every process."""
        for name, bot in self.bots.items():
            await self.monitors[name].sample(bot.pid)

    async def still(self) -> dict[str, ProcessStats]:
        """Every process at rest: the lowest of a few samples."""
        found: dict[str, ProcessStats] = {}
        for _ in range(6):
            for name, bot in self.bots.items():
                seen = await self.monitors[name].sample(bot.pid)
                if seen is not None and (name not in found or seen.tasks <= found[name].tasks):
                    found[name] = seen
            await asyncio.sleep(1)
        return found


async def soak(
    crew: Crew, seconds: float, say: Callable[[str], None], killed: str = ""
) -> list[str]:
    """Let everything fail for so long, mend it, wait, and tell what is wrong.

    `killed` names a process that is killed and restarted all the while.
    """
    stage = crew.stage
    await crew.start_all()
    crew.idle = await crew.still()
    let_loose(stage, lambda: stage.draw.uniform(0.2, 4.0))
    busy = [asyncio.create_task(each) for each in (_ask(stage), _feel(crew), _shake(stage))]
    if killed:
        busy.append(asyncio.create_task(_kill(crew, killed, say)))
    try:
        await asyncio.wait(busy, timeout=seconds, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in busy:
            task.cancel()
        ended = await asyncio.gather(*busy, return_exceptions=True)
    problems = [
        f"the soak itself failed: {each!r}" for each in ended if isinstance(each, Exception)
    ]
    stage.discord.faults.clear()
    stage.provider.faults.clear()
    stage.provider.faults.every(CallName.CREATE, stage.meet_create)
    for name, bot in crew.bots.items():
        if not bot.is_alive:
            problems.append(f"{name} ended by itself:\n{bot.tail()}")
            await crew.start(name)
    return problems + await _end(crew, say)


async def _end(crew: Crew, say: Callable[[str], None]) -> list[str]:
    stage = crew.stage
    left = await stage.rest(SETTLE_S)
    problems = [f"never came to rest: {each}" for each in left]
    still = await crew.still()
    for name, monitor in crew.monitors.items():
        say(str(monitor))
        if name in crew.idle and name in still:
            problems += monitor.growth(crew.idle[name], still[name])
        else:
            problems.append(f"{monitor.name} gives no statistics")
    for name, bot in crew.bots.items():
        code = await bot.stop()
        if code != 0:
            problems.append(f"{name} ended with {code} after SIGTERM:\n{bot.tail(8)}")
    problems += await broken_promises(stage)
    problems += await _leaks(crew)
    states = Counter(str(row.state) for row in await stage.requests())
    say(f"{stage.name}: {len(stage.asked)} asked, {dict(states)}")
    return problems


async def _leaks(crew: Crew) -> list[str]:
    stage = crew.stage
    hidden = secrets_of(stage) | signatures_of(stage)
    found = []
    for name, bot in crew.bots.items():
        text = bot.log.read_text(encoding="utf-8", errors="replace")
        where = f"the log of {name} ({crew.log_format})"
        found += leaks_in(where, text, hidden)
        if f"{stage.name} wish" in text:
            found.append(f"a prompt stands in {where}")
        for page in crew.monitors[name].pages:
            found += leaks_in(f"/metrics of {name}", page, hidden)
    return found + await leaks_in_rows(stage.database, stage)


async def _ask(stage: Stage) -> None:
    while True:
        if stage.draw.random() < 0.1:
            with suppress(UserError):
                # the database may be busy
                await stage.ask_series("", *stage.draw.choice((("",), ("refused",), ("", ""))))
        await stage.ask(pictures=stage.draw.choice((0, 0, 0, 1, 2)))
        await asyncio.sleep(stage.draw.uniform(0.2, 2 * ASK_EVERY_S))


async def _feel(crew: Crew) -> None:
    while True:
        await crew.sample()
        await asyncio.sleep(FEEL_EVERY_S)


async def _shake(stage: Stage) -> None:
    """The gateway breaks off now and then; half of the time it may not be resumed."""
    while True:
        await asyncio.sleep(stage.draw.uniform(0.5, 1.5) * SHAKE_EVERY_S)
        await stage.discord.gateway.disconnect(4000, forgets=stage.draw.random() < 0.5)


async def _kill(crew: Crew, name: str, say: Callable[[str], None]) -> None:
    while True:
        await asyncio.sleep(crew.stage.draw.uniform(0.5, 1.5) * KILL_EVERY_S)
        bot = crew.bots[name]
        bot.kill()
        await bot.dead()
        say(f"{crew.stage.name}: killed {name}")
        await crew.start(name)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def soak_sqlite(
    folder: Path, seconds: float, seed: int, say: Callable[[str], None]
) -> list[str]:
    """One process on SQLite, logging text."""
    async with open_stage("sqlite", folder, f"sqlite:///{folder / 'bot.db'}", seed) as stage:
        crew = Crew(stage, {"bot": Bot("bot", folder, ())}, "text")
        return await _guarded(crew, soak(crew, seconds, say))


async def soak_postgres(
    folder: Path, url: str, seconds: float, seed: int, say: Callable[[str], None]
) -> list[str]:
    """A gateway and two workers on PostgreSQL, logging JSON; one worker dies again and again."""
    async with open_stage("postgres", folder, url, seed) as stage:
        bots = {
            "gateway": Bot("gateway", folder, ("--role", "gateway")),
            "worker-1": Bot("worker-1", folder, ("--role", "worker")),
            "worker-2": Bot("worker-2", folder, ("--role", "worker")),
        }
        crew = Crew(stage, bots, "json")
        problems = await _guarded(crew, soak(crew, seconds, say, killed="worker-2"))
        if stage.provider.peak_active > 12:
            problems.append(f"{stage.provider.peak_active} tasks were at the provider at once")
        return problems


async def _guarded(crew: Crew, work: Awaitable[list[str]]) -> list[str]:
    async with AsyncExitStack() as stack:
        for bot in crew.bots.values():
            stack.push_async_callback(bot.stop)
        return await work
