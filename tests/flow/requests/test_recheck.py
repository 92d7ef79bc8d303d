"""Settings hold at the deed: what waits is looked at again when its turn comes."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from bot.services.server_settings import change_settings
from bot.worker.context import WorkerContext
from bot.worker.inputs.upload import PinnedInputs, upload_inputs
from storage.moderation import blocks
from storage.moderation.blocks import Block
from storage.quotas.ledger_records import Account, Usage
from storage.records import Request, State
from tests.flow.fast_forward import Flow
from tests.flow.quotas.test_quotas import configure, differences, used
from tests.support.dialects import on_sqlite, on_sqlite_and

Change = Callable[[Flow], Awaitable[None]]


async def bot_is_removed(flow: Flow) -> None:
    await flow.bot_env.discord.remove_bot(flow.bot_env.guild)
    await flow.bot_env.until_so(lambda: _has_left(flow))


async def member_is_blocked(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with bot_env.database.transaction() as tx:
        await blocks.put(tx, Block(bot_env.guild.id, bot_env.alice.id, 1, "spam", flow.clock()))


async def channel_is_closed(flow: Flow) -> None:
    await configure(flow.bot_env, channels=[1])


async def model_is_closed(flow: Flow) -> None:
    await configure(flow.bot_env, models=["seedance2.0-sp"])


CHANGES: dict[str, Change] = {
    "not-served": bot_is_removed,
    "blocked": member_is_blocked,
    "channel-closed": channel_is_closed,
    "model-closed": model_is_closed,
}


@asynccontextmanager
async def one_runs_and_one_waits(flow: Flow) -> AsyncIterator[None]:
    """Bob's video in another server holds the one slot, Alice's waits for it."""
    bot_env = flow.bot_env
    elsewhere = bot_env.discord.add_guild("Elsewhere")
    room = bot_env.discord.add_channel(elsewhere, "room")
    bob = bot_env.discord.add_user("bob")
    async with flow.running(seedance_max_active=1):
        bot_env.hold_tasks()
        await bot_env.discord.slash(
            elsewhere, room, bob, "video create", {"prompt": "a boat", "duration": 4}
        )
        await flow.until_state(State.RUNNING)
        await bot_env.create()
        await bot_env.until(lambda rows: len(rows) == 2 and rows[1].prepared_at_ms > 0)
        await flow.until_quiet()
        yield


async def ended_unpaid(flow: Flow, word: str) -> Request:
    """Wait until the one that waited has failed for this, and make sure that it cost nothing."""
    request = await flow.until_state(State.FAILED, number=1)
    assert request.failure == word
    assert [create.body["prompt"] for create in flow.bot_env.provider.tasks.values()] == ["a boat"]
    for account in Account:
        assert await used(flow.bot_env, account) == Usage()
    assert await differences(flow.bot_env) == []
    return request


@on_sqlite_and("word", list(CHANGES), postgres={"blocked"})
async def test_what_is_not_allowed_any_more_is_not_sent_and_told(flow: Flow, word: str) -> None:
    bot_env = flow.bot_env
    async with one_runs_and_one_waits(flow):
        await CHANGES[word](flow)
        flow.bot_env.let_tasks_end()
        request = await ended_unpaid(flow, word)
        told = await flow.until_told(
            lambda message: (
                f"`{request.id}`" in message.content and bot_env.alice.id in message.pinged
            )
        )
    assert "it wasn't made" in told.content


@on_sqlite
async def test_a_server_taken_out_of_the_list_has_nothing_paid_for(flow: Flow) -> None:
    async with one_runs_and_one_waits(flow):
        pass
    elsewhere = next(row.guild_id for row in await flow.bot_env.requests())
    async with flow.running(seedance_max_active=1, allowed_guilds=(elsewhere,)):
        flow.bot_env.let_tasks_end()
        await ended_unpaid(flow, "not-served")


@on_sqlite
async def test_a_server_that_removed_the_bot_while_it_was_away_has_nothing_paid_for(
    flow: Flow,
) -> None:
    async with one_runs_and_one_waits(flow):
        pass
    await flow.bot_env.discord.remove_bot(flow.bot_env.guild)
    async with flow.running(seedance_max_active=1):
        await flow.bot_env.until_so(lambda: _has_left(flow))
        flow.bot_env.let_tasks_end()
        await ended_unpaid(flow, "not-served")


async def _has_left(flow: Flow) -> bool:
    async with flow.bot_env.database.reading() as tx:
        return await tx.fetch_one("SELECT 1 AS x FROM servers WHERE left_at_ms > 0") is not None


@on_sqlite
async def test_a_server_that_invites_the_bot_again_is_served_again(flow: Flow) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await bot_env.discord.remove_bot(bot_env.guild)
        await bot_env.until_so(lambda: _has_left(flow))
        bot_env.discord.world.guilds[bot_env.guild.id] = bot_env.guild
        bot_env.channel.bot_permissions = ~0
        await bot_env.discord.announce(bot_env.guild)

        async def is_back() -> bool:
            return not await _has_left(flow)

        await bot_env.until_so(is_back)
        await bot_env.create()
        await flow.until_state(State.POSTED)


@on_sqlite
async def test_what_was_forbidden_in_the_last_moment_is_not_sent(
    flow: Flow, monkeypatch: pytest.MonkeyPatch
) -> None:
    bot_env = flow.bot_env

    async def and_then_forbid(parts: WorkerContext, pinned: PinnedInputs) -> list[str]:
        urls = await upload_inputs(parts, pinned)
        async with bot_env.database.transaction() as tx:
            await change_settings(tx, bot_env.guild.id, channels=[1])
        return urls

    monkeypatch.setattr("bot.worker.pipeline.submit.upload_inputs", and_then_forbid)
    async with flow.running():
        await bot_env.create()
        request = await flow.until_state(State.FAILED)
    assert request.failure == "channel-closed"
    assert not bot_env.provider.creates
