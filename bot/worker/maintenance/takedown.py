"""Takes messages down for good: of members who are forgotten, and films that lost a part."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bot.errors import ChangeRefused, DeliveryError, DeliveryRefused, DiscordUnavailable
from bot.worker.context import Parts
from bot.worker.item_errors import backoff_ms
from storage.engine.retry import repeated
from storage.errors import Conflict
from storage.records import Post, PostState
from storage.requests import joined_films, outbox, outbox_retries

logger = logging.getLogger(__name__)

AT_ONCE: Final = 50
SIDE_BY_SIDE: Final = 8


async def take_down_films(parts: Parts) -> None:
    """Remove films with a part that is gone; what can't be done now comes again."""
    while True:
        async with parts.database.reading() as tx:
            found = await joined_films.unwanted(tx, now_ms=parts.clock(), limit=AT_ONCE)
        await take_down_all(parts, found)
        if len(found) < AT_ONCE:
            return


async def take_down_all(parts: Parts, found: Sequence[Post]) -> None:
    """Remove messages, channel by channel side by side. Raises: StorageError."""
    places: dict[int, list[Post]] = {}
    for post in found:
        places.setdefault(post.sent_channel_id, []).append(post)
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(of_place: Sequence[Post]) -> None:
        async with turns:
            await _take_down_of_place(parts, of_place)

    results = await asyncio.gather(*map(one, places.values()), return_exceptions=True)
    for error in results:
        if error is not None:
            raise error


async def _take_down_of_place(parts: Parts, of_place: Sequence[Post]) -> None:
    """Where one can't be removed now, the others of its channel wait as long."""
    for number, post in enumerate(of_place):
        if not await take_down(parts, post):
            await _later(parts, of_place[number + 1 :], backoff_ms(post.attempt + 1))
            return


async def take_down(parts: Parts, post: Post) -> bool:
    """Remove a message and note it; what can't be removed now has a time of its own.

    False where its channel is to be left alone; a refusal of this one says nothing of the others.
    Raises: StorageError.
    """
    try:
        if post.message_id:
            await parts.messenger.delete(post.sent_channel_id, post.message_id)
    except DiscordUnavailable as error:
        await _failed(parts, post, error, round((error.retry_after_s or 0) * 1000))
        return False
    except (ChangeRefused, DeliveryRefused) as error:
        await _failed(parts, post, error)
        return True
    except DeliveryError as error:
        # its place is gone: nothing can be done there any more
        logger.warning(
            "A message can't be taken down",
            extra={"action": "post.takedown", "post": post.id, "error": repr(error)},
        )
    except Exception as error:
        logger.exception(
            "Taking a message down failed in a way nobody foresaw",
            extra={"action": "post.takedown", "post": post.id},
        )
        await _failed(parts, post, error)
        return False
    with suppress(Conflict):
        await _gone(parts, post)
    return True


@repeated
async def _gone(parts: Parts, post: Post) -> None:
    async with parts.database.transaction() as tx:
        await outbox.settle(tx, post.id, owner=None, state=PostState.DELETED)


async def _failed(parts: Parts, post: Post, error: Exception, least_ms: int = 0) -> None:
    wait_ms = max(backoff_ms(post.attempt + 1), least_ms)
    logger.warning(
        "A message can't be taken down now; it will be tried again",
        extra={
            "action": "post.takedown",
            "post": post.id,
            "wait_ms": wait_ms,
            "error": repr(error),
        },
    )
    await _later(parts, [post], wait_ms)


@repeated
async def _later(parts: Parts, found: Sequence[Post], wait_ms: int) -> None:
    async with parts.database.transaction() as tx:
        for post in sorted(found, key=lambda each: each.id):
            await outbox_retries.change_later(tx, post.id, parts.clock() + wait_ms)
