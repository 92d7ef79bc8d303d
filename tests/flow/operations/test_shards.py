"""Several gateways with a part of the shards each, on one PostgreSQL."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot.app import App
from bot.client import DiscordRefused
from bot.services.operations.gateways import ShardsView, read_shards_view
from bot.shards import shard_of
from bot.web.status import NOT_CONNECTED
from storage.records import Request
from storage.servers import servers
from tests.support.bot_env import BotEnv, open_bot_env
from tests.support.discord.http.sharding import SHARDING_REQUIRED, Sharding
from tests.support.discord.records import Guild
from tests.support.patience import PATIENCE_S
from tests.web.test_server import free_port

PUT_COMMANDS = "PUT /applications/{application_id}/commands"
TOTAL = 4


@pytest.fixture(params=["postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """PostgreSQL only: SQLite supports one process."""
    return str(request.param)


@pytest.fixture
async def shared(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    async with open_bot_env(database_url, tmp_path) as bot_env:
        bot_env.pace_ms = 1_000
        bot_env.discord.gateway.sharding = Sharding(TOTAL, 2, identify_s=0.8, required=TOTAL)
        yield bot_env


def guilds_on_each_shard(bot_env: BotEnv) -> list[Guild]:
    """A server for each shard, each with a channel."""
    discord = bot_env.discord
    found = [discord.add_guild(f"On {n}", shard=(n, TOTAL)) for n in range(TOTAL)]
    for guild in found:
        discord.add_channel(guild, "general")
    return found


async def ask(bot_env: BotEnv, guild: Guild) -> None:
    """`/video create` in a server; returns once it is answered."""
    (channel,) = guild.channels.values()
    options = {"prompt": f"a fox in {guild.name}", "duration": 4}
    asked = await bot_env.discord.slash(guild, channel, bot_env.alice, "video create", options)
    await asked.wait_shown()


async def asked_for(bot_env: BotEnv, guild: Guild) -> list[Request]:
    return [row for row in await bot_env.requests() if row.guild_id == guild.id]


async def shards_view(bot_env: BotEnv) -> ShardsView:
    async with bot_env.database.reading() as tx:
        return await read_shards_view(tx, bot_env.clock())


async def ready(port: int) -> tuple[int, dict[str, str], str]:
    """`/readyz`: status, shards, and the gateway's check."""
    url = f"http://127.0.0.1:{port}/readyz"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        body: dict[str, Any] = await response.json()
        return response.status, body["shards"], body["checks"]["gateway"]


async def until_shard(app: App, shard: int, *, is_up: bool) -> None:
    async with asyncio.timeout(20):
        while app.bot.shard_states()[shard].is_up != is_up:
            await asyncio.sleep(0.02)


def dispatched(bot_env: BotEnv, event: str) -> list[int]:
    """The shards whose sessions were sent such an event."""
    sessions = bot_env.discord.gateway.sessions.values()
    return [each.shard[0] for each in sessions for sent in each.events if sent[1] == event]


async def test_two_gateways_share_the_shards_and_one_that_is_down_stops_no_other(
    shared: BotEnv,
) -> None:
    shared.knows_commands = False
    discord, guilds = shared.discord, guilds_on_each_shard(shared)
    ports = free_port(), free_port()
    async with AsyncExitStack() as stack:
        high = await stack.enter_async_context(
            shared.running("gateway", shards="2-3/4", http_port=ports[1])
        )
        assert not discord.calls(PUT_COMMANDS)
        low = await stack.enter_async_context(
            shared.running("gateway", shards="0-1/4", http_port=ports[0])
        )
        await discord.wait_ready(TOTAL)
        assert not discord.gateway.sharding.hasty
        assert len(discord.calls(PUT_COMMANDS)) == 1
        for guild in guilds:
            await ask(shared, guild)
            assert len(await asked_for(shared, guild)) == 1
        assert sorted(dispatched(shared, "INTERACTION_CREATE")) == list(range(TOTAL))
        own = [{shard_of(guild.id, TOTAL) for guild in app.bot.guilds} for app in (low, high)]
        assert own == [{0, 1}, {2, 3}]
        # the ids of commands that the other registered
        async with asyncio.timeout(PATIENCE_S):
            while high.bot.services.texts.command_mention("video create").startswith("`"):
                await asyncio.sleep(0.02)

        await discord.gateway.cut_shard(1)
        await until_shard(low, 1, is_up=False)
        assert (await ready(ports[0]))[1:] == ({"0": "ok", "1": NOT_CONNECTED}, "ok")
        assert (await ready(ports[1]))[1:] == ({"2": "ok", "3": "ok"}, "ok")
        for guild in (guilds[0], guilds[2]):
            await ask(shared, guild)
        for app in (low, high):
            await app.heartbeat.beat()
        view = await shards_view(shared)
        assert (view.total, list(view.down), view.missing) == (TOTAL, [1], ())

        discord.gateway.down_shards.clear()
        await until_shard(low, 1, is_up=True)
        await ask(shared, guilds[1])
        await low.heartbeat.beat()
        assert (await shards_view(shared)).connected == TOTAL
        assert not discord.gateway.sharding.hasty
        # no shard takes another's servers for ones that have removed the bot
        async with shared.database.reading() as tx:
            assert not [each for each in await servers.every(tx) if each.left_at_ms]
    assert not (await shards_view(shared)).gateways


