"""Forms that were opened before a restart are answered after it, from their custom_id."""

import pytest

from bot.demo.provider.faults import CallName, Drop
from storage.records import Request, State
from tests.support.bot_env import House, picture
from tests.support.discord.records import Message, Upload

ONE_DATABASE = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


async def post(house: House) -> tuple[Message, Request]:
    await (await house.create()).wait_shown()
    request = await house.until_state(State.POSTED)
    await house.discord.wait_for(lambda: bool(house.videos()))
    return house.videos()[0], request


@ONE_DATABASE
@pytest.mark.parametrize("label", ["Edit", "Continue"])
async def test_a_followup_form_is_submitted_after_a_restart(house: House, label: str) -> None:
    async with house.running():
        video, _ = await post(house)
        form = await (await house.discord.click(video, label, house.alice)).wait_answered()
    async with house.running():
        await (await house.discord.submit(form, {"Prompt": "and then"})).wait_shown()
        await house.until_state(State.POSTED, number=1)
    assert house.provider.creates[1].body["prompt"] == "and then"


@ONE_DATABASE
async def test_a_correction_form_is_submitted_after_a_restart(house: House) -> None:
    async with house.running():
        options = {"prompt": "x", "image1": Upload("red.png", picture(colour="red"))}
        refused = await house.discord.slash(
            house.guild, house.channel, house.alice, "video create", {**options, "ratio": "21:9"}
        )
        refusal = await refused.wait_shown()
        form = await (await house.discord.click(refusal, "Edit", house.alice)).wait_answered()
    async with house.running():
        await (await house.discord.submit(form, {"Ratio": "1:1"})).wait_shown()
        await house.until_state(State.POSTED)
    assert house.provider.creates[0].body["ratio"] == "1:1"


@ONE_DATABASE
async def test_a_report_form_is_submitted_after_a_restart(house: House) -> None:
    bob = house.discord.add_user("bob")
    async with house.running():
        video, _ = await post(house)
        form = await house.discord.menu(house.guild, house.channel, bob, "Report video", video)
        await form.wait_answered()
    async with house.running():
        sent = await house.discord.submit(form, {"Reason": "not nice"})
        assert "reported" in (await sent.wait_shown()).content


@ONE_DATABASE
async def test_a_task_id_form_is_submitted_after_a_restart(house: House) -> None:
    house.settings = house.settings.model_copy(update={"owner_guild_id": house.guild.id})
    owner = house.discord.world.owner
    house.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
    async with house.running():
        await (await house.create()).wait_shown()
        request = await house.until_state(State.UNCERTAIN)
        listed = await house.discord.slash(house.guild, house.channel, owner, "owner uncertain")
        page = await listed.wait_shown()
        form = await (await house.discord.click(page, "It ran", owner)).wait_answered()
    async with house.running():
        values = {f"Task id of {request.id}": next(iter(house.provider.tasks))}
        sent = await house.discord.submit(form, values)
        assert "being tracked" in (await sent.wait_shown()).content
        await house.until_state(State.POSTED)
    assert len(house.provider.creates) == 1
