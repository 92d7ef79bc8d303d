"""`/video stats`, end to end: figures of the server and of oneself only."""

import io

import pytest
from PIL import Image

from storage.records import State
from tests.support.bot_env import BotEnv
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, User


async def stats(bot_env: BotEnv, user: User | None = None, **options: int) -> Interaction:
    asked = await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, user or bot_env.alice, "video stats", options
    )
    await asked.wait_shown(30)
    return asked


async def turned(bot_env: BotEnv, message: Message, button: str, user: User) -> None:
    """Press a button of the answer and wait until the answer has changed."""
    seen = len(message.edits)
    await bot_env.discord.click(message, button, user)
    await bot_env.discord.wait_for(lambda: len(message.edits) > seen, 30)


@on_sqlite
async def test_a_member_sees_the_server_and_themselves_and_no_other_member(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        empty = await stats(bot_env)
        assert empty.message is not None
        assert "Nobody has made a video here" in empty.text
        assert not empty.message.attachments
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED)
        await (await bot_env.create(bob, model="seedance2.0-md")).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
        asked = await stats(bot_env, days=7)
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
    async with bot_env.running():
        await turned(bot_env, message, "Mine", bot_env.alice)
        assert "**One request:** 1 posted" in asked.text
        assert "seedance2.0-md" not in asked.text + (message.attachments[0].description or "")
        assert "the last 7 days" in asked.text
        await turned(bot_env, message, "Server", bot_env.alice)
        assert "**2 requests:**" in asked.text
        assert len(message.attachments) == 1
        # whose figures they are follows from who presses, not from the message
        carol = bot_env.discord.add_user("carol")
        await turned(bot_env, message, "Mine", carol)
        assert "You haven't made a video here" in asked.text
        assert not message.attachments
        assert not message.embeds
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_without_a_chart_the_figures_come_in_words(bot_env: BotEnv) -> None:
    async with bot_env.running(seedance_max_active=1) as app:
        await (await bot_env.create()).wait_shown()
        message = (await stats(bot_env)).message
        assert message is not None
        await app.bot.services.charts.close()
        await turned(bot_env, message, "Mine", bot_env.alice)
    assert not message.attachments
    assert "can't be drawn right now" in message.embeds[0]["description"]
    assert "**One request:**" in message.embeds[0]["description"]
    assert not bot_env.discord.invalid_calls()


@pytest.mark.parametrize("dialect", ["sqlite"])
async def test_the_chart_and_its_words_are_chinese_for_who_reads_chinese(bot_env: BotEnv) -> None:
    bot_env.alice.locale = "zh-CN"
    async with bot_env.running() as app:
        await (await bot_env.create()).wait_shown()
        asked = await stats(bot_env)
        assert asked.message is not None
    assert "**1 个请求：**" in asked.text
    assert "本服务器每日请求的图表" in (asked.message.attachments[0].description or "")
    assert "我的" in asked.text
    (spec,) = app.bot.services.charts._drawn
    assert spec.title == "本服务器的视频（最近 30 天）"
    assert next(panel.title for panel in spec.panels) == "每日请求"
