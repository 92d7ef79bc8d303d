"""What each of the demo's people has come for, with the real bot in the demo's world."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import discord
import pytest
from PIL import Image
from simcord import ChannelHandle, InteractionResult, MemberActor, SetupError

from bot.demo.discord.guilds import World
from bot.demo.discord.personas import GRACE, LIN, MIA, NOAH, OLIVIA, SAM
from bot.demo.discord.seed_data import (
    CROWD,
    SCHOOL_PROMPT,
    SERIES,
    TEMPLATE_NAME,
    begin_series,
    offer_template,
    pace,
    seed_world,
    set_up_school,
)
from bot.demo.provider.render_pool import SMALL
from bot.demo.provider.trigger_words import LOST, REFUSALS
from bot.demo.runtime import SLOTS, DemoRuntime, open_demo
from bot.services.moderation.reviews import UNDO_MS
from tests.flow.fast_forward import HopClock


@asynccontextmanager
async def a_demo(
    seconds_per_video: float = 0.3, clock: HopClock | None = None
) -> AsyncIterator[DemoRuntime]:
    async with open_demo(
        seconds_per_video=seconds_per_video, render_options=SMALL, clock=clock
    ) as runtime:
        yield runtime


async def seen(
    channel: ChannelHandle,
    viewer: MemberActor | None,
    fits: Callable[[discord.Message], object],
) -> discord.Message:
    """The first message that fits; waited for."""
    async with asyncio.timeout(20):
        while True:
            for message in channel.history(viewer=viewer):
                if fits(message):
                    return message
            await asyncio.sleep(0.05)


def tells(*texts: str) -> Callable[[discord.Message], bool]:
    return lambda message: all(text in message.content for text in texts)


def black() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (640, 360), "black").save(out, "PNG")
    return out.getvalue()


def answer(result: InteractionResult) -> str:
    """An answer's text, with that of its embeds."""
    assert result.response is not None
    parts = [result.response.content]
    for embed in result.response.embeds:
        parts += [embed.title or "", embed.description or ""]
        parts += [f"{field.name} {field.value}" for field in embed.fields]
    return "\n".join(parts)


async def card_in_review(world: World, who: MemberActor) -> discord.Message:
    return await seen(world.school.review, who, tells(SCHOOL_PROMPT))


async def status_seen(world: World) -> str:
    return answer(await world.people[OLIVIA].slash(world.channel, "owner status"))


async def test_videos_are_under_way_and_others_wait_when_the_page_opens() -> None:
    async with a_demo(seconds_per_video=60) as runtime:
        await seed_world(runtime.world)
        newest = runtime.world.channel.last_message
        assert newest is not None
        assert "Welcome" in newest.content
        await runtime.provider.until(lambda: runtime.provider.active == SLOTS)
        queued = f"queued: {len(CROWD) + 1 - SLOTS}"
        async with asyncio.timeout(20):
            # the series has its turn a moment after it is confirmed
            while queued not in (status := await status_seen(runtime.world)):
                await asyncio.sleep(0.05)
        assert "waiting for a moderator: 1" in status
        own = answer(await runtime.world.people[NOAH].slash(runtime.world.channel, "video list"))
        assert all(prompt in own for prompt in CROWD)


async def test_a_series_is_under_way_and_a_panel_offers_a_template() -> None:
    async with a_demo(seconds_per_video=60) as runtime:
        world = runtime.world
        await begin_series(world)
        await seen(world.series, None, tells("Making shot 1 of 3", *SERIES))
        await offer_template(world)
        panel = await seen(world.templates, None, tells(TEMPLATE_NAME))
        mia = world.people[MIA]
        form = await mia.click(panel, label="Make mine")
        made = await mia.submit_modal(form, {"text": "two snails race"})
        assert "On its way" in answer(made)


async def test_a_request_at_the_school_is_submitted_after_approval() -> None:
    async with a_demo() as runtime:
        world = runtime.world
        await set_up_school(world)
        sam = world.school.people[SAM]
        card = await card_in_review(world, sam)
        assert not runtime.provider.creates
        await sam.click(card, label="Approve")
        posted = await seen(world.school.projects, None, lambda message: message.attachments)
        assert posted.raw_mentions == [world.people[NOAH].id]


