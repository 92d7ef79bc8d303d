"""What a member sees: a request from the command to the posted video, and private answers."""

import asyncio
import re
from pathlib import Path
from typing import Final

from bot.demo.discord.personas import LIN
from bot.demo.provider.pictures import SAMPLES
from bot.demo.screenshots.browser import Page, answer, be, command, shoot, small

PROMPT: Final = "From the lighthouse at sunset to the quiet bay by moonlight"
REFUSED_PROMPT: Final = "A sports car with its trademark on the bonnet"


async def _card(page: Page, folder: Path) -> Path:
    """The progress card of a running request."""
    pictures = dict(zip(("image1", "image2"), SAMPLES.items(), strict=True))
    files = {option: (name, draw()) for option, (name, draw) in pictures.items()}
    await command(page, "video create", {"prompt": PROMPT}, files)
    await page.locator(".channel-message").filter(has_text=re.compile(r"\d+\s?%")).wait_for()
    return await shoot(page, folder / "card.png", messages=2)


async def _video(page: Page, folder: Path) -> Path:
    """The posted video, while it plays."""
    video = page.locator("video").last
    await video.wait_for()
    await video.evaluate(
        """async (video) => {
          video.muted = true;
          while (video.readyState < 3) await new Promise((done) => setTimeout(done, 100));
          await video.play();
          while (video.currentTime < 1.2) await new Promise((done) => setTimeout(done, 50));
        }"""
    )
    return await shoot(page, folder / "video.png")


async def _form(page: Page, folder: Path) -> Path:
    """The form that `/video create` opens without a prompt."""
    await command(page, "video create", {}, {})
    form = page.locator(".modal-dialog")
    await form.wait_for()
    shot = await form.screenshot()
    path = folder / "form.png"
    await asyncio.to_thread(path.write_bytes, small(shot))
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")
    return path


async def _models(page: Page, folder: Path) -> Path:
    """The private answer to `/video models`."""
    return await answer(page, "video models", folder / "models.png")


async def _failure(page: Page, folder: Path) -> Path:
    """The message about a request that the provider refused."""
    await command(page, "video create", {"prompt": REFUSED_PROMPT}, {})
    told = page.locator(".channel-message").filter(has_text="your video couldn't be made")
    await told.wait_for()
    return await shoot(page, folder / "failure.png", messages=2)


async def _quota(page: Page, folder: Path) -> Path:
    """The private answer to `/quota`."""
    return await answer(page, "quota", folder / "quota.png")


async def _chinese(page: Page, folder: Path) -> Path:
    """The help as a member whose Discord is in Chinese sees it."""
    await be(page, LIN)
    await command(page, "video help", {}, {})
    await page.locator(".channel-message").filter(has_text="提示词").last.wait_for()
    return await shoot(page, folder / "chinese.png")


BY_MEMBER: Final = (_card, _video, _form, _models, _failure, _quota, _chinese)
