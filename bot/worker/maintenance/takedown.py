"""Deletes messages of members whose data was erased, and films that lost a part."""

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
    """Delete films with a part that is gone; failures are retried."""
    while True:
        async with context.database.reading() as tx:
            found = await joined_films.unwanted(tx, now_ms=context.clock(), limit=AT_ONCE)
        await take_down_all(context, found)
        if len(found) < AT_ONCE:
            return


async def take_down_all(context: WorkerContext, found: Sequence[OutboxMessage]) -> None:
    """Delete messages, in several channels concurrently. Raises: StorageError."""
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
    """Delete one channel's messages; after an outage the remaining ones are delayed too."""
    for number, message in enumerate(of_place):
        if not await take_down(context, message):
            await _later(context, of_place[number + 1 :], backoff_ms(message.attempt + 1))
            return


async def take_down(context: WorkerContext, message: OutboxMessage) -> bool:
    """Delete a message and record it; a failure is retried with backoff.

    False when its channel should be paused; a refusal of one message does not pause the others.
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
        # its channel is gone, and the message with it
        logger.warning(
            "The channel of a message to be deleted is gone",
            extra={"action": "message.takedown", "post": message.id, "error": repr(error)},
        )
    except Exception as error:
        logger.exception(
            "Deleting a message failed with an unexpected error",
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
        "A message cannot be deleted now; it will be retried",
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
