"""Calls to Discord that would wait long, as the metrics count them."""

import asyncio
from collections.abc import Callable

import aiohttp
import discord
import discord.http
import pytest

from bot.discord_rest import pacing
from bot.metrics import Metrics
from tests.media.web import Answer, Host
from tests.support.patience import PATIENCE_S


async def test_a_limit_that_is_not_waited_out_is_counted_once() -> None:
    metrics, trace = Metrics(), pacing.trace(pacing.GlobalLimit())
    metrics.watch_discord(trace)
    limited = Answer(429, body=b'{"retry_after": 60, "global": false}')
    async with (
        Host(lambda _: limited) as host,
        aiohttp.ClientSession(trace_configs=[trace]) as session,
    ):
        with pytest.raises(discord.RateLimited):
            async with pacing.in_time(30):
                await session.get(host.url())
    counted = [
        line
        for line in metrics.exposition().decode().splitlines()
        if line.startswith("video_bot_discord_calls_total{")
    ]
    assert counted == ['video_bot_discord_calls_total{method="GET",outcome="throttled"} 1.0']


@pytest.mark.parametrize("with_limit", [True, False])
async def test_a_global_limit_ends_although_the_call_that_met_it_was_given_up(
    with_limit: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """discord.py would hold up every later call for good."""
    monkeypatch.setattr(pacing, "LONGEST_S", 1.5)
    limited = Answer(
        429,
        body=b'{"retry_after": 1.5, "global": true}',
        headers={"Content-Type": "application/json", "Via": "1.1 edge"},
    )
    answers = list[Answer]()
    fine = Answer(200, body=b"{}", headers={"Content-Type": "application/json"})
    async with Host(lambda _: answers.pop() if answers else fine) as host:
        monkeypatch.setattr(discord.http.Route, "BASE", host.url("").rstrip("/"))
        limit = pacing.GlobalLimit()
        client = discord.Client(intents=discord.Intents.none(), http_trace=pacing.trace(limit))
        async with client:
            await client.http.static_login("token")
            client.http._global_over = limit
            answers.append(limited)
            first = asyncio.create_task(_ask(client, 30 if with_limit else 0))
            await _until(lambda: not limit.is_set())
            if not with_limit:
                # whoever gives it up while it sleeps
                first.cancel()
            outcome = (await asyncio.gather(first, return_exceptions=True))[0]
            assert isinstance(outcome, discord.RateLimited) is with_limit
            async with asyncio.timeout(PATIENCE_S):
                assert await _ask(client, 0) == {}


async def _ask(client: discord.Client, within_s: float) -> object:
    if not within_s:
        return await client.http.request(discord.http.Route("GET", "/gateway"))
    async with pacing.in_time(within_s):
        return await client.http.request(discord.http.Route("GET", "/gateway"))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while not holds():
            await asyncio.sleep(0.01)
