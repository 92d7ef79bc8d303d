"""A cancelled handler leaves a whole transaction or none, and a database that goes on working."""

import asyncio
import random
from typing import Any

from storage.engine.transaction import Database
from storage.operations import key_values
from tests.support.patience import PATIENCE_S

ROUNDS = 60


async def write_pair(database: Database, key: str) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, f"{key}-left", "1", 1)
        await key_values.set(tx, f"{key}-right", "1", 1)


async def cancel_after_steps(task: asyncio.Task[Any], steps: int, again: bool) -> None:
    """Cancel after so many turns of the loop; perhaps once more while it cleans up."""
    for _ in range(steps):
        await asyncio.sleep(0)
    task.cancel()
    if again:
        await asyncio.sleep(0)
        task.cancel()
    await asyncio.wait([task], timeout=PATIENCE_S)
    assert task.done()
    if not task.cancelled():
        assert task.exception() is None


async def test_cancellation_anywhere_leaves_whole_pairs_and_a_working_database(
    database: Database,
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for number in range(ROUNDS):
        tasks = [asyncio.create_task(write_pair(database, f"{number}-{n}")) for n in range(2)]
        steps = chance.randrange(40) if number % 2 else chance.randrange(400)
        await asyncio.gather(
            *(cancel_after_steps(task, steps, chance.random() < 0.5) for task in tasks)
        )
    async with asyncio.timeout(20):
        for number in range(12):  # more than the pool has: none was lost
            await write_pair(database, f"after-{number}")
        await asyncio.gather(*(write_pair(database, f"beside-{n}") for n in range(12)))
    async with database.reading() as tx:
        rows = await tx.fetch_all("SELECT key FROM key_values")
    keys = {row["key"] for row in rows}
    assert {key.removesuffix("-left") for key in keys if key.endswith("-left")} == {
        key.removesuffix("-right") for key in keys if key.endswith("-right")
    }


async def test_a_cancelled_reader_leaves_the_next_one_a_working_connection(
    database: Database,
) -> None:
    for steps in range(0, 60, 3):

        async def read() -> None:
            async with database.reading() as tx:
                await key_values.get(tx, "a")
                await key_values.get(tx, "b")

        await cancel_after_steps(asyncio.create_task(read()), steps, again=bool(steps % 2))
    async with asyncio.timeout(10), database.reading() as tx:
        assert await key_values.get(tx, "a") is None


async def test_who_waits_for_a_turn_can_be_cancelled(database: Database) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, "first-left", "1", 1)
        waiting = asyncio.create_task(write_pair(database, "first"))
        await cancel_after_steps(waiting, 5, again=False)
    async with asyncio.timeout(10):
        await write_pair(database, "second")
