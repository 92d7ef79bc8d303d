"""Waiting until somebody waits for a row's lock in PostgreSQL."""

import asyncio
from typing import Any

from storage.engine.transaction import Database

_WAITING = """
SELECT COUNT(*) AS number FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def ended_or_waits(task: asyncio.Task[Any], database: Database) -> None:
    """Return once the task is done, or somebody waits for a lock. Raises: TimeoutError."""
    async with asyncio.timeout(10):
        while not (task.done() or await _is_waiting(database)):
            await asyncio.sleep(0.01)


async def _is_waiting(database: Database) -> bool:
    async with database.reading() as tx:
        row = await tx.fetch_one(_WAITING)
    return bool(row and row["number"])
