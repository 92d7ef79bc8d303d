"""What comes after a posted video, from outside: again, changed, continued, looked at, deleted."""

import asyncio
import io
from dataclasses import replace
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image, ImageChops

from bot.demo.provider.faults import TaskPlan
from bot.errors import UnknownVideo, UserError
from bot.rules.media import MediaSource
from bot.rules.request import VideoRequest
from bot.rules.reused_media import kept_url
from bot.services.caller import Caller
from bot.services.server_settings import change_settings
from storage.privacy import erasure
from storage.quotas import ledger
from storage.records import Request, State
from storage.requests import requests
from storage.servers import servers
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.interactions import Interaction
from tests.support.discord.records import Message, Upload

"""For what is no matter of the database: half of the time."""

FILES = {
    "image1": Upload("one.png", picture(colour="teal")),
    "image2": Upload("two.png", picture(colour="salmon")),
}


async def posted(bot_env: BotEnv, **options: Any) -> tuple[Message, Request]:
    """A video of Alice's, in its channel."""
    count = len(bot_env.videos())
    asked = await bot_env.create(**options)
    await asked.wait_shown()
    await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == count + 1)
    request = await bot_env.until_state(State.POSTED, number=count)
    return bot_env.videos()[-1], request


async def set_up(bot_env: BotEnv, **changes: Any) -> None:
    async with bot_env.database.transaction() as tx:
        await servers.require(tx, bot_env.guild.id)
        await change_settings(tx, bot_env.guild.id, **changes)


def body(bot_env: BotEnv, number: int) -> dict[str, Any]:
    """What was sent to create the n-th task, the last one with -1."""
    return dict(bot_env.provider.creates[number].body)


def labels(message: Message) -> list[str]:
    return [part["label"] for row in message.components for part in row["components"]]


def fields(opened: Interaction) -> dict[str, dict[str, Any]]:
    return {row["label"]: row["component"] for row in opened.modal["components"]}


def chosen(field: dict[str, Any]) -> list[str]:
    return [option["value"] for option in field["options"] if option.get("default")]


async def test_again_after_a_restart_makes_the_same_with_the_same_bytes(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, first = await posted(bot_env, files=FILES)
        assert labels(video) == ["Again", "Edit", "Continue", "More"]
    async with bot_env.running():
        fetched = [call for call in bot_env.discord.calls() if "attachments" in call.route]
        pressed = await bot_env.discord.click(video, "Again", bot_env.alice)
        answer = await pressed.wait_shown()
        assert answer.is_ephemeral
        second = await bot_env.until_state(State.POSTED, number=1)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 2)
        assert fetched == [c for c in bot_env.discord.calls() if "attachments" in c.route]
    one, two = body(bot_env, 0), body(bot_env, 1)
    assert {**one, "images": 0} == {**two, "images": 0}
    sent = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    assert [sent[url] for url in one["images"]] == [sent[url] for url in two["images"]]
    assert second.origin == f"again:{first.id}"
    assert second.user_id == bot_env.alice.id
    assert not bot_env.discord.invalid_calls()
    assert not bot_env.discord.late_interactions()


