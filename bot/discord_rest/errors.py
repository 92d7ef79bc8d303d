"""What Discord's refusals mean for a message: the one place that knows its status and error codes.

Only Discord's own word moves a message: a JSON body with one of its codes. Whatever else answers,
such as a proxy's page of HTML with 403 or 404, is an outage in the way, and is tried again.

Source: Discord's documentation, “Opcodes and Status Codes”, the JSON error codes.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, Literal

import aiohttp
import discord

from bot.discord_rest.pacing import in_time
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
"""Discord's edge turned the call away before it saw what it was about."""

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
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        # discord.py stumbles over a page that somebody else sent with 200
        raise DiscordUnavailable(f"unreadable answer: {type(error).__name__}") from error


def delivery_error(error: discord.HTTPException, doing: Doing) -> DeliveryError:
    """The class of a refusal, by status and code alone.

    A change of a message that is there comes to an end with the message or its channel; whatever
    else stands in its way, such as an archived thread, may be over later.
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
        # a place that can't be read may have the message all the same
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
