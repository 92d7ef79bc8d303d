"""From the provider's "ready" to the posted video, and with how many polls."""

import asyncio
import math
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.provider.simulator import SeedanceSimulator
from tests.bench.acknowledge import Setup, make_setup
from tests.bench.figures import mean, percentile, seconds, table
from tests.bench.footage import ready_made
from tests.bench.processes import BotProcess, bot_settings, running
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.interactions import text_of
from tests.support.discord.world import monotonic

SPACING_S = 4.0
"""Between requests that come one at a time: far enough apart not to meet at the end."""

PATIENCE_S = 150.0
"""Without a new video for so long, something is wrong."""


@dataclass(frozen=True)
class Pace:
    """How long the simulated provider takes: drawn around a mean, never under a minimum."""

    mean_s: float = 45.0
    spread_s: float = 8.0
    least_s: float = 20.0


@dataclass
class Lateness:
    """What was measured with one schedule for one number of requests."""

    seen_s: list[float] = field(default_factory=list)
    posted_s: list[float] = field(default_factory=list)
    polls: list[int] = field(default_factory=list)
    task_s: list[float] = field(default_factory=list)


class Run:
    """One bot with one way of polling."""

    def __init__(self, setup: Setup, simulator: SeedanceSimulator, bot: BotProcess) -> None:
        self._bot = bot
        self._stage = setup
        self._simulator = simulator
        self._number = 0

    async def deliver(self, count: int, *, spacing_s: float = 0.0) -> Lateness:
        """Ask for so many videos, wait for all of them, and tell how late each was."""
        prompts = [f"bench{self._number + n:05d}" for n in range(count)]
        self._number += count
        setup = self._stage
        for n, prompt in enumerate(prompts):
            place = setup.channels[n % len(setup.channels)]
            member = setup.members[n % len(setup.members)]
            await setup.discord.slash(
                setup.guild, place, member, "video create", {"prompt": prompt}
            )
            await asyncio.sleep(spacing_s)
        await self._bot.alongside(self._all_posted())
        return self._measure(set(prompts))

    async def _all_posted(self) -> None:
        """Return once every video stands; TimeoutError when for long none was added."""
        had = self._videos()

        def is_more() -> bool:
            return self._videos() > had

        while had < self._number:
            await self._stage.discord.wait_for(is_more, PATIENCE_S)
            had = self._videos()

    def _videos(self) -> int:
        return sum(bool(message.attachments) for message in self._stage.discord.messages())

    def _measure(self, prompts: set[str]) -> Lateness:
        posted: dict[str, float] = {}
        for message in self._stage.discord.messages():
            if message.attachments:
                words = text_of(message)
                posted |= {prompt: message.at for prompt in prompts if prompt in words}
        found = Lateness()
        for task in self._simulator.tasks.values():
            prompt = str(task.body["prompt"])
            if prompt not in prompts:
                continue
            seen_at_s = task.first_told_at_s or 0.0
            found.seen_s.append(seen_at_s - task.ends_at_s)
            found.posted_s.append(posted[prompt] - seen_at_s)
            found.polls.append(task.queries)
            found.task_s.append(task.takes_s)
        if len(found.polls) != len(prompts):
            text = f"{len(found.polls)} tasks for {len(prompts)} requests"
            raise RuntimeError(text)
        return found


async def _series(
    folder: Path, command: list[str], counts: Mapping[int, int], pace: Pace, history: int
) -> dict[int, Lateness]:
    """Every number of requests with one bot, after a history that the forecast can learn from."""
    draw = random.Random(20260717)  # the same fates for both schedules

    def takes(_: Mapping[str, object]) -> float:
        return max(pace.least_s, draw.gauss(pace.mean_s, pace.spread_s))

    render_options = await ready_made(folder)
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer(keeps_files=False))
        setup = make_setup("video-bot", discord, sends_cards=True)
        simulator = await stack.enter_async_context(
            SeedanceSimulator(
                seconds_per_video=takes,
                clock=monotonic,
                plain_links=True,
                render_options=render_options,
            )
        )
        settings = bot_settings(
            folder,
            discord,
            SEEDANCE_BASE_URL=simulator.url,
            SEEDANCE_API_KEY="simulated-key",
            SEEDANCE_MAX_ACTIVE="1000",
        )
        bot = await stack.enter_async_context(running(command, settings, folder, discord))
        await setup.commands_registered()
        run = Run(setup, simulator, bot)
        await run.deliver(history)
        return {
            count: await run.deliver(repeats or count, spacing_s=SPACING_S if repeats else 0.0)
            for count, repeats in counts.items()
        }


def _interval_with_as_many_polls(found: list[Lateness]) -> int:
    """The fixed interval, in milliseconds, that polls these tasks as often as they were polled."""
    wanted = mean([polls for one in found for polls in one.polls])
    tasks_s = [task_s for one in found for task_s in one.task_s]
    return min(
        range(5_000, 30_000, 100),
        key=lambda ms: abs(mean([math.ceil(task_s * 1000 / ms) for task_s in tasks_s]) - wanted),
    )


async def measure(folder: Path, counts: Mapping[int, int], pace: Pace, history: int) -> str:
    """The table; `counts` maps a number at once to 0, or 1 to how many come one by one.

    The fixed interval is chosen so that it polls as often per request as the prediction did.
    """
    predicting = await _series(folder / "predicting", ["-m", "bot", "run"], counts, pace, history)
    interval_ms = _interval_with_as_many_polls(list(predicting.values()))
    command = ["-m", "tests.bench.fixed_bot", str(interval_ms)]
    fixed = await _series(folder / "fixed", command, counts, pace, history)
    rows = []
    for count, repeats in counts.items():
        name = f"{count} ({repeats} in turn)" if repeats else f"{count} at once"
        for schedule, found in (
            ("predicting", predicting[count]),
            (f"every {interval_ms / 1000:.1f} s", fixed[count]),
        ):
            whole = [a + b for a, b in zip(found.seen_s, found.posted_s, strict=True)]
            shares = [
                percentile(values, share)
                for values in (found.seen_s, found.posted_s, whole)
                for share in (0.5, 0.95)
            ]
            row = [f"{name}, {schedule}", *map(seconds, shares), f"{mean(found.polls):.2f}"]
            rows.append(row)
    heads = ["", "ready→seen p50", "p95", "seen→posted p50", "p95", "both p50", "p95", "polls"]
    title = f"Provider-ready to posted (tasks of {pace.mean_s:.0f} ± {pace.spread_s:.0f} s)"
    return table(title, heads, rows)
