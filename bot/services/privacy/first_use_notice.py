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
"""An answer is worth more than the line: it never waits longer for it."""


class FirstUseNotice:
    """Knows who has been told; whatever fails here stops nobody's answer."""

    def __init__(self, database: Database, *, clock: Callable[[], int]) -> None:
        self._database = database
        self._clock = clock

    async def is_first(self, guild_id: int, user_id: int) -> bool:
        """Whether the member's next answer is the one that tells them; of two, one gets True."""
        try:
            async with asyncio.timeout(TIME_S):
                async with self._database.reading() as tx:
                    if await privacy_notices.has(tx, guild_id, user_id):
                        return False
                async with self._database.transaction() as tx:
                    return await privacy_notices.add(tx, guild_id, user_id, self._clock())
        except (BotError, TimeoutError) as error:
            _log(error)
            return False

    async def not_seen(self, guild_id: int, user_id: int) -> None:
        """That answer never arrived: the next one tells."""
        try:
            async with self._database.transaction() as tx:
                await privacy_notices.remove(tx, guild_id, user_id)
        except BotError as error:
            _log(error)


def _log(error: Exception) -> None:
    logger.warning(
        "Whether a member is new can't be known now",
        extra={"action": "privacy_notice.unknown", "error": repr(error)},
    )
