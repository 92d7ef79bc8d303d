"""Isolates failures of single items: one that fails stops neither the others nor the loop."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable
from typing import Final, TypeVar

from storage.errors import StorageUnavailable

logger = logging.getLogger(__name__)

ItemT = TypeVar("ItemT")

BACKOFF_MS: Final = (5_000, 15_000, 60_000, 300_000, 1_800_000, 3_600_000)
REMEMBERED: Final = 1_000
"""How many failing items are remembered; beyond that the oldest are tried again."""


def backoff_ms(failures: int) -> int:
    """How long to wait after so many failures in a row (from 1)."""
    return BACKOFF_MS[min(max(failures, 1), len(BACKOFF_MS)) - 1]


class ItemRunner:
    """Runs the items of one periodic task, each with its own backoff once it has failed.

    `action` names the task in the log. For unexpected errors: foreseen ones have a due time in
    their row. Failures are remembered in memory only.
    """

    def __init__(self, action: str, clock: Callable[[], int]) -> None:
        self._action = action
        self._clock = clock
        self._failures: dict[str, tuple[int, int]] = {}

    @property
    def backing_off(self) -> tuple[str, ...]:
        """Failed items whose backoff has not passed, to exclude from the next batch."""
        now_ms = self._clock()
        return tuple(key for key, (_, until_ms) in self._failures.items() if until_ms > now_ms)

    async def each(
        self,
        items: Iterable[ItemT],
        key: Callable[[ItemT], str],
        act: Callable[[ItemT], Awaitable[object]],
    ) -> int:
        """Run `act` for every item that is not backing off; return how many succeeded.

        Raises: StorageUnavailable, which is no item's fault.
        """
        backing_off = set(self.backing_off)
        done = 0
        for item in items:
            if key(item) in backing_off:
                continue
            done += await self.one(key(item), act, item)
        return done

    async def side_by_side(
        self,
        items: Iterable[ItemT],
        key: Callable[[ItemT], str],
        act: Callable[[ItemT], Awaitable[object]],
        *,
        at_once: int,
    ) -> None:
        """The same with so many items at once, so that one that takes long delays no other.

        Raises: StorageUnavailable, once the others are through.
        """
        backing_off = set(self.backing_off)
        turns = asyncio.Semaphore(at_once)

        async def in_turn(item: ItemT) -> None:
            async with turns:
                await self.one(key(item), act, item)

        wanted = [item for item in items if key(item) not in backing_off]
        results = await asyncio.gather(*map(in_turn, wanted), return_exceptions=True)
        for error in results:
            if error is not None:
                raise error

    async def one(self, key: str, act: Callable[[ItemT], Awaitable[object]], item: ItemT) -> bool:
        """Run `act` for one item; False when it failed, which is logged and remembered."""
        try:
            await act(item)
        except StorageUnavailable:
            raise
        except Exception as error:
            failures, wait_ms = self._failed(key)
            about = {"action": self._action, "item": key, "failures": failures, "wait_ms": wait_ms}
            # an OSError speaks for itself; an unexpected error needs its traceback
            logger.exception(
                "One item of a periodic task failed; the others continue",
                exc_info=None if isinstance(error, OSError) else error,
                extra={**about, "error": repr(error)},
            )
            return False
        self._failures.pop(key, None)
        return True

    def _failed(self, key: str) -> tuple[int, int]:
        failures = self._failures.pop(key, (0, 0))[0] + 1
        wait_ms = backoff_ms(failures)
        self._failures[key] = (failures, self._clock() + wait_ms)
        while len(self._failures) > REMEMBERED:
            self._failures.pop(next(iter(self._failures)))
        return failures, wait_ms
