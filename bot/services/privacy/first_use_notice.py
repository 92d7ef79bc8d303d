"""A member's first answer about a request has the privacy notice: where prompts and pictures go.

That they received it is recorded together with the request.
"""

import logging

from storage.engine.transaction import Database
from storage.errors import BotError
from storage.privacy import privacy_notices

logger = logging.getLogger(__name__)


class FirstUseNotice:
    """Takes back who got the privacy notice; a failure here never blocks a reply."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def not_seen(self, guild_id: int, user_id: int) -> None:
        """Record that the reply never arrived: the next one carries the notice."""
        try:
            async with self._database.transaction() as tx:
                await privacy_notices.remove(tx, guild_id, user_id)
        except BotError as error:
            logger.warning(
                "That a member has not had the privacy notice can't be recorded",
                extra={"action": "privacy_notice.unknown", "error": repr(error)},
            )
