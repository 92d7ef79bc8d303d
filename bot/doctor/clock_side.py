"""Clock check: compare this machine's clock with Discord's and the database server's."""

import datetime as dt
import email.utils
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import aiohttp

from bot.doctor.findings import Finding, ok, warning
from bot.provider.client import open_session
from bot.settings import Settings
from storage.engine.clock import read_now_ms
from storage.engine.transaction import Database
from storage.errors import StorageError

DISCORD_API: Final = "https://discord.com/api/v10"
TIMEOUT_S: Final = 10.0
MAX_SKEW_S: Final = 5.0
"""Tolerated skew: the Date header has whole seconds, and responses take time."""


async def check_clock(
    settings: Settings, database: Database | None, *, clock: Callable[[], float] = time.time
) -> AsyncIterator[Finding]:
    """Skips a clock that cannot be read; `clock` returns Unix seconds."""
    asked: tuple[tuple[str, Callable[[], Awaitable[float | None]]], ...] = (
        ("Discord's", lambda: _discord_time_s(settings)),
        ("the database server's", lambda: _database_time_s(database)),
    )
    for name, ask in asked:
        before_s = clock()
        theirs_s = await ask()
        if theirs_s is None:
            continue
        yield compare_clocks(name, (before_s + clock()) / 2 - theirs_s)


def compare_clocks(name: str, ahead_s: float) -> Finding:
    """The finding for a clock of this name that ours is so many seconds ahead of."""
    if abs(ahead_s) <= MAX_SKEW_S:
        return ok("clock", f"agrees with {name}")
    way = "ahead of" if ahead_s > 0 else "behind"
    found = f"{abs(ahead_s):.0f} s {way} {name}"
    return warning("clock", found, "switch on time synchronisation (NTP) on both machines")


async def _discord_time_s(settings: Settings) -> float | None:
    url = f"{(settings.discord_api_url or DISCORD_API).rstrip('/')}/gateway"
    timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
    try:
        async with (
            open_session(settings.proxies) as session,
            session.get(url, timeout=timeout) as answer,
        ):
            date = email.utils.parsedate_to_datetime(answer.headers.get("Date", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, ValueError):
        return None
    # the header truncates to whole seconds: assume the middle
    return (date if date.tzinfo else date.replace(tzinfo=dt.UTC)).timestamp() + 0.5


async def _database_time_s(database: Database | None) -> float | None:
    if database is None:
        return None
    try:
        now_ms = await read_now_ms(database)
    except StorageError:
        return None
    return None if now_ms is None else now_ms / 1000
