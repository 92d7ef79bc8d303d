"""Shards of the recording Discord: what it refuses, and who hears of what."""

from contextlib import AsyncExitStack
from typing import Any

import aiohttp
import pytest

from tests.support.discord.http.gateway import DISPATCH, IDENTIFY, INVALID_SESSION
from tests.support.discord.http.server import DiscordServer
from tests.support.discord.http.sharding import INVALID_SHARD, SHARDING_REQUIRED, Sharding

GUILDS = 1


async def identify(
    stack: AsyncExitStack, server: DiscordServer, shard: tuple[int, int]
) -> aiohttp.ClientWebSocketResponse:
    """A connection on which a shard has identified; nothing is read but HELLO."""
    session = await stack.enter_async_context(aiohttp.ClientSession())
    socket = await session.ws_connect(f"{server.gateway_url}?v=10&encoding=json")
    await socket.receive_json(timeout=5)
    data = {"token": server.token, "intents": GUILDS, "shard": list(shard), "properties": {}}
    await socket.send_json({"op": IDENTIFY, "d": data})
    return socket


async def events(socket: aiohttp.ClientWebSocketResponse, number: int) -> list[dict[str, Any]]:
    return [await socket.receive_json(timeout=5) for _ in range(number)]


async def test_a_hasty_identify_invalidates_the_session(server: DiscordServer) -> None:
    server.gateway.sharding = Sharding(4, max_concurrency=2, identify_s=60)
    async with AsyncExitStack() as stack:
        first, other_bucket, hasty = [
            await events(await identify(stack, server, (number, 4)), 1) for number in (0, 1, 2)
        ]
    assert first[0]["t"] == other_bucket[0]["t"] == "READY"
    assert (hasty[0]["op"], hasty[0]["d"]) == (INVALID_SESSION, False)
    assert [shard for shard, _ in server.gateway.sharding.hasty] == [2]


@pytest.mark.parametrize(("shard", "code"), [((4, 4), INVALID_SHARD), ((0, 1), SHARDING_REQUIRED)])
async def test_a_shard_that_cannot_be_is_closed(
    server: DiscordServer, shard: tuple[int, int], code: int
) -> None:
    server.gateway.sharding = Sharding(4, required=2)
    async with AsyncExitStack() as stack:
        socket = await identify(stack, server, shard)
        await socket.receive(timeout=5)
        assert socket.close_code == code


async def test_each_shard_hears_of_its_own_servers_and_shard_0_of_none(
    server: DiscordServer,
) -> None:
    guilds = [server.add_guild(f"On {number}", shard=(number, 2)) for number in range(2)]
    assert [(guild.id >> 22) % 2 for guild in guilds] == [0, 1]
    async with AsyncExitStack() as stack:
        sockets = [await identify(stack, server, (number, 2)) for number in range(2)]
        for number, socket in enumerate(sockets):
            ready, created = await events(socket, 2)
            assert ready["d"]["shard"] == [number, 2]
            assert [each["id"] for each in ready["d"]["guilds"]] == [str(guilds[number].id)]
            assert created["d"]["id"] == str(guilds[number].id)
        await server.gateway.push("TO_ONE", {}, guild_id=guilds[1].id)
        await server.gateway.push("TO_NONE", {})
        await server.gateway.push("TO_OTHER", {}, guild_id=guilds[0].id)
        heard = [await events(sockets[0], 2), await events(sockets[1], 1)]
    assert [[each["t"] for each in shard] for shard in heard] == [
        ["TO_NONE", "TO_OTHER"],
        ["TO_ONE"],
    ]
    assert {each["op"] for shard in heard for each in shard} == {DISPATCH}
