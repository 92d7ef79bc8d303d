"""The cast from outside: names are added, used, shown and removed over real sockets."""

import json
from pathlib import Path
from typing import Any

import pytest

from bot.services.server_settings import change_settings
from storage.cast import entries
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.media.films import film
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import MEMBER_PERMISSIONS, Permission, Upload, User

FULL = "sd2_mx_720p"
FOR_SERVER: dict[str, Any] = {"for": "server"}


def photo(colour: str = "teal") -> Upload:
    return Upload(f"{colour}.png", picture(colour=colour))


async def cast(bot_env: BotEnv, command: str, user: User | None = None, **options: Any) -> str:
    """Run a `/cast` command; returns what it answers."""
    asked = await bot_env.discord.slash(
        bot_env.guild, bot_env.channel, user or bot_env.alice, f"cast {command}", options
    )
    await asked.wait_shown()
    return asked.text


async def add(
    bot_env: BotEnv, name: str, *photos: Upload, user: User | None = None, **options: Any
) -> str:
    files = {f"image{number}": each for number, each in enumerate(photos or (photo(),), 1)}
    return await cast(bot_env, "add", user, name=name, **options, **files)


def moderator(bot_env: BotEnv) -> User:
    bob = bot_env.discord.add_user("bob")
    bot_env.discord.world.add_member(
        bot_env.guild, bob, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    return bob


def sent_prompts(bot_env: BotEnv) -> list[str]:
    return [str(call.body["prompt"]) for call in bot_env.provider.creates]


def bytes_of(bot_env: BotEnv, number: int = 0) -> list[bytes]:
    """The pictures of the n-th create, in order."""
    images = bot_env.provider.creates[number].body["images"]
    assert isinstance(images, list)
    by_url = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    return [by_url[str(url)] for url in images]


def folders(bot_env: BotEnv) -> list[Path]:
    folder = bot_env.settings.data_dir / "cast"
    return sorted(folder.iterdir()) if folder.is_dir() else []


async def until_clean(bot_env: BotEnv) -> None:
    """Wait until no picture of a name is on the disk."""

    async def is_clean() -> bool:
        return not folders(bot_env)

    await bot_env.until_so(is_clean)


@on_sqlite
async def test_a_member_adds_a_name_and_uses_it_by_sign_and_by_option(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        assert "`@Fox` is yours, with 2 pictures" in await add(
            bot_env, "Fox", photo("teal"), photo("salmon")
        )
        asked = await bot_env.create(
            prompt="@fox meets @nobody in the snow", files={"image1": photo("navy")}
        )
        assert "@fox meets @nobody in the snow" in (await asked.wait_shown()).content
        first = await flow.until_state(State.POSTED)
        await (await bot_env.create(prompt="a dance", cast="fox")).wait_shown()
        await flow.until_state(State.POSTED, number=1)
        await flow.until_quiet()
        shown = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video show", {"id": first.id}
        )
        await shown.wait_shown()
        listed = await cast(bot_env, "list")
    assert sent_prompts(bot_env) == [
        "image 2, image 3 meets @nobody in the snow",
        "a dance\nFox: image 1, image 2",
    ]
    own = [picture(colour="navy"), picture(colour="teal"), picture(colour="salmon")]
    assert bytes_of(bot_env) == own
    assert bytes_of(bot_env, 1) == own[1:]
    assert "`@Fox`" in shown.text
    assert "@fox meets @nobody" in shown.text
    assert "`@Fox`" in listed
    posted = next(text for text in bot_env.texts() if "snow" in text and "image 2" not in text)
    assert "@fox meets" in posted


@on_sqlite
async def test_pictures_that_cannot_be_used_are_named_and_the_name_stays_free(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        told = await add(bot_env, "fox", photo(), Upload("notes.png", b"just some words"))
        assert "`@fox` wasn't added" in told
        assert "notes.png" in told
        assert "`@fox` is yours" in await add(bot_env, "fox")
        assert "There already is a `FOX`" in await add(bot_env, "FOX")


@on_sqlite
async def test_the_servers_cast_is_moderators_to_write_and_everybodys_to_use(flow: Flow) -> None:
    bot_env = flow.bot_env
    bob = moderator(bot_env)
    async with flow.running():
        assert "Only moderators" in await add(bot_env, "mascot", **FOR_SERVER)
        assert "this server's cast" in await add(bot_env, "mascot", user=bob, **FOR_SERVER)
        await (await bot_env.create(prompt="@mascot waves")).wait_shown()
        await flow.until_state(State.POSTED)
        assert "Only moderators" in await cast(bot_env, "remove", name="mascot")
        removed = await cast(bot_env, "remove", bob, name="@Mascot")
        assert "`@mascot` is removed" in removed
        assert "Nobody is called" in await cast(bot_env, "show", name="mascot")
    assert sent_prompts(bot_env) == ["image 1 waves"]
    assert len(bot_env.videos()) == 1


@on_sqlite
async def test_a_removed_name_leaves_the_disk_and_not_the_request_that_uses_it(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await add(bot_env, "fox")
        assert len(folders(bot_env)) == 1
        await (await bot_env.create(prompt="@fox runs")).wait_shown()
        await cast(bot_env, "remove", name="fox")
        await flow.until_state(State.POSTED)
        again = await bot_env.discord.click(bot_env.videos()[0], "Again", bot_env.alice)
        await again.wait_shown()
        await flow.until_state(State.POSTED, number=1)
        await add(bot_env, "owl")
        await cast(bot_env, "remove", name="owl")
        await until_clean(bot_env)
    assert sent_prompts(bot_env) == ["image 1 runs"] * 2
    assert bytes_of(bot_env, 0) == bytes_of(bot_env, 1) == [picture(colour="teal")]


@on_sqlite
async def test_frames_take_no_name_and_unknown_names_of_the_option_are_told(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await add(bot_env, "fox")
        asked = await bot_env.discord.slash(
            bot_env.guild,
            bot_env.channel,
            bot_env.alice,
            "video frames",
            {"prompt": "@fox wakes", "first": photo("navy")},
        )
        told = (await asked.wait_shown()).content
        assert "`@fox`: names can't be used together with a first or last frame" in told
        asked = await bot_env.create(prompt="a dance", cast="cat")
        assert "nobody is called `@cat`" in (await asked.wait_shown()).content
    assert await bot_env.requests() == []


@on_sqlite
async def test_a_review_card_shows_the_prompt_as_it_is_sent_and_the_pictures(flow: Flow) -> None:
    bot_env = flow.bot_env
    bob = moderator(bot_env)
    mods = bot_env.discord.add_channel(bot_env.guild, "mods")
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, review="prompt", review_channel=mods.id)
    async with flow.running():
        await add(bot_env, "fox")
        await (await bot_env.create(prompt="@fox runs <@123> @everyone")).wait_shown()
        request = await flow.until_state(State.HELD)
        card = await bot_env.discord.wait_message(
            lambda message: message.channel_id == mods.id and request.id in message.content, 30
        )
        assert "image 1 runs" in card.content
        assert "fox-1.png" in card.content
        assert [file.filename for file in card.attachments]
        await (await bot_env.discord.click(card, "Approve", bob)).wait_shown()
        await flow.until_state(State.POSTED)
    assert sent_prompts(bot_env) == ["image 1 runs <@123> @everyone"]


@on_sqlite
async def test_full_models_have_the_pictures_of_a_name_reviewed_once(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.assets.review_s = 0
    async with flow.running():
        await add(bot_env, "fox")
        for number in range(2):
            await (await bot_env.create(prompt="@fox runs", model=FULL)).wait_shown()
            await flow.until_state(State.POSTED, number=number)
    assert len(bot_env.provider.uploads) == 1
    images = [call.body["images"] for call in bot_env.provider.creates]
    assert str(images[0]).startswith("['asset://")
    assert images[0] == images[1]


@on_sqlite
async def test_what_a_member_added_is_exported_and_deleted(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await add(bot_env, "fox")
        asked = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video mydata", {}
        )
        page = await asked.wait_shown()
        assert "one name" in str(page.embeds)
        export = await bot_env.discord.click(page, "Export", bot_env.alice)
        data = json.loads((await export.wait_shown()).file(".json").read())
        assert [each["name"] for each in data["cast"]] == ["fox"]
        sure = await bot_env.discord.click(page, "Delete", bot_env.alice)
        done = await bot_env.discord.click(await sure.wait_shown(), "Confirm", bot_env.alice)
        await done.wait_shown()
        await until_clean(bot_env)
        async with bot_env.database.reading() as tx:
            assert await entries.of_member(tx, bot_env.alice.id) == []


@on_sqlite
@pytest.mark.parametrize("remix", ["own", "everyone"])
async def test_the_menu_adds_a_messages_pictures_as_far_as_the_server_shares_them(
    flow: Flow, remix: str
) -> None:
    bot_env = flow.bot_env
    bob = bot_env.discord.add_user("bob")
    bot_env.discord.world.add_member(bot_env.guild, bob, MEMBER_PERMISSIONS)
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, remix=remix)
    async with flow.running():
        message = await bot_env.discord.say(bot_env.channel, bob, "look")
        for each in (photo(), photo("navy")):
            message.attachments.append(bot_env.discord.world.take_upload(each))
        opened = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bot_env.alice, "Add to cast", message
        )
        if remix == "own":
            assert "only your own pictures" in (await opened.wait_shown()).content
            opened = await bot_env.discord.menu(
                bot_env.guild, bot_env.channel, bob, "Add to cast", message
            )
        await opened.wait_answered()
        sent = await bot_env.discord.submit(opened, {"Name": "fox", "For": "me"})
        await sent.wait_shown()
        assert "`@fox` is yours, with 2 pictures" in sent.text


@on_sqlite
async def test_places_are_counted_anew_once_it_is_known_what_a_file_is(
    flow: Flow, tmp_path: Path
) -> None:
    bot_env = flow.bot_env
    walk = film(tmp_path / "walk.mp4", width=720, height=720).read_bytes()
    async with flow.running():
        await add(bot_env, "fox")
        opened = await bot_env.discord.slash(
            bot_env.guild,
            bot_env.channel,
            bot_env.alice,
            "video create",
            {"model": "seedance2.0-std", "cast": "fox"},
        )
        await opened.wait_answered()
        clip = Upload("walk.bin", walk, content_type="application/octet-stream")
        sent = await bot_env.discord.submit(opened, {"Prompt": "@FOX walks", "Files": [clip]})
        await sent.wait_shown()
        await flow.until_state(State.POSTED)
    assert sent_prompts(bot_env) == ["image 1 walks"]
    assert "reference_videos" in bot_env.provider.creates[0].body


@on_sqlite
async def test_names_are_completed_one_after_the_other(flow: Flow) -> None:
    bot_env = flow.bot_env
    bob = moderator(bot_env)
    async with flow.running():
        await add(bot_env, "fox")
        for name in ("owl", "fox"):
            await add(bot_env, name, user=bob, **FOR_SERVER)

        async def offered(path: str, option: str, typed: str) -> list[str]:
            asked = await bot_env.discord.autocomplete(
                bot_env.guild, bot_env.channel, bot_env.alice, path, {option: typed}, option
            )
            await asked.wait_answered()
            return [choice["value"] for choice in asked.choices]

        assert await offered("video create", "cast", "") == ["fox", "owl"]
        assert await offered("video create", "cast", "fox, O") == ["fox owl"]
        assert await offered("cast remove", "name", "@f") == ["fox", "server:fox"]
