"""Screenshots of the demo for the documents: `python -m bot.demo.screenshots`.

Playwright drives the demo's page as a newcomer would in each role and saves what the page shows.
Needs Chromium, or Playwright's own browser.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import typer

from bot.demo.discord.guilds import World
from bot.demo.discord.page import live_page
from bot.demo.discord.personas import LIN, OLIVIA
from bot.demo.discord.seed_data import fill_queue, offer_template, open_showcase, set_up_school
from bot.demo.runtime import open_demo
from bot.demo.screenshots.browser import Error, Page, browser_at
from bot.demo.screenshots.member import BY_MEMBER
from bot.demo.screenshots.staff import BY_STAFF
from bot.demo.screenshots.together import TOGETHER
from bot.logs import set_up_logs

FOLDER: Final = Path("docs/images")
PACE_S: Final = 12.0


async def take_all(folder: Path) -> list[Path]:
    """Save every screenshot to the folder and return the paths.

    Raises: playwright's Error without a browser, or when the page does not behave as expected.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    taken = []
    async with _fresh_page() as (world, page):
        await open_showcase(world)
        await offer_template(world)
        taken += [await take(page, folder) for take in (*BY_MEMBER, *TOGETHER)]
    async with _fresh_page() as (world, page):
        await fill_queue(world)
        taken += [await take(page, folder) for take in BY_STAFF]
    return taken


@asynccontextmanager
async def _fresh_page() -> AsyncIterator[tuple[World, Page]]:
    """A demo of its own, with Film School set up, and its page."""
    async with (
        open_demo(seconds_per_video=PACE_S) as runtime,
        live_page(runtime.env, runtime.world, 0) as served,
        browser_at(served.url) as page,
    ):
        await set_up_school(runtime.world)
        for newcomer in (LIN, OLIVIA):
            # the first-use notice is sent once and does not belong into the pictures
            await runtime.world.people[newcomer].slash(runtime.world.channel, "video list")
        yield runtime.world, page


def main() -> None:
    """Take the screenshots and print their paths."""
    set_up_logs("WARNING", "text")
    try:
        taken = asyncio.run(take_all(FOLDER))
    except Error as error:
        sys.exit(f"The pictures could not be taken: {error}")
    for path in taken:
        typer.echo(f"{path} ({path.stat().st_size // 1000} KB)")


if __name__ == "__main__":
    main()
