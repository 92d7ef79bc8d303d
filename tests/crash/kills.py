"""A bot that is killed again and again, at moments chosen beforehand and at random ones."""

import asyncio
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.provider.faults import Call, CallName, Delay, Drop, Fault
from bot.failpoints import POINTS, VARIABLE
from tests.crash.bots import Bot
from tests.crash.invariants import broken_promises
from tests.crash.stage import FULL_MODEL, Stage, open_stage
from tests.support.discord.http import server as discord
from tests.support.discord.http.faults import Fault as DiscordFault
from tests.support.discord.records import Call as DiscordCall

REACH_S = 14.0
"""How long a chosen moment may take to come: a task is asked about after five seconds."""
SETTLE_S = 120.0
TRIES = 3

FATES = {
    "failure.recorded": "refused",
    "notice.claimed": "refused",
    "notice.intended": "refused",
    "notice.sent": "refused",
    "notice.recorded": "refused",
    "uncertain.recorded": "lost",
    "log.claimed": "lost",
    "log.intended": "lost",
    "log.sent": "lost",
    "log.recorded": "lost",
}
"""What must become of a request for a moment to come at all."""
REVIEWED = frozenset({"assets.submitted", "assets.recorded", "assets.checked"})
"""Moments of the provider's asset review, which only some models need."""
SERIES = frozenset({"series.advanced", "film.made", "film.recorded"})
"""Moments of a series, which needs no fate: what is lost of one is finished without it."""
SERIES_FATES = (("", ""), ("", "", ""), ("", "refused"), ("", "lost", ""), ("refused", ""))
PICTURES = frozenset({"inputs.fetched", "inputs.put-up", "provider.upload.before"})

OUTSIDE = (
    "provider.create.before",
    "provider.create.after",
    "provider.upload.before",
    "provider.query.before",
    "provider.query.after",
    "provider.result.before",
    "discord.callback.before",
    "discord.callback.after",
    "discord.send.before",
    "discord.send.after",
    "discord.edit.after",
    "discord.delete.before",
    "discord.delete.after",
    "discord.history.before",
)
"""Moments seen from outside: a call has arrived (`before`), or has had its effect (`after`), and
the answer never reaches the bot."""
ROUTES = {
    "callback": discord.CALLBACK,
    "send": discord.SEND,
    "edit": discord.EDIT,
    "delete": discord.DELETE,
    "history": discord.HISTORY,
}


@dataclass(frozen=True)
class Kill:
    """One death: at a named moment, or `after_s` seconds of life."""

    moment: str = ""
    after_s: float = 0.0
    tries: int = 0

    def __str__(self) -> str:
        return self.moment or f"after {self.after_s:.2f} s"


