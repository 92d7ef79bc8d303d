"""How much memory a bot needs that brings many large videos."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

from bot.demo.provider.simulator import SeedanceSimulator
from tests.bench.acknowledge import make_setup
from tests.bench.delivery import Run
from tests.bench.figures import table
from tests.bench.footage import ready_made
from tests.bench.processes import BotProcess, bot_settings, children_of, rss_bytes, running
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.world import monotonic

VIDEO_BYTES = 20_000_000
SAMPLE_S = 0.05
MEGA = 1_000_000


async def _watch(bot: BotProcess, peak: list[int]) -> None:
    """Keeps the largest sum over the bot and its children in `peak[0]`."""
    while True:
        family = [bot.pid, *children_of(bot.pid)]
        peak[0] = max(peak[0], sum(rss_bytes(pid) for pid in family))
        await asyncio.sleep(SAMPLE_S)


async def measure(folder: Path, count: int) -> str:
    """The table for so many videos of 20 MB."""
    render_options = await ready_made(folder, size_bytes=VIDEO_BYTES)
    async with AsyncExitStack() as stack:
        discord = await stack.enter_async_context(DiscordServer(keeps_files=False))
        setup = make_setup("video-bot", discord, sends_cards=True)
        simulator = await stack.enter_async_context(
            SeedanceSimulator(
                seconds_per_video=10.0,
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
        bot = await stack.enter_async_context(
            running(["-m", "bot", "run"], settings, folder, discord)
        )
        await setup.commands_registered()
        idle = rss_bytes(bot.pid)
        peak = [0]
        watcher = asyncio.create_task(_watch(bot, peak))
        begun_at_s = monotonic()
        await Run(setup, simulator, bot).deliver(count)
        took_s = monotonic() - begun_at_s
        watcher.cancel()
        sizes = {a.size for message in discord.messages() for a in message.attachments}
        rows = [
            ["idle after the start", f"{idle / MEGA:.0f} MB"],
            ["peak of the bot's process", f"{rss_bytes(bot.pid, peak=True) / MEGA:.0f} MB"],
            ["peak with its media process", f"{peak[0] / MEGA:.0f} MB"],
            ["sizes posted", ", ".join(f"{size / MEGA:.1f} MB" for size in sorted(sizes))],
            ["time for all", f"{took_s:.0f} s"],
        ]
        return table(f"Memory with {count} videos of 20 MB", ["", "RSS"], rows)
