"""Tries the log-in, and what else a start needs of Discord, until Discord is there."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Coroutine
from typing import Any, Final

import aiohttp
import discord

from bot.discord_rest.errors import UNREADABLE

logger = logging.getLogger(__name__)

LOGIN_BACKOFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
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


async def persist(act: Callable[[], Coroutine[Any, Any, None]], stop: asyncio.Event) -> bool:
    """Act until it succeeds; False if told to stop meanwhile, which cancels an act."""
    attempt = 0
    while not stop.is_set():
        try:
            if not await _act_unless(stop, act()):
                return False
        except TRANSIENT as error:
            wait_s = LOGIN_BACKOFF_S[min(attempt, len(LOGIN_BACKOFF_S) - 1)]
            attempt += 1
            logger.warning(
                "Discord can't be reached, trying again",
                extra={"action": "client.login", "wait_s": wait_s, "error": repr(error)},
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), wait_s)
        else:
            return True
    return False


async def _act_unless(stop: asyncio.Event, act: Coroutine[Any, Any, None]) -> bool:
    """Do it; False, and it is cancelled, if told to stop before its end."""
    acting, stopping = asyncio.create_task(act), asyncio.create_task(stop.wait())
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
