"""PostgreSQL behind a pooler in transaction mode: nothing of ours is the session's."""

import asyncio
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from storage.engine.database import open_database
from storage.operations import key_values
from storage.requests import requests
from tests.storage.make import make_request
from tests.support.pooler import pooler
from tests.support.postgres import PostgresServer


async def test_everything_works_behind_a_pooler_that_hands_out_transactions(
    postgres: PostgresServer, postgres_template: str
) -> None:
    folder = parse_qs(urlsplit(postgres.admin_url).query).get("host", [""])[0]
    if not folder:
        pytest.skip("the server is not this machine's own")
    name = postgres.create(postgres_template)
    try:
        async with pooler(folder, name, sessions=3) as between:
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
    finally:
        postgres.drop(name)
