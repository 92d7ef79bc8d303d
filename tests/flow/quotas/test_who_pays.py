"""Quotas hold against members who make their videos undeliverable."""

from typing import Any

from bot.demo.provider.faults import TaskPlan
from storage.quotas.ledger_records import Account
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.flow.quotas.test_quotas import differences, used
from tests.support.discord.records import Channel, ChannelType, Permission


def hideout(flow: Flow, number: int) -> Channel:
    """A private thread from which its member can remove the bot."""
    bot_env = flow.bot_env
    return bot_env.discord.add_channel(
        bot_env.guild,
        f"hideout-{number}",
        parent_id=bot_env.channel.id,
        type=ChannelType.PRIVATE_THREAD,
    )


async def ask_and_take_the_bot_out(flow: Flow, number: int) -> bool:
    """Ask in a private thread and take the bot out of it; False when nothing was taken."""
    bot_env = flow.bot_env
    thread = hideout(flow, number)
    before = len(await bot_env.requests())
    bot_env.hold_tasks()
    asked = await bot_env.create(channel=thread)
    await asked.wait_shown()
    if len(await bot_env.requests()) == before:
        return False
    await flow.until_state(State.RUNNING, number=before)
    await flow.until_quiet()
    thread.bot_permissions &= ~Permission.VIEW_CHANNEL
    flow.bot_env.let_tasks_end()
    ended = await flow.until_state(State.FAILED, number=before)
    assert ended.failure == "undeliverable"
    return True


async def test_what_its_member_made_undeliverable_counts_and_soon_no_more_is_made(
    flow: Flow,
) -> None:
    bot_env = flow.bot_env
    bot_env.alice.takes_messages = False
    limits: dict[str, Any] = {
        "user_daily_videos": 2,
        "server_daily_videos": 3,
        "bot_daily_videos": 3,
    }
    async with flow.running(**limits):
        taken = [await ask_and_take_the_bot_out(flow, number) for number in range(4)]
        assert taken == [True, True, False, False]
        told = await (await bot_env.create()).wait_shown()
        assert "You have used 2 of your 2" in told.content
    assert len(bot_env.provider.creates) == 2
    assert (await used(bot_env, Account.COUNT)).videos == 2
    assert await differences(bot_env) == []


async def test_what_was_billed_counts_for_server_and_bot_although_its_member_gets_it_back(
    flow: Flow,
) -> None:
    bot_env = flow.bot_env
    bob = bot_env.discord.add_user("bob")
    async with flow.running(user_daily_videos=9, server_daily_videos=3, bot_daily_videos=9):
        for number in range(3):
            bot_env.provider.faults.next_task(TaskPlan(fails_with="[SY_ERR:5000] failed"))
            await bot_env.create()
            await flow.until_state(State.FAILED, number=number)
        assert (await used(bot_env, Account.COUNT)).videos == 0
        for who in (bot_env.alice, bob):
            refused = await (await bot_env.create(who)).wait_shown()
            assert "3" in refused.content
        assert len(bot_env.provider.creates) == 3
    assert await differences(bot_env) == []
