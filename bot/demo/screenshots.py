"""Screenshots of the demo for the documents: `python -m bot.demo.screenshots`.

Playwright drives the demo's page as a newcomer would in each role and saves what the page shows.
Needs Chromium, or Playwright's own browser.
"""

import asyncio
import io
import os
import re
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import typer
from PIL import Image

from bot.demo.discord.page import live_page
from bot.demo.discord.personas import GRACE, LIN, OLIVIA, SAM, Persona
from bot.demo.discord.seed_data import fill_queue, set_up_school
from bot.demo.provider.pictures import SAMPLES
from bot.demo.runtime import open_demo
from bot.logs import set_up_logs

try:
    from playwright.async_api import Error, Page, ViewportSize, async_playwright
except ModuleNotFoundError as missing:
    sys.exit(f"The pictures need {missing.name}: make screenshots installs it")

FOLDER: Final = Path("docs/images")
VIEWPORT: Final = ViewportSize(width=820, height=1500)
PHONE: Final = ViewportSize(width=412, height=1100)
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LARGEST_BYTES: Final = 150_000
PACE_S: Final = 12.0
PATIENCE_MS: Final = 180_000
PROMPT: Final = "From the lighthouse at sunset to the quiet bay by moonlight"
REFUSED_PROMPT: Final = "A sports car with its trademark on the bonnet"
TYPING_MS: Final = 10


async def take_all(folder: Path) -> list[Path]:
    """Save every screenshot to the folder and return the paths.

    Raises: playwright's Error without a browser, or when the page does not behave as expected.
    """
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    async with (
        open_demo(seconds_per_video=PACE_S) as runtime,
        live_page(runtime.env, runtime.world, 0) as served,
        _browser_at(served.url) as page,
    ):
        await set_up_school(runtime.world)
        for newcomer in (LIN, OLIVIA):
            # the first-use notice is sent once and does not belong into the pictures
            await runtime.world.people[newcomer].slash(runtime.world.channel, "video list")
        by_member = (_card, _video, _form, _models, _failure, _quota, _chinese)
        taken = [await take(page, folder) for take in by_member]
        await fill_queue(runtime.world)
        return taken + [await take(page, folder) for take in (_owner, _settings, _review)]


@asynccontextmanager
async def _browser_at(url: str) -> AsyncIterator[Page]:
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    # Chromium's sandbox does not run as root, the usual user in containers
    arguments = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=found,
            args=[*arguments, "--disable-gpu", "--disable-background-networking"],
        )
        try:
            page = await browser.new_page(viewport=VIEWPORT, device_scale_factor=1.5)
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(url)
            await page.wait_for_selector("#channel-composer-input")
            yield page
        finally:
            await browser.close()


async def _card(page: Page, folder: Path) -> Path:
    """The progress card of a running request."""
    pictures = dict(zip(("image1", "image2"), SAMPLES.items(), strict=True))
    files = {option: (name, draw()) for option, (name, draw) in pictures.items()}
    await _command(page, "video create", {"prompt": PROMPT}, files)
    await page.locator(".channel-message").filter(has_text=re.compile(r"\d+\s?%")).wait_for()
    return await _shoot(page, folder / "card.png", messages=2)


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
    return await _shoot(page, folder / "video.png")


async def _form(page: Page, folder: Path) -> Path:
    """The form that `/video create` opens without a prompt."""
    await _command(page, "video create", {}, {})
    form = page.locator(".modal-dialog")
    await form.wait_for()
    shot = await form.screenshot()
    path = folder / "form.png"
    await asyncio.to_thread(path.write_bytes, _small(shot))
    await page.keyboard.press("Escape")
    await form.wait_for(state="detached")
    return path


async def _models(page: Page, folder: Path) -> Path:
    """The private answer to `/video models`."""
    return await _answer(page, "video models", folder / "models.png")


async def _failure(page: Page, folder: Path) -> Path:
    """The message about a request that the provider refused."""
    await _command(page, "video create", {"prompt": REFUSED_PROMPT}, {})
    told = page.locator(".channel-message").filter(has_text="your video couldn't be made")
    await told.wait_for()
    return await _shoot(page, folder / "failure.png", messages=2)


