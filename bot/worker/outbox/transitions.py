"""Records what follows from one delivery attempt; every change is guarded by the lease."""

import logging
from typing import Final

from bot.services.wakeup import Topic
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import StoredVideo, next_size_limit
from storage.engine.retry import repeated
from storage.records import OutboxMessage, OutboxState
from storage.requests import outbox, outbox_retries

logger = logging.getLogger(__name__)

PREPARE: Final = "prepare"
"""A value of `OutboxMessage.needs`: fetch or encode the file before the upload."""
READY: Final = "ready"
"""A value of `OutboxMessage.needs`: the file is prepared."""
BACKOFF_MS: Final = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000)
"""An outage of Discord may last days; a message is retried at least every five minutes."""


def backoff_ms(message: OutboxMessage) -> int:
    """How long to wait after the message's failures so far."""
    return BACKOFF_MS[min(message.attempt, len(BACKOFF_MS) - 1)]


@repeated
async def retry(context: WorkerContext, message: OutboxMessage, *, after_ms: int) -> None:
    """Count a failure and make the message due again. Raises: LeaseLost."""
    async with context.database.transaction() as tx:
        await outbox.retry(
            tx,
            message.id,
            owner=context.settings.owner,
            due_at_ms=context.clock() + after_ms,
        )
    if not after_ms:
        context.wakeup(Topic.OUTBOX)


@repeated
async def drop(context: WorkerContext, message: OutboxMessage) -> None:
    """End a message without sending it. Raises: LeaseLost."""
    async with context.database.transaction() as tx:
        await outbox.settle(tx, message.id, owner=context.settings.owner, state=OutboxState.DROPPED)


@repeated
async def hand_on(
    context: WorkerContext, message: OutboxMessage, needs: str, *, aim_bytes: int | None = None
) -> None:
    """Make a message due for the step kind it needs next, without counting a failure.

    `aim_bytes` records a new size limit with it. Raises: LeaseLost.
    """
    settings = context.settings
    async with context.database.transaction() as tx:
        if aim_bytes is not None:
            await outbox_retries.aim(tx, message.id, owner=settings.owner, aim_bytes=aim_bytes)
        await outbox_retries.hand_on(
            tx,
            message.id,
            owner=settings.owner,
            needs=needs,
            host=settings.host if needs == READY else "",
            now_ms=context.clock(),
        )
    context.wakeup(Topic.OUTBOX)


@repeated
async def postpone(context: WorkerContext, message: OutboxMessage, *, after_ms: int) -> None:
    """Make a message due later, without counting a failure. Raises: LeaseLost."""
    async with context.database.transaction() as tx:
        await outbox_retries.hand_on(
            tx,
            message.id,
            owner=context.settings.owner,
            needs=message.needs,
            host=message.host,
            now_ms=context.clock() + after_ms,
        )


@repeated
async def step_down(context: WorkerContext, message: OutboxMessage, video: StoredVideo) -> None:
    """Record the next smaller size limit after Discord refused a file. Raises: LeaseLost."""
    limit_bytes = next_size_limit(message, video)
    logger.warning(
        "Discord refused a file's size; the next attempt is smaller",
        extra={"action": "result.smaller", "post": message.id, "aim_bytes": limit_bytes},
    )
    async with context.database.transaction() as tx:
        await outbox_retries.aim(
            tx, message.id, owner=context.settings.owner, aim_bytes=limit_bytes
        )
