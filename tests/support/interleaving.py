"""One interleaving of two transactions of PostgreSQL, made to happen instead of waited for."""

import asyncio
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import pytest

from storage.engine.transaction import Database, Transaction
from tests.support.patience import PATIENCE_S

_WAITING = """
SELECT COUNT(*) AS number FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock'"""

Act = Callable[[], Coroutine[Any, Any, Any]]


async def ended_or_waits(task: asyncio.Task[Any], database: Database) -> None:
    """Return once the task is done, or somebody waits for a lock. Raises: TimeoutError."""
    async with asyncio.timeout(PATIENCE_S):
        while not (task.done() or await _is_waiting(database)):
            await asyncio.sleep(0.01)


async def _is_waiting(database: Database) -> bool:
    async with database.reading() as tx:
        row = await tx.fetch_one(_WAITING)
    return bool(row and row["number"])


class Meanwhile:
    """What another process does in the middle of a transaction.

    It begins right after a function of a storage module has read, in the first writing transaction
    that calls it; that transaction goes on once the other one has ended, or waits for its lock.
    """

    def __init__(
        self,
        patch: pytest.MonkeyPatch,
        function: tuple[ModuleType, str],
        act: Act,
        database: Database,
    ) -> None:
        self._act, self._database = act, database
        self._task: asyncio.Task[Any] | None = None
        module, name = function
        self._function = getattr(module, name)
        patch.setattr(module, name, self._interrupted)

    async def _interrupted(self, tx: Transaction, *args: Any, **fields: Any) -> Any:
        found = await self._function(tx, *args, **fields)
        if self._task is None and await _is_writing(tx):
            self._task = asyncio.create_task(self._act())
            await ended_or_waits(self._task, self._database)
        return found

    async def outcome(self) -> Any:
        """What the other's act came to; its exception is returned."""
        assert self._task is not None, "nothing was interrupted"
        return (await asyncio.gather(self._task, return_exceptions=True))[0]


async def _is_writing(tx: Transaction) -> bool:
    row = await tx.fetch_one("SHOW transaction_read_only")
    return row is not None and row["transaction_read_only"] == "off"
