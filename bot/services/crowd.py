"""The answers a process owes at this moment: late ones are deferred, other work waits for them."""

import asyncio
import time
from typing import Final

DEFER_AFTER_S: Final = 0.7
"""Discord allows three seconds; the rest is for the network."""
LATE_S: Final = 0.5
"""An answer that will probably take longer is deferred at once: when it is late, the loop is busy
with all the others and a timer fires late as well."""
FIRST_PACE_S: Final = 0.01
SLOWEST_PACE_S: Final = 0.125
"""Answers that wait for something outside say little of how fast many get done."""
FEW: Final = 8
"""So many answers at once leave room for other work."""


class Crowd:
    """The answers in progress, and at what pace they get done while there are many.

    The pace is a moving average of the times between the ends of two answers.
    """

    def __init__(self) -> None:
        self._in_progress = 0
        self._pace_s = FIRST_PACE_S
        self._last_end_s = 0.0
        self._has_room = asyncio.Event()
        self._has_room.set()
        self._is_empty = asyncio.Event()
        self._is_empty.set()

    def enter(self) -> float:
        """Count an answer in; returns after how many seconds to defer it."""
        self._in_progress += 1
        self._is_empty.clear()
        if self._in_progress > FEW:
            self._has_room.clear()
        return 0.0 if self._in_progress * self._pace_s > LATE_S else DEFER_AFTER_S

    def leave(self) -> None:
        """Count an answer out."""
        self._in_progress -= 1
        if self._in_progress <= FEW:
            self._has_room.set()
        if not self._in_progress:
            self._is_empty.set()
        now_s = time.monotonic()
        if self._last_end_s:
            took_s = min(now_s - self._last_end_s, SLOWEST_PACE_S)
            self._pace_s += (took_s - self._pace_s) / 8
        # the next one ends when it will: with nobody waiting that says nothing
        self._last_end_s = now_s if self._in_progress else 0.0

    async def give_way(self, at_most_s: float) -> None:
        """Wait while there are many, but no longer than that: other work must go on as well."""
        if self._has_room.is_set():
            return
        try:
            async with asyncio.timeout(at_most_s):
                await self._has_room.wait()
        except TimeoutError:
            return

    async def dispersed(self, at_most_s: float) -> None:
        """Wait until no answer is in progress, but no longer than that."""
        try:
            async with asyncio.timeout(at_most_s):
                # one that failed is counted again while the member is told
                while self._in_progress:
                    await self._is_empty.wait()
        except TimeoutError:
            return
