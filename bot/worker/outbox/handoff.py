"""Leaves a message to another kind of step, with what was learnt of its file."""

import logging
from typing import Final

from bot.worker.context import Parts
from bot.worker.outbox.attachments import next_aim
from storage.engine.retry import repeated
from storage.records import Post, Request
from storage.requests import outbox_retries

logger = logging.getLogger(__name__)

PREPARE: Final = "prepare"
"""A `needs` of `Post`: its file must be fetched or encoded before it can go up."""
READY: Final = "ready"


@repeated
async def hand_on(parts: Parts, post: Post, needs: str, *, aim_bytes: int | None = None) -> None:
    """Make a message due for the step that it needs next; no failure is counted.

    Raises: LeaseLost.
    """
    settings = parts.settings
    async with parts.database.transaction() as tx:
        if aim_bytes is not None:
            await outbox_retries.aim(tx, post.id, owner=settings.owner, aim_bytes=aim_bytes)
        await outbox_retries.hand_on(
            tx,
            post.id,
            owner=settings.owner,
            needs=needs,
            host=settings.host if needs == READY else "",
            now_ms=parts.clock(),
        )
    parts.nudge()


@repeated
async def step_down(parts: Parts, post: Post, request: Request | None) -> None:
    """Discord refused a size: which one comes next is remembered with the message.

    Raises: LeaseLost.
    """
    aim = next_aim(post, request)
    logger.warning(
        "Discord refused a file's size; a smaller one comes next",
        extra={"action": "result.smaller", "post": post.id, "aim_bytes": aim},
    )
    async with parts.database.transaction() as tx:
        await outbox_retries.aim(tx, post.id, owner=parts.settings.owner, aim_bytes=aim)
