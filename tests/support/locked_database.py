"""A SQLite database locked by another program."""

import asyncio
import contextlib
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bot.settings import Settings
from storage.engine.database import sqlite_path


@asynccontextmanager
async def locked(settings: Settings, *, then: str = "") -> AsyncIterator[None]:
    """Another program holds the file's write lock, and does something to it in the end."""
    path = sqlite_path(settings.database_url.get_secret_value())
    with contextlib.closing(
        sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    ) as other:
        # in a thread: whoever holds the lock now needs this one to let it go
        await asyncio.to_thread(other.execute, "BEGIN IMMEDIATE")
        yield
        await asyncio.to_thread(other.execute, then or "SELECT 1")
        await asyncio.to_thread(other.execute, "COMMIT")
