"""`write` and `read`: whole transactions as one body, on SQLite committed in groups."""

import asyncio
import random
import sqlite3
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from pathlib import Path

import pytest

from storage.engine.database import open_database
from storage.engine.sqlite import SqliteDatabase
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict, StorageError, StorageUnavailable
from storage.operations import key_values
from tests.storage.engine.test_cancellation import cancel_after_steps
from tests.support.sqlite import new_sqlite


def pair(key: str) -> Callable[[Transaction], Coroutine[None, None, str]]:
    async def body(tx: Transaction) -> str:
        await key_values.set(tx, f"{key}-left", "1", 1)
        await key_values.set(tx, f"{key}-right", "1", 1)
        return key

    return body


async def keys(database: Database) -> set[str]:
    async def body(tx: Transaction) -> set[str]:
        return {row["key"] for row in await tx.fetch_all("SELECT key FROM key_values")}

    return await database.read(body)


async def test_a_body_writes_and_returns_what_it_found(database: Database) -> None:
    assert await database.write(pair("a")) == "a"
    assert await keys(database) == {"a-left", "a-right"}


async def test_a_body_that_raises_is_undone_alone(database: Database) -> None:
    async def refusing(tx: Transaction) -> None:
        await key_values.set(tx, "refused", "1", 1)
        raise KeyError("refused")

    async def twice(tx: Transaction) -> None:
        await key_values.set(tx, "twice", "1", 1)
        await tx.execute("INSERT INTO key_values (key, value, at_ms) VALUES ('twice', '', 1)")

    found = await asyncio.gather(
        database.write(pair("a")),
        database.write(refusing),
        database.write(pair("b")),
        database.write(twice),
        database.write(pair("c")),
        return_exceptions=True,
    )
    assert [type(each) for each in found] == [str, KeyError, str, Conflict, str]
    assert await keys(database) == {
        f"{name}-{side}" for name in "abc" for side in ("left", "right")
    }


async def test_a_body_sees_what_those_before_it_wrote(database: Database) -> None:
    async def take(tx: Transaction) -> bool:
        return await key_values.compare_and_set(tx, "one", expected=None, value="taken", now_ms=1)

    taken = await asyncio.gather(*(database.write(take) for _ in range(20)))
    assert sum(taken) == 1


async def test_bodies_cancelled_anywhere_leave_whole_pairs(database: Database) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    # each cancellation costs PostgreSQL's pool a connection, which it has to replace
    for number in range(40 if database.dialect == "sqlite" else 10):
        tasks = [asyncio.create_task(database.write(pair(f"{number}-{n}"))) for n in range(3)]
        await asyncio.gather(
            *(
                cancel_after_steps(task, chance.randrange(12), chance.random() < 0.5)
                for task in tasks
            )
        )
    async with asyncio.timeout(20):
        for number in range(12):  # more than the pool has: none was lost
            await database.write(pair(f"after-{number}"))
    found = await keys(database)
    assert {key.removesuffix("-left") for key in found if key.endswith("-left")} == {
        key.removesuffix("-right") for key in found if key.endswith("-right")
    }


async def test_cancelled_readers_leave_working_connections(database: Database) -> None:
    for steps in range(20):
        await cancel_after_steps(asyncio.create_task(keys(database)), steps, again=bool(steps % 2))
    async with asyncio.timeout(10):
        assert await asyncio.gather(*(keys(database) for _ in range(12))) == [set()] * 12


