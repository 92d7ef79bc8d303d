"""Who cannot see a picture is told in their language what it shows; no sign stands alone."""

import io
import random
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from PIL import Image

from bot.worker.outbox.review_files import HEAVY_BYTES
from storage.records import State
from tests.support.bot_env import picture
from tests.support.discord.interactions import text_of
from tests.support.discord.records import Attachment, Message, Payload, Upload
from tests.support.moderated_env import ModeratedEnv, open_moderated_env

CHINESE = re.compile("[\u4e00-\u9fff]")
WORDS = re.compile(r"\w")


@pytest.fixture
async def moderated_env(database_url: str, tmp_path: Path) -> AsyncIterator[ModeratedEnv]:
    async with open_moderated_env(database_url, tmp_path) as opened:
        yield opened


def buttons(components: list[Payload]) -> Iterator[Payload]:
    for part in components:
        if part.get("type") == 2:
            yield part
        yield from buttons(part.get("components") or [])
        yield from buttons([part["accessory"]] if part.get("accessory") else [])


def shown(message: Message) -> list[Attachment]:
    """The pictures and videos of a message; each has a description."""
    found = [a for a in message.attachments if a.filename.endswith((".png", ".jpg", ".mp4"))]
    assert all(each.description for each in found), [a.filename for a in found]
    return found


def heavy_picture() -> bytes:
    """Noise: too many bytes to be shown on a review card as it is."""
    out = io.BytesIO()
    noise = Image.frombytes("RGB", (1800, 1700), random.Random(1).randbytes(1800 * 1700 * 3))
    noise.save(out, "PNG", compress_level=1)
    assert out.tell() > HEAVY_BYTES
    return out.getvalue()


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
async def test_every_picture_is_described_and_every_button_has_a_word(
    moderated_env: ModeratedEnv, locale: str
) -> None:
    bot_env, discord = moderated_env.bot_env, moderated_env.bot_env.discord
    await moderated_env.set(review="result", language=locale, report_threshold=1)
    for user in (bot_env.alice, moderated_env.bob):
        user.locale = locale
    seen: list[Message] = []

    async def reviewed(count: int, number: int, first: bytes = b"") -> Message:
        files = {f"image{n}": Upload(f"{n}.png", picture()) for n in range(1, count + 1)}
        if first:
            files["image1"] = Upload("1.png", first)
        await moderated_env.ask(files=files)
        request = await bot_env.until_state(State.REVIEWING, number=number)
        card = await moderated_env.card(request.id)
        seen.append(card)
        return card

    async with bot_env.running():
        card = await reviewed(1, 0)
        assert [a.filename.rpartition("-")[2] for a in shown(card)] == [
            *("review.mp4", "frames.jpg", "1.png")
        ]
        assert len(shown(await reviewed(1, 1, heavy_picture()))) == 3
        assert len(shown(await reviewed(9, 2))) == 3
        await discord.click(card, f"vb:approve:{(await bot_env.request()).id}:1", moderated_env.bob)
        await bot_env.until_state(State.POSTED)
        (video,) = bot_env.videos(bot_env.channel)
        seen.append(video)
        described = shown(video)[0].description or ""
        assert described.endswith("a lighthouse at dusk")
        # so many reports put it behind a spoiler
        await moderated_env.report(video, moderated_env.dave)
        await discord.wait_for(lambda: video.attachments[0].is_spoiler, 20)
        assert shown(video)[0].description == described
        for user, path in (
            (moderated_env.bob, "videomod report"),
            (bot_env.alice, "video stats"),
            (bot_env.alice, "video models"),
            (bot_env.alice, "video list"),
        ):
            asked = await discord.slash(bot_env.guild, bot_env.channel, user, path, {})
            seen.append(await asked.wait_shown(30))
    pictures = [each for message in seen for each in shown(message)]
    assert len({each.description for each in pictures}) >= 8
    for each in pictures:
        assert bool(CHINESE.search(each.description or "")) is (locale == "zh-CN"), each.description
        assert len(each.description or "") <= 1024
    for message in seen:
        assert WORDS.search(text_of(message))
        for button in buttons(message.components):
            assert WORDS.search(button.get("label") or ""), button
    assert not discord.invalid_calls()
