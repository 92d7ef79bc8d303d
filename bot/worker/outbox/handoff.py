"""Leaves a message to another kind of step, with what was learnt of its file."""

import logging
from typing import Final

from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import next_aim
from storage.engine.retry import repeated
from storage.records import OutboxMessage, Request
from storage.requests import outbox_retries

logger = logging.getLogger(__name__)

PREPARE: Final = "prepare"
"""A `needs` of `OutboxMessage`: its file must be fetched or encoded before it can go up."""
READY: Final = "ready"


@repeated
async def hand_on(
    context: WorkerContext, message: OutboxMessage, needs: str, *, aim_bytes: int | None = None
) -> None:
    """Make a message due for the step that it needs next; no failure is counted.

    Raises: LeaseLost.
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
    context.wakeup()


@repeated
async def step_down(
    context: WorkerContext, message: OutboxMessage, request: Request | None
) -> None:
    """Discord refused a size: which one comes next is remembered with the message.

    Raises: LeaseLost.
    """
    aim = next_aim(message, request)
    logger.warning(
        "Discord refused a file's size; a smaller one comes next",
        extra={"action": "result.smaller", "post": message.id, "aim_bytes": aim},
    )
    async with context.database.transaction() as tx:
        await outbox_retries.aim(tx, message.id, owner=context.settings.owner, aim_bytes=aim)
