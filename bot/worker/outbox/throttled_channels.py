"""Channels that Discord throttles: what is owed to them waits in the database, not in a slot."""

from typing import Final

from bot.worker.context import Parts
from storage.engine.retry import repeated
from storage.records import Post
from storage.requests import outbox_retries

REMEMBERED: Final = 1_000


@repeated
async def let_rest(parts: Parts, channel_id: int, until_ms: int) -> None:
    """Put off everything that is owed to a channel, and what will be until then.

    What is owed anew is noticed by this process; another one is told so by Discord, once.
    """
    for known in [each for each, end_ms in parts.resting.items() if end_ms <= parts.clock()]:
        del parts.resting[known]
    while len(parts.resting) >= REMEMBERED:
        parts.resting.pop(next(iter(parts.resting)))
    parts.resting[channel_id] = until_ms
    async with parts.database.transaction() as tx:
        await outbox_retries.rest(tx, channel_id, until_ms)


@repeated
async def is_resting(parts: Parts, post: Post) -> bool:
    """Whether the message's channel rests; then it was put off, and no failure is counted.

    Raises: LeaseLost.
    """
    until_ms = parts.resting.get(post.channel_id, 0) if post.channel_id else 0
    if until_ms <= parts.clock():
        return False
    async with parts.database.transaction() as tx:
        await outbox_retries.hand_on(
            tx,
            post.id,
            owner=parts.settings.owner,
            needs=post.needs,
            host=post.host,
            now_ms=until_ms,
        )
    return True
