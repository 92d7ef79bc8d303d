"""Download step: stores a finished video on disk and enqueues it for its channel."""

import asyncio
import logging
from typing import Final

from bot.failpoints import point
from bot.media.errors import (
    OURS,
    DiskUnavailable,
    FetchForbidden,
    FetchTooLarge,
    MediaError,
    NotAVideo,
)
from bot.services.requests.failures import Failure
from bot.worker.context import WorkerContext
from bot.worker.pipeline.check_result import settle_result
from bot.worker.pipeline.poll_schedule import BACKOFF_MS, backoff_ms
from bot.worker.pipeline.rendered import record_rendered
from bot.worker.pipeline.transitions import fail, try_again
from bot.worker.safety_check.step import check_video
from storage.records import Request

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 20
"""Attempts for a link that breaks off or does not answer, over about six hours."""
DAMAGED_ATTEMPTS: Final = 6
"""Complete downloads of a file that does not play; the provider probably made it so."""
LONGEST_WAIT_MS: Final = 30 * 60_000
HOPELESS_ATTEMPTS: Final = 5
"""Attempts for a link that is forbidden or too large, since one answer may be garbled."""


async def download(context: WorkerContext, request: Request, url: str) -> Request | None:
    """Stream the result to disk, check that it is a video, keep it, and move to `rendered`.

    A broken transfer, a dead link or something that is no video is asked for again: the next try
    queries the task once more and so gets a fresh link. Raises: StoreUnavailable and
    DiskUnavailable, which count as no attempt: the provider keeps the video for days.
    """
    context.files.require()
    relative = f"results/{request.id}.mp4"
    target = context.path(relative)
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        fetched = await context.result_fetcher.fetch(
            url, target, max_bytes=context.settings.result_cap_bytes
        )
        size_bytes = await settle_result(context, request, target, fetched.size_bytes)
        point("result.downloaded")
        # a shot too, as its frames are shown before there is a film to look at
        await check_video(context, request, target)
        await context.files.keep(relative)
    except OURS:
        raise
    except OSError as error:
        raise DiskUnavailable("a result could not be written to disk") from error
    except (FetchForbidden, FetchTooLarge) as error:
        if request.attempt + 1 < HOPELESS_ATTEMPTS:
            return await _ask_anew(context, request, error)
        logger.error(
            "A finished video cannot be downloaded",
            extra={"action": "result.refused", "request_id": request.id, "error": repr(error)},
        )
        return await fail(context, request, "result-unreachable", provider_text=repr(error))
    except MediaError as error:
        is_damaged = isinstance(error, NotAVideo)
        if request.attempt + 1 >= (DAMAGED_ATTEMPTS if is_damaged else MAX_ATTEMPTS):
            await asyncio.to_thread(target.unlink, missing_ok=True)
            failure: Failure = "result-damaged" if is_damaged else "result-unreachable"
            return await fail(context, request, failure, provider_text=repr(error))
        return await _ask_anew(context, request, error)
    rendered = await record_rendered(context, request, relative, size_bytes, url)
    point("result.recorded")
    return rendered


def _wait_ms(request: Request) -> int:
    """5, 10, 20, 60 s, then twice as long each time, up to half an hour."""
    attempt = request.attempt + 1
    doublings = max(0, attempt - len(BACKOFF_MS))
    return min(backoff_ms(attempt) << doublings, LONGEST_WAIT_MS)


async def _ask_anew(context: WorkerContext, request: Request, error: Exception) -> Request:
    """Drop the link and poll again, which returns a fresh one."""
    return await try_again(
        context, request, why=repr(error), after_ms=_wait_ms(request), result_url=""
    )
