"""Forms that were opened before a restart are answered after it, from their custom_id."""

import pytest

from bot.demo.provider.faults import CallName, Drop
from storage.records import Request, State
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Message, Upload


async def post(bot_env: BotEnv) -> tuple[Message, Request]:
    await (await bot_env.create()).wait_shown()
    request = await bot_env.until_state(State.POSTED)
    await bot_env.discord.wait_for(lambda: bool(bot_env.videos()))
    return bot_env.videos()[0], request


@on_sqlite
@pytest.mark.parametrize("label", ["Edit", "Continue"])
async def test_a_followup_form_is_submitted_after_a_restart(bot_env: BotEnv, label: str) -> None:
    async with bot_env.running():
        video, _ = await post(bot_env)
        form = await (await bot_env.discord.click(video, label, bot_env.alice)).wait_answered()
    async with bot_env.running():
        await (await bot_env.discord.submit(form, {"Prompt": "and then"})).wait_shown()
        await bot_env.until_state(State.POSTED, number=1)
    assert bot_env.provider.creates[1].body["prompt"] == "and then"


@on_sqlite
async def test_a_correction_form_is_submitted_after_a_restart(bot_env: BotEnv) -> None:
    async with bot_env.running():
        options = {"prompt": "x", "image1": Upload("red.png", picture(colour="red"))}
        refused = await bot_env.discord.slash(
            bot_env.guild,
            bot_env.channel,
            bot_env.alice,
            "video create",
            {**options, "ratio": "21:9"},
        )
        refusal = await refused.wait_shown()
        form = await (await bot_env.discord.click(refusal, "Edit", bot_env.alice)).wait_answered()
    async with bot_env.running():
        await (await bot_env.discord.submit(form, {"Ratio": "1:1"})).wait_shown()
        await bot_env.until_state(State.POSTED)
    assert bot_env.provider.creates[0].body["ratio"] == "1:1"


@on_sqlite
async def test_a_report_form_is_submitted_after_a_restart(bot_env: BotEnv) -> None:
    bob = bot_env.discord.add_user("bob")
    async with bot_env.running():
        video, _ = await post(bot_env)
        form = await bot_env.discord.menu(
            bot_env.guild, bot_env.channel, bob, "Report video", video
        )
        await form.wait_answered()
    async with bot_env.running():
        sent = await bot_env.discord.submit(form, {"Reason": "not nice"})
        assert "reported" in (await sent.wait_shown()).content


@on_sqlite
async def test_a_task_id_form_is_submitted_after_a_restart(bot_env: BotEnv) -> None:
    bot_env.settings = bot_env.settings.model_copy(update={"owner_guild_id": bot_env.guild.id})
    owner = bot_env.discord.world.owner
    bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
    async with bot_env.running():
        await (await bot_env.create()).wait_shown()
        request = await bot_env.until_state(State.UNCERTAIN)
        listed = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, owner, "owner uncertain"
        )
        page = await listed.wait_shown()
        form = await (await bot_env.discord.click(page, "It ran", owner)).wait_answered()
    async with bot_env.running():
        values = {f"Task id of {request.id}": next(iter(bot_env.provider.tasks))}
        sent = await bot_env.discord.submit(form, values)
        assert "being tracked" in (await sent.wait_shown()).content
        await bot_env.until_state(State.POSTED)
    assert len(bot_env.provider.creates) == 1
