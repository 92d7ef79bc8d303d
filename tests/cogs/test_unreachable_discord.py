"""A Discord that limits, hangs, answers nonsense or can't be connected to while the bot starts."""

import asyncio
import logging

import discord
import pytest

from bot.app import open_app
from bot.discord_rest import pacing
from bot.gateway import CONNECT_BACKOFF_S
from bot.ui.command_sync import RETRY_S
from tests.cogs.conftest import Scene
from tests.support.patience import PATIENCE_S

LOG_IN = "GET /users/@me"
APPLICATION = "GET /oauth2/applications/@me"
GATEWAY = "GET /gateway/bot"
GET_COMMANDS = "GET /applications/{application_id}/commands"
PUT_COMMANDS = "PUT /applications/{application_id}/commands"
RECURSION = 1_000
"""discord.py's own way of trying again ends before it has done so this often."""


@pytest.mark.parametrize("retry_after_s", [30.0, 432.0])
async def test_a_rate_limit_on_registering_commands_does_not_hold_up_the_start(
    scene: Scene, retry_after_s: float
) -> None:
    async with scene.running():
        pass
    # another one than the bot has, so that it registers its own
    commands = scene.discord.world.commands[0]
    commands.append(commands[0] | {"id": str(scene.discord.world.new_id()), "name": "old"})
    scene.discord.fail(PUT_COMMANDS, times=None, status=429, retry_after_s=retry_after_s)
    async with scene.running():
        asked = await scene.use("video help")
        assert "How it works" in asked.text
        assert len(scene.discord.calls(LOG_IN)) == 2
        assert len(scene.discord.calls(PUT_COMMANDS)) == 2


async def test_registration_is_tried_again_when_discord_says(scene: Scene) -> None:
    scene.discord.fail(PUT_COMMANDS, times=1, status=503)
    scene.discord.fail(PUT_COMMANDS, times=1, status=429, retry_after_s=1.5)
    waits_s: list[float] = []

    async def noted(seconds: float) -> None:
        waits_s.append(seconds)
        await asyncio.sleep(0)

    async with scene.running(sleep=noted):
        await scene.discord.wait_for(lambda: len(scene.discord.calls(PUT_COMMANDS)) == 3)
        await scene.discord.wait_for(lambda: bool(scene.discord.world.commands.get(0)))
        assert waits_s == [RETRY_S[0], 1.5]
        assert len(scene.discord.calls(LOG_IN)) == 1


async def test_what_discord_refuses_for_good_is_not_tried_again(scene: Scene) -> None:
    scene.discord.fail(PUT_COMMANDS, times=None, status=403, code=50001)
    async with scene.running():
        await scene.discord.quiet()
        assert len(scene.discord.calls(PUT_COMMANDS)) == 1


@pytest.mark.parametrize("route", [LOG_IN, APPLICATION, GATEWAY, GET_COMMANDS, PUT_COMMANDS])
async def test_a_page_instead_of_an_answer_does_not_end_the_start(scene: Scene, route: str) -> None:
    if route == GET_COMMANDS:
        async with scene.running():
            pass
    scene.discord.fail(route, times=1, status=200, raw=b"<html>Sign in to this network</html>")
    before = len(scene.discord.calls(PUT_COMMANDS))
    async with scene.running() as bot:
        await scene.discord.wait_for(lambda: len(scene.discord.calls(PUT_COMMANDS)) > before)
        async with asyncio.timeout(PATIENCE_S):
            while bot.services.texts.command_mention("video help").startswith("`"):
                await asyncio.sleep(0.02)
        asked = await scene.use("video help")
    assert "How it works" in asked.text


@pytest.mark.parametrize(
    ("route", "has_gateway"), [(LOG_IN, True), (GATEWAY, True), (LOG_IN, False)]
)
async def test_a_start_that_discord_lets_hang_can_be_stopped(
    scene: Scene, route: str, has_gateway: bool
) -> None:
    answer, stop = asyncio.Event(), asyncio.Event()
    scene.discord.fail(route, times=None, status=503, release=answer)
    async with open_app(scene.settings, clock=scene.clock) as app:
        serve = app.bot.serve if has_gateway else app.bot.serve_rest
        task = asyncio.create_task(serve(scene.discord.token, stop))
        try:
            await scene.discord.wait_for(lambda: bool(scene.discord.calls(route)))
            stop.set()
            await asyncio.wait_for(asyncio.shield(task), PATIENCE_S)
        finally:
            answer.set()
            task.cancel()


async def test_a_gateway_that_is_long_away_is_connected_to_at_last(
    scene: Scene, caplog: pytest.LogCaptureFixture
) -> None:
    gateway, stop = scene.discord.gateway, asyncio.Event()
    gateway.is_down = True
    waits_s = set[float]()

    async def no_rest(seconds: float) -> None:
        waits_s.add(seconds)
        await asyncio.sleep(0)

    async with open_app(scene.settings, clock=scene.clock, sleep=no_rest) as app:
        task = asyncio.create_task(app.bot.serve(scene.discord.token, stop))
        try:
            await scene.discord.wait_for(lambda: gateway.refused > RECURSION, PATIENCE_S)
            gateway.is_down = False
            await scene.discord.wait_ready_unless(task)
        finally:
            stop.set()
            await task
    logged = [each for each in caplog.records if each.levelno >= logging.WARNING]
    tries = [each for each in logged if each.getMessage() == "A shard can't connect, trying again"]
    assert len(tries) == gateway.refused
    assert waits_s == set(CONNECT_BACKOFF_S)
    assert max(waits_s) <= 60
    assert not [each for each in logged if each.exc_info]


async def test_a_lost_shard_never_waits_longer_than_a_minute(scene: Scene) -> None:
    async with scene.running() as bot:
        (shard,) = bot._AutoShardedClient__shards.values()  # type: ignore[attr-defined]
        waits_s = [shard._backoff.delay() for _ in range(500)]
    assert max(waits_s[-100:]) > 10
    assert max(waits_s) <= 60


async def test_a_limit_of_all_calls_ends_although_the_call_that_met_it_was_given_up(
    scene: Scene,
) -> None:
    """discord.py, asleep in that call, would hold up every later one for good."""
    async with scene.running() as bot:
        scene.discord.fail(APPLICATION, status=429, retry_after_s=1.5, is_global=True)
        first = asyncio.create_task(bot.application_info())
        await scene.discord.wait_for(lambda: any(each.fault for each in scene.discord.calls()))
        async with asyncio.timeout(PATIENCE_S):
            while bot.http._global_over.is_set():
                await asyncio.sleep(0)
        first.cancel()
        async with asyncio.timeout(PATIENCE_S):
            await bot.application_info()
        limited, later = scene.discord.calls(APPLICATION)[-2:]
    assert later.at - limited.answered_at >= 1.4


async def test_a_call_that_must_end_in_time_leaves_a_limit_of_all_calls_to_the_others(
    scene: Scene,
) -> None:
    async with scene.running() as bot:
        scene.discord.fail(APPLICATION, status=429, retry_after_s=1.5, is_global=True)
        with pytest.raises(discord.RateLimited):
            async with pacing.in_time(30):
                await bot.application_info()
        await bot.application_info()
        limited, later = scene.discord.calls(APPLICATION)[-2:]
    assert later.at - limited.answered_at >= 1.4
