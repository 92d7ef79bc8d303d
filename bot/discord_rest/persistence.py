"""Tries the log-in, and what else a start needs of Discord, until Discord is there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

import aiohttp
import discord

from bot.discord_rest.errors import UNREADABLE

logger = logging.getLogger(__name__)

LOGIN_BACKOFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Waits before what a start needs is tried again."""
TRANSIENT: Final = (
    discord.HTTPException,
    discord.GatewayNotFound,
    discord.RateLimited,
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    *UNREADABLE,
)
"""What a call to Discord raises while Discord can't be reached, or a proxy answers for it."""


async def persist(
    act: Callable[[], Awaitable[None]],
    stop: asyncio.Event,
    sleep: Callable[[float], Awaitable[None]],
) -> bool:
    """Act until it succeeds; False if told to stop meanwhile, which cancels an act."""
    attempt = 0
    while not stop.is_set():
        try:
            return await _unless(stop, act())
        except TRANSIENT as error:
            wait_s = LOGIN_BACKOFF_S[min(attempt, len(LOGIN_BACKOFF_S) - 1)]
            attempt += 1
            logger.warning(
                "Discord can't be reached, trying again",
                extra={"action": "client.login", "wait_s": wait_s, "error": repr(error)},
            )
        await _unless(stop, sleep(wait_s))
    return False


async def _unless(stop: asyncio.Event, act: Awaitable[None]) -> bool:
    """Wait for an act; False, and it is cancelled, if told to stop before its end."""
    acting, stopping = asyncio.ensure_future(act), asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({acting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if acting.done():
            await acting
            return True
        return False
    finally:
        for task in (acting, stopping):
            task.cancel()
        await asyncio.gather(acting, stopping, return_exceptions=True)
