"""Migrated, empty SQLite databases: copies of one that is migrated once a process."""

import asyncio
import atexit
import shutil
import tempfile
import threading
from functools import cache
from pathlib import Path

from storage.engine.database import open_database


def migrated(url: str) -> None:
    """Apply all migrations to a database."""

    async def migrate() -> None:
        database = await open_database(url, migrate=True)
        await database.close()

    # in a thread, as the test's event loop may be running
    thread = threading.Thread(target=lambda: asyncio.run(migrate()))
    thread.start()
    thread.join()


def new_sqlite(path: Path) -> str:
    """Make a migrated, empty database at a path, and return its URL."""
    shutil.copyfile(empty_sqlite(), path)
    return f"sqlite:///{path}"


@cache
def empty_sqlite() -> Path:
    """The database that is copied; it takes half a second to make, and a copy takes none."""
    folder = Path(tempfile.mkdtemp(prefix="empty-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    migrated(f"sqlite:///{folder / 'empty.db'}")
    return folder / "empty.db"
