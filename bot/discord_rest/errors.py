"""Maps Discord's HTTP status and error codes to DeliveryErrors.

Only a JSON body with one of Discord's codes decides about a message. Any other answer, such as a
proxy's HTML page with 403 or 404, counts as an outage and is retried.

Source: Discord's documentation, “Opcodes and Status Codes”, the JSON error codes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import aiohttp
import discord

from bot.discord_rest.pacing import TURN_S, in_time
from bot.errors import (
    ChangeRefused,
    DeliveryError,
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)

Doing = Literal["send", "change", "read"]

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_GUILD: Final = 10004
UNKNOWN_MESSAGE: Final = 10008
LOWEST_CODE: Final = 10_000
"""Discord's codes begin here; 0 is what discord.py reads from a body that is not Discord's."""
ENTITY_TOO_LARGE: Final = 40005
THREAD_ARCHIVED: Final = 50083
EDGE_REFUSED: Final = 40333
"""Discord's edge rejected the call before it reached the API."""

UNREADABLE: Final = (AttributeError, IndexError, KeyError, TypeError, ValueError)
"""What discord.py fails with on a page that a proxy sent with status 200."""

_PLACE_GONE: Final = frozenset(
    {
        UNKNOWN_CHANNEL,
        UNKNOWN_GUILD,
        10013,  # unknown user
        50001,  # missing access
        50007,  # cannot send messages to this user
        50008,  # cannot send messages in this channel
        50013,  # missing permissions
        50024,  # not for this channel type
        THREAD_ARCHIVED,
        50278,  # no mutual guilds with this user
        160005,  # thread is locked
    }
)
_LATER: Final = frozenset({20016, 20022, 20028, 30046, 40004, 130000, 40333})
"""Slow mode, write and edit limits, sending switched off for a while, overloaded."""


@asynccontextmanager
async def discord_faults(
    doing: Doing, timeout_s: float, *, turn_s: float = TURN_S
) -> AsyncIterator[None]:
    """Bound a call in time and turn what Discord and the network raise into DeliveryErrors."""
    try:
        async with in_time(timeout_s, turn_s):
            yield
    except discord.RateLimited as error:
        raise DiscordUnavailable("rate limited", retry_after_s=error.retry_after) from error
    except discord.HTTPException as error:
        raise delivery_error(error, doing) from error
    except (aiohttp.ClientError, TimeoutError, OSError, discord.DiscordException) as error:
        # whether it arrived is unknown; nonce and marker prevent a second copy
        raise DiscordUnavailable(type(error).__name__) from error
    except UNREADABLE as error:
        raise DiscordUnavailable(f"unreadable answer: {type(error).__name__}") from error


def delivery_error(error: discord.HTTPException, doing: Doing) -> DeliveryError:
    """The error class of a refusal, by status and code alone.

    Changing a sent message only fails for good when the message or its channel is gone; any other
    obstacle, such as an archived thread, may be temporary.
    """
    said = f"HTTP {error.status}, code {error.code}"
    if error.code == ENTITY_TOO_LARGE or (error.status == 413 and _is_json(error)):
        return FileTooLarge(said)
    is_outage = error.status in (401, 408, 429) or error.status >= 500 or error.code in _LATER
    if is_outage or error.code < LOWEST_CODE:
        return DiscordUnavailable(said, retry_after_s=_retry_after_s(error))
    if error.code == UNKNOWN_MESSAGE:
        return MessageGone(said)
    if error.status == 403 and doing == "read":
        # an unreadable channel may contain the message all the same
        return HistoryClosed(said)
    if doing == "change" and error.code != UNKNOWN_CHANNEL:
        return ChangeRefused(said) if error.code in _PLACE_GONE else DeliveryRefused(said)
    return PlaceGone(said) if error.code in _PLACE_GONE else DeliveryRefused(said)


def _is_json(error: discord.HTTPException) -> bool:
    headers = getattr(error.response, "headers", None) or {}
    return str(headers.get("Content-Type", "")).startswith("application/json")


def _retry_after_s(error: discord.HTTPException) -> float | None:
    headers = getattr(error.response, "headers", None)
    try:
        return float(headers["Retry-After"]) if headers is not None else None
    except (KeyError, ValueError):
        return None
