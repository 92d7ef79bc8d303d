"""Opens the database that a URL names, SQLite or PostgreSQL, and takes advisory locks."""

from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from storage.engine.sqlite import SqliteDatabase
from storage.engine.sqlite_errors import unusable
from storage.engine.transaction import Database, Transaction
from storage.errors import DatabaseNewer, MigrationNeeded, StorageError

_SLOTS_LOCK: Final = 0x766964656F02
"""PostgreSQL's advisory lock for handing out the provider's slots."""


async def open_database(url: str, *, migrate: bool, check: bool = True) -> Database:
    """Open `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://…`.

    With `migrate` the schema is brought up to date first. Without it, an older schema is refused
    unless `check` is off, as for a backup before an update.
    Raises: StorageError for a URL that is neither, DatabaseUnusable for a SQLite file that is,
    StorageUnavailable when there is no answer, MigrationNeeded, DatabaseNewer.
    """
    if url.partition("://")[0].lower() != "sqlite":
        return await _opened(url, migrate=migrate, check=check)
    path = sqlite_path(url)
    try:
        return await _opened(url, migrate=migrate, check=check)
    except (MigrationNeeded, DatabaseNewer):
        raise
    except StorageError as error:
        raise unusable(path, error) from error


async def _opened(url: str, *, migrate: bool, check: bool) -> Database:
    database = await _connect(url)
    try:
        if migrate:
            await database.migrate()
        elif check:
            await _require_current(database)
    except BaseException:
        await database.close()
        raise
    return database


async def _require_current(database: Database) -> None:
    if not await database.is_current():
        raise MigrationNeeded("the database is older than this code; run: video-bot migrate")


async def _connect(url: str) -> Database:
    scheme = url.partition("://")[0].lower()
    if scheme == "sqlite":
        return await SqliteDatabase.open(sqlite_path(url))
    if scheme in {"postgresql", "postgres"}:
        # psycopg takes nine megabytes of memory that a bot on SQLite need not spend
        from storage.engine.postgres import PostgresDatabase  # noqa: PLC0415

        return await PostgresDatabase.open(url)
    raise StorageError("the database's URL starts with neither sqlite:// nor postgresql://")


def sqlite_path(url: str) -> Path:
    """The file a `sqlite://` URL names: three slashes for a relative path, four for an absolute."""
    parts = urlsplit(url)
    path = unquote(parts.path.removeprefix("/"))
    if parts.scheme.lower() != "sqlite" or parts.netloc or parts.query or not path:
        raise StorageError("a SQLite URL is written sqlite:///data/video-bot.db")
    return Path(path)


async def slots_lock(tx: Transaction) -> None:
    """Let one process at a time hand out slots, until the transaction ends.

    On SQLite the write transaction itself is that lock.
    """
    if tx.dialect == "postgres":
        await tx.execute("SELECT pg_advisory_xact_lock(:key)", {"key": _SLOTS_LOCK})


async def interaction_lock(tx: Transaction, interaction_id: int) -> None:
    """Let one process at a time act on an interaction, until the transaction ends.

    Two gateways on one token both receive it: the second then sees what the first wrote.
    """
    if tx.dialect == "postgres":
        # snowflakes are far above the other locks' keys
        await tx.execute("SELECT pg_advisory_xact_lock(:key)", {"key": interaction_id})
