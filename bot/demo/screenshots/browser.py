"""The demo's page in a browser, and pictures of it."""

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

from PIL import Image

from bot.demo.discord.personas import Persona

try:
    from playwright.async_api import Error, Page, ViewportSize, async_playwright
except ModuleNotFoundError as missing:
    sys.exit(f"The pictures need {missing.name}: make screenshots installs it")

__all__ = ("Error", "Page")

VIEWPORT: Final = ViewportSize(width=820, height=1500)
PHONE: Final = ViewportSize(width=412, height=1100)
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
LARGEST_BYTES: Final = 150_000
PATIENCE_MS: Final = 180_000
TYPING_MS: Final = 10


@asynccontextmanager
async def browser_at(url: str) -> AsyncIterator[Page]:
    """The page in Chromium, or in Playwright's own browser."""
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


async def answer(page: Page, name: str, path: Path) -> Path:
    """Use a command without options and save its private answer."""
    before = await page.locator(".channel-message").count()
    await command(page, name, {}, {})
    await page.locator(".channel-message").nth(before).wait_for()
    return await shoot(page, path)


async def be(page: Page, who: Persona) -> None:
    """Become another of the demo's people."""
    await page.locator("#demo-viewer").select_option(label=who.shown)
    await page.locator("#demo-bar p").filter(has_text=who.hint).wait_for()


async def command(
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


async def shoot(page: Page, path: Path, *, messages: int = 1) -> Path:
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
    await asyncio.to_thread(path.write_bytes, small(shot))
    return path


def small(shot: bytes) -> bytes:
    """The screenshot in at most LARGEST_BYTES, with as many colours as fit."""
    with Image.open(io.BytesIO(shot)) as opened:
        picture = opened.convert("RGB")
    for tried in (picture, *(picture.quantize(colours) for colours in (256, 128, 64, 32))):
        file = io.BytesIO()
        tried.save(file, "PNG", optimize=True)
        if file.tell() <= LARGEST_BYTES:
            break
    return file.getvalue()
