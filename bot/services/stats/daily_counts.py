"""Aggregates finished days, so that statistics need not read every request."""

from typing import Final

from bot.services.stats.statistics import MOST_DAYS
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.stats import daily_counts
from storage.stats.daily_counts import MARGIN_DAYS

AT_ONCE: Final = 200
"""So many days are counted in one turn: after an update there are years of them."""


async def count_days(database: Database, now_ms: int) -> bool:
    """Count days that are over, each in a transaction of its own; False when some are left."""
    last = now_ms // DAY_MS - MARGIN_DAYS
    # a month longer than anybody can ask for
    first = max(0, last - MOST_DAYS - 30)
    left = AT_ONCE
    while left and await _count_ended(database, last):
        left -= 1
    async with database.reading() as tx:
        guild_ids = await daily_counts.servers_with_requests(tx)
    for guild_id in guild_ids:
        left -= await _count_server(database, guild_id, range(first, last + 1), limit=left)
    async with database.transaction() as tx:
        await daily_counts.drop_old(tx, first)
    return left > 0


@repeated
async def _count_ended(database: Database, last: int) -> bool:
    async with database.transaction() as tx:
        return await daily_counts.count_ended(tx, last=last)


@repeated
async def _count_server(database: Database, guild_id: int, wanted: range, *, limit: int) -> int:
    if not wanted or limit <= 0:
        return 0
    async with database.reading() as tx:
        found = await daily_counts.uncounted(tx, guild_id, first=wanted[0], last=wanted[-1])
    number = 0
    for day in found[:limit]:
        async with database.transaction() as tx:
            number += await daily_counts.count_day(tx, guild_id, day)
    return number
