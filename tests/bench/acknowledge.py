"""How soon `/video create` is acknowledged and answered, beside a bare discord.py command.

Two floors are measured in the same run: the bare command, and one that commits a row to SQLite
durably before it answers, without which no request could be promised.
"""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.provider.simulator import SeedanceSimulator
from tests.bench.figures import milliseconds, percentile, table
from tests.bench.footage import ready_made
from tests.bench.processes import BotProcess, bot_settings, cpu_s, running
from tests.support.discord.http.server import SEND, DiscordServer
from tests.support.discord.interactions import DEFER
from tests.support.discord.records import Channel, Guild, User

BARE, COMMITTING, REAL = "bare discord.py", "bare and one commit", "video-bot"
CHANNELS = 20
MEMBERS = 50
NEVER_S = 3600.0
"""Tasks that outlast the measurement: what is measured is the taking in."""


@dataclass
class Setup:
    """One Discord with people in it, and what was measured there."""

    name: str
    discord: DiscordServer
    guild: Guild
    channels: list[Channel]
    members: list[User]
    sends_cards: bool
    bot: BotProcess | None = None
    times: dict[int, list[float]] = field(default_factory=dict)
    words: dict[int, list[float]] = field(default_factory=dict)
    """Until the member reads the answer, which after a deferral comes later."""
    deferred: dict[int, int] = field(default_factory=dict)
    cpu_s: dict[int, float] = field(default_factory=dict)
    """What the bot's process spent on all requests of such a burst, until the last words."""
    asked: int = 0

    async def burst(self, count: int, *, measured: bool = True) -> None:
        """So many members at once; waits until every answer and every card is there."""
        pending = []
        for number in range(self.asked, self.asked + count):
            channel = self.channels[number % len(self.channels)]
            member = self.members[number % len(self.members)]
            prompt = f"a lighthouse in the rain, number {number}"
            pending.append(
                self.discord.slash(self.guild, channel, member, "video create", {"prompt": prompt})
            )
        self.asked += count
        pid = self.bot.pid if self.bot is not None else 0
        spent_s = cpu_s(pid)
        asked = await asyncio.gather(*pending)
        await asyncio.gather(*(interaction.wait_shown(30) for interaction in asked))
        if measured:
            self.cpu_s[count] = self.cpu_s.get(count, 0.0) + cpu_s(pid) - spent_s
            times = [interaction.acknowledged_after_s for interaction in asked]
            self.times.setdefault(count, []).extend(times)
            words = [interaction.shown_at - interaction.sent_at for interaction in asked]
            self.words.setdefault(count, []).extend(words)
            late = sum(interaction.answer_type == DEFER for interaction in asked)
            self.deferred[count] = self.deferred.get(count, 0) + late
        if self.sends_cards:
            await self.discord.wait_for(lambda: self._cards() >= self.asked, timeout_s=120)
        await self.discord.quiet(0.2)

    async def commands_registered(self) -> None:
        """Return once the bot has told Discord of its commands."""
        await self.discord.wait_for(lambda: bool(self.discord.world.commands[0]))

    def _cards(self) -> int:
        return sum(call.status == 200 for call in self.discord.calls(SEND))


def make_setup(name: str, discord: DiscordServer, *, sends_cards: bool) -> Setup:
    """A server with channels and members, before the bot connects."""
    guild = discord.add_guild("Bench")
    channels = [discord.add_channel(guild, f"channel-{n}") for n in range(CHANNELS)]
    members = [discord.add_user(f"member{n}") for n in range(MEMBERS)]
    return Setup(name, discord, guild, channels, members, sends_cards)


async def measure(folder: Path, rounds: dict[int, int]) -> str:
    """The table; `rounds` says how often each number of members at once is tried.

    The bots take turns, burst by burst, so that all meet the same noise.
    """
    async with AsyncExitStack() as stack:
        bare, committing, real = [
            make_setup(
                name, await stack.enter_async_context(DiscordServer()), sends_cards=name == REAL
            )
            for name in (BARE, COMMITTING, REAL)
        ]
        simulator = await stack.enter_async_context(
            SeedanceSimulator(
                seconds_per_video=NEVER_S, plain_links=True, render_options=await ready_made(folder)
            )
        )
        settings = bot_settings(
            folder / "real",
            real.discord,
            SEEDANCE_BASE_URL=simulator.url,
            SEEDANCE_API_KEY="simulated-key",
        )
        bare_bot = ["-m", "tests.bench.bare_bot"]
        commands = (
            (bare_bot, bare.discord.settings(), folder / "bare", bare),
            (
                [*bare_bot, "commit"],
                committing.discord.settings(),
                folder / "committing",
                committing,
            ),
            (["-m", "bot", "run"], settings, folder / "real", real),
        )
        for arguments, environment, place, setup in commands:
            setup.bot = await stack.enter_async_context(
                running(arguments, environment, place, setup.discord)
            )
            await setup.commands_registered()
        setups = (bare, committing, real)
        for setup in setups:
            await setup.burst(5, measured=False)
        for count, times in rounds.items():
            for _ in range(times):
                for setup in setups:
                    await setup.burst(count)
        return _report(setups)


def _report(setups: Sequence[Setup]) -> str:
    rows = []
    bare, *_ = setups
    for count in bare.times:
        floor = percentile(bare.words[count], 0.5)
        for setup in setups:
            times, words = setup.times[count], setup.words[count]
            rows.append(
                [
                    f"{setup.name}, {count} at once",
                    *(milliseconds(percentile(times, share)) for share in (0.5, 0.95, 1.0)),
                    milliseconds(percentile(words, 0.5)),
                    milliseconds(max(words)),
                    f"{percentile(words, 0.5) / floor:.2f}",
                    milliseconds(setup.cpu_s[count] / len(times)),
                    str(setup.deferred[count]),
                    str(len(times)),
                ]
            )
    heads = [
        "",
        "p50",
        "p95",
        "max",
        "words p50",
        "words max",
        "words / bare",
        "CPU",
        "deferred",
        "of",
    ]
    title = "Acknowledgement and words of /video create, and CPU a request until the words"
    return table(title, heads, rows)
