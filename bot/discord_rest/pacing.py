"""Bounds rate-limit waits: a call that would wait long raises RateLimited instead.

discord.py sleeps through a rate limit inside the call. Whoever calls from a limited number of slots
cannot afford that: the message gets a later due time, and the slot is another's.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial
from types import SimpleNamespace
from typing import Final

import aiohttp
import discord

TURN_S: Final = 6.0
"""The longest wait in a channel's queue of calls; a channel allows five in 5 s."""
SLEPT_THROUGH_S: Final = 1.0
"""A shorter wait that Discord asks for is slept through."""
LONGEST_S: Final = 60.0
"""discord.py raises RateLimited where Discord asks for a longer wait."""


class GlobalLimit(asyncio.Event):
    """Set while Discord's limit of all calls is not reached; takes the place of discord.py's event.

    discord.py clears it, sleeps inside the call that met the limit, and sets it again: a call that
    is cancelled in its sleep would stop all others for good. This one ends each pause by itself.
    """

    def __init__(self) -> None:
        super().__init__()
        self.set()
        self._end: asyncio.TimerHandle | None = None

    def pause(self, seconds: float) -> None:
        """Hold all calls for so long, at most for `LONGEST_S`."""
        if self._end is not None:
            self._end.cancel()
        super().clear()
        self._end = asyncio.get_running_loop().call_later(min(seconds, LONGEST_S), self.set)

    def clear(self) -> None:
        """What discord.py calls before it sleeps: `trace` has paused for as long already."""
        if self.is_set():
            self.pause(LONGEST_S)


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


def trace(limit: GlobalLimit) -> aiohttp.TraceConfig:
    """What discord.py's session must carry (`http_trace`) for `in_time` to hold.

    `limit` must be its client's `_global_over`.
    """
    config = aiohttp.TraceConfig()
    config.on_request_start.append(_begin)
    config.on_request_end.append(partial(_end, limit))
    return config


async def _begin(
    _: aiohttp.ClientSession, __: SimpleNamespace, ___: aiohttp.TraceRequestStartParams
) -> None:
    patience = _patience.get()
    if patience is not None:
        patience.begin()


async def _end(
    limit: GlobalLimit,
    _: aiohttp.ClientSession,
    __: SimpleNamespace,
    params: aiohttp.TraceRequestEndParams,
) -> None:
    """Raise rather than wait; a limit of all calls holds the others up meanwhile."""
    response = params.response
    if response.status != 429:
        return
    retry_after_s, is_global = _asked_for(await response.read())
    if is_global:
        limit.pause(retry_after_s)
    if retry_after_s > SLEPT_THROUGH_S and _patience.get() is not None:
        response.close()
        raise discord.RateLimited(retry_after_s)


def _asked_for(body: bytes) -> tuple[float, bool]:
    """Seconds Discord asks for, and whether of all calls; 0 for another server's answer.

    The body is more precise than the headers, and an edge in between has none of this form.
    """
    try:
        told = json.loads(body)
        return float(told["retry_after"]), bool(told.get("global"))
    except (ValueError, TypeError, KeyError, AttributeError):
        return 0.0, False
