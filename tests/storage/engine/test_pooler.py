"""PostgreSQL behind a pooler in transaction mode: nothing of ours is the session's."""

import asyncio
import logging
import struct
from collections.abc import AsyncIterator
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from storage.engine.database import open_database
from storage.engine.transaction import Transaction
from storage.operations import key_values
from storage.requests import requests
from tests.storage.make import make_request
from tests.support.pooler import pooler
from tests.support.postgres import PostgresServer


@pytest.fixture
async def folder_and_database(
    postgres: PostgresServer, postgres_template: str
) -> AsyncIterator[tuple[str, str]]:
    folder = parse_qs(urlsplit(postgres.admin_url).query).get("host", [""])[0]
    if not folder:
        pytest.skip("the server is not this machine's own")
    name = postgres.create(postgres_template)
    try:
        yield folder, name
    finally:
        postgres.drop(name)


async def test_a_client_that_is_killed_leaves_its_transaction_to_nobody(
    folder_and_database: tuple[str, str],
) -> None:
    async with pooler(*folder_and_database, sessions=1) as between, asyncio.timeout(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", between.port)
        asked = b"user\0postgres\0database\0x\0\0"
        writer.write(struct.pack("!II", len(asked) + 8, 196608) + asked)
        query = b"BEGIN; CREATE TABLE left_open (id BIGINT); SELECT 1\0"
        writer.write(b"Q" + struct.pack("!I", len(query) + 4) + query)
        # killed with its answer: it takes no leave
        await reader.readuntil(b"SELECT 1\0")
        writer.transport.abort()
        async with await psycopg.AsyncConnection.connect(between.url, autocommit=True) as other:
            cursor = await other.execute("SELECT to_regclass('left_open')")
            assert await cursor.fetchone() == (None,)


async def test_everything_works_behind_a_pooler_that_hands_out_transactions(
    folder_and_database: tuple[str, str],
) -> None:
    async with pooler(*folder_and_database, sessions=3) as between:
        database = await open_database(between.url, migrate=True)
        other = await open_database(between.url, migrate=False)
        made = [make_request() for _ in range(40)]

        async def create(number: int) -> None:
            # the same statements again and again: a driver is tempted to prepare them
            on = (database, other)[number % 2]
            async with on.transaction() as tx:
                await requests.add(tx, made[number])
                await key_values.set(tx, f"fact{number}", "x", number)
            async with on.reading() as tx:
                assert await requests.get(tx, made[number].id) == made[number]

        async with asyncio.timeout(60):
            await asyncio.gather(*(create(number) for number in range(len(made))))
            async with other.transaction() as tx:
                row = await tx.fetch_one("SHOW statement_timeout")
            assert row == {"statement_timeout": "30s"}
            # and nothing of it stays with whoever gets the session next
            async with await psycopg.AsyncConnection.connect(
                between.url, autocommit=True, prepare_threshold=None
            ) as stranger:
                for _ in range(3):
                    cursor = await stranger.execute("SHOW statement_timeout")
                    assert await cursor.fetchone() == ("0",)
        assert between.lent > 2 * len(made)
        await database.close()
        await other.close()


async def test_nothing_is_prepared_behind_a_pooler(
    folder_and_database: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    async with pooler(*folder_and_database, sessions=3) as between, asyncio.timeout(60):
        assert set(await _by_turns(between.url)) == {0}
    said = [record for record in caplog.records if "not prepared" in record.message]
    assert len(said) == 2


async def test_two_clients_that_have_one_session_in_turn_find_it_out(
    folder_and_database: tuple[str, str], caplog: pytest.LogCaptureFixture
) -> None:
    """The last to mark the session may go on preparing in it; nobody else does."""
    caplog.set_level(logging.INFO)
    async with pooler(*folder_and_database, sessions=1) as between, asyncio.timeout(60):
        await _by_turns(between.url)
    assert [record for record in caplog.records if "not prepared" in record.message]


async def _by_turns(url: str) -> list[int]:
    """Two clients run the same statement often; how many are prepared each time."""
    databases = [await open_database(url, migrate=True) for _ in range(2)]
    found = [await each.read(_the_same_often) for _ in range(10) for each in databases]
    for database in databases:
        await database.close()
    return found


async def test_a_poolers_dead_sessions_keep_nobody_from_starting(
    folder_and_database: tuple[str, str], postgres: PostgresServer
) -> None:
    """As after a restart of the server, until the pooler finds each of them out."""
    dead = 8
    async with pooler(*folder_and_database, sessions=dead) as between, asyncio.timeout(60):
        async with await psycopg.AsyncConnection.connect(
            postgres.admin_url, autocommit=True
        ) as admin:
            ended = await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s",
                [between.database],
            )
            assert len(await ended.fetchall()) == dead
        database = await open_database(between.url, migrate=True)
        await database.close()


async def _the_same_often(tx: Transaction) -> int:
    for _ in range(8):
        await tx.fetch_all("SELECT value FROM key_values WHERE key = 'a'")
    row = await tx.fetch_one("SELECT COUNT(*) AS number FROM pg_prepared_statements")
    assert row is not None
    return int(row["number"])
