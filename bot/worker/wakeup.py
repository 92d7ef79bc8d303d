"""Wakes loops that wait for work, so that nobody waits for a timer in the usual case."""

import asyncio


class Wakeup:
    """Calling it wakes every ear once; a wake-up that comes while a loop works is not lost."""

    def __init__(self) -> None:
        self._subscribers: list[asyncio.Event] = []

    def __call__(self) -> None:
        """Wake all that listen; must be called on the event loop."""
        for subscribe in self._subscribers:
            subscribe.set()

    def subscribe(self) -> asyncio.Event:
        """A new event that each wake-up sets; its loop clears it."""
        event = asyncio.Event()
        self._subscribers.append(event)
        return event


async def wait_for(subscribe: asyncio.Event, timeout_s: float) -> None:
    """Wait for a wake-up, at most so long, and clear it."""
    try:
        async with asyncio.timeout(timeout_s):
            await subscribe.wait()
    except TimeoutError:
        pass
    subscribe.clear()
