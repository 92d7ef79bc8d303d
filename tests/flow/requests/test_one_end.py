"""One end is one message: what a channel keeps, and what each button says of a request by now."""

import re

import pytest

from bot.demo.provider.faults import CallName, Drop, TaskPlan
from bot.services.operations.circuit_breaker import PAUSED
from storage.operations import key_values
from storage.records import State
from tests.flow.delivery.test_delivery_faults import nearly_ready, result
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import on_sqlite
from tests.support.discord.http.server import SEND
from tests.support.discord.records import MEMBER_PERMISSIONS, Message, Permission

_CARD = re.compile(r"-# `[a-z0-9]+` · ")


async def left_in_channel(flow: Flow) -> list[Message]:
    """What stands in the channel once everything was said and no card is left."""
    house = flow.house
    await flow.until_quiet()
    await house.discord.wait_for(
        lambda: not any(_CARD.search(m.content) for m in house.discord.messages()), 20
    )
    await house.discord.quiet()
    return house.discord.messages(house.channel)


@pytest.mark.parametrize("end", ["failed", "uncertain"])
async def test_an_end_is_told_in_one_message_and_the_card_goes(flow: Flow, end: str) -> None:
    house = flow.house
    async with flow.running():
        if end == "failed":
            house.provider.faults.next_task(TaskPlan(fails_with="no"))
        else:
            house.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        await house.create()
        request = await flow.until_state(State(end))
        await house.discord.wait_for(
            lambda: [m.pinged for m in house.discord.messages(house.channel)] == [{house.alice.id}],
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
    house = flow.house
    async with nearly_ready(flow):
        house.discord.fail(SEND, times=2, **fault)
        for task in house.provider.tasks.values():
            task.plan = TaskPlan(fails_with="no")
        await flow.until_state(State.FAILED)
        await house.discord.wait_for(lambda: len(house.discord.messages()) > 0)
        (message,) = await left_in_channel(flow)
    assert message.pinged == {house.alice.id}


@pytest.mark.parametrize("way", ["button", "command"])
async def test_who_cancels_has_the_private_answer_alone(flow: Flow, way: str) -> None:
    house = flow.house
    async with nearly_ready(flow):
        (card,) = house.discord.messages(house.channel)
        request = await house.request()
        if way == "button":
            pressed = await house.discord.click(card, "Cancel", house.alice)
        else:
            pressed = await house.discord.slash(
                house.guild, house.channel, house.alice, "video cancel", {"id": request.id}
            )
        answer = await pressed.wait_shown()
        await flow.until_state(State.CANCELLED)
        await house.discord.wait_for(lambda: not house.discord.messages(), 20)
        await house.discord.quiet()
    assert answer.is_ephemeral
    assert request.id in answer.content
    assert len(house.discord.calls(SEND)) == 1
    assert not house.discord.messages()


@on_sqlite
async def test_what_a_moderator_cancels_is_told_to_its_requester(flow: Flow) -> None:
    house = flow.house
    boss = house.discord.add_user("boss")
    house.discord.world.add_member(
        house.guild, boss, MEMBER_PERMISSIONS | Permission.MANAGE_MESSAGES
    )
    async with nearly_ready(flow):
        (card,) = house.discord.messages(house.channel)
        await (await house.discord.click(card, "Cancel", boss)).wait_shown()
        (message,) = await left_in_channel(flow)
    assert message.pinged == {house.alice.id}
    assert "a moderator cancelled" in message.content


async def _pause(flow: Flow) -> None:
    async with flow.house.database.transaction() as tx:
        await key_values.set(tx, PAUSED, "1", flow.clock())


@on_sqlite
async def test_while_the_bot_is_paused_the_answer_says_so(flow: Flow) -> None:
    async with flow.running():
        await _pause(flow)
        answer = await (await flow.house.create()).wait_shown()
    assert "Paused" in answer.content
    assert "On its way" not in answer.content


@on_sqlite
async def test_a_second_press_says_what_became_of_the_first(flow: Flow) -> None:
    house = flow.house
    async with flow.running():
        await _pause(flow)
        refusal = await (await house.create(ratio="21:9", duration=5)).wait_shown()
        use = next(
            part["label"]
            for row in refusal.components
            for part in row["components"]
            if part["label"].startswith("Use ")
        )
        first = await (await house.discord.click(refusal, use, house.alice)).wait_shown()
        request = await house.request()
        await house.discord.slash(
            house.guild, house.channel, house.alice, "video cancel", {"id": request.id}
        )
        await flow.until_state(State.CANCELLED)
        second = await (await house.discord.click(refusal, use, house.alice)).wait_shown()
    assert request.id in first.content
    assert "On its way" not in second.content
    assert "cancelled" in second.content
    assert len(await house.requests()) == 1


@on_sqlite
async def test_made_in_is_the_providers_time(flow: Flow) -> None:
    house = flow.house
    async with flow.running():
        await _pause(flow)
        await house.create()
        await flow.house.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        flow.hop(15 * 60_000)
        async with house.database.transaction() as tx:
            await key_values.delete(tx, PAUSED)
        await flow.until_state(State.POSTED)
        message = await result(flow)
    assert "made in" in message.content
    assert "15 min" not in message.content
