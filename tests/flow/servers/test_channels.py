"""Where videos may appear, and where they never do; and the line that a newcomer reads once."""

import asyncio

import pytest

from bot.services.server_settings import change_settings
from storage.records import MessageKind, OutboxMessage, OutboxState, State
from tests.support.bot_env import BotEnv
from tests.support.dialects import on_sqlite
from tests.support.discord.http.server import SEND
from tests.support.discord.records import Channel, ChannelType


async def limit_channels(bot_env: BotEnv, *channels: Channel) -> None:
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, channels=[each.id for each in channels])


async def card_of(bot_env: BotEnv) -> OutboxMessage:
    (request,) = await bot_env.requests()
    return next(p for p in await bot_env.messages(request.id) if p.kind is MessageKind.CARD)


def below(bot_env: BotEnv, parent: Channel, kind: ChannelType, **more: object) -> Channel:
    """A thread or post below a channel."""
    return bot_env.discord.add_channel(
        bot_env.guild, "below", type=kind, parent_id=parent.id, nsfw=parent.nsfw, **more
    )


@on_sqlite
async def test_a_forums_post_is_open_as_its_forum_is(bot_env: BotEnv) -> None:
    forum = bot_env.discord.add_channel(bot_env.guild, "forum", type=ChannelType.FORUM)
    post = below(bot_env, forum, ChannelType.PUBLIC_THREAD)
    await limit_channels(bot_env, forum)
    async with bot_env.running():
        refused = await bot_env.create()
        await refused.wait_shown()
        assert f"<#{forum.id}>" in refused.text
        await (await bot_env.create(channel=post)).wait_shown()
        await bot_env.until_state(State.POSTED)
    (video,) = bot_env.videos()
    assert video.channel_id == post.id


@on_sqlite
@pytest.mark.parametrize(
    ("parent_kind", "kind", "is_nsfw"),
    [
        (ChannelType.FORUM, ChannelType.PUBLIC_THREAD, False),
        (ChannelType.NEWS, ChannelType.NEWS_THREAD, False),
        (ChannelType.TEXT, ChannelType.PRIVATE_THREAD, False),
        (ChannelType.TEXT, ChannelType.PUBLIC_THREAD, True),
    ],
)
async def test_a_video_whose_place_is_gone_comes_in_private(
    bot_env: BotEnv, parent_kind: ChannelType, kind: ChannelType, is_nsfw: bool
) -> None:
    parent = bot_env.discord.add_channel(bot_env.guild, "parent", type=parent_kind, nsfw=is_nsfw)
    place = below(bot_env, parent, kind)
    async with bot_env.running():
        asked = await bot_env.create(channel=place)
        await asked.wait_shown()
        await bot_env.discord.delete_channel(place)
        await bot_env.until_state(State.POSTED)
    (video,) = bot_env.videos()
    assert bot_env.discord.world.channels[video.channel_id].recipient is bot_env.alice
    assert not bot_env.discord.messages(parent)
    # nothing was even tried in the more visible place
    tried = {int(call.params["channel_id"]) for call in bot_env.discord.calls(SEND)}
    assert parent.id not in tried


@on_sqlite
async def test_a_public_threads_video_goes_to_its_plain_parent(bot_env: BotEnv) -> None:
    place = below(bot_env, bot_env.channel, ChannelType.PUBLIC_THREAD)
    async with bot_env.running():
        asked = await bot_env.create(channel=place)
        await asked.wait_shown()
        await bot_env.discord.delete_channel(place)
        await bot_env.until_state(State.POSTED)
    (video,) = bot_env.videos()
    assert video.channel_id == bot_env.channel.id


@on_sqlite
async def test_a_channel_that_was_closed_meanwhile_gets_nothing_more(bot_env: BotEnv) -> None:
    other = bot_env.discord.add_channel(bot_env.guild, "other")
    place = below(bot_env, bot_env.channel, ChannelType.PUBLIC_THREAD)
    async with bot_env.running():
        bot_env.hold_tasks()
        await bot_env.create(channel=place)
        await bot_env.until_state(State.RUNNING)
        await limit_channels(bot_env, other)
        bot_env.let_tasks_end()
        request = await bot_env.until_state(State.POSTED)
    (video,) = bot_env.videos()
    assert bot_env.discord.world.channels[video.channel_id].recipient is bot_env.alice
    result = next(p for p in await bot_env.messages(request.id) if p.kind is MessageKind.RESULT)
    assert result.state is OutboxState.SENT


@on_sqlite
async def test_a_card_that_waited_is_not_sent_to_a_channel_that_was_closed(
    bot_env: BotEnv,
) -> None:
    other = bot_env.discord.add_channel(bot_env.guild, "other")
    bot_env.discord.fail(SEND, times=None, status=503)
    async with bot_env.running():
        bot_env.hold_tasks()
        await bot_env.create()
        # before it is submitted it would fail with its channel
        await bot_env.until_state(State.RUNNING)
        await limit_channels(bot_env, other)
        bot_env.discord.faults.clear()
        async with asyncio.timeout(40):
            while (card := await card_of(bot_env)).state is OutboxState.PENDING:
                await asyncio.sleep(0.05)
    assert not bot_env.discord.messages(bot_env.channel)
    assert card.state is OutboxState.DROPPED


async def test_who_asks_for_a_video_is_told_once_where_prompts_and_pictures_go(
    bot_env: BotEnv,
) -> None:
    line = "go to the video provider"
    async with bot_env.running():
        for number in range(2):
            looked = await bot_env.discord.slash(
                bot_env.guild, bot_env.channel, bot_env.alice, "video list"
            )
            await looked.wait_shown()
            assert line not in looked.text
            refused = await bot_env.create(ratio="21:9")
            await refused.wait_shown()
            assert line not in refused.text
            taken = await bot_env.create()
            await taken.wait_shown()
            assert (line in taken.text) is (number == 0)
        await bot_env.until_state(State.POSTED, number=1)
