"""Channels and messages of the recording Discord, used by a real discord.py client."""

import asyncio
import io

import aiohttp
import discord
import pytest

from tests.support.discord.http.server import HISTORY, SEND
from tests.support.discord.records import MEMBER_PERMISSIONS, ChannelType, Permission
from tests.support_test.conftest import Scene


async def _log_in(scene: Scene) -> discord.PartialMessageable:
    await scene.bot.login(scene.discord.token)
    return scene.bot.get_partial_messageable(scene.channel.id)


async def test_a_nonce_makes_one_message_of_two_sends(scene: Scene) -> None:
    channel = await _log_in(scene)
    first = await channel.send("hello", nonce="v-1")
    again = await channel.send("hello", nonce="v-1")
    other = await channel.send("hello", nonce="v-2")
    assert first.id == again.id != other.id
    assert first.nonce == "v-1"
    assert len(scene.discord.messages(scene.channel)) == 2
    assert [message.nonce async for message in channel.history()] == [None, None]


async def test_the_same_nonce_at_the_same_time_makes_one_message(scene: Scene) -> None:
    channel = await _log_in(scene)
    sent = await asyncio.gather(*(channel.send("hello", nonce="v-1") for _ in range(5)))
    assert len({message.id for message in sent}) == 1
    assert len(scene.discord.messages(scene.channel)) == 1


async def test_a_nonce_is_forgotten_after_minutes(scene: Scene) -> None:
    channel = await _log_in(scene)
    await channel.send("hello", nonce="v-1")
    scene.discord.world.advance(181)
    await channel.send("hello", nonce="v-1")
    assert len(scene.discord.messages(scene.channel)) == 2


async def test_a_nonce_whose_message_was_deleted_is_unknown_message(scene: Scene) -> None:
    channel = await _log_in(scene)
    await channel.send("hello", nonce="v-1")
    await scene.discord.delete(scene.discord.messages(scene.channel)[0])
    with pytest.raises(discord.NotFound) as refusal:
        await channel.send("hello", nonce="v-1")
    assert refusal.value.code == 10008


async def test_history_is_paged_as_discord_pages_it(scene: Scene) -> None:
    channel = await _log_in(scene)
    for number in range(7):
        await channel.send(str(number))
    posted = scene.discord.messages(scene.channel)
    after, before = discord.Object(posted[1].id), discord.Object(posted[4].id)
    forward = [m.content async for m in channel.history(after=after, oldest_first=True)]
    backward = [m.content async for m in channel.history(before=before, limit=2)]
    assert forward == ["2", "3", "4", "5", "6"]
    assert backward == ["3", "2"]
    raw = await scene.bot.http.logs_from(scene.channel.id, limit=2, after=posted[1].id)
    assert [message["content"] for message in raw] == ["3", "2"]


async def test_history_without_its_permission_is_empty(scene: Scene) -> None:
    channel = await _log_in(scene)
    await channel.send("hello")
    scene.channel.bot_permissions = MEMBER_PERMISSIONS & ~Permission.READ_MESSAGE_HISTORY
    assert [message async for message in channel.history()] == []
    assert scene.discord.calls(HISTORY)[-1].status == 200


@pytest.mark.parametrize(
    ("missing", "code"),
    [
        (Permission.VIEW_CHANNEL, 50001),
        (Permission.SEND_MESSAGES, 50013),
        (Permission.ATTACH_FILES, 50013),
    ],
)
async def test_what_the_bot_may_not_do_is_forbidden(
    scene: Scene, missing: Permission, code: int
) -> None:
    channel = await _log_in(scene)
    scene.channel.bot_permissions = MEMBER_PERMISSIONS & ~missing
    with pytest.raises(discord.Forbidden) as refusal:
        await channel.send("hello", file=discord.File(io.BytesIO(b"x"), "x.mp4"))
    assert refusal.value.code == code
    assert scene.discord.messages() == []


async def test_a_file_over_the_limit_is_refused_with_413(scene: Scene) -> None:
    channel = await _log_in(scene)
    scene.discord.world.upload_limit = 1000
    with pytest.raises(discord.HTTPException) as refusal:
        await channel.send(file=discord.File(io.BytesIO(b"x" * 1001), "x.mp4"))
    assert (refusal.value.status, refusal.value.code) == (413, 40005)
    assert scene.discord.calls(SEND)[0].files[0].size == 1001


