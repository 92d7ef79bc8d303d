"""Channels that Discord throttles: what is owed to them waits in the database, not in a slot."""

from typing import Final

from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.records import OutboxMessage
from storage.requests import outbox_retries

REMEMBERED: Final = 1_000


@repeated
async def throttle(context: WorkerContext, channel_id: int, until_ms: int) -> None:
    """Put off everything that is owed to a channel, and what will be until then.

    What is owed anew is noticed by this process; another one is told so by Discord, once.
    """
    for known in [each for each, end_ms in context.resting.items() if end_ms <= context.clock()]:
        del context.resting[known]
    while len(context.resting) >= REMEMBERED:
        context.resting.pop(next(iter(context.resting)))
    context.resting[channel_id] = until_ms
    async with context.database.transaction() as tx:
        await outbox_retries.rest(tx, channel_id, until_ms)


@repeated
async def is_throttled(context: WorkerContext, message: OutboxMessage) -> bool:
    """Whether the message's channel rests; then it was put off, and no failure is counted.

    Raises: LeaseLost.
    """
    until_ms = context.resting.get(message.channel_id, 0) if message.channel_id else 0
    if until_ms <= context.clock():
        return False
    async with context.database.transaction() as tx:
        await outbox_retries.hand_on(
            tx,
            message.id,
            owner=context.settings.owner,
            needs=message.needs,
            host=message.host,
            now_ms=until_ms,
        )
    return True
