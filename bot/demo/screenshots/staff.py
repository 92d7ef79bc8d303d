"""What owners, managers and moderators see."""

from pathlib import Path
from typing import Final

from bot.demo.discord.personas import GRACE, OLIVIA, SAM
from bot.demo.screenshots.browser import PHONE, Page, answer, be, command, shoot


async def _owner(page: Page, folder: Path) -> Path:
    """The owner's status while a queue waits."""
    await be(page, OLIVIA)
    await command(page, "owner status", {}, {})
    await page.locator(".channel-message").filter(has_text="queued:").wait_for()
    return await shoot(page, folder / "owner.png")


async def _settings(page: Page, folder: Path) -> Path:
    """A server's settings, in sentences."""
    await page.locator("[data-room=projects]").click()
    await be(page, GRACE)
    return await answer(page, "videoadmin settings", folder / "settings.png")


async def _review(page: Page, folder: Path) -> Path:
    """A review card on a moderator's phone."""
    await be(page, SAM)
    await page.locator("[data-room=review]").click()
    await page.locator(".channel-message").filter(has_text="Can this be made?").wait_for()
    await page.set_viewport_size(PHONE)
    return await shoot(page, folder / "review.png")


BY_STAFF: Final = (_owner, _settings, _review)
"""The last one on a phone, whose size stays."""
