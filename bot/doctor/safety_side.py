"""Checks that what `SAFETY_CHECK` names answers, with a plain grey picture."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

from PIL import Image

from bot.doctor.findings import Finding, failed, ok
from bot.media.process import MediaProcess
from bot.media.safety.checker import CheckCall, Checker, Item, NoAnswer
from bot.media.safety.http_checker import HttpChecker, open_checker_session
from bot.media.safety.local_checker import LocalChecker
from bot.safety_setting import INSTALL_NUDENET, NUDENET
from bot.settings import Settings

CHECK = "safety check"


async def check_safety(settings: Settings) -> AsyncIterator[Finding]:
    """Ask the checker about one picture; nothing where none is set."""
    if not settings.safety_check:
        return
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        picture = Path(folder) / "0.jpg"
        await asyncio.to_thread(Image.new("RGB", (64, 64), "grey").save, picture)
        checker = await _checker(settings, stack)
        try:
            answer = await checker.check(CheckCall("doctor", "", [Item("image1", picture)]))
        except NoAnswer as error:
            yield failed(CHECK, f"it gives no answer ({error})", _advice(settings))
            return
    if answer.is_whole:
        yield ok(CHECK, "it answers")
    else:
        advice = "see in the operators' guide what an answer must say of each picture"
        yield failed(CHECK, "it answers, but not as it should", advice)


async def _checker(settings: Settings, stack: AsyncExitStack) -> Checker:
    if settings.safety_check == NUDENET:
        media = MediaProcess()
        stack.push_async_callback(media.close)
        return LocalChecker(media, NUDENET)
    session = await stack.enter_async_context(open_checker_session(settings.proxies))
    secret = settings.safety_secret.get_secret_value()
    return HttpChecker(session, settings.safety_check, secret)


def _advice(settings: Settings) -> str:
    if settings.safety_check == NUDENET:
        return f"reinstall it in the folder of the code: {INSTALL_NUDENET}"
    return "check SAFETY_CHECK, SAFETY_SECRET and that the address can be reached from here"