async def test_a_double_tap_and_a_doubled_event_make_one_request(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, _ = await posted(bot_env)
        taps = await asyncio.gather(
            *(bot_env.discord.click(video, "Again", bot_env.alice) for _ in range(3))
        )
        await bot_env.discord.replay(taps[0])
        answers = [(await tap.wait_shown()).content for tap in taps]
        await bot_env.until_state(State.POSTED, number=1)
        await bot_env.discord.quiet()
    assert len(await bot_env.requests()) == 2
    assert len(bot_env.provider.creates) == 2
    second = await bot_env.request(1)
    assert all(second.id in text for text in answers)


@on_sqlite
async def test_again_is_counted_and_goes_by_todays_rules(bot_env: BotEnv) -> None:
    async with bot_env.running(user_daily_videos=1):
        video, _ = await posted(bot_env)
        pressed = await bot_env.discord.click(video, "Again", bot_env.alice)
        assert "1" in (await pressed.wait_shown()).content
        await set_up(bot_env, models=["seedance2.0-std"])
    async with bot_env.running(user_daily_videos=9):
        pressed = await bot_env.discord.click(video, "Again", bot_env.alice)
        answer = await pressed.wait_shown()
        assert "seedance2.0-std" in answer.content
        assert labels(answer) == ["Edit"]
    assert len(await bot_env.requests()) == 1


@on_sqlite
@pytest.mark.parametrize("remix", ["own", "everyone"])
async def test_others_may_go_on_only_where_the_server_lets_them(
    bot_env: BotEnv, remix: str
) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        video, _ = await posted(bot_env, files=FILES)
        await set_up(bot_env, remix=remix)
        answer = await (await bot_env.discord.click(video, "Again", bob)).wait_shown()
        opened = await (await bot_env.discord.click(video, "Edit", bob)).wait_answered()
        assert fields(opened)["Files"]["required"] is (remix == "own")
        if remix == "own":
            assert "only the member" in answer.content
            forged = await bot_env.discord.submit(opened, {"Files": [Upload("x.png", picture())]})
            await forged.wait_shown()
            request = await bot_env.until_state(State.POSTED, number=1)
            assert len(body(bot_env, 1)["images"]) == 1
        else:
            request = await bot_env.until_state(State.POSTED, number=1)
            assert len(body(bot_env, 1)["images"]) == 2
    assert request.user_id == bob.id


@on_sqlite
async def test_without_files_of_ones_own_the_others_pictures_are_not_used(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        video, _ = await posted(bot_env, files=FILES)
        opened = await (await bot_env.discord.click(video, "Edit", bob)).wait_answered()
        for row in opened.modal["components"]:
            row["component"]["required"] = False
        forged = await bot_env.discord.submit(opened, {})
        assert "attach your own" in (await forged.wait_shown()).content
    assert len(await bot_env.requests()) == 1


@on_sqlite
async def test_an_id_from_elsewhere_is_nobodys_to_use(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        _, request = await posted(bot_env)
        await set_up(bot_env, remix="everyone")
        look = app.bot.services.followups.look
        here = Caller(1, 7, bot_env.guild.id, bot_env.channel.id)
        assert (await look(here, request.id)).may_remix
        for there in (
            replace(here, channel_id=bot_env.channel.id + 1),
            replace(here, guild_id=bot_env.guild.id + 1),
        ):
            with pytest.raises(UnknownVideo):
                await look(there, request.id)
        with pytest.raises(UserError, match="server-only"):
            await look(replace(here, guild_id=0), request.id)


@on_sqlite
async def test_edit_opens_filled_and_keeps_the_pictures(bot_env: BotEnv) -> None:
    async with bot_env.running():
        video, _ = await posted(bot_env, files=FILES, duration=7, ratio="9:16")
    async with bot_env.running():
        opened = await (await bot_env.discord.click(video, "Edit", bot_env.alice)).wait_answered()
        form = fields(opened)
        assert list(form) == ["Prompt", "Files", "Model", "Duration", "Ratio"]
        assert form["Prompt"]["value"] == "a lighthouse at dusk"
        assert chosen(form["Model"]) == ["seedance2.0-fast-i2v"]
        assert chosen(form["Duration"]) == ["7"]
        assert chosen(form["Ratio"]) == ["9:16"]
    async with bot_env.running():
        # it was open during a restart
        sent = await bot_env.discord.submit(opened, {"Prompt": "at dawn", "Duration": "6"})
        await sent.wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    one, two = body(bot_env, 0), body(bot_env, 1)
    assert (two["prompt"], two["duration"], two["ratio"]) == ("at dawn", 6, "9:16")
    files = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    assert [files[url] for url in one["images"]] == [files[url] for url in two["images"]]
    assert not bot_env.discord.late_interactions()


@on_sqlite
async def test_new_files_take_the_place_of_the_old_in_the_members_order(bot_env: BotEnv) -> None:
    new = [picture(colour=colour) for colour in ("red", "gold", "navy")]
    async with bot_env.running():
        video, _ = await posted(bot_env, files=FILES)
        opened = await (await bot_env.discord.click(video, "Edit", bot_env.alice)).wait_answered()
        uploads = [Upload(f"{number}.png", content) for number, content in enumerate(new)]
        await (await bot_env.discord.submit(opened, {"Files": uploads})).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    files = {upload.url: upload.path.read_bytes() for upload in bot_env.provider.uploads}
    assert [files[url] for url in body(bot_env, 1)["images"]] == new


@on_sqlite
@pytest.mark.parametrize("changes", [False, True])
async def test_a_prompt_too_long_for_a_form_is_kept_unless_changed(
    bot_env: BotEnv, changes: bool
) -> None:
    prompt = "a long way " * 430 + "home"
    async with bot_env.running():
        video, _ = await posted(bot_env, prompt=prompt)
        opened = await (await bot_env.discord.click(video, "Edit", bot_env.alice)).wait_answered()
        label = opened.modal["components"][0]
        assert len(label["component"]["value"]) == 4000
        assert "4,734" in label["description"]
        values = {"Prompt": "short now"} if changes else {}
        await (await bot_env.discord.submit(opened, values)).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    assert body(bot_env, 1)["prompt"] == ("short now" if changes else prompt)


async def forget(bot_env: BotEnv, request: Request, *, entirely: bool) -> None:
    async with bot_env.database.transaction() as tx:
        await tx.execute("UPDATE inputs SET path = '' WHERE request_id = :id", {"id": request.id})
        sql = "UPDATE requests SET result_path = '' WHERE id = :id"
        await tx.execute(sql, {"id": request.id})
        if entirely:
            await erasure.erase_some(tx, [request], bot_env.clock())


@on_sqlite
@pytest.mark.parametrize("button", ["Again", "Edit"])
@pytest.mark.parametrize("entirely", [False, True])
async def test_where_the_files_are_gone_the_form_asks_for_new_ones(
    bot_env: BotEnv, button: str, entirely: bool
) -> None:
    async with bot_env.running():
        video, request = await posted(bot_env, files=FILES)
        await forget(bot_env, request, entirely=entirely)
        opened = await (await bot_env.discord.click(video, button, bot_env.alice)).wait_answered()
        form = fields(opened)
        assert form["Files"]["required"] is not entirely
        new = {"Prompt": "once more", "Files": [Upload("new.png", picture(colour="red"))]}
        await (await bot_env.discord.submit(opened, new)).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    assert len(body(bot_env, 1)["images"]) == 1


def last_frame(film: bytes) -> Image.Image:
    with av.open(io.BytesIO(film), "r") as container:
        *_, frame = container.decode(video=0)
        shown: Any = frame
        picture: Image.Image = shown.to_image()
        return picture


@on_sqlite
@pytest.mark.parametrize("is_kept", [True, False])
async def test_continue_begins_with_the_last_frame_of_the_video_before(
    bot_env: BotEnv, is_kept: bool
) -> None:
    async with bot_env.running():
        video, request = await posted(bot_env)
        if not is_kept:
            await forget(bot_env, request, entirely=False)
    async with bot_env.running():
        opened = await (
            await bot_env.discord.click(video, "Continue", bot_env.alice)
        ).wait_answered()
        assert list(fields(opened)) == ["Prompt", "Model", "Duration", "Ratio"]
        await (await bot_env.discord.submit(opened, {"Prompt": "and then"})).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    made = body(bot_env, 1)
    (upload,) = [each for each in bot_env.provider.uploads if each.url == made["first_image"]]
    before = last_frame(video.attachments[0].read())
    assert ImageChops.difference(Image.open(upload.path).convert("RGB"), before).getbbox() is None
    assert (await bot_env.request(1)).origin == f"continue:{request.id}"


@on_sqlite
async def test_continue_offers_another_model_where_it_takes_no_single_frame(
    bot_env: BotEnv,
) -> None:
    async with bot_env.running():
        video, _ = await posted(bot_env, model="seedance2.0-md")
        opened = await (
            await bot_env.discord.click(video, "Continue", bot_env.alice)
        ).wait_answered()
        form = fields(opened)
        offered = {option["value"] for option in form["Model"]["options"]}
        (model,) = chosen(form["Model"])
        assert "seedance2.0-md" not in offered
        assert model in offered
        await (await bot_env.discord.submit(opened, {})).wait_shown()
        request = await bot_env.until_state(State.POSTED, number=1)
        assert request.model == model
        await set_up(bot_env, models=["seedance2.0-md"])
        refused = await bot_env.discord.click(video, "Continue", bot_env.alice)
        assert "first frame" in (await refused.wait_shown()).content


@on_sqlite
async def test_more_shows_what_else_can_be_done(bot_env: BotEnv) -> None:
    prompt = "a *lighthouse*\n`at` dusk"
    async with bot_env.running():
        video, request = await posted(bot_env, prompt=prompt)
    async with bot_env.running():
        more = await (await bot_env.discord.click(video, "More", bot_env.alice)).wait_shown()
        assert more.is_ephemeral
        assert labels(more) == ["Info", "Copy prompt", "Delete"]
        info = await bot_env.discord.click(more, "Info", bot_env.alice)
        await info.wait_shown()
        assert request.model in info.text
        assert f"<@{bot_env.alice.id}>" in info.text
        copied = await (
            await bot_env.discord.click(more, "Copy prompt", bot_env.alice)
        ).wait_shown()
        assert copied.content == f"```\n{prompt}\n```"
        asked = await (await bot_env.discord.click(more, "Delete", bot_env.alice)).wait_shown()
        sure = await bot_env.discord.click(asked, "Confirm", bot_env.alice)
        await sure.wait_answered()
        await bot_env.discord.wait_for(lambda: not bot_env.videos())
        pressed = await bot_env.discord.press_stale(video, f"vb:again:{request.id}", bot_env.alice)
        await pressed.wait_shown()
    assert len(await bot_env.requests()) == 1


@on_sqlite
async def test_a_long_prompt_is_copied_as_a_file(bot_env: BotEnv) -> None:
    prompt = "```" + "x" * 4000
    async with bot_env.running():
        video, _ = await posted(bot_env, prompt=prompt)
        more = await (await bot_env.discord.click(video, "More", bot_env.alice)).wait_shown()
        copied = await (
            await bot_env.discord.click(more, "Copy prompt", bot_env.alice)
        ).wait_shown()
    assert copied.file(".txt").read().decode() == prompt


async def test_a_failure_that_may_pass_can_be_tried_again_with_one_tap(bot_env: BotEnv) -> None:
    bot_env.provider.faults.next_task(TaskPlan(fails_with="internal error"))
    async with bot_env.running():
        await bot_env.create(files=FILES)
        failed = await bot_env.until_state(State.FAILED)
        notice = await bot_env.discord.wait_message(lambda message: bool(message.pinged))
        assert labels(notice)[0] == "Again", failed.failure
        await (await bot_env.discord.click(notice, "Again", bot_env.alice)).wait_shown()
        again = await bot_env.until_state(State.POSTED, number=1)
    assert again.origin == f"again:{failed.id}"
    assert len(body(bot_env, -1)["images"]) == 2


@on_sqlite
@pytest.mark.parametrize("is_own", [True, False])
async def test_what_was_removed_between_the_tap_and_the_fetch_is_fetched_anew_for_its_owner(
    bot_env: BotEnv, is_own: bool
) -> None:
    bot_env.provider.faults.next_task(TaskPlan(fails_with="internal error"))
    async with bot_env.running():
        await bot_env.create(files=FILES)
        failed = await bot_env.until_state(State.FAILED)
        await bot_env.until(lambda rows: not rows[0].stored_bytes)
    # asked for while the files were still there
    video = VideoRequest.model_validate_json(failed.spec)
    media = [
        each.model_copy(update={"source": MediaSource.KEPT, "url": kept_url(failed.id, position)})
        for position, each in enumerate(video.media)
    ]
    asker = bot_env.alice if is_own else bot_env.discord.add_user("bob")
    again = replace(
        await bot_env.request(),
        id="again2again",
        interaction_id=failed.interaction_id + 1,
        created_at_ms=failed.created_at_ms + 1,
        user_id=asker.id,
        state=State.QUEUED,
        spec=video.model_copy(update={"media": tuple(media)}).model_dump_json(exclude_none=True),
        failure="",
        task_id="",
        intent_at_ms=0,
        submitted_at_ms=0,
        prepared_at_ms=0,
        due_at_ms=failed.created_at_ms,
        ended_at_ms=0,
    )
    async with bot_env.database.transaction() as tx:
        assert await requests.add(tx, again)
        await ledger.reserve(tx, again, again.created_at_ms)
    async with bot_env.running():
        await bot_env.until_state(State.POSTED if is_own else State.FAILED, number=1)
    assert len(bot_env.provider.creates) == (2 if is_own else 1)
    if is_own:
        assert len(body(bot_env, -1)["images"]) == 2


@on_sqlite
async def test_in_chinese_the_posts_buttons_are_chinese_too(bot_env: BotEnv) -> None:
    zhu = bot_env.discord.add_user("zhu", locale="zh-CN")
    await set_up(bot_env, language="zh-CN")
    async with bot_env.running():
        video, _ = await posted(bot_env, user=zhu)
        assert labels(video) == ["再来一次", "编辑", "续拍", "更多"]
        opened = await (await bot_env.discord.click(video, "编辑", zhu)).wait_answered()
        assert list(fields(opened)) == ["提示词", "文件", "模型", "时长", "画幅"]


@on_sqlite
async def test_again_asks_about_a_price_only_above_what_the_server_set(
    bot_env: BotEnv, tmp_path: Path
) -> None:
    prices = tmp_path / "prices.toml"
    prices.write_text('[models."seedance2.0-fast-i2v".price]\nper_task = "0.50"\n')
    async with bot_env.running(models_file=prices, currency="USD"):
        video, _ = await posted(bot_env)
        await set_up(bot_env, confirm_above="0.40")
        question = await (await bot_env.discord.click(video, "Again", bot_env.alice)).wait_shown()
        assert "$0.50" in question.content
        assert labels(question) == ["Confirm"]
        assert len(bot_env.provider.creates) == 1
        await bot_env.discord.click(question, "Confirm", bot_env.alice)
        await bot_env.until_state(State.POSTED, number=1)
    assert len(bot_env.provider.creates) == 2
