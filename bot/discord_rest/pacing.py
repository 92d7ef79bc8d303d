"""Bounds rate-limit waits: a call that would wait long raises RateLimited instead.

discord.py sleeps through a rate limit inside the call. Whoever calls from a limited number of slots
cannot afford that: the message gets a later due time, and the slot is another's.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord

TURN_S: Final = 6.0
"""The longest wait in a channel's queue of calls; a channel allows five in 5 s."""
SLEPT_THROUGH_S: Final = 1.0
"""A shorter wait that Discord asks for is slept through."""


class _Deadline:
    """A call's deadline: first for the queue, then from its first request for the call itself."""

    def __init__(self, timeout: asyncio.Timeout, ends_at_s: float) -> None:
        self._timeout = timeout
        self._ends_at_s = ends_at_s

    def begin(self) -> None:
        """Start the call's own deadline: it has left the queue."""
        self._timeout.reschedule(self._ends_at_s)


_patience: ContextVar[_Deadline | None] = ContextVar("patience", default=None)


@asynccontextmanager
async def in_time(timeout_s: float, turn_s: float = TURN_S) -> AsyncIterator[None]:
    """Bound calls to Discord in time; made with `trace`, they raise rather than sleep.

    `turn_s` is the longest time before the first request begins.

    Raises: TimeoutError, discord.RateLimited.
    """
    ends_at_s = asyncio.get_running_loop().time() + timeout_s
    async with asyncio.timeout(min(turn_s, timeout_s)) as timeout:
        token = _patience.set(_Deadline(timeout, ends_at_s))
        try:
            yield
        finally:
            _patience.reset(token)


def trace() -> aiohttp.TraceConfig:
    """What discord.py's session must carry (`http_trace`) for `in_time` to hold."""
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_begin)
    config.on_request_end.append(_end)
    return config


async def _begin(
    _: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestStartParams
) -> None:
    patience = _patience.get()
    if patience is not None:
        patience.begin()


async def _end(
    _: aiohttp.ClientSession, __: SimpleNamespace, params: aiohttp.TraceRequestEndParams
) -> None:
    """Leave a global limit to discord.py, which pauses every call for it."""
    response = params.response
    if response.status != 429 or _patience.get() is None:
        return
    retry_after_s = _asked_for_s(await response.read())
    if retry_after_s > SLEPT_THROUGH_S:
        response.close()
        raise discord.RateLimited(retry_after_s)


def _asked_for_s(body: bytes) -> float:
    """Seconds Discord asks this route to wait; 0 for a global limit or another server's answer.

    The body is more precise than the headers, and an edge in between has none of this form.
    """
    try:
        told = json.loads(body)
        return 0.0 if told.get("global") else float(told["retry_after"])
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0
