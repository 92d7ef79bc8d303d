import asyncio
import contextlib
import sqlite3
from pathlib import Path

import psycopg
import pytest

from storage.engine.database import open_database, slots_lock, sqlite_path
from storage.engine.migrate import known_migrations
from storage.engine.transaction import Database, Transaction
from storage.errors import (
    CommitUncertain,
    Conflict,
    DatabaseNewer,
    MigrationNeeded,
    StorageError,
    StorageUnavailable,
)
from storage.operations import key_values
from storage.requests import requests
from tests.conftest import OpenAnother
from tests.storage.make import added, make_request, stored
from tests.support.postgres import PostgresServer


async def fact(database: Database, key: str) -> str | None:
    async with database.reading() as tx:
        return await key_values.get(tx, key)


async def test_a_request_comes_back_as_it_was_written(database: Database) -> None:
    request = make_request(is_nsfw=True, cost_micros=None, user_id=2**62, provider_text="猫 % :x")
    await added(database, request)
    assert await stored(database, request) == request


async def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    async def write_and_fail() -> None:
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
            raise KeyError

    with pytest.raises(KeyError):
        await write_and_fail()
    assert await fact(database, "a") is None
    async with database.transaction() as tx:
        await key_values.set(tx, "a", "2", 1)
    assert await fact(database, "a") == "2"


async def test_a_taken_key_is_a_conflict_and_leaves_nothing(database: Database) -> None:
    request = make_request()
    await added(database, request)

    async def add_its_twin() -> None:
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
            await requests.add(tx, make_request(id=request.id))

    with pytest.raises(Conflict):
        await add_its_twin()
    assert await fact(database, "a") is None


async def test_an_error_that_was_caught_does_not_commit_half(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("a failed statement does not end SQLite's transaction")

    async def go_on_after_an_error() -> None:
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
            with contextlib.suppress(StorageError):
                await tx.execute("SELECT * FROM nowhere")

    with pytest.raises(StorageError):
        await go_on_after_an_error()
    assert await fact(database, "a") is None


async def test_who_reads_cannot_write(database: Database) -> None:
    with pytest.raises(StorageError):
        async with database.reading() as tx:
            await key_values.set(tx, "a", "1", 1)
    assert await fact(database, "a") is None


async def test_a_reader_sees_one_moment_and_waits_for_nobody(database: Database) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, "a", "before", 1)
    async with database.reading() as view:
        assert await key_values.get(view, "a") == "before"
        async with asyncio.timeout(5), database.transaction() as tx:
            await key_values.set(tx, "a", "after", 1)
        assert await key_values.get(view, "a") == "before"
    assert await fact(database, "a") == "after"


async def test_a_transaction_is_of_no_use_after_its_end(database: Database) -> None:
    async with database.transaction() as tx:
        pass
    with pytest.raises(StorageError):
        await key_values.set(tx, "a", "1", 1)


async def test_a_second_write_inside_the_first_is_refused_on_sqlite(database: Database) -> None:
    if database.dialect == "postgres":
        pytest.skip("PostgreSQL has a connection for each")
    async with database.transaction():
        with pytest.raises(StorageError):
            async with database.transaction():
                pass


@pytest.mark.parametrize("before", [0, 1])
async def test_what_goes_on_after_a_failed_statement_writes_nothing_on_postgres(
    database: Database, before: int
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite takes back the failed statement alone")
    async with database.transaction() as tx:
        await key_values.set(tx, "a", "1", 1)

    async def go_on(tx: Transaction) -> None:
        if before:
            await key_values.set(tx, "b", "1", 1)
        with pytest.raises(Conflict):
            await tx.execute("INSERT INTO key_values (key, value, at_ms) VALUES ('a', '2', 2)")
        await key_values.set(tx, "c", "1", 1)

    with pytest.raises(StorageError):
        await database.write(go_on)
    assert await fact(database, "b") is None
    assert await fact(database, "c") is None


async def test_the_gate_lets_one_connection_through_at_a_time(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()
    inside = 0
    most = 0

    async def take_slots(door: Database) -> None:
        nonlocal inside, most
        async with door.transaction() as tx:
            await slots_lock(tx)
            inside += 1
            most = max(most, inside)
            await tx.fetch_one("SELECT 1 AS one")
            inside -= 1

    async with asyncio.timeout(20):
        await asyncio.gather(*(take_slots(door) for door in (database, other) * 6))
    assert most == 1


async def test_closing_twice_is_closing_once(database: Database) -> None:
    await database.close()
    await database.close()
    with pytest.raises(StorageUnavailable):
        async with database.transaction():
            pass


async def test_a_busy_sqlite_file_is_told_as_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.sqlite._BUSY_TIMEOUT_S", 0.05)
    path = tmp_path / "busy.db"
    database = await open_database(f"sqlite:///{path}", migrate=True)
    blocker = sqlite3.connect(path, isolation_level=None)
    try:
        blocker.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageUnavailable):
            async with database.transaction():
                pass
        blocker.execute("ROLLBACK")
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
    finally:
        blocker.close()
        await database.close()


async def write_too_much(database: Database) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, "small", "1", 1)
        await key_values.set(tx, "large", "x" * 100_000, 1)


async def test_a_full_disk_is_told_as_unavailable_and_undone(tmp_path: Path) -> None:
    database = await open_database(f"sqlite:///{tmp_path / 'full.db'}", migrate=True)
    try:
        async with database.transaction() as tx:
            row = await tx.fetch_one("PRAGMA page_count")
            assert row
            await tx.fetch_one(f"PRAGMA max_page_count = {row['page_count'] + 2}")
        with pytest.raises(StorageUnavailable):
            await write_too_much(database)
        assert await fact(database, "small") is None
    finally:
        await database.close()


