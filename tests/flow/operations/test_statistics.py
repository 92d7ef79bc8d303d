"""`/video stats` from outside: the server's figures and one's own, and nobody else's."""

import io

import pytest
from PIL import Image

from storage.records import State
from tests.support.bot_env import House
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, User


async def stats(house: House, user: User | None = None, **options: int) -> Interaction:
    asked = await house.discord.slash(
        house.guild, house.channel, user or house.alice, "video stats", options
    )
    await asked.wait_shown(30)
    return asked


async def turned(house: House, message: Message, button: str, user: User) -> None:
    """Press a button of the answer and wait until the answer has changed."""
    seen = len(message.edits)
    await house.discord.click(message, button, user)
    await house.discord.wait_for(lambda: len(message.edits) > seen, 30)


async def test_a_member_sees_the_server_and_themselves_and_no_other_member(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        empty = await stats(house)
        assert empty.message is not None
        assert "Nobody has made a video here" in empty.text
        assert not empty.message.attachments
        await (await house.create()).wait_shown()
        await house.until_state(State.POSTED)
        await (await house.create(bob, model="seedance2.0-md")).wait_shown()
        await house.until_state(State.POSTED, number=1)
        asked = await stats(house, days=7)
        message = asked.message
        assert message is not None
        assert message.is_ephemeral
        assert "**2 requests:** 2 posted, 0 failed, 0 other." in asked.text
        assert "the last 7 days" in asked.text
        (chart,) = message.attachments
        picture = Image.open(io.BytesIO(chart.read()))
        assert (picture.format, picture.width) == ("PNG", 1000)
        assert message.embeds[0]["image"]["url"] == chart.url
        assert "2 posted, 0 failed" in (chart.description or "")
        assert "seedance2.0-fast-i2v 1 and seedance2.0-md 1" in (chart.description or "")
    async with house.running():
        await turned(house, message, "Mine", house.alice)
        assert "**One request:** 1 posted" in asked.text
        assert "seedance2.0-md" not in asked.text + (message.attachments[0].description or "")
        assert "the last 7 days" in asked.text
        await turned(house, message, "Server", house.alice)
        assert "**2 requests:**" in asked.text
        assert len(message.attachments) == 1
        # whose figures they are follows from who presses, not from the message
        carol = house.discord.add_user("carol")
        await turned(house, message, "Mine", carol)
        assert "You haven't made a video here" in asked.text
        assert not message.attachments
        assert not message.embeds
    assert not house.discord.invalid_calls()
    assert not house.discord.late_interactions()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_without_a_chart_the_figures_come_in_words(house: House) -> None:
    async with house.running(seedance_max_active=1) as app:
        await (await house.create()).wait_shown()
        message = (await stats(house)).message
        assert message is not None
        await app.bot.services.charts.close()
        await turned(house, message, "Mine", house.alice)
    assert not message.attachments
    assert "can't be drawn right now" in message.embeds[0]["description"]
    assert "**One request:**" in message.embeds[0]["description"]
    assert not house.discord.invalid_calls()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_the_chart_and_its_words_are_chinese_for_who_reads_chinese(house: House) -> None:
    house.alice.locale = "zh-CN"
    async with house.running() as app:
        await (await house.create()).wait_shown()
        asked = await stats(house)
        assert asked.message is not None
    assert "**1 个请求：**" in asked.text
    assert "本服务器每日请求的图表" in (asked.message.attachments[0].description or "")
    assert "我的" in asked.text
    (spec,) = app.bot.services.charts._drawn
    assert spec.title == "本服务器的视频（最近 30 天）"
    assert next(panel.title for panel in spec.panels) == "每日请求"