async def test_a_deleted_channel_is_unknown(scene: Scene) -> None:
    channel = await _log_in(scene)
    await scene.discord.delete_channel(scene.channel)
    with pytest.raises(discord.NotFound) as refusal:
        await channel.send("hello")
    assert refusal.value.code == 10003


async def test_a_locked_thread_refuses_and_an_archived_one_wakes(scene: Scene) -> None:
    await _log_in(scene)
    thread = scene.discord.add_channel(
        scene.guild,
        "thread",
        type=ChannelType.PUBLIC_THREAD,
        parent_id=scene.channel.id,
        is_archived=True,
        is_locked=True,
    )
    place = scene.bot.get_partial_messageable(thread.id)
    with pytest.raises(discord.HTTPException) as refusal:
        await place.send("hello")
    assert refusal.value.code == 50083
    thread.is_locked = False
    await place.send("hello")
    assert not thread.is_archived


async def test_direct_messages_arrive_unless_they_are_closed(scene: Scene) -> None:
    await _log_in(scene)
    direct = await scene.bot.create_dm(discord.Object(scene.alice.id))
    await direct.send("hello")
    assert [m.content for m in scene.discord.messages()] == ["hello"]
    scene.alice.takes_messages = False
    with pytest.raises(discord.Forbidden) as refusal:
        await direct.send("hello")
    assert refusal.value.code == 50007


async def test_only_own_messages_are_edited_and_deleted(scene: Scene) -> None:
    channel = await _log_in(scene)
    mine = await channel.send("mine")
    said = await scene.discord.say(scene.channel, scene.alice, "hers")
    await mine.edit(content="changed")
    assert scene.discord.messages(scene.channel)[0].content == "changed"
    with pytest.raises(discord.Forbidden) as refusal:
        await channel.get_partial_message(said.id).edit(content="x")
    assert refusal.value.code == 50005
    with pytest.raises(discord.Forbidden) as refusal:
        await channel.get_partial_message(said.id).delete()
    assert refusal.value.code == 50013
    await mine.delete()
    with pytest.raises(discord.NotFound):
        await mine.edit(content="late")


async def test_malformed_messages_are_refused_and_remembered(scene: Scene) -> None:
    await _log_in(scene)
    button = {"type": 2, "style": 1, "label": "Go"}
    for body, code in (
        ({}, 50006),
        ({"content": "x" * 2001}, 50035),
        ({"content": "x", "nonce": "n" * 26}, 50035),
        ({"content": "x", "components": [{"type": 1, "components": [button]}]}, 50035),
        ({"content": "x", "components": [{"type": 10, "content": "text"}]}, 50035),
        ({"content": "x", "flags": 1 << 15, "components": []}, 50035),
        ({"content": "x", "allowed_mentions": {"parse": ["users"], "users": ["1"]}}, 50035),
        ({"content": 5}, 50035),
    ):
        route = discord.http.Route(
            "POST", "/channels/{channel_id}/messages", channel_id=scene.channel.id
        )
        with pytest.raises(discord.HTTPException) as refusal:
            await scene.bot.http.request(route, json=body)
        assert refusal.value.code == code, body
    assert len(scene.discord.invalid_calls()) == 2  # the long nonce and the number as a text
    assert scene.discord.messages() == []


async def test_a_layout_with_its_video_is_kept_with_real_links(scene: Scene) -> None:
    channel = await _log_in(scene)
    view = discord.ui.LayoutView(timeout=None)
    view.add_item(discord.ui.TextDisplay("Here it is"))
    gallery = discord.ui.MediaGallery[discord.ui.LayoutView](
        discord.MediaGalleryItem("attachment://v.mp4")
    )
    view.add_item(gallery)
    await channel.send(view=view, file=discord.File(io.BytesIO(b"video"), "v.mp4"))
    message = scene.discord.messages()[0]
    link = message.components[1]["items"][0]["media"]["url"]
    assert link == message.file("v.mp4").url
    assert [part["id"] for part in message.components] == [1, 2]
    with pytest.raises(discord.HTTPException) as refusal:
        await channel.get_partial_message(message.id).edit(content="an ordinary message again")
    assert refusal.value.code == 50035


async def test_a_wrong_token_is_refused(scene: Scene) -> None:
    with pytest.raises(discord.LoginFailure):
        await scene.bot.login("wrong")
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{scene.discord.api_url}/users/@me")
        assert answer.status == 401
        answer = await session.get(f"{scene.discord.api_url}/nowhere")
        assert answer.status in {401, 404}
