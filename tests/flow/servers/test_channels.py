"""Where videos may appear, and where they never do; and the line that a newcomer reads once."""

import pytest

from bot.demo.provider.faults import TaskPlan
from bot.services.server_settings import change_settings
from storage.records import MessageKind, OutboxState, State
from tests.support.bot_env import House
from tests.support.discord.http.server import SEND
from tests.support.discord.records import Channel, ChannelType


async def limit_channels(house: House, *channels: Channel) -> None:
    async with house.database.transaction() as tx:
        await change_settings(tx, house.guild.id, channels=[each.id for each in channels])


def below(house: House, parent: Channel, kind: ChannelType, **more: object) -> Channel:
    """A thread or post below a channel."""
    return house.discord.add_channel(
        house.guild, "below", type=kind, parent_id=parent.id, nsfw=parent.nsfw, **more
    )


async def test_a_forums_post_is_open_as_its_forum_is(house: House) -> None:
    forum = house.discord.add_channel(house.guild, "forum", type=ChannelType.FORUM)
    post = below(house, forum, ChannelType.PUBLIC_THREAD)
    await limit_channels(house, forum)
    async with house.running():
        refused = await house.create()
        await refused.wait_shown()
        assert f"<#{forum.id}>" in refused.text
        await (await house.create(channel=post)).wait_shown()
        await house.until_state(State.POSTED)
    (video,) = house.videos()
    assert video.channel_id == post.id


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
    house: House, parent_kind: ChannelType, kind: ChannelType, is_nsfw: bool
) -> None:
    parent = house.discord.add_channel(house.guild, "parent", type=parent_kind, nsfw=is_nsfw)
    place = below(house, parent, kind)
    async with house.running():
        asked = await house.create(channel=place)
        await asked.wait_shown()
        await house.discord.delete_channel(place)
        await house.until_state(State.POSTED)
    (video,) = house.videos()
    assert house.discord.world.channels[video.channel_id].recipient is house.alice
    assert not house.discord.messages(parent)
    # nothing was even tried in the more visible place
    tried = {int(call.params["channel_id"]) for call in house.discord.calls(SEND)}
    assert parent.id not in tried


async def test_a_public_threads_video_goes_to_its_plain_parent(house: House) -> None:
    place = below(house, house.channel, ChannelType.PUBLIC_THREAD)
    async with house.running():
        asked = await house.create(channel=place)
        await asked.wait_shown()
        await house.discord.delete_channel(place)
        await house.until_state(State.POSTED)
    (video,) = house.videos()
    assert video.channel_id == house.channel.id


async def test_a_channel_that_was_closed_meanwhile_gets_nothing_more(house: House) -> None:
    other = house.discord.add_channel(house.guild, "other")
    place = below(house, house.channel, ChannelType.PUBLIC_THREAD)
    async with house.running():
        house.provider.faults.next_task(TaskPlan(never_ends=True))
        await house.create(channel=place)
        await house.until_state(State.RUNNING)
        await limit_channels(house, other)
        for task in house.provider.tasks.values():
            task.plan = TaskPlan()
        request = await house.until_state(State.POSTED)
    (video,) = house.videos()
    assert house.discord.world.channels[video.channel_id].recipient is house.alice
    result = next(p for p in await house.messages(request.id) if p.kind is MessageKind.RESULT)
    assert result.state is OutboxState.SENT


async def test_who_asks_for_a_video_is_told_once_where_prompts_and_pictures_go(
    house: House,
) -> None:
    line = "go to the video provider"
    async with house.running():
        for number in range(2):
            looked = await house.discord.slash(
                house.guild, house.channel, house.alice, "video list"
            )
            await looked.wait_shown()
            assert line not in looked.text
            refused = await house.create(ratio="21:9")
            await refused.wait_shown()
            assert line not in refused.text
            taken = await house.create()
            await taken.wait_shown()
            assert (line in taken.text) is (number == 0)
        await house.until_state(State.POSTED, number=1)
