"""Wakes loops that wait for work, so that nobody waits for a timer in the usual case."""

import asyncio


class Nudge:
    """Calling it wakes every ear once; a nudge that comes while a loop works is not lost."""

    def __init__(self) -> None:
        self._ears: list[asyncio.Event] = []

    def __call__(self) -> None:
        """Wake all that listen; must be called on the event loop."""
        for ear in self._ears:
            ear.set()

    def ear(self) -> asyncio.Event:
        """A new event that each nudge sets; its loop clears it."""
        event = asyncio.Event()
        self._ears.append(event)
        return event


async def wait_for(ear: asyncio.Event, timeout_s: float) -> None:
    """Wait for a nudge, at most so long, and clear it."""
    try:
        async with asyncio.timeout(timeout_s):
            await ear.wait()
    except TimeoutError:
        pass
    ear.clear()
