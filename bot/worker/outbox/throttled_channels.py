"""Rate-limited channels: their messages wait in the database instead of occupying slots."""

import logging
from collections.abc import Mapping
from typing import Any, Final

from bot.errors import DiscordUnavailable
from bot.worker.context import WorkerContext
from bot.worker.outbox.transitions import backoff_ms, postpone, retry
from storage.engine.retry import repeated
from storage.records import OutboxMessage
from storage.requests import outbox_retries

logger = logging.getLogger(__name__)

REMEMBERED: Final = 1_000


@repeated
async def throttle(context: WorkerContext, channel_id: int, until_ms: int) -> None:
    """Delay a channel's pending messages, and new ones until then.

    Only this process remembers it for new ones; another one runs into the limit itself, once.
    """
    for known in [
        each for each, end_ms in context.throttled_until.items() if end_ms <= context.clock()
    ]:
        del context.throttled_until[known]
    while len(context.throttled_until) >= REMEMBERED:
        context.throttled_until.pop(next(iter(context.throttled_until)))
    context.throttled_until[channel_id] = until_ms
    async with context.database.transaction() as tx:
        await outbox_retries.rest(tx, channel_id, until_ms)


async def put_off(
    context: WorkerContext,
    message: OutboxMessage,
    error: DiscordUnavailable,
    about: Mapping[str, Any],
) -> None:
    """Retry a message later; where Discord named a time, not before it, nor its whole channel.

    `about`: what the log says of the message. Raises: LeaseLost.
    """
    wait_ms = max(backoff_ms(message), round((error.retry_after_s or 0) * 1000))
    logger.warning(
        "Discord is unavailable; the message will be retried",
        extra={**about, "wait_ms": wait_ms, "error": repr(error)},
    )
    await retry(context, message, after_ms=wait_ms)
    if error.retry_after_s and message.channel_id:
        # the channel's other messages need not run into the same limit one by one
        await throttle(context, message.channel_id, context.clock() + wait_ms)


async def is_throttled(context: WorkerContext, message: OutboxMessage) -> bool:
    """Whether the message's channel is rate-limited; then it is delayed without a failure.

    Raises: LeaseLost.
    """
    until_ms = context.throttled_until.get(message.channel_id, 0) if message.channel_id else 0
    after_ms = until_ms - context.clock()
    if after_ms <= 0:
        return False
    await postpone(context, message, after_ms=after_ms)
    return True
