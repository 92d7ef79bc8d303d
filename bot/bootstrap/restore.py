"""`video-bot restore`: a copy takes the place of the database, parked and told in one step."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from bot.services.operations.restore import Parked, park_restored
from bot.settings import Settings
from storage.engine import restore
from storage.engine.clock import read_now_ms
from storage.engine.database import open_database, sqlite_path
from storage.engine.transaction import Database
from storage.errors import RestoreRefused
from storage.operations import workers

HEARTBEAT_MS = 30_000
"""A worker not heard of for longer counts as gone."""


async def restore_copy(settings: Settings, file: Path) -> Parked:
    """Put a copy in place of the SQLite database; what it knows as unsent is parked first.

    All of it happens to a copy beside the database, which one rename puts in place: a kill at any
    moment leaves the old database as it was.
    Raises: RestoreRefused, with nothing changed; StorageError.
    """
    url = settings.database_url.get_secret_value()
    if not url.startswith("sqlite"):
        raise RestoreRefused(
            "a file takes the place of a SQLite database only: restore PostgreSQL with pg_restore,"
            " then run: video-bot restore --mark"
        )
    database = sqlite_path(url)
    staged = await asyncio.to_thread(restore.stage, file, database)
    try:
        async with _opened(f"sqlite:///{staged.absolute()}") as copy:
            parked = await _park(copy, settings)
        await asyncio.to_thread(restore.put_in_place, staged, database)
    finally:
        await asyncio.to_thread(restore.discard, staged)
    return parked


async def mark_restored(settings: Settings) -> Parked:
    """Park what is unsent in a database that was restored by other means, such as pg_restore.

    Raises: RestoreRefused while a bot runs on it; StorageError.
    """
    url = settings.database_url.get_secret_value()
    if url.startswith("sqlite"):
        path = sqlite_path(url)
        if not await asyncio.to_thread(path.exists):
            raise RestoreRefused(f"{path.absolute()} is not there: restore it first")
        await asyncio.to_thread(restore.require_unused, path)
    async with _opened(url) as database:
        if database.dialect == "postgres":
            await _require_no_worker(database)
        return await _park(database, settings)


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, migrate=True)
    try:
        yield database
    finally:
        await database.close()


async def _now_ms(database: Database, clock: Callable[[], int] = time.time_ns) -> int:
    return await read_now_ms(database) or clock() // 1_000_000


async def _require_no_worker(database: Database) -> None:
    since_ms = await _now_ms(database) - HEARTBEAT_MS
    async with database.reading() as tx:
        alive = await workers.alive(tx, since_ms)
    if alive:
        raise RestoreRefused(
            f"a worker on {alive[0].host} was heard of in the last 30 seconds: stop the bot, wait"
            " half a minute, and run this again"
        )


async def _park(database: Database, settings: Settings) -> Parked:
    """One transaction, so that a kill in between leaves nothing half parked."""
    now_ms = await _now_ms(database)
    async with database.transaction() as tx:
        return await park_restored(tx, settings.owner_ids, now_ms)