async def test_a_rejected_member_finds_the_reason_in_their_direct_messages() -> None:
    clock = HopClock()
    async with a_demo(clock=clock) as runtime:
        world = runtime.world
        await set_up_school(world)
        sam = world.school.people[SAM]
        form = await sam.click(await card_in_review(world, sam), label="Reject")
        await sam.submit_modal(form, {"reason": ["rules"], "note": "not this week"})
        clock.ahead_ms += UNDO_MS
        (letters,) = [room for room in world.rooms if room.slug == "dm-noah"]
        told = await seen(letters.channel, None, lambda message: message.content)
        assert "not this week" in told.content
        assert not runtime.provider.creates


async def test_a_black_picture_is_flagged_and_nothing_is_paid() -> None:
    async with a_demo() as runtime:
        world = runtime.world
        picture = ("night.png", black())
        mia = world.people[MIA]
        await mia.slash(world.channel, "video create", prompt="a cat at night", image1=picture)
        await seen(world.channel, None, tells("A moderator needs to check one of your files"))
        await set_up_school(world)
        await world.school.people[MIA].slash(
            world.school.projects, "video create", prompt="a dog at night", image1=picture
        )
        card = await seen(world.school.review, world.school.people[SAM], tells("a dog at night"))
        assert "black" in card.content
        assert not [create for create in runtime.provider.creates if "night" in str(create.body)]


async def test_a_manager_sees_the_settings_and_a_member_is_not_offered_them() -> None:
    async with a_demo() as runtime:
        school = runtime.world.school
        await set_up_school(runtime.world)
        shown = answer(await school.people[GRACE].slash(school.projects, "videoadmin settings"))
        assert school.review.mention in shown
        assert school.log.mention in shown
        with pytest.raises(SetupError, match="not visible"):
            await school.people[MIA].slash(school.projects, "videoadmin settings")


async def test_the_owner_pauses_the_bot_and_nobody_else_may() -> None:
    async with a_demo() as runtime:
        world = runtime.world
        await world.people[OLIVIA].slash(world.channel, "owner pause")
        status = answer(await world.people[OLIVIA].slash(world.channel, "owner status"))
        assert "Paused since" in status
        with pytest.raises(SetupError, match="No application command"):
            await world.school.people[OLIVIA].slash(world.school.projects, "owner status")
        with pytest.raises(SetupError, match="not visible to this user"):
            await world.people[SAM].slash(world.channel, "owner resume")


async def test_trigger_words_make_the_provider_refuse_with_a_notice() -> None:
    async with a_demo() as runtime:
        world = runtime.world
        for word in ("Trademark", "celebrity"):
            await world.member.slash(world.channel, "video create", prompt=f"a {word} in snow")
        for word, why in (("Trademark", "a brand"), ("celebrity", "real person")):
            told = await seen(world.channel, None, tells("couldn't be made.", word))
            assert why in told.content
            assert told.raw_mentions == [world.member.id]


async def test_a_word_in_the_prompt_loses_the_answer_and_the_owner_is_shown_it() -> None:
    async with a_demo() as runtime:
        world = runtime.world
        await world.member.slash(world.channel, "video create", prompt="a city in a blackout")
        await seen(world.channel, None, tells("ncertain"))
        listed = await world.people[OLIVIA].slash(world.channel, "owner uncertain")
        assert world.member.mention in answer(listed)
        assert len(runtime.provider.creates) == 1


async def test_a_member_whose_discord_is_in_chinese_is_answered_in_chinese() -> None:
    async with a_demo(seconds_per_video=60) as runtime:
        world = runtime.world
        lin, mia = world.people[LIN], world.people[MIA]
        asked = await lin.slash(world.channel, "video create", prompt="一只猫")
        assert "已提交" in answer(asked)
        assert "On its way" in answer(
            await mia.slash(world.channel, "video create", prompt="a cat")
        )
        offered = {
            who: {
                command["name"]: command["description"]
                for command in runtime.env.backend.visible_commands(
                    user_id=who.id, channel_id=world.channel.id
                )
            }
            for who in (lin, mia)
        }
        assert offered[lin].keys() == offered[mia].keys()
        assert offered[lin]["quota"] != offered[mia]["quota"]
        assert not offered[lin]["quota"].isascii()


def test_refusals_come_quickly_and_the_crowd_takes_its_time() -> None:
    slowest = max(pace({"prompt": "a cat"}) for _ in range(50))
    assert all(pace({"prompt": f"a {word}"}) < 10 for word in REFUSALS)
    assert all(pace({"prompt": prompt}) > slowest for prompt in CROWD)
    assert pace({"prompt": f"a {LOST[0]}"}) <= 20
