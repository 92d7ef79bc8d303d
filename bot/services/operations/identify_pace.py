"""Discord's pace of identifying, kept over all processes of a bot by a row of the database.

Source: Discord's gateway documentation, "Session start limit object": one identify in five seconds
for each bucket, which is the shard's number modulo `max_concurrency`.
"""

import asyncio
import logging
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Final

from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.operations import key_values

logger = logging.getLogger(__name__)

PACE_MS: Final = 5_500
"""Discord's five seconds, and what two ways to it may differ by."""
SLOW_PART: Final = 20
"""A turn may be late by a twentieth of the pace; what came later is taken again."""
RETRY_S: Final = 1.0


class IdentifyPace:
    """Gives out turns to identify; `clock` answers UTC milliseconds, the same in every process.

    A turn is taken before the connection is opened, so that nobody holds an open one while he
    waits, and confirmed right before the identify is sent, so that others count from then. No
    transaction waits, and a process that dies holds up nobody for longer than the pace.
    """

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], int],
        pace_ms: int = PACE_MS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._database = database
        self._clock = clock
        self._pace_ms = pace_ms
        self._sleep = sleep
        self._locks: defaultdict[int, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def take(self, bucket: int) -> str:
        """Wait for a turn and return its name; a database that is away is waited for, too."""
        turn, allowed_ms = secrets.token_hex(8), 0
        # of the shards of one process one asks at a time, in order
        async with self._locks[bucket]:
            while True:
                try:
                    asked_ms = self._clock()
                    wait_ms = await self._claim(bucket, turn, asked_ms, asked_ms + allowed_ms)
                    if not wait_ms and self._is_prompt(asked_ms + allowed_ms):
                        return turn
                    if not wait_ms:
                        # a slow database: others count from when its answer is expected
                        allowed_ms = min(self._pace_ms, 2 * (self._clock() - asked_ms))
                    wait_s = (wait_ms or self._pace_ms) / 1000
                except StorageError as error:
                    _log(error)
                    wait_s = RETRY_S
                await self._sleep(wait_s)

    async def confirm(self, bucket: int, turn: str) -> bool:
        """Let others count from now; False when the turn has passed to another meanwhile."""
        try:
            asked_ms = self._clock()
            is_kept = await self._restamp(bucket, turn, asked_ms)
        except StorageError as error:
            _log(error)
            return False
        return is_kept and self._is_prompt(asked_ms)

    def _is_prompt(self, written_ms: int) -> bool:
        """Whether others, who count from what is written, count from about now."""
        return self._clock() - written_ms <= self._pace_ms // SLOW_PART

    @repeated
    async def _claim(self, bucket: int, turn: str, now_ms: int, at_ms: int) -> int:
        """Write the turn down; 0, or for how many milliseconds it is still another's."""
        key = _key(bucket)
        async with self._database.transaction() as tx:
            if await key_values.take_turn(
                tx, key, turn, now_ms=now_ms, at_ms=at_ms, pace_ms=self._pace_ms
            ):
                return 0
            taken_ms = await key_values.since_ms(tx, key) or 0
        return max(1, taken_ms + self._pace_ms - now_ms)

    @repeated
    async def _restamp(self, bucket: int, turn: str, now_ms: int) -> bool:
        async with self._database.transaction() as tx:
            return await key_values.compare_and_set(
                tx, _key(bucket), expected=turn, value=turn, now_ms=now_ms
            )


def _key(bucket: int) -> str:
    return f"identify:{bucket}"


def _log(error: StorageError) -> None:
    logger.warning(
        "Identifying waits for the database",
        extra={"action": "gateway.pace", "error": repr(error)},
    )