async def _quota(page: Page, folder: Path) -> Path:
    """The private answer to `/quota`."""
    return await _answer(page, "quota", folder / "quota.png")


async def _chinese(page: Page, folder: Path) -> Path:
    """The help as a member whose Discord is in Chinese sees it."""
    await _be(page, LIN)
    await _command(page, "video help", {}, {})
    await page.locator(".channel-message").filter(has_text="提示词").last.wait_for()
    return await _shoot(page, folder / "chinese.png")


async def _owner(page: Page, folder: Path) -> Path:
    """The owner's status while a queue waits."""
    await _be(page, OLIVIA)
    await _command(page, "owner status", {}, {})
    await page.locator(".channel-message").filter(has_text="Versions").wait_for()
    return await _shoot(page, folder / "owner.png")


async def _settings(page: Page, folder: Path) -> Path:
    """A server's settings, in sentences."""
    await page.locator("[data-room=projects]").click()
    await _be(page, GRACE)
    return await _answer(page, "videoadmin settings", folder / "settings.png")


async def _review(page: Page, folder: Path) -> Path:
    """A review card on a moderator's phone."""
    await _be(page, SAM)
    await page.locator("[data-room=review]").click()
    await page.locator(".channel-message").filter(has_text="Can this be made?").wait_for()
    await page.set_viewport_size(PHONE)
    return await _shoot(page, folder / "review.png")


async def _answer(page: Page, command: str, path: Path) -> Path:
    """Use a command without options and save its private answer."""
    before = await page.locator(".channel-message").count()
    await _command(page, command, {}, {})
    await page.locator(".channel-message").nth(before).wait_for()
    return await _shoot(page, path)


async def _be(page: Page, who: Persona) -> None:
    await page.locator("#demo-viewer").select_option(label=who.shown)
    await page.locator("#demo-bar p").filter(has_text=who.hint).wait_for()


async def _command(
    page: Page, name: str, texts: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]
) -> None:
    """Pick a command in the message box, fill in its options and send it."""
    box = page.locator("#channel-composer-input")
    await box.click()
    await box.press_sequentially(f"/{name}", delay=TYPING_MS)
    await page.get_by_role("option").filter(has_text=f"/{name}").first.click()
    for option, text in texts.items():
        await _pick_option(page, option)
        field = page.locator(f".command-option-input[data-option={option}]")
        await field.press_sequentially(text, delay=TYPING_MS)
    for option, (file_name, content) in files.items():
        await _pick_option(page, option)
        kind = {"name": file_name, "mimeType": "image/jpeg", "buffer": content}
        await page.locator(f".command-file-input[data-option={option}]").set_input_files(kind)  # type: ignore[arg-type]
    await page.locator("#send-message").click()
    await page.locator(".command-chip").wait_for(state="detached")


async def _pick_option(page: Page, option: str) -> None:
    wanted = page.get_by_role("option").filter(has_text=re.compile(rf"^\s*{option}\b"))
    if not await wanted.first.is_visible():
        await page.locator(".command-ghost").click()
    await wanted.first.click()


async def _shoot(page: Page, path: Path, *, messages: int = 1) -> Path:
    """Save the newest messages, cropped to them."""
    await page.mouse.move(0, 0)
    await page.evaluate("() => document.fonts.ready.then(() => true)")
    shown = await page.locator(".channel-message").all()
    boxes = [await each.bounding_box() for each in shown[-messages:]]
    found = [box for box in boxes if box is not None]
    top = min(box["y"] for box in found)
    bottom = max(box["y"] + box["height"] for box in found)
    left, width = found[0]["x"], found[0]["width"]
    shot = await page.screenshot(clip={"x": left, "y": top, "width": width, "height": bottom - top})
    await asyncio.to_thread(path.write_bytes, _small(shot))
    return path


def _small(shot: bytes) -> bytes:
    """The screenshot in at most LARGEST_BYTES, with as many colours as fit."""
    with Image.open(io.BytesIO(shot)) as opened:
        picture = opened.convert("RGB")
    for tried in (picture, *(picture.quantize(colours) for colours in (256, 128, 64, 32))):
        file = io.BytesIO()
        tried.save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST_BYTES:
            break
    return file.getvalue()


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
