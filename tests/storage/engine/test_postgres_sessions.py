"""Statements are prepared where a connection's session is its own; `test_pooler`: nowhere else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from storage.engine.database import open_database
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.operations import key_values

OFTEN = 8
"""More than a driver waits for before it prepares a statement."""
_PREPARED = "SELECT COUNT(*) AS number FROM pg_prepared_statements"


@asynccontextmanager
async def opened(url: str) -> AsyncIterator[Database]:
    database = await open_database(url, migrate=True)
    try:
        yield database
    finally:
        await database.close()


async def prepared(database: Database) -> int:
    """How many statements are prepared in a session, after some were run often."""

    async def run(tx: Transaction) -> int:
        for _ in range(OFTEN):
            await key_values.get(tx, "a")
            tx.memo.clear()
        row = await tx.fetch_one(_PREPARED)
        assert row is not None
        return int(row["number"])

    return await database.write(run)


async def test_what_runs_often_is_prepared_in_a_session_of_our_own(postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        assert await prepared(database) > 0


async def test_a_changed_table_is_found_out_and_its_statements_are_prepared_anew(
    postgres_url: str,
) -> None:
    """However many connections have prepared them: a transaction is only tried six times."""
    at_once = asyncio.Barrier(8)

    async def read(tx: Transaction) -> int:
        row = await tx.fetch_one("SELECT * FROM things")
        assert row is not None
        return len(row)

    async with opened(postgres_url) as database:

        async def prepare() -> None:
            async with database.reading() as tx:
                for _ in range(OFTEN):
                    await read(tx)
                await at_once.wait()

        @repeated
        async def columns() -> int:
            return await database.read(read)

        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other:
            await other.execute("CREATE TABLE things (a INTEGER)")
            await other.execute("INSERT INTO things VALUES (1)")
            await asyncio.gather(*(prepare() for _ in range(at_once.parties)))
            assert await columns() == 1
            # as a newer version's migration does while this one still runs
            await other.execute("ALTER TABLE things ADD COLUMN b INTEGER")
            assert await columns() == 2
        assert await prepared(database) > 0


async def test_a_number_is_prepared_once_whatever_its_size(postgres_url: str) -> None:
    async with opened(postgres_url) as database:
        sql = "SELECT value FROM key_values WHERE at_ms = :at_ms"
        sizes = [1, 2**17, 2**33]

        async def run(tx: Transaction) -> int:
            for _ in range(OFTEN):
                for size in sizes:
                    await tx.fetch_all(sql, {"at_ms": size})
            row = await tx.fetch_one(f"{_PREPARED} WHERE statement LIKE '%at_ms =%'")
            assert row is not None
            return int(row["number"])

        assert await database.write(run) == 1


async def test_transactions_that_begin_at_once_all_find_out_about_a_pooler(
    postgres_url: str,
) -> None:
    at_once = asyncio.Barrier(4)
    spoil = "SELECT set_config('video_bot.session', 'of another client', false)"
    async with opened(postgres_url) as database:

        async def lose_the_session() -> None:
            async with database.transaction() as tx:
                await tx.fetch_all(spoil)
                await at_once.wait()

        await asyncio.gather(*(lose_the_session() for _ in range(at_once.parties)))
        found = await asyncio.gather(*(prepared(database) for _ in range(at_once.parties)))
        assert set(found) == {0}


async def test_a_transaction_that_is_rolled_back_keeps_what_is_prepared(postgres_url: str) -> None:
    at_once = asyncio.Barrier(3)

    async def refuse(tx: Transaction) -> None:
        await key_values.set(tx, "left", "x", 1)
        raise LookupError

    async with opened(postgres_url) as database:

        async def prepared_on_each() -> int:
            async with database.reading() as tx:
                for _ in range(OFTEN):
                    await tx.fetch_all("SELECT value FROM key_values WHERE key = 'a'")
                await at_once.wait()
                row = await tx.fetch_one(_PREPARED)
                assert row is not None
                return int(row["number"])

        async def count_on_each() -> int:
            async with database.reading() as tx:
                row = await tx.fetch_one(_PREPARED)
                await at_once.wait()
                assert row is not None
                return int(row["number"])

        assert all(await asyncio.gather(*(prepared_on_each() for _ in range(3))))
        for _ in range(6):
            with pytest.raises(LookupError):
                await database.write(refuse)
        assert all(await asyncio.gather(*(count_on_each() for _ in range(3))))
        assert await database.read(lambda tx: key_values.get(tx, "left")) is None
