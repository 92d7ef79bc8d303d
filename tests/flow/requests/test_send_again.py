"""What is sent again after its count came back counts anew, or is refused with the reason."""

from typing import Any

from storage.quotas.ledger_records import Account
from storage.records import OutboxState, State
from tests.flow.fast_forward import Flow
from tests.flow.operations.owned import Owned, sums
from tests.flow.quotas.test_quotas import differences
from tests.support.discord.interactions import text_of

HOUR_MS = 60 * 60 * 1000


def owned_by_staff(flow: Flow) -> Owned:
    """The environment with its owner's own server, before the bot starts."""
    bot_env = flow.bot_env
    guild = bot_env.discord.add_guild("Staff")
    channel = bot_env.discord.add_channel(guild, "desk")
    bot_env.settings = bot_env.settings.model_copy(update={"owner_guild_id": guild.id})
    return Owned(bot_env, guild, channel, bot_env.discord.world.owner)


async def lost_for_a_day(flow: Flow, owned: Owned) -> str:
    """One request whose answer was lost, 25 hours later: its count has come back."""
    (row,) = await owned.lose()
    await flow.until_quiet()
    flow.hop(25 * HOUR_MS)

    async def has_expired() -> bool:
        return await sums(flow.bot_env, row) == {Account.COUNT: 0, Account.COST: 1}

    await flow.bot_env.until_so(has_expired)
    return row.id


async def send_again(owned: Owned, request_id: str) -> str:
    """Choose it, confirm, and read the answer."""
    sure = await (await owned.click(await owned.chosen([request_id]), "Send again")).wait_shown()
    return text_of(await (await owned.click(sure, "Confirm")).wait_shown())


async def test_what_is_sent_again_after_a_day_counts_as_if_asked_for_now(flow: Flow) -> None:
    owned, bot_env = owned_by_staff(flow), flow.bot_env
    async with flow.running(user_daily_videos=1):
        request_id = await lost_for_a_day(flow, owned)
        assert "queued to be sent again" in await send_again(owned, request_id)
        await flow.until_state(State.POSTED)
        (row,) = await bot_env.requests()
        assert await sums(bot_env, row) == {Account.COUNT: 1, Account.COST: 1}
        refused = await (await bot_env.create()).wait_shown()
        assert "You have used 1 of your 1" in refused.content
    assert len(bot_env.provider.creates) == 2
    assert await differences(bot_env) == []


async def test_where_a_ceiling_leaves_no_room_it_stays_uncertain_and_says_why(flow: Flow) -> None:
    owned, bot_env = owned_by_staff(flow), flow.bot_env
    limits: dict[str, Any] = {"user_daily_videos": 5, "server_daily_videos": 1}
    async with flow.running(**limits):
        request_id = await lost_for_a_day(flow, owned)
        await bot_env.create()
        await flow.until_state(State.POSTED, number=1)
        told = await send_again(owned, request_id)
        assert "stays uncertain" in told
        assert "1" in told
        row = await bot_env.request()
        assert row.state is State.UNCERTAIN
        assert await sums(bot_env, row) == {Account.COUNT: 0, Account.COST: 1}
        assert len(bot_env.provider.creates) == 2
    assert await differences(bot_env) == []
    assert all(post.state is not OutboxState.PENDING for post in await bot_env.messages(request_id))
