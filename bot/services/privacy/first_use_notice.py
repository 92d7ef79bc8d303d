"""The first reply to a member carries the privacy notice: where prompts and pictures go."""

import asyncio
import logging
from collections.abc import Callable
from typing import Final

from storage.engine.transaction import Database
from storage.errors import BotError
from storage.privacy import privacy_notices

logger = logging.getLogger(__name__)

TIME_S: Final = 1.0
"""A reply never waits longer for the notice."""


class FirstUseNotice:
    """Records who got the privacy notice; a failure here never blocks a reply."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def is_first(self, guild_id: int, user_id: int) -> bool:
        """Whether the member's next reply carries the notice; of two callers one gets True."""
        try:
            async with asyncio.timeout(TIME_S):
                if await self._database.read(lambda tx: privacy_notices.has(tx, guild_id, user_id)):
                    return False
                return await self._database.write(
                    lambda tx: privacy_notices.add(tx, guild_id, user_id, self._clock())
                )
        except (BotError, TimeoutError) as error:
            _log(error)
            return False

    async def not_seen(self, guild_id: int, user_id: int) -> None:
        """Record that the reply never arrived: the next one carries the notice."""
        try:
            async with self._database.transaction() as tx:
                await privacy_notices.remove(tx, guild_id, user_id)
        except BotError as error:
            _log(error)


def _log(error: Exception) -> None:
    logger.warning(
        "Whether a member has had the privacy notice can't be read",
        extra={"action": "privacy_notice.unknown", "error": repr(error)},
    )
