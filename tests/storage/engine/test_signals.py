"""Signals between processes on one PostgreSQL."""

import asyncio
from functools import partial

import psycopg

from storage.engine.database import open_database
from storage.engine.signals import listen, send


async def test_who_listens_hears_each_signal_also_after_its_connection_was_cut(
    postgres_url: str,
) -> None:
    database = await open_database(postgres_url, migrate=True)
    heard = asyncio.Event()
    texts: list[str] = []

    def act(text: str) -> None:
        texts.append(text)
        heard.set()

    listening = asyncio.create_task(listen(postgres_url, act, again_s=0.1))

    async def hear() -> None:
        async with asyncio.timeout(30):
            await heard.wait()
        heard.clear()

    try:
        await hear()  # when it has connected it looks
        await database.write(send)
        await hear()
        async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=True) as other:
            await other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE query LIKE %s",
                ["LISTEN%"],
            )
        await hear()
        await database.write(partial(send, text="slots"))
        await hear()
        assert texts == ["", "", "", "slots"]
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await database.close()
