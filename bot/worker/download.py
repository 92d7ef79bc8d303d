"""Brings a finished video to our disk, whole, and owes it to its channel."""

import asyncio
import logging
from typing import Final

from bot.desk.reviewing import after_rendering
from bot.media.boxes import walk_video
from bot.media.errors import FetchForbidden, FetchTooLarge, MediaError
from bot.points import point
from bot.worker.parts import Parts
from bot.worker.recording import fail, try_again
from storage import requests
from storage.again import repeated
from storage.records import PARKED, Request, State

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 400
"""The link lives about three days, and each try asks for a fresh one: about six hours of trying."""
HOPELESS_ATTEMPTS: Final = 5
"""A link that may not be followed, or leads to too much: one garbled answer proves nothing yet."""


async def download(parts: Parts, request: Request, url: str) -> Request | None:
    """Stream the result to disk, check that it is a video, move on to `rendered`.

    A broken transfer, a dead link or something that is no video is asked for again: the next try
    queries the task once more and so gets a fresh link.
    """
    relative = f"results/{request.id}.mp4"
    target = parts.path(relative)
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        fetched = await parts.result_fetcher.fetch(
            url, target, max_bytes=parts.settings.result_cap_bytes
        )
        await asyncio.to_thread(walk_video, target)
        point("result.downloaded")
    except (FetchForbidden, FetchTooLarge) as error:
        if request.attempt + 1 < HOPELESS_ATTEMPTS:
            return await try_again(parts, request, why=repr(error))
        logger.error(
            "A finished video can't be fetched",
            extra={"action": "result.refused", "request_id": request.id, "error": repr(error)},
        )
        return await fail(parts, request, "result-unreachable", provider_text=repr(error))
    except (MediaError, OSError) as error:
        if request.attempt + 1 >= MAX_ATTEMPTS:
            return await fail(parts, request, "result-unreachable", provider_text=repr(error))
        return await try_again(parts, request, why=repr(error))
    return await _rendered(parts, request, relative, fetched.size_bytes, url)


@repeated
async def _rendered(
    parts: Parts, request: Request, relative: str, size_bytes: int, url: str
) -> Request:
    now_ms = parts.clock()
    async with parts.database.transaction() as tx:
        rendered = await requests.move(
            tx,
            request.id,
            source=State.RUNNING,
            target=State.RENDERED,
            owner=parts.settings.owner,
            now_ms=now_ms,
            rendered_at_ms=now_ms,
            result_url=url,
            result_path=relative,
            result_bytes=size_bytes,
            progress=100,
            slot_until_ms=0,
            host=parts.settings.host,
            lease_owner="",
            due_at_ms=PARKED,
        )
        rendered = await after_rendering(tx, rendered, now_ms)
    point("result.recorded")
    logger.info(
        "A video is on our disk",
        extra={"action": "request.rendered", "request_id": request.id, "bytes": size_bytes},
    )
    parts.nudge()
    return rendered
