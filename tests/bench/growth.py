"""What each thing costs that was found to grow: with 1 k, 30 k and 1 M ended requests.

The rows are made by the database itself, then the very calls of the bot are timed, warm.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import closing
from pathlib import Path
from statistics import median
from typing import Final

import psycopg

from bot.services.privacy.erasure import forget_member, forget_server
from bot.services.stats.daily_counts import count_days
from storage.engine.database import open_database
from storage.engine.transaction import Database, Transaction
from storage.moderation import reviews
from storage.operations import status
from storage.privacy import member_data, message_mentions
from storage.quotas import ledger, ledger_sums
from storage.quotas.ledger_records import Account
from storage.requests import fair_queue, outbox, requests
from storage.stats import daily_counts
from tests.support.database_rows import NOW_MS, filling
from tests.support.postgres import PostgresMissing, postgres_server

SIZES: Final = (1_000, 30_000, 1_000_000)
QUICK_SIZES: Final = (1_000, 30_000)
ROUNDS: Final = 5
DAY_MS: Final = 24 * 3_600_000
GUILD, MEMBER = 3, 1003

Ask = Callable[[Transaction], Awaitable[object]]

READINGS: Final[dict[str, Ask]] = {
    "cards behind": lambda tx: outbox.cards_behind(tx, NOW_MS, limit=200),
    "review cards behind": lambda tx: reviews.cards_behind(tx, NOW_MS, limit=50, of_channel=20),
    "requests by state": requests.count_by_state,
    "stats of 90 days": lambda tx: daily_counts.of_server(
        tx, GUILD, first=NOW_MS // DAY_MS - 90, last=NOW_MS // DAY_MS
    ),
    "the bot's day": lambda tx: ledger_sums.usage(tx, Account.COUNT, since_ms=NOW_MS - DAY_MS),
    "the bot's month": lambda tx: ledger_sums.usage(
        tx, Account.COST, since_ms=NOW_MS - 30 * DAY_MS
    ),
    "billed videos": ledger.billed_videos,
    "holder of a task": lambda tx: status.holder_of_task(tx, "task7", but="r9"),
    "failures of a week": lambda tx: status.failures_since(tx, NOW_MS - 7 * DAY_MS),
    "next in line": lambda tx: fair_queue.next_in_queue(tx, NOW_MS, host="host", limit=1),
    "export": lambda tx: member_data.everything(tx, MEMBER),
}


async def measure(folder: Path, sizes: Sequence[int]) -> str:
    """Median milliseconds by database and size; deletions as a whole, and the longest wait in it.

    The wait is that of a writer who comes every few milliseconds while the deletion runs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    columns: dict[str, dict[str, str]] = {}
    for size in sizes:
        path = folder / f"growth-{size}.db"
        columns[f"SQLite {size:,}"] = await _measured(f"sqlite:///{path}", size)
        await asyncio.to_thread(path.unlink)
    try:
        with postgres_server() as server:
            for size in sizes:
                name = server.create()
                columns[f"PostgreSQL {size:,}"] = await _measured(server.url(name), size)
                server.drop(name)
    except PostgresMissing as exc:
        print(f"PostgreSQL was not measured: {exc}")
    rows = list(next(iter(columns.values())))
    head = "| ms | " + " | ".join(columns) + " |"
    line = "|---|" + "--:|" * len(columns)
    body = [f"| {row} | " + " | ".join(of[row] for of in columns.values()) + " |" for row in rows]
    return "\n".join(["## growth", head, line, *body])


async def _measured(url: str, size: int) -> dict[str, str]:
    database = await open_database(url, migrate=True)
    try:
        await asyncio.to_thread(fill_with_ended, url, size)
        await message_mentions.note_old(database)
        while not await count_days(database, NOW_MS):
            pass
        found = {name: f"{await _timed(database, ask):.1f}" for name, ask in READINGS.items()}
        found |= await _deletions(database)
        return found
    finally:
        await database.close()


def fill_with_ended(url: str, size: int) -> None:
    """Fill a database with so many ended requests and what they leave in every table."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            for sql in filling("sqlite", size):
                connection.execute(sql)
            connection.commit()
        return
    with psycopg.connect(url, autocommit=True) as server:
        for sql in filling("postgres", size):
            server.execute(sql.encode())
        server.execute("VACUUM ANALYZE")


async def _timed(database: Database, ask: Ask) -> float:
    taken = []
    for _ in range(ROUNDS):
        async with database.reading() as tx:
            began = time.perf_counter()
            await ask(tx)
            taken.append((time.perf_counter() - began) * 1000)
    return median(taken)


async def _deletions(database: Database) -> dict[str, str]:
    found = {}
    for name, delete in (
        ("delete my data", lambda: forget_member(database, MEMBER, lambda: NOW_MS)),
        ("delete a server", lambda: forget_server(database, GUILD, lambda: NOW_MS)),
    ):
        over = asyncio.Event()
        other = asyncio.ensure_future(_longest_wait(database, over))
        began = time.perf_counter()
        await delete()
        whole_ms = (time.perf_counter() - began) * 1000
        over.set()
        found[name] = f"{whole_ms:.0f}"
        found[f"{name}: longest wait of others"] = f"{await other:.0f}"
    return found


async def _longest_wait(database: Database, over: asyncio.Event) -> float:
    longest_ms = 0.0
    while not over.is_set():
        began = time.perf_counter()
        async with database.transaction() as tx:
            await tx.fetch_one("SELECT 1 AS one")
        longest_ms = max(longest_ms, (time.perf_counter() - began) * 1000)
        await asyncio.sleep(0.005)
    return longest_ms
