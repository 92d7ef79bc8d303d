"""Periodic tasks of the worker: each outlives whatever one pass of it meets."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.worker.wakeup import wait_for
from storage.errors import StorageError

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S: Final = 300.0
"""A task that fails again and again is tried this often at least."""


@dataclass(slots=True)
class Periodic:
    """Something done every so often, and at each wake-up that `subscribe` hears.

    A pass that fails in a way nobody foresaw is logged and comes again, later each time; meanwhile
    no wake-up wakes it. Its items are to fail alone: see `bot.worker.item_errors`.
    """

    name: str
    act: Callable[[], Awaitable[object]]
    every_s: float
    subscribe: asyncio.Event | None = None
    failures: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Until `stop` is set."""
        deaf = asyncio.Event()
        waiting = self.subscribe or deaf
        while not stop.is_set():
            pause_s = await self._once()
            listening = waiting if not pause_s else deaf
            await _first_of(stop, wait_for(listening, pause_s or self.every_s))

    async def _once(self) -> float:
        """One pass; returns how long to rest after a failure, 0 when there was none."""
        try:
            await self.act()
        except StorageError as error:
            logger.warning(
                "The database can't be asked, trying again",
                extra={"action": "worker.storage", "task": self.name, "error": repr(error)},
            )
        except Exception:
            self.failures += 1
            longer = float(2 ** min(self.failures, 16))
            pause_s = min(LONGEST_PAUSE_S, max(1.0, self.every_s) * longer)
            logger.exception(
                "A periodic task failed in a way nobody foresaw; it comes again",
                extra={"action": "worker.task", "task": self.name, "wait_s": pause_s},
            )
            return pause_s
        self.failures = 0
        return 0.0


async def _first_of(stop: asyncio.Event, waiting: Awaitable[None]) -> None:
    """Nobody sleeps on into the stop."""
    stopping = asyncio.ensure_future(stop.wait())
    listening = asyncio.ensure_future(waiting)
    await asyncio.wait({stopping, listening}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, listening):
        task.cancel()
    await asyncio.gather(stopping, listening, return_exceptions=True)
