"""Faults, rate limits and the gateway of the recording Discord."""

import asyncio

import aiohttp
import discord
import pytest

from tests.support.discord.http.faults import Fault
from tests.support.discord.http.rates import Rates
from tests.support.discord.http.server import SEND, DiscordServer
from tests.support.discord.records import Call
from tests.support_test.conftest import Scene


async def _log_in(scene: Scene) -> discord.PartialMessageable:
    await scene.bot.login(scene.discord.token)
    return scene.bot.get_partial_messageable(scene.channel.id)


async def test_a_fault_before_the_effect_leaves_nothing(scene: Scene) -> None:
    channel = await _log_in(scene)
    scene.discord.fail(SEND, status=503)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("hello")
    assert scene.discord.messages() == []
    await channel.send("hello")
    assert [call.status for call in scene.discord.calls(SEND)] == [503, 200]
    assert [call.fault for call in scene.discord.calls(SEND)] == ["503", ""]


async def test_a_fault_after_the_effect_leaves_the_message(scene: Scene) -> None:
    channel = await _log_in(scene)
    scene.discord.fail(SEND, status=503, after_effect=True)
    with pytest.raises(discord.DiscordServerError):
        await channel.send("hello", nonce="v-1")
    assert len(scene.discord.messages()) == 1
    await channel.send("hello", nonce="v-1")
    assert len(scene.discord.messages()) == 1


@pytest.mark.parametrize("after_effect", [False, True])
async def test_a_dropped_connection_is_a_reset(scene: Scene, after_effect: bool) -> None:
    channel = await _log_in(scene)
    scene.discord.fail(SEND, drop=True, after_effect=after_effect)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("hello")
    assert len(scene.discord.messages()) == int(after_effect)
    assert scene.discord.calls(SEND)[0].status == 0


async def test_a_response_can_be_truncated_or_garbage(scene: Scene) -> None:
    channel = await _log_in(scene)
    scene.discord.fail(SEND, truncate=True)
    with pytest.raises(aiohttp.ClientError):
        await channel.send("hello")
    scene.discord.fail(SEND, raw=b"<html>", status=403)
    with pytest.raises(discord.Forbidden):
        await channel.send("hello")
    assert len(scene.discord.messages()) == 1


async def test_a_delayed_call_continues_when_released(scene: Scene) -> None:
    channel = await _log_in(scene)
    release = asyncio.Event()
    scene.discord.fail(SEND, release=release)
    sending = asyncio.create_task(channel.send("hello"))
    await scene.discord.wait_for(lambda: bool(scene.discord.calls(SEND)))
    assert scene.discord.messages() == []
    release.set()
    await sending
    assert len(scene.discord.messages()) == 1


async def test_a_client_that_waits_after_429_succeeds(scene: Scene) -> None:
    channel = await _log_in(scene)
    scene.discord.fail(SEND, status=429, retry_after_s=0.01)
    await channel.send("hello")
    assert [call.status for call in scene.discord.calls(SEND)] == [429, 200]


async def test_a_chooser_decides_about_every_call(scene: Scene) -> None:
    channel = await _log_in(scene)

    def choose(call: Call) -> Fault | None:
        return Fault(status=400, code=1) if call.json is None and call.route == SEND else None

    scene.discord.faults.chooser = choose
    with pytest.raises(discord.HTTPException):
        await channel.send("hello")
    scene.discord.faults.clear()
    await channel.send("hello")


async def test_rate_limits_hold_where_they_are_wanted() -> None:
    async with DiscordServer(rates=Rates(per_place=(2, 30.0))) as server:
        channel = server.add_channel(server.add_guild("Home"), "general")
        url = f"{server.api_url}/channels/{channel.id}/messages"
        headers = {"Authorization": f"Bot {server.token}"}
        async with aiohttp.ClientSession(headers=headers) as session:
            answers = [await session.post(url, json={"content": "x"}) for _ in range(3)]
            assert [answer.status for answer in answers] == [200, 200, 429]
            assert answers[1].headers["X-RateLimit-Remaining"] == "0"
            body = await answers[2].json()
            assert 0 < body["retry_after"] <= 30
        assert server.rates.refused == 1


async def test_a_cut_session_resumes_and_misses_nothing(scene: Scene) -> None:
    @scene.bot.tree.command()
    async def ping(interaction: discord.Interaction) -> None:
        """Say pong."""
        await interaction.response.send_message("pong")

    await scene.start()
    session = scene.discord.gateway.ready()[0]
    await scene.discord.gateway.disconnect(4000)
    await scene.discord.wait_for(lambda: session.connection is None)
    asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "ping")
    assert asked.sent_at == 0
    await asked.wait_answered(5)
    assert scene.discord.gateway.resumed == 1
    assert scene.discord.gateway.identified == 1


async def test_a_session_that_is_asked_to_reconnect_resumes(scene: Scene) -> None:
    await scene.start()
    await scene.discord.gateway.ask_to_reconnect()
    await scene.discord.wait_for(lambda: scene.discord.gateway.resumed == 1)
    assert scene.discord.gateway.identified == 1


async def test_a_returning_server_keeps_its_data(scene: Scene) -> None:
    channel = await _log_in(scene)
    await channel.send("before")
    port = scene.discord.api_url
    await scene.discord.stop()
    with pytest.raises(aiohttp.ClientError):
        await channel.send("lost")
    await scene.discord.start()
    assert scene.discord.api_url == port
    await channel.send("after")
    assert [m.content for m in scene.discord.messages()] == ["before", "after"]


async def test_two_gateways_on_one_token_both_hear(scene: Scene) -> None:
    await scene.start()
    url = f"{scene.discord.gateway_url}?v=10&encoding=json"
    async with aiohttp.ClientSession() as session, session.ws_connect(url) as socket:
        assert (await socket.receive_json())["op"] == 10
        identity = {"token": scene.discord.token, "intents": 1, "properties": {}}
        await socket.send_json({"op": 2, "d": identity})
        assert [(await socket.receive_json())["t"] for _ in range(2)] == ["READY", "GUILD_CREATE"]
        await scene.discord.wait_ready(2)
        await socket.send_json({"op": 1, "d": 2})
        assert (await socket.receive_json())["op"] == 11

        @scene.bot.tree.command()
        async def ping(interaction: discord.Interaction) -> None:
            """Say pong."""
            await interaction.response.send_message("pong")

        await scene.bot.sync()
        asked = await scene.discord.slash(scene.guild, scene.channel, scene.alice, "ping")
        await asked.wait_shown()
        heard = await socket.receive_json()
        assert (heard["t"], heard["d"]["id"]) == ("INTERACTION_CREATE", str(asked.id))
