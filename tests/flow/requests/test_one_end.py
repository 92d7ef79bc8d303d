"""One end is one message: what a channel keeps, and what each button says of a request by now."""

import re

import pytest

from bot.demo.provider.faults import CallName, Drop, TaskPlan
from bot.services.operations.circuit_breaker import PAUSED
from storage.operations import key_values
from storage.records import State
from tests.flow.delivery.test_delivery_faults import nearly_ready, result
from tests.flow.fast_forward import Flow
from tests.support.dialects import on_sqlite
from tests.support.discord.http.server import SEND
from tests.support.discord.records import MEMBER_PERMISSIONS, Message, Permission

_CARD = re.compile(r"-# `[a-z0-9]+` · ")


async def left_in_channel(flow: Flow) -> list[Message]:
    """What stands in the channel once everything was said and no card is left."""
    bot_env = flow.bot_env
    await flow.until_quiet()
    await bot_env.discord.wait_for(
        lambda: not any(_CARD.search(m.content) for m in bot_env.discord.messages()), 20
    )
    await bot_env.discord.quiet()
    return bot_env.discord.messages(bot_env.channel)


@pytest.mark.parametrize("end", ["failed", "uncertain"])
async def test_an_end_is_told_in_one_message_and_the_card_goes(flow: Flow, end: str) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        if end == "failed":
            bot_env.provider.faults.next_task(TaskPlan(fails_with="no"))
        else:
            bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        await bot_env.create()
        request = await flow.until_state(State(end))
        await bot_env.discord.wait_for(
            lambda: (
                [m.pinged for m in bot_env.discord.messages(bot_env.channel)]
                == [{bot_env.alice.id}]
            ),
            20,
        )
        (message,) = await left_in_channel(flow)
    assert request.id in message.content
    assert message.content.count("lighthouse") <= 1


@on_sqlite
@pytest.mark.parametrize("fault", [{"status": 503}, {"drop": True, "after_effect": True}])
async def test_the_news_is_told_once_whatever_discord_answers(
    flow: Flow, fault: dict[str, object]
) -> None:
    bot_env = flow.bot_env
    async with nearly_ready(flow):
        bot_env.discord.fail(SEND, times=2, **fault)
        for task in bot_env.provider.tasks.values():
            task.plan = TaskPlan(fails_with="no")
        await flow.until_state(State.FAILED)
        await bot_env.discord.wait_for(lambda: len(bot_env.discord.messages()) > 0)
        (message,) = await left_in_channel(flow)
    assert message.pinged == {bot_env.alice.id}


@pytest.mark.parametrize("way", ["button", "command"])
async def test_who_cancels_has_the_private_answer_alone(flow: Flow, way: str) -> None:
    bot_env = flow.bot_env
    async with nearly_ready(flow):
        (card,) = bot_env.discord.messages(bot_env.channel)
        request = await bot_env.request()
        if way == "button":
            pressed = await bot_env.discord.click(card, "Cancel", bot_env.alice)
        else:
            pressed = await bot_env.discord.slash(
                bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": request.id}
            )
        answer = await pressed.wait_shown()
        await flow.until_state(State.CANCELLED)
        await bot_env.discord.wait_for(lambda: not bot_env.discord.messages(), 20)
        await bot_env.discord.quiet()
    assert answer.is_ephemeral
    assert request.id in answer.content
    assert len(bot_env.discord.calls(SEND)) == 1
    assert not bot_env.discord.messages()


@on_sqlite
async def test_what_a_moderator_cancels_is_told_to_its_requester(flow: Flow) -> None:
    bot_env = flow.bot_env
    boss = bot_env.discord.add_user("boss")
    bot_env.discord.world.add_member(
        bot_env.guild, boss, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    async with nearly_ready(flow):
        (card,) = bot_env.discord.messages(bot_env.channel)
        await (await bot_env.discord.click(card, "Cancel", boss)).wait_shown()
        (message,) = await left_in_channel(flow)
    assert message.pinged == {bot_env.alice.id}
    assert "a moderator cancelled" in message.content


async def _pause(flow: Flow) -> None:
    async with flow.bot_env.database.transaction() as tx:
        await key_values.set(tx, PAUSED, "1", flow.clock())


@on_sqlite
async def test_while_the_bot_is_paused_the_answer_says_so(flow: Flow) -> None:
    async with flow.running():
        await _pause(flow)
        answer = await (await flow.bot_env.create()).wait_shown()
    assert "Paused" in answer.content
    assert "On its way" not in answer.content


@on_sqlite
async def test_a_second_press_says_what_became_of_the_first(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await _pause(flow)
        refusal = await (await bot_env.create(ratio="21:9", duration=5)).wait_shown()
        use = next(
            part["label"]
            for row in refusal.components
            for part in row["components"]
            if part["label"].startswith("Use ")
        )
        first = await (await bot_env.discord.click(refusal, use, bot_env.alice)).wait_shown()
        request = await bot_env.request()
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": request.id}
        )
        await flow.until_state(State.CANCELLED)
        second = await (await bot_env.discord.click(refusal, use, bot_env.alice)).wait_shown()
    assert request.id in first.content
    assert "On its way" not in second.content
    assert "cancelled" in second.content
    assert len(await bot_env.requests()) == 1


@on_sqlite
async def test_made_in_is_the_providers_time(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await _pause(flow)
        await bot_env.create()
        await flow.bot_env.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        flow.hop(15 * 60_000)
        async with bot_env.database.transaction() as tx:
            await key_values.delete(tx, PAUSED)
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert "made in" in message.content
    assert "15 min" not in message.content
