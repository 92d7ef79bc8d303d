"""Where the search for a message that may have arrived begins: never at a time of our own clock."""

from typing import Final

from bot.errors import HistoryClosed, PlaceGone
from bot.worker.context import Parts
from storage.records import Post
from storage.requests import outbox

DISCORD_EPOCH_MS: Final = 1_420_070_400_000
RECENT_MS: Final = 60 * 60_000
"""How old an id may be to begin at: behind an older one too many messages may have been written.

Our clock decides here only whether Discord is asked for a newer one.
"""


async def id_before(parts: Parts, post: Post) -> int:
    """An id that Discord gave before this message is sent for the first time; 0 if none is known.

    The newest one that we know of its request, or, where that is old, of a message in its place.
    Raises: DiscordUnavailable.
    """
    if post.intent_at_ms:
        # written down with the intent; a later one could lie behind the message itself
        return post.after_id
    known = 0
    if post.request_id:
        async with parts.database.reading() as tx:
            known = await outbox.newest_known_id(tx, post.request_id)
    if abs(parts.clock() - made_at_ms(known)) < RECENT_MS:
        return known
    try:
        return max(known, await parts.messenger.newest_id(post))
    except (HistoryClosed, PlaceGone):
        # the try to send shows what that means
        return known


def made_at_ms(snowflake: int) -> int:
    """When Discord gave an id, by Discord's clock."""
    return (snowflake >> 22) + DISCORD_EPOCH_MS
