"""Many members in one channel within a minute, at the pace that Discord allows.

Discord's limits hold: five calls of a route in five seconds for the channel, fifty calls a second
in all, with the headers it sends. Everybody must be answered and get a card, in the order in which
they asked; a 429 is a call that should have waited.
"""

import asyncio
from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

from bot.demo.provider.simulator import SeedanceSimulator
from tests.bench.acknowledge import NEVER_S, Setup, make_setup
from tests.bench.figures import percentile, seconds, table
from tests.bench.footage import ready_made
from tests.bench.processes import bot_settings, running
from tests.support.discord.http.rates import Rates
from tests.support.discord.http.server import SEND, DiscordServer
from tests.support.discord.interactions import Interaction, text_of

PER_CHANNEL: Final = (5, 5.0)
OVERALL: Final = (50, 1.0)
WITHIN_S: Final = 60.0


async def measure(folder: Path, count: int) -> str:
    """The table for so many members; takes a second a card, as the channel does."""
    async with AsyncExitStack() as stack:
        rates = Rates(per_place=PER_CHANNEL, overall=OVERALL)
        discord = await stack.enter_async_context(DiscordServer(rates=rates))
        setup = make_setup("video-bot", discord, sends_cards=True)
        setup.members = [discord.add_user(f"crowd{n}") for n in range(count)]
        simulator = await stack.enter_async_context(
            SeedanceSimulator(
                seconds_per_video=NEVER_S, plain_links=True, render_options=await ready_made(folder)
            )
        )
        settings = bot_settings(
            folder, discord, SEEDANCE_BASE_URL=simulator.url, SEEDANCE_API_KEY="simulated-key"
        )
        bot = await stack.enter_async_context(
            running(["-m", "bot", "run"], settings, folder, discord)
        )
        await setup.commands_registered()
        rates.refused = 0
        asked = await _ask(setup, count)
        await bot.alongside(_all_carded(setup, count))
        return _report(setup, asked, rates)


async def _ask(setup: Setup, count: int) -> list[Interaction]:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    asked = []
    for number in range(count):
        await asyncio.sleep(began_s + number * WITHIN_S / count - loop.time())
        asked.append(
            await setup.discord.slash(
                setup.guild,
                setup.channels[0],
                setup.members[number],
                "video create",
                {"prompt": f"crowd{number:05d}"},
            )
        )
    await asyncio.gather(*(each.wait_shown(30) for each in asked))
    return asked


async def _all_carded(setup: Setup, count: int) -> None:
    def is_done() -> bool:
        return len(_cards(setup)) >= count

    # a second a card, and as long again for what came between
    await setup.discord.wait_for(is_done, timeout_s=60 + 2 * count)


def _cards(setup: Setup) -> Mapping[int, float]:
    """Which members have a card, by number, and when it came."""
    found: dict[int, float] = {}
    for message in setup.discord.messages():
        _, _, rest = text_of(message).partition("crowd")
        if rest[:5].isdigit():
            found.setdefault(int(rest[:5]), message.at)
    return found


def _report(setup: Setup, asked: list[Interaction], rates: Rates) -> str:
    cards = _cards(setup)
    order = sorted(cards, key=lambda number: cards[number])
    displaced = [abs(place - number) for place, number in enumerate(order)]
    words = [each.shown_at - each.sent_at for each in asked]
    sends = len(setup.discord.calls(SEND))
    rows = [
        ["answered", f"{len(words)} of {len(asked)}"],
        ["words p50, max", f"{seconds(percentile(words, 0.5))}, {seconds(max(words))}"],
        ["cards", f"{len(cards)} of {len(asked)}, by {sends} calls"],
        ["calls refused (429)", str(rates.refused)],
        ["places out of order p50, max", f"{percentile(displaced, 0.5):.0f}, {max(displaced)}"],
    ]
    return table(f"{len(asked)} members in one channel in one minute", ["", ""], rows)