class TestOnSqlite:
    """What the group commit of the one writer has to keep."""

    @pytest.fixture
    async def database(self, tmp_path: Path) -> SqliteDatabase:
        database = await open_database(new_sqlite(tmp_path / "test.db"), migrate=True)
        assert isinstance(database, SqliteDatabase)
        return database

    @pytest.fixture(autouse=True)
    async def closed(self, database: SqliteDatabase) -> AsyncIterator[None]:
        yield
        await database.close()

    async def test_what_waits_is_committed_together(self, database: SqliteDatabase) -> None:
        ran: list[str] = []
        await database._writer.set_trace_callback(ran.append)
        await asyncio.gather(*(database.write(pair(str(n))) for n in range(64)))
        assert ran.count("COMMIT") <= 16
        assert len(await keys(database)) == 128

    async def test_nobody_is_answered_before_the_commit_not_even_a_refusal(
        self, database: SqliteDatabase
    ) -> None:
        async with database.transaction() as tx:
            await tx.execute("CREATE TABLE parents (id INTEGER PRIMARY KEY)")
            await tx.execute(
                "CREATE TABLE children (parent INTEGER REFERENCES parents (id)"
                " DEFERRABLE INITIALLY DEFERRED)"
            )

        async def orphan(tx: Transaction) -> None:
            # refused by the commit alone
            await tx.execute("INSERT INTO children (parent) VALUES (1)")

        async def refusing(tx: Transaction) -> None:
            assert await tx.fetch_one("SELECT 1 AS found FROM children") is not None
            raise KeyError("there is a child already")

        found = await asyncio.gather(
            database.write(orphan),
            database.write(refusing),
            database.write(pair("a")),
            return_exceptions=True,
        )
        assert [type(each) for each in found] == [StorageError] * 3
        assert await keys(database) == set()

    async def test_an_error_that_undoes_everything_fails_the_whole_group(
        self, database: SqliteDatabase
    ) -> None:
        async def undoing(tx: Transaction) -> None:
            # as SQLite itself does when the disk is full
            await tx.execute("ROLLBACK")

        async def careless(tx: Transaction) -> None:
            await tx.execute("ROLLBACK")
            await key_values.set(tx, "half", "1", 1)

        for each in (undoing, careless):
            found = await asyncio.gather(
                database.write(pair("a")),
                database.write(each),
                database.write(pair("b")),
                return_exceptions=True,
            )
            assert [type(each) for each in found] == [StorageUnavailable] * 3
        assert await keys(database) == set()
        await database.write(pair("after"))
        assert len(await keys(database)) == 2

    async def test_a_body_whose_caller_was_cancelled_is_undone_alone(
        self, database: SqliteDatabase
    ) -> None:
        loop = asyncio.get_running_loop()
        cancelled = threading.Event()

        def cancel() -> None:
            task.cancel()
            loop.call_soon(cancelled.set)

        async def cancelled_meanwhile(tx: Transaction) -> None:
            await key_values.set(tx, "cancelled", "1", 1)
            loop.call_soon_threadsafe(cancel)
            # on the writer's thread: the loop goes on
            assert cancelled.wait(10)

        before = asyncio.create_task(database.write(pair("a")))
        task = asyncio.create_task(database.write(cancelled_meanwhile))
        after = asyncio.create_task(database.write(pair("b")))
        found = await asyncio.gather(before, task, after, return_exceptions=True)
        assert [type(each) for each in found] == [str, asyncio.CancelledError, str]
        assert await keys(database) == {"a-left", "a-right", "b-left", "b-right"}

    async def test_a_body_that_waits_for_something_else_is_refused(
        self, database: SqliteDatabase
    ) -> None:
        async def sleeping(tx: Transaction) -> None:
            await key_values.set(tx, "slept", "1", 1)
            await asyncio.sleep(0)

        found = await asyncio.gather(
            database.write(sleeping), database.write(pair("a")), return_exceptions=True
        )
        assert "may wait for its transaction alone" in str(found[0])
        assert await keys(database) == {"a-left", "a-right"}

    async def test_a_body_cannot_be_given_inside_a_transaction(
        self, database: SqliteDatabase
    ) -> None:
        async with database.transaction():
            with pytest.raises(StorageError, match="already inside"):
                await database.write(pair("a"))

    async def test_a_transaction_has_ended_for_what_its_body_left_behind(
        self, database: SqliteDatabase
    ) -> None:
        kept: list[Transaction] = []

        async def keeping(tx: Transaction) -> None:
            kept.append(tx)

        await database.write(keeping)
        with pytest.raises(StorageError, match="has ended"):
            await kept[0].execute("SELECT 1")

    async def test_a_body_waits_for_another_program_and_then_says_so(
        self, database: SqliteDatabase, tmp_path: Path
    ) -> None:
        await database._writer.execute_fetchall("PRAGMA busy_timeout = 50")
        other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            await database.write(pair("a"))
        other.close()
        await database.write(pair("b"))

    async def test_after_closing_nothing_is_written(self, database: SqliteDatabase) -> None:
        await database.close()
        for attempt in (database.write(pair("a")), keys(database)):
            with pytest.raises(StorageUnavailable):
                await attempt
