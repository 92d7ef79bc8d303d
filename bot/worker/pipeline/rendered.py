"""Records that a request's video is kept: a downloaded one, or the film of a series."""

import logging

from bot.services.moderation.review_lifecycle import after_rendering
from bot.services.requests.lifecycle import after_shot
from bot.services.wakeup import Topic
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests, series

logger = logging.getLogger(__name__)


@repeated
async def record_rendered(
    context: WorkerContext, request: Request, key: str, size_bytes: int, url: str
) -> Request:
    """Move a request to `rendered` and have its video reviewed or posted; a shot waits for more.

    `url`: the provider's link to the video, empty for a film that was joined here.
    Raises: LeaseLost.
    """
    now_ms = context.clock()

    async def record(tx: Transaction) -> Request:
        rendered = await requests.move(
            tx,
            request.id,
            source=State.RUNNING,
            target=State.RENDERED,
            owner=context.settings.owner,
            now_ms=now_ms,
            rendered_at_ms=now_ms,
            result_url=url,
            result_path=key,
            result_bytes=size_bytes,
            progress=100,
            slot_until_ms=0,
            result_host=context.files.host,
            stored_bytes=request.stored_bytes + size_bytes,
            lease_owner="",
            due_at_ms=NEVER_DUE,
        )
        if rendered.series_of:
            return await after_shot(tx, rendered, now_ms)
        if rendered.shots:
            await series.stop_getting_videos(tx, rendered.id)
        return await after_rendering(tx, rendered, now_ms)

    rendered = await context.database.write(record)
    logger.info(
        "A video was made",
        extra={"action": "request.rendered", "request_id": request.id, "bytes": size_bytes},
    )
    context.wakeup(Topic.SLOTS, Topic.REQUESTS, Topic.OUTBOX, Topic.CARDS)
    return rendered
