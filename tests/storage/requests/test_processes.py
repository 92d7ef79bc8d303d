"""What only real processes show: locks between them, and what a kill leaves behind."""

import asyncio
import sys
from pathlib import Path

from storage.engine.database import open_database
from storage.engine.transaction import Database
from storage.operations import key_values
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account
from tests.conftest import OpenAnother
from tests.storage.reserving import CAP, reserve

ROOT = Path(__file__).parents[3]


async def run(*arguments: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.storage.reserving",
        *arguments,
        stdout=asyncio.subprocess.PIPE,
        cwd=ROOT,
    )


async def counted(database: Database) -> int:
    async with database.reading() as tx:
        return (await ledger_sums.usage(tx, Account.COUNT, since_ms=0)).videos


async def test_sixty_four_at_once_with_ten_left_are_exactly_ten(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()
    tries = (reserve((database, other)[n % 2], f"r{n}") for n in range(64))
    assert sum(await asyncio.gather(*tries)) == CAP
    assert await counted(database) == CAP


async def test_several_processes_together_grant_exactly_ten(
    database: Database, database_url: str
) -> None:
    started = [await run("reserve", database_url, f"p{n}x", "32") for n in range(2)]
    async with asyncio.timeout(60):
        outputs = [await process.communicate() for process in started]
    assert sum(int(output[0]) for output in outputs) == CAP
    assert await counted(database) == CAP


async def test_a_kill_loses_nothing_that_was_told_and_leaves_no_half(
    database: Database, database_url: str
) -> None:
    process = await run("write", database_url)
    assert process.stdout
    told = 0
    async with asyncio.timeout(60):
        while told < 40:
            told = int(await process.stdout.readline())
        process.kill()
        rest = await process.stdout.read()
        await process.wait()
    # the very last line may have been cut in half
    told = max([told, *(int(line) for line in rest.split(b"\n")[:-1])])
    reopened = await open_database(database_url, migrate=True)
    try:
        async with reopened.reading() as tx:
            keys = {row["key"] for row in await tx.fetch_all("SELECT key FROM key_values")}
        async with asyncio.timeout(20), reopened.transaction() as tx:
            await key_values.set(tx, "alive", "1", 1)
    finally:
        await reopened.close()
    left = {key.removesuffix("-left") for key in keys if key.endswith("-left")}
    right = {key.removesuffix("-right") for key in keys if key.endswith("-right")}
    assert left == right
    assert {str(number) for number in range(1, told + 1)} <= left
