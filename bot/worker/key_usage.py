"""Notes what the provider key has used: around submissions, and from time to time.

The notes are evidence of what became of uncertain requests, and what the bill compares costs with.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from bot.provider.client import SeedanceClient
from bot.provider.errors import ProviderError
from bot.services.quotas.costs import micros_of
from storage.engine.retry import repeated
from storage.engine.transaction import Database
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage

logger = logging.getLogger(__name__)

LOOK_S: Final = 4.0
"""The longest a submission waits for a note."""
FRESH_MS: Final = 10 * 60_000
"""A submission needs a note that is no older."""
RETRY_MS: Final = 60_000
"""After a failure nobody asks again for so long."""


@dataclass
class KeyUsageNotes:
    """Asks for the key's use and records it; one call at a time in this process."""

    database: Database
    provider: SeedanceClient
    key_id: str
    clock: Callable[[], int]
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    _asked_at_ms: int = 0
    """When the provider was last asked by this process, whatever it answered."""
    _noted_at_ms: int = 0
    """When the newest note was answered that this process knows of."""

    async def ensure(self, max_age_ms: int = FRESH_MS) -> None:
        """Note the use unless there is a note no older than that, made by whatever process.

        A failure is no error: then there is no evidence. Raises: StorageError.
        """
        if self._is_noted(max_age_ms):
            return
        async with self._lock:
            last = await self.database.read(lambda tx: key_usage.last(tx, self.key_id))
            if last is not None:
                self._noted_at_ms = last.answered_at_ms
            if self._is_noted(max_age_ms):
                return
            now_ms = self.clock()
            if 0 <= now_ms - self._asked_at_ms < min(RETRY_MS, max_age_ms):
                return
            self._asked_at_ms = now_ms
            used = await self._ask()
            if used is not None:
                await self._record(KeyUsage(self.key_id, used, now_ms, self.clock()))

    def _is_noted(self, max_age_ms: int) -> bool:
        return 0 <= self.clock() - self._noted_at_ms < max_age_ms

    async def _ask(self) -> int | None:
        try:
            async with asyncio.timeout(LOOK_S):
                return micros_of(await self.provider.key_used())
        except (ProviderError, TimeoutError) as error:
            logger.info(
                "What the key has used is not known now",
                extra={"action": "key.unknown", "error": repr(error)},
            )
            return None

    @repeated
    async def _record(self, usage: KeyUsage) -> None:
        await self.database.write(lambda tx: key_usage.add(tx, usage))