async def test_dead_connections_are_replaced(
    postgres: PostgresServer, postgres_template: str
) -> None:
    name = postgres.create(postgres_template)
    database = await open_database(postgres.url(name), migrate=True)
    try:
        with pytest.raises(StorageUnavailable):
            async with database.transaction() as tx:
                await tx.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
        assert await fact(database, "a") == "1"
    finally:
        await database.close()
        postgres.drop(name)


async def test_idle_connections_that_died_are_never_handed_out(
    postgres: PostgresServer, postgres_template: str
) -> None:
    name = postgres.create(postgres_template)
    database = await open_database(postgres.url(name), migrate=True)
    try:
        async with await psycopg.AsyncConnection.connect(postgres.admin_url) as admin:
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [name],
            )
        async with database.transaction() as tx:
            await key_values.set(tx, "a", "1", 1)
        assert await fact(database, "a") == "1"
    finally:
        await database.close()
        postgres.drop(name)


async def write_on_a_dying_connection(database: Database) -> None:
    async with database.transaction() as tx:
        row = await tx.fetch_one("SELECT pg_backend_pid() AS pid")
        assert row
        async with database.transaction() as killer:
            await killer.execute("SELECT pg_terminate_backend(CAST(:pid AS INTEGER), 5000)", row)


async def test_a_connection_lost_in_the_commit_is_told_as_uncertain(
    postgres: PostgresServer, postgres_template: str
) -> None:
    name = postgres.create(postgres_template)
    database = await open_database(postgres.url(name), migrate=True)
    try:
        with pytest.raises(CommitUncertain):
            await write_on_a_dying_connection(database)
    finally:
        await database.close()
        postgres.drop(name)


async def test_a_server_that_is_not_there_is_told_as_unavailable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.postgres._START_TIMEOUT_S", 0.2)
    with pytest.raises(StorageUnavailable) as caught:
        await open_database(f"postgresql://me:secret@/none?host={tmp_path}", migrate=False)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///data/video-bot.db", "data/video-bot.db"),
        ("sqlite:////var/lib/bot/a.db", "/var/lib/bot/a.db"),
        ("sqlite:///with%20space.db", "with space.db"),
    ],
)
def test_a_sqlite_url_names_a_file(url: str, path: str) -> None:
    assert sqlite_path(url) == Path(path)


@pytest.mark.parametrize("url", ["mysql://x/y", "", "sqlite://", "sqlite://host/a.db", "data.db"])
async def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(StorageError):
        await open_database(url, migrate=True)


async def test_a_file_that_is_no_database_is_refused_and_closed(tmp_path: Path) -> None:
    path = tmp_path / "text.db"
    path.write_text("this is no database " * 100)
    with pytest.raises(StorageError):
        await open_database(f"sqlite:///{path}", migrate=True)


async def test_an_older_schema_is_refused_unless_asked(empty_database_url: str) -> None:
    with pytest.raises(MigrationNeeded):
        await open_database(empty_database_url, migrate=False)
    database = await open_database(empty_database_url, migrate=False, check=False)
    try:
        assert not await database.is_current()
        assert await database.migrate() > 0
        assert await database.is_current()
        assert await database.migrate() == 0
    finally:
        await database.close()


async def test_a_newer_schema_is_refused(empty_database_url: str) -> None:
    database = await open_database(empty_database_url, migrate=True)
    try:
        async with database.transaction() as tx:
            await tx.execute("INSERT INTO migrations (number, name) VALUES (9999, 'later')")
        with pytest.raises(DatabaseNewer):
            await database.migrate()
        for migrate in (True, False):
            with pytest.raises(DatabaseNewer):
                await open_database(empty_database_url, migrate=migrate)
    finally:
        await database.close()


async def test_many_processes_may_migrate_at_once(empty_database_url: str) -> None:
    opened = await asyncio.gather(
        *(open_database(empty_database_url, migrate=False, check=False) for _ in range(4))
    )
    try:
        counts = await asyncio.gather(*(database.migrate() for database in opened))
        assert sum(counts) == len(known_migrations())
        assert await opened[0].is_current()
    finally:
        for database in opened:
            await database.close()


async def test_a_new_file_that_another_process_writes_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "shared.db"
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("CREATE TABLE something (x)")
        other.execute("BEGIN IMMEDIATE")
        asyncio.get_running_loop().call_later(0.1, other.rollback)
        database = await open_database(f"sqlite:///{path}", migrate=True)
    try:
        assert await database.is_current()
    finally:
        await database.close()


async def test_a_backup_is_whole_and_taken_while_the_bot_writes(
    database: Database, tmp_path: Path
) -> None:
    target = tmp_path / "copy.db"
    if database.dialect == "postgres":
        with pytest.raises(StorageError):
            await database.backup(target)
        return
    request = make_request()
    await added(database, request)
    async with database.transaction() as tx:
        await key_values.set(tx, "not yet", "1", 1)
        await database.backup(target)
    copy = await open_database(f"sqlite:///{target}", migrate=False)
    try:
        assert await stored(copy, request) == request
        assert await fact(copy, "not yet") is None
    finally:
        await copy.close()
    await database.backup(target)
    assert not target.with_name("copy.db.part").exists()


async def test_a_backup_onto_itself_or_nowhere_is_refused(
    database: Database, tmp_path: Path
) -> None:
    if database.dialect == "postgres":
        pytest.skip("PostgreSQL has its own tool")
    for target in (tmp_path / "test.db", tmp_path / "no folder" / "copy.db"):
        with pytest.raises(StorageError):
            await database.backup(target)
    await added(database, make_request())
