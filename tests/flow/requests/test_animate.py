"""The message menu Animate, from outside over real sockets."""

from typing import Any

import pytest

from tests.flow.requests.test_followups import set_up
from tests.flow.requests.test_forms import COLOURS, files, finished, sent
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Attachment, Message, MessageFlag, Payload, Upload
from tests.support.discord.rules import number_components


async def shared(bot_env: BotEnv, count: int, **more: Any) -> Message:
    """Somebody's message with pictures, in a server that shares them."""
    await set_up(bot_env, remix="everyone")
    message = await bot_env.discord.say(bot_env.channel, bot_env.discord.add_user("bob"), "look!")
    for upload in files(*COLOURS[:count]):
        message.attachments.append(bot_env.discord.world.take_upload(upload))
    message.embeds.extend(more.get("embeds", ()))
    return message


@on_sqlite
async def test_animate_takes_a_messages_pictures_in_their_order(bot_env: BotEnv) -> None:
    async with bot_env.running():
        message = await shared(bot_env, 3)
        message.attachments.append(_text(bot_env))
        opened = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "3 files" in opened.modal["components"][1]["description"]
        await (await bot_env.discord.submit(opened, {"Prompt": "let them dance"})).wait_shown()
        await finished(bot_env)
        assert sent(bot_env) == [picture(colour=colour) for colour in COLOURS[:3]]
        empty = await bot_env.discord.say(bot_env.channel, bot_env.alice, "no picture here")
        refused = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Animate", empty
        )
        assert "no picture" in (await refused.wait_shown()).content


@on_sqlite
async def test_animate_asks_for_ones_own_where_others_pictures_are_theirs(bot_env: BotEnv) -> None:
    async with bot_env.running():
        message = await shared(bot_env, 2)
        await set_up(bot_env, remix="own")
        place = bot_env.guild, bot_env.channel
        opened = await bot_env.discord.menu(*place, bot_env.alice, "Animate", message)
        form = (await opened.wait_answered()).modal["components"][1]
        assert form["component"]["required"]
        assert "only your own pictures" in form["description"]
        values = {"Prompt": "let it dance", "Files": files("teal")}
        await (await bot_env.discord.submit(opened, values)).wait_shown()
        await finished(bot_env)
        assert sent(bot_env) == [picture(colour="teal")]
        own = await bot_env.discord.menu(*place, message.author, "Animate", message)
        form = (await own.wait_answered()).modal["components"][1]
        assert "2 files" in form["description"]
        # another bot is no member
        message.author = bot_env.discord.add_user("painter", is_bot=True)
        opened = await bot_env.discord.menu(*place, bot_env.alice, "Animate", message)
        form = (await opened.wait_answered()).modal["components"][1]
        assert "2 files" in form["description"]
        # this one shows what members gave it
        message.author = bot_env.discord.world.bot
        opened = await bot_env.discord.menu(*place, bot_env.alice, "Animate", message)
        form = (await opened.wait_answered()).modal["components"][1]
        assert "only your own pictures" in form["description"]


def laid_out(message: Message) -> list[Payload]:
    """A layout as other bots make them: the files in another order, and things that are none."""
    red, gold, teal, text = message.attachments

    def media(file: Attachment) -> Payload:
        return {"id": "7", "url": file.url, "proxy_url": file.url, "attachment_id": str(file.id)}

    clip = "https://clips.example/a.mp4"
    gallery = [
        {"media": media(gold), "spoiler": True},
        {"media": {"id": "8", "url": clip, "proxy_url": clip, "content_type": "video/mp4"}},
        # the same once more, named by its address alone
        {"media": {"id": "9", "url": gold.url, "proxy_url": gold.url}},
    ]
    section = {
        "type": 9,
        "components": [{"type": 10, "content": "words"}],
        "accessory": {"type": 11, "media": media(teal)},
    }
    inner = {"type": 17, "components": [section, {"type": 12, "items": gallery}]}
    return [
        {"type": 10, "content": "# Look"},
        {"type": 17, "components": [{"type": 14}, inner, {"type": 13, "file": media(red)}]},
        {"type": 13, "file": media(text)},
    ]


@on_sqlite
@pytest.mark.parametrize("is_forwarded", [False, True])
async def test_animate_takes_the_pictures_of_a_layout_as_they_are_shown(
    bot_env: BotEnv, *, is_forwarded: bool
) -> None:
    async with bot_env.running():
        message = await shared(bot_env, 3)
        message.attachments.append(_text(bot_env))
        message.content = ""
        message.flags |= MessageFlag.COMPONENTS_V2
        message.components = number_components(laid_out(message), {})
        if is_forwarded:
            original = message
            message = await bot_env.discord.say(bot_env.channel, bot_env.alice, "see")
            message.forwarded = original
        opened = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "3 files" in opened.modal["components"][1]["description"]
        await (await bot_env.discord.submit(opened, {"Prompt": "let them dance"})).wait_shown()
        await finished(bot_env)
    first, second, third = COLOURS[:3]
    assert sent(bot_env) == [picture(colour=colour) for colour in (third, second, first)]


@on_sqlite
async def test_pictures_from_elsewhere_are_taken_once_and_no_more_than_ten(bot_env: BotEnv) -> None:
    async with bot_env.running():
        message = await shared(bot_env, 2)
        one, two = ("https://pics.example/one", "https://pics.example/two.webp")
        message.embeds = [
            # the second attachment stands in the embed, not beside it
            {"type": "rich", "image": {"url": f"{message.attachments[0].url}"}},
            {"type": "rich", "image": {"url": one, "proxy_url": f"{one}?proxied"}},
        ]
        media = [{"media": {"id": "1", "url": url, "proxy_url": url}} for url in (one, two, one)]
        message.components = number_components([{"type": 12, "items": media}], {})
        opened = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Animate", message
        )
        await opened.wait_answered()
        assert "4 files" in opened.modal["components"][1]["description"]
        many = await bot_env.discord.say(bot_env.channel, bot_env.alice, "many")
        items = [
            {"media": {"id": "1", "url": f"https://pics.example/{n}.png", "proxy_url": "x"}}
            for n in range(10)
        ]
        gallery: Payload = {"type": 12, "items": items}
        for item in gallery["items"]:
            item["media"]["proxy_url"] = item["media"]["url"]
        deep: Payload = gallery
        for _ in range(30):
            deep = {"type": 17, "components": [deep, gallery]}
        many.components = number_components([deep], {})
        opened = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Animate", many
        )
        await opened.wait_answered()
        assert "10 files" in opened.modal["components"][1]["description"]


def _text(bot_env: BotEnv) -> Attachment:
    upload = Upload("notes.txt", b"words", content_type="text/plain")
    return bot_env.discord.world.take_upload(upload)
