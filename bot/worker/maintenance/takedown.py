"""Takes messages down for good: of members who are forgotten, and films that lost a part."""

import asyncio
import logging
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from bot.errors import ChangeRefused, DeliveryError, DeliveryRefused, DiscordUnavailable
from bot.worker.context import WorkerContext
from bot.worker.item_errors import backoff_ms
from storage.engine.retry import repeated
from storage.errors import Conflict
from storage.records import OutboxMessage, OutboxState
from storage.requests import joined_films, outbox, outbox_retries

logger = logging.getLogger(__name__)

AT_ONCE: Final = 50
SIDE_BY_SIDE: Final = 8


async def take_down_films(context: WorkerContext) -> None:
    """Remove films with a part that is gone; what can't be done now comes again."""
    while True:
        async with context.database.reading() as tx:
            found = await joined_films.unwanted(tx, now_ms=context.clock(), limit=AT_ONCE)
        await take_down_all(context, found)
        if len(found) < AT_ONCE:
            return


async def take_down_all(context: WorkerContext, found: Sequence[OutboxMessage]) -> None:
    """Remove messages, channel by channel side by side. Raises: StorageError."""
    places: dict[int, list[OutboxMessage]] = {}
    for message in found:
        places.setdefault(message.sent_channel_id, []).append(message)
    turns = asyncio.Semaphore(SIDE_BY_SIDE)

    async def one(of_place: Sequence[OutboxMessage]) -> None:
        async with turns:
            await _take_down_of_place(context, of_place)

    results = await asyncio.gather(*map(one, places.values()), return_exceptions=True)
    for error in results:
        if error is not None:
            raise error


async def _take_down_of_place(context: WorkerContext, of_place: Sequence[OutboxMessage]) -> None:
    """Where one can't be removed now, the others of its channel wait as long."""
    for number, message in enumerate(of_place):
        if not await take_down(context, message):
            await _later(context, of_place[number + 1 :], backoff_ms(message.attempt + 1))
            return


async def take_down(context: WorkerContext, message: OutboxMessage) -> bool:
    """Remove a message and note it; what can't be removed now has a time of its own.

    False where its channel is to be left alone; a refusal of this one says nothing of the others.
    Raises: StorageError.
    """
    try:
        if message.message_id:
            await context.messenger.delete(message.sent_channel_id, message.message_id)
    except DiscordUnavailable as error:
        await _failed(context, message, error, round((error.retry_after_s or 0) * 1000))
        return False
    except (ChangeRefused, DeliveryRefused) as error:
        await _failed(context, message, error)
        return True
    except DeliveryError as error:
        # its place is gone: nothing can be done there any more
        logger.warning(
            "A message can't be taken down",
            extra={"action": "message.takedown", "post": message.id, "error": repr(error)},
        )
    except Exception as error:
        logger.exception(
            "Taking a message down failed in a way nobody foresaw",
            extra={"action": "message.takedown", "post": message.id},
        )
        await _failed(context, message, error)
        return False
    with suppress(Conflict):
        await _gone(context, message)
    return True


@repeated
async def _gone(context: WorkerContext, message: OutboxMessage) -> None:
    async with context.database.transaction() as tx:
        await outbox.settle(tx, message.id, owner=None, state=OutboxState.DELETED)


async def _failed(
    context: WorkerContext, message: OutboxMessage, error: Exception, least_ms: int = 0
) -> None:
    wait_ms = max(backoff_ms(message.attempt + 1), least_ms)
    logger.warning(
        "A message can't be taken down now; it will be tried again",
        extra={
            "action": "message.takedown",
            "post": message.id,
            "wait_ms": wait_ms,
            "error": repr(error),
        },
    )
    await _later(context, [message], wait_ms)


@repeated
async def _later(context: WorkerContext, found: Sequence[OutboxMessage], wait_ms: int) -> None:
    async with context.database.transaction() as tx:
        for message in sorted(found, key=lambda each: each.id):
            await outbox_retries.change_later(tx, message.id, context.clock() + wait_ms)
