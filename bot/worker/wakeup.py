"""Wakes waiting loops when there may be work, so that they need not wait for their timer."""

import asyncio


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


async def wait_for(event: asyncio.Event, timeout_s: float) -> None:
    """Wait for a wake-up, at most `timeout_s`, and clear it."""
    try:
        async with asyncio.timeout(timeout_s):
            await event.wait()
    except TimeoutError:
        pass
    event.clear()
