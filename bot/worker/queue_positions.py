"""Queue positions of all waiting requests, read once for many cards."""

import asyncio
import time
from collections.abc import Mapping
from typing import Final

from storage.engine.transaction import Database
from storage.requests import fair_queue

FRESH_S: Final = 0.2
SHORT: Final = 100
"""A queue of so many is read anew for each request that has just joined it: that is quick, and
"next" or "soon" is what its member reads."""


class QueuePositions:
    """Reads all positions at most every `FRESH_S`, outside the transactions that need one.

    The position of a single request costs as much as all of them: the whole queue must be ordered.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = asyncio.Lock()
        self._positions: Mapping[str, int] = {}
        self._read_at_s = float("-inf")

    async def now(self, request_id: str) -> Mapping[str, int]:
        """Each queued request's id with how many are ahead of it. Raises: StorageError.

        In a short queue `request_id` is always among them, if it waits.
        """
        async with self._lock:
            now_s = time.monotonic()
            is_new = request_id not in self._positions and len(self._positions) < SHORT
            if is_new or now_s - self._read_at_s > FRESH_S:
                self._positions = await self._database.read(fair_queue.places)
                self._read_at_s = now_s
            return self._positions
