"""Calls to Discord that would wait long, as the metrics count them."""

import aiohttp
import discord
import discord.http
import pytest

from bot.discord_rest import pacing
from bot.metrics import Metrics
from tests.media.web import Answer, Host


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
