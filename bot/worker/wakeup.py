"""Wakes waiting loops when there may be work, so that they need not wait for their timer."""

import asyncio
import logging
import time
from typing import Final

from storage.engine.signals import send
from storage.engine.transaction import Database
from storage.errors import StorageError

logger = logging.getLogger(__name__)

LONGEST_REST_S: Final = 0.1


class Wakeup:
    """A broadcast: calling it wakes every subscriber once, at its next wait if it is busy."""

    def __init__(self) -> None:
        self._subscribers: list[asyncio.Event] = []

    def __call__(self) -> None:
        """Wake all subscribers; must be called on the event loop."""
        for event in self._subscribers:
            event.set()

    def subscribe(self) -> asyncio.Event:
        """A new event that each wake-up sets; its loop clears it."""
        event = asyncio.Event()
        self._subscribers.append(event)
        return event


async def send_wakeups(database: Database, wakeup: Wakeup) -> None:
    """Signal the workers of other processes at each wake-up of this one's, until cancelled."""
    wakeups = wakeup.subscribe()
    while True:
        await wakeups.wait()
        wakeups.clear()
        began_s = time.monotonic()
        try:
            await database.write(send)
        except StorageError as error:
            logger.info(
                "The workers could not be signalled; they look by themselves",
                extra={"action": "wakeup.signal", "error": repr(error)},
            )
        await rest(time.monotonic() - began_s)


async def rest(took_s: float, least_s: float = 0.0) -> None:
    """Pause after a round that took so long, for as long again, up to `LONGEST_REST_S`.

    However often it is woken, a loop then spends half its time at most; what comes meanwhile is
    found by one round. The pause is never shorter than `least_s`.
    """
    await asyncio.sleep(max(min(took_s, LONGEST_REST_S), least_s))


async def wait_for(event: asyncio.Event, timeout_s: float) -> None:
    """Wait for a wake-up, at most `timeout_s`, and clear it."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()
