"""Numbered, forward-only migrations: `migrations/NNNN_name.sql`, one transaction for each file."""

import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

from storage.engine.sql import statements
from storage.engine.transaction import Database, Transaction
from storage.errors import DatabaseNewer

_FILE_NAME: Final = re.compile(r"(?P<number>\d{4})_(?P<name>\w+)\.sql")
_LOCK: Final = 0x766964656F01
"""PostgreSQL's advisory lock for migrations: any number no other code uses."""

_TABLE_ON: Final = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'migrations'",
    "postgres": "SELECT name FROM (SELECT to_regclass('migrations') AS name) AS found"
    " WHERE name IS NOT NULL",
}
CREATE: Final = """
CREATE TABLE IF NOT EXISTS migrations (number BIGINT NOT NULL PRIMARY KEY, name TEXT NOT NULL)"""
_RECORD: Final = "INSERT INTO migrations (number, name) VALUES (:number, :name)"


@dataclass(frozen=True, slots=True)
class Migration:
    """One file; it never changes once a database anywhere may have seen it."""

    number: int
    name: str
    script: str


@cache
def known_migrations() -> tuple[Migration, ...]:
    """Every migration the code brings, in order, numbered from 1 without a gap."""
    found = []
    for file in resources.files("storage").joinpath("migrations").iterdir():
        if match := _FILE_NAME.fullmatch(file.name):
            script = file.read_text(encoding="utf-8")
            found.append(Migration(int(match["number"]), match["name"], script))
    found.sort(key=lambda migration: migration.number)
    if [migration.number for migration in found] != list(range(1, len(found) + 1)):
        raise RuntimeError("the migrations are not numbered 1, 2, 3 … without a gap")
    return tuple(found)


async def migrate(database: Database) -> int:
    """Apply missing migrations and return how many; safe when several processes start at once."""
    count = 0
    while True:
        async with database.transaction() as tx:
            await _lock(tx)
            await tx.execute(CREATE)
            missing = _missing(await applied_number(tx))
            if not missing:
                return count
            for statement in statements(missing[0].script):
                await tx.execute(statement)
            step = {"number": missing[0].number, "name": missing[0].name}
            await tx.execute(_RECORD, step)
        count += 1


async def is_current(database: Database) -> bool:
    """Whether nothing is missing; raises DatabaseNewer."""
    async with database.reading() as tx:
        return not _missing(await applied_number(tx))


async def applied_number(tx: Transaction) -> int:
    """The last migration this database has seen; 0 for a new one."""
    if await tx.fetch_one(_TABLE_ON[tx.dialect]) is None:
        return 0
    row = await tx.fetch_one("SELECT COALESCE(MAX(number), 0) AS number FROM migrations")
    return int(row["number"]) if row else 0


def _missing(applied: int) -> tuple[Migration, ...]:
    migrations = known_migrations()
    if applied > len(migrations):
        raise DatabaseNewer(
            f"the database is at migration {applied}, this code knows {len(migrations)};"
            " run the newer version"
        )
    return migrations[applied:]


async def _lock(tx: Transaction) -> None:
    """One process at a time. On SQLite the write transaction itself is the lock."""
    if tx.dialect == "postgres":
        # a rewrite of a large table, or waiting for another process, may take its time
        await tx.execute("SET LOCAL statement_timeout = 0")
        await tx.execute("SET LOCAL lock_timeout = 0")
        await tx.execute("SELECT pg_advisory_xact_lock(:key)", {"key": _LOCK})