def planned(count: int, draw: random.Random) -> list[Kill]:
    """So many deaths: every named moment once if they suffice, then random ones of both sorts."""
    moments = [*POINTS, *OUTSIDE]
    draw.shuffle(moments)
    # some at random even in a short run
    kills = [Kill(moment) for moment in moments[: max(1, count - count // 6)]]
    while len(kills) < count:
        if len(kills) % 2 and len(kills) > 2 * len(moments):
            kills.append(Kill(draw.choice(moments)))
        else:
            kills.append(Kill(after_s=draw.uniform(0.3, 9.0)))
    draw.shuffle(kills)
    return kills


@dataclass
class Report:
    """What came of a series of deaths."""

    deaths: int = 0
    problems: list[str] = field(default_factory=list)


class Lane:
    """One stage with one bot on SQLite that dies as planned."""

    def __init__(self, stage: Stage, say: Callable[[str], None]) -> None:
        self._stage = stage
        self._say = say
        self._bot = Bot("bot", stage.folder, ())

    async def run(self, kills: list[Kill]) -> Report:
        """Die so often, then live until everything has come to rest, and look."""
        report = Report()
        waiting = list(kills)
        while waiting:
            kill = waiting.pop(0)
            came, code = await self._life(kill)
            if code != -signal.SIGKILL:
                report.problems.append(
                    f"it died by itself with {code} before {kill}:\n{self._bot.tail()}"
                )
                return report
            if came:
                report.deaths += 1
            elif kill.tries + 1 < TRIES:
                waiting.append(Kill(kill.moment, tries=kill.tries + 1))
            else:
                report.problems.append(f"{kill} never came in {TRIES} lives")
        report.problems += await self._end()
        return report

    async def _life(self, kill: Kill) -> tuple[bool, int]:
        """One life up to its death: whether the moment came, and the exit code."""
        stage = self._stage
        await stage.close_circuit_breaker()
        settings = stage.settings(**({VARIABLE: kill.moment} if kill.moment in POINTS else {}))
        self._arm_outside(kill)
        await self._bot.start(settings)
        death = asyncio.create_task(self._bot.dead())
        if not kill.moment:
            asyncio.get_running_loop().call_later(kill.after_s, self._bot.kill)
        asking = asyncio.create_task(self._ask(kill))
        done, _ = await asyncio.wait({death}, timeout=REACH_S + 20)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        self._disarm()
        self._bot.kill()
        code = await death
        self._say(f"{stage.name}: killed {kill}" + ("" if done else " (it did not come)"))
        return bool(done), code

    async def _ask(self, kill: Kill) -> None:
        """Members ask for what makes the moment come; as often as needed."""
        stage, draw = self._stage, self._stage.draw
        if not await stage.ready(lambda: self._bot.is_alive):
            return
        until = asyncio.get_running_loop().time() + REACH_S
        while asyncio.get_running_loop().time() < until:
            fate = FATES.get(kill.moment, "")
            pictures = 2 if kill.moment in PICTURES else draw.choice((0, 0, 1))
            for _ in range(draw.choice((1, 1, 2))):
                if kill.moment in SERIES:
                    await stage.ask_series("", "")
                elif not kill.moment and draw.random() < 0.4:
                    await stage.ask_series(*draw.choice(SERIES_FATES))
                elif kill.moment in REVIEWED:
                    await stage.ask(fate, pictures=1, model=FULL_MODEL)
                else:
                    await stage.ask(fate, pictures=pictures)
            await asyncio.sleep(4)

    def _arm_outside(self, kill: Kill) -> None:
        side, _, rest = kill.moment.partition(".")
        what, _, when = rest.partition(".")
        if side == "provider":
            self._arm_provider(CallName(what), when == "after")
        elif side == "discord":
            self._arm_discord(ROUTES[what], after=when == "after")

    def _arm_provider(self, name: CallName, after: bool) -> None:
        stage, bot = self._stage, self._bot
        is_create = name is CallName.CREATE

        async def trigger() -> None:
            bot.kill()
            await bot.dead()

        def plan(call: Call) -> Fault | None:
            usual = stage.meet_create(call) if is_create else None
            if usual is not None or not bot.is_alive:
                return usual
            if after:
                # carried out when nobody is there any more to hear of it
                return Delay(trigger)
            if is_create:
                stage.fates[str(call.body["prompt"])].creates[-1] = "lost"
            asyncio.get_running_loop().call_soon(bot.kill)
            return Drop()

        stage.provider.faults.every(name, plan)

    def _arm_discord(self, route: str, *, after: bool) -> None:
        bot = self._bot

        def choose(call: DiscordCall) -> DiscordFault | None:
            if route == discord.HISTORY and call.route == discord.SEND:
                # a place is searched only for what may have arrived before
                return DiscordFault(drop=True, after_effect=True)
            if call.route != route or not bot.is_alive:
                return None
            if not after:
                bot.kill()
                return DiscordFault(drop=True)

            async def kill_when_done() -> None:
                await call.done.wait()
                bot.kill()

            self._killing = asyncio.create_task(kill_when_done())
            return DiscordFault(after_effect=True, drop=True)

        self._stage.discord.faults.chooser = choose

    def _disarm(self) -> None:
        self._stage.discord.faults.clear()
        self._stage.provider.faults.clear()
        self._stage.provider.faults.every(CallName.CREATE, self._stage.meet_create)

    async def _stopped_in_mid_create(self) -> list[str]:
        """A stop while the paid answer is on its way, and does not come: it ends all the same."""
        stage, loop = self._stage, asyncio.get_running_loop()
        await stage.close_circuit_breaker()
        await self._bot.start(stage.settings())
        if not await stage.ready(lambda: self._bot.is_alive):
            return [f"it does not come up any more; its log ends:\n{self._bot.tail()}"]
        stage.provider.faults.every(CallName.CREATE, stage.stall_create)
        await stage.ask()
        until = loop.time() + REACH_S
        while not stage.stalled and loop.time() < until:
            await asyncio.sleep(0.05)
        code = await self._bot.stop()
        self._disarm()
        if not stage.stalled or code != 0:
            return [f"stopped in mid-create ({stage.stalled}): ended with {code}"]
        return []

    async def _end(self) -> list[str]:
        """The last life: nothing goes wrong in it, and it ends in good manners."""
        problems = await self._stopped_in_mid_create()
        await self._bot.start(self._stage.settings())
        if not await self._stage.ready(lambda: self._bot.is_alive):
            return [f"it does not come up any more; its log ends:\n{self._bot.tail()}"]
        problems += [f"never came to rest: {left}" for left in await self._stage.rest(SETTLE_S)]
        code = await self._bot.stop()
        if code != 0:
            problems.append(f"ended with {code} after SIGTERM")
        problems += await broken_promises(self._stage)
        return problems


def shares(kills: list[Kill], lanes: int) -> Iterator[list[Kill]]:
    """The deaths dealt out to so many lanes."""
    for lane in range(lanes):
        yield kills[lane::lanes]


async def on_sqlite(
    name: str, folder: Path, kills: list[Kill], seed: int, say: Callable[[str], None]
) -> Report:
    """One lane on a SQLite database of its own."""
    url = f"sqlite:///{folder / 'bot.db'}"
    async with open_stage(name, folder, url, seed) as stage:
        report = await Lane(stage, say).run(kills)
        say(f"{name}: {len(stage.asked)} asked, {len(await stage.requests())} taken in")
        return report
