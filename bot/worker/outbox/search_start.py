"""Where the search for a message that may have arrived begins: never at a time of our own clock."""

from typing import Final

from bot.errors import HistoryClosed, PlaceGone
from bot.worker.context import WorkerContext
from storage.records import OutboxMessage
from storage.requests import outbox

DISCORD_EPOCH_MS: Final = 1_420_070_400_000
RECENT_MS: Final = 60 * 60_000
"""How old an id may be to begin at: behind an older one too many messages may have been written.

Our clock decides here only whether Discord is asked for a newer one.
"""


async def id_before(context: WorkerContext, message: OutboxMessage) -> int:
    """An id that Discord gave before this message is sent for the first time; 0 if none is known.

    The newest one that we know of its request, or, where that is old, of a message in its place.
    Raises: DiscordUnavailable.
    """
    if message.intent_at_ms:
        # written down with the intent; a later one could lie behind the message itself
        return message.after_id
    known = 0
    if message.request_id:
        async with context.database.reading() as tx:
            known = await outbox.newest_known_id(tx, message.request_id)
    if abs(context.clock() - made_at_ms(known)) < RECENT_MS:
        return known
    try:
        return max(known, await context.messenger.newest_id(message))
    except (HistoryClosed, PlaceGone):
        # the try to send shows what that means
        return known


def made_at_ms(snowflake: int) -> int:
    """When Discord gave an id, by Discord's clock."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS
