"""Periodic tasks of the worker; a failing pass never ends the task."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final

from bot.services.wakeup import rest, wait_for
from storage.errors import StorageError

logger = logging.getLogger(__name__)

LONGEST_PAUSE_S: Final = 300.0
"""The longest backoff of a failing task."""


@dataclass(slots=True)
class Periodic:
    """A task that runs every `every_s` and at each wake-up.

    A pass that fails unexpectedly is logged and retried with growing backoff, during which wake-ups
    are ignored. Single items should fail alone: see `bot.worker.item_errors`.
    """

    name: str
    act: Callable[[], Awaitable[object]]
    every_s: float
    wakeups: asyncio.Event | None = None
    rest_s: float = 0.0
    """How far wake-ups are apart at least that make it run."""
    failures: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Run until `stop` is set."""
        never = asyncio.Event()
        while not stop.is_set():
            began_s = time.monotonic()
            pause_s = await self._once()
            if self.wakeups is not None:
                await rest(time.monotonic() - began_s, self.rest_s)
            wakeups = never if pause_s else self.wakeups or never
            await _first_of(stop, wait_for(wakeups, pause_s or self.every_s))

    async def _once(self) -> float:
        """Run one pass; return the backoff in seconds after a failure, else 0."""
        try:
            await self.act()
        except StorageError as error:
            logger.warning(
                "The database is unavailable; trying again",
                extra={"action": "worker.storage", "task": self.name, "error": repr(error)},
            )
        except Exception:
            self.failures += 1
            longer = float(2 ** min(self.failures, 16))
            pause_s = min(LONGEST_PAUSE_S, max(1.0, self.every_s) * longer)
            logger.exception(
                "A periodic task failed with an unexpected error; trying again",
                extra={"action": "worker.task", "task": self.name, "wait_s": pause_s},
            )
            return pause_s
        self.failures = 0
        return 0.0


async def _first_of(stop: asyncio.Event, waiting: Awaitable[object]) -> None:
    """Wait for `waiting`, but no longer than until `stop` is set."""
    stopping = asyncio.ensure_future(stop.wait())
    listening = asyncio.ensure_future(waiting)
    await asyncio.wait({stopping, listening}, return_when=asyncio.FIRST_COMPLETED)
    for task in (stopping, listening):
        task.cancel()
    await asyncio.gather(stopping, listening, return_exceptions=True)
