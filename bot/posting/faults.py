"""What Discord's refusals mean for a message: the one place that knows its status and error codes.

Source: Discord's documentation, “Opcodes and Status Codes”, the JSON error codes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import aiohttp
import discord

from bot.desk.errors import (
    DeliveryError,
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)
from bot.posting.pacing import in_time

Doing = Literal["send", "change", "read"]

UNKNOWN_MESSAGE: Final = 10008
ENTITY_TOO_LARGE: Final = 40005
EDGE_REFUSED: Final = 40333
"""Discord's edge turned the call away before it saw what it was about."""

_PLACE_GONE: Final = frozenset(
    {
        10003,  # unknown channel
        10004,  # unknown guild
        10013,  # unknown user
        50001,  # missing access
        50007,  # cannot send messages to this user
        50008,  # cannot send messages in this channel
        50013,  # missing permissions
        50024,  # not for this channel type
        50083,  # thread is archived
        50278,  # no mutual guilds with this user
        160005,  # thread is locked
    }
)
_LATER: Final = frozenset({20016, 20022, 20028, 30046, 40004, 130000, 40333})
"""Slow mode, write and edit limits, sending switched off for a while, overloaded."""


@asynccontextmanager
async def discord_faults(doing: Doing, timeout_s: float) -> AsyncIterator[None]:
    """Bound a call in time and turn what Discord and the network raise into DeliveryErrors."""
    try:
        async with in_time(timeout_s):
            yield
    except discord.RateLimited as error:
        raise DiscordUnavailable("rate limited", retry_after_s=error.retry_after) from error
    except discord.HTTPException as error:
        raise delivery_error(error, doing) from error
    except (aiohttp.ClientError, TimeoutError, OSError, discord.DiscordException) as error:
        # whether it arrived is unknown; the same nonce and the marker see to that
        raise DiscordUnavailable(type(error).__name__) from error


def delivery_error(error: discord.HTTPException, doing: Doing) -> DeliveryError:
    """The class of a refusal, by status and code alone."""
    said = f"HTTP {error.status}, code {error.code}"
    if error.status == 413 or error.code == ENTITY_TOO_LARGE:
        return FileTooLarge(said)
    if error.status in (401, 408, 429) or error.status >= 500 or error.code in _LATER:
        return DiscordUnavailable(said, retry_after_s=_retry_after_s(error))
    if error.code == UNKNOWN_MESSAGE:
        return MessageGone(said)
    if error.status == 403:
        # a place that can't be read may have the message all the same
        return HistoryClosed(said) if doing == "read" else PlaceGone(said)
    if error.status == 404 or error.code in _PLACE_GONE:
        return PlaceGone(said)
    return DeliveryRefused(said)


def _retry_after_s(error: discord.HTTPException) -> float | None:
    headers = getattr(error.response, "headers", None)
    try:
        return float(headers["Retry-After"]) if headers is not None else None
    except (KeyError, ValueError):
        return None