async def test_a_rate_limit_on_reading_the_commands_does_not_end_their_learning(
    shared: BotEnv, caplog: pytest.LogCaptureFixture
) -> None:
    route = "GET /applications/{application_id}/commands"
    shared.discord.fail(route, times=None, status=429, retry_after_s=432.0)
    async with shared.running("gateway", shards="2-3/4"), asyncio.timeout(PATIENCE_S):
        while not (waiting := [each for each in caplog.records if "wait_s" in vars(each)]):
            await asyncio.sleep(0.02)
    assert [vars(each)["wait_s"] for each in waiting] == [432.0]
    assert len(shared.discord.calls(route)) == 1


async def test_while_shards_are_renumbered_each_interaction_makes_one_request(
    shared: BotEnv,
) -> None:
    discord, guilds = shared.discord, guilds_on_each_shard(shared)
    discord.gateway.sharding.required = 1
    async with AsyncExitStack() as new, AsyncExitStack() as old:
        await old.enter_async_context(shared.running("gateway", shards="0-1/2"))
        await discord.wait_ready(2)
        await ask(shared, guilds[3])
        await new.enter_async_context(shared.running("gateway", shards="0-1/4"))
        await new.enter_async_context(shared.running("gateway", shards="2-3/4"))
        await discord.wait_ready(TOTAL + 2)
        for guild in guilds:
            await ask(shared, guild)
        assert len(dispatched(shared, "INTERACTION_CREATE")) == 2 * TOTAL + 1
        await old.aclose()
        for guild in guilds:
            await ask(shared, guild)
        await discord.quiet()
        counts = [len(await asked_for(shared, guild)) for guild in guilds]
        assert counts == [2, 2, 2, 3]
    assert not discord.gateway.sharding.hasty


async def test_without_a_setting_one_process_takes_what_discord_recommends(
    shared: BotEnv,
) -> None:
    async with shared.running("gateway") as app:
        await shared.discord.wait_ready(TOTAL)
        assert list(app.bot.shard_states()) == list(range(TOTAL))
    assert not shared.discord.gateway.sharding.hasty


async def test_a_session_that_is_gone_is_begun_anew_at_discords_pace(shared: BotEnv) -> None:
    discord, guilds = shared.discord, guilds_on_each_shard(shared)
    async with shared.running("gateway") as app:
        await discord.wait_ready(TOTAL)
        del discord.world.guilds[guilds[2].id]
        await discord.gateway.disconnect(forgets=True)
        await discord.wait_ready(TOTAL, timeout_s=30)
        await until_shard(app, 2, is_up=True)
        known = {guild.id for guild in app.bot.guilds}
    assert len(discord.gateway.sharding.identified) == 2 * TOTAL
    assert not discord.gateway.sharding.hasty
    assert known >= {guilds[0].id, guilds[1].id, guilds[3].id}
    assert guilds[2].id not in known


@pytest.mark.parametrize("is_outage", [False, True])
async def test_a_lost_connection_is_resumed_without_identifying(
    shared: BotEnv, is_outage: bool
) -> None:
    discord = shared.discord
    async with shared.running("gateway"):
        await discord.wait_ready(TOTAL)
        if is_outage:
            discord.gateway.is_down = True
            await discord.gateway.disconnect()
            await discord.wait_for(lambda: discord.gateway.refused >= TOTAL)
            discord.gateway.is_down = False
        else:
            await discord.gateway.ask_to_reconnect()
        await discord.wait_for(lambda: discord.gateway.resumed == TOTAL, 30)
    assert len(discord.gateway.sharding.identified) == TOTAL


async def test_too_few_shards_end_the_start_with_what_to_do(shared: BotEnv) -> None:
    with pytest.raises(ExceptionGroup) as ended:
        async with shared.running("gateway", shards="0-1/2"):
            pass
    (refused,) = ended.value.exceptions
    assert isinstance(refused, DiscordRefused)
    assert f"code {SHARDING_REQUIRED}" in str(refused)
    assert "SHARDS=0-1/2 has too small a total" in str(refused)
