"""Takes messages down for good: of members who are forgotten, and films that lost a part."""

import logging
from typing import Final

from bot.desk.errors import DeliveryError, DiscordUnavailable
from bot.worker.parts import Parts
from storage import films, posts
from storage.again import repeated
from storage.records import Post, PostState

logger = logging.getLogger(__name__)

AT_ONCE: Final = 50


async def take_down_films(parts: Parts) -> None:
    """Remove films with a part that is gone or hidden; what can't be done now comes again."""
    while True:
        async with parts.database.reading() as tx:
            found = await films.unwanted(tx, limit=AT_ONCE)
        for film in found:
            if not await take_down(parts, film):
                return
        if len(found) < AT_ONCE:
            return


@repeated
async def take_down(parts: Parts, post: Post) -> bool:
    """Remove a message and note it; False when Discord can't be asked now."""
    try:
        if post.message_id:
            await parts.messenger.delete(post.sent_channel_id, post.message_id)
    except DiscordUnavailable as error:
        logger.warning(
            "A message can't be taken down now; it will be tried again",
            extra={"action": "post.takedown", "post": post.id, "error": repr(error)},
        )
        return False
    except DeliveryError as error:
        # its place is gone or closed to us: nothing can be done there any more
        logger.warning(
            "A message can't be taken down",
            extra={"action": "post.takedown", "post": post.id, "error": repr(error)},
        )
    async with parts.database.transaction() as tx:
        await posts.settle(tx, post.id, owner=None, state=PostState.DELETED)
    return True
