"""What members do together: variations, a series, a template's panel, the showcase."""

from pathlib import Path
from typing import Final

from bot.demo.discord.personas import MIA, NOAH, OLIVIA
from bot.demo.screenshots.browser import Page, be, command, shoot

VARIED: Final = "A {red|blue} paper boat at {dawn|dusk}"
SHOTS: Final = (
    "A fox wakes in the snow",
    "The fox meets a robot with a trademark on it",
    "They walk into the sunset",
)


async def _variations(page: Page, folder: Path) -> Path:
    """The question to a prompt with choices."""
    await be(page, MIA)
    await command(page, "video create", {"prompt": VARIED}, {})
    await page.locator(".channel-message").filter(has_text="This prompt makes 4").wait_for()
    return await shoot(page, folder / "variations.png")


async def _series(page: Page, folder: Path) -> Path:
    """The card of a series that stands still, with what can be done."""
    await page.locator("[data-room=series]").click()
    await command(page, "video series", {}, {})
    form = page.locator(".modal-dialog")
    await form.wait_for()
    await form.locator("textarea").first.fill("\n".join(SHOTS))
    await form.get_by_role("button", name="Submit").click()
    await page.get_by_role("button", name="Confirm").last.click()
    card = page.locator(".channel-message").filter(has_text="Shot 2 of 3 couldn't be made")
    await card.wait_for()
    await card.locator("img.attachment-image").wait_for()
    return await shoot(page, folder / "series.png")


async def _template(page: Page, folder: Path) -> Path:
    """A panel with its button."""
    await page.locator("[data-room=templates]").click()
    await page.get_by_role("button", name="Make mine").wait_for()
    return await shoot(page, folder / "template.png")


async def _showcase(page: Page, folder: Path) -> Path:
    """A video that two viewers have starred, in the showcase."""
    await page.locator("[data-room=videos]").click()
    for viewer in (NOAH, OLIVIA):
        await be(page, viewer)
        await page.get_by_role("button", name="⭐").first.click()
    await page.locator("[data-room=showcase]").click()
    await page.locator(".channel-message").locator("video").first.wait_for()
    return await shoot(page, folder / "showcase.png")


TOGETHER: Final = (_showcase, _variations, _series, _template)
