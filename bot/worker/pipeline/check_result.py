"""Checks that a downloaded result plays, in every Discord client."""

import asyncio
import logging
from pathlib import Path

from bot.media.errors import FitImpossible, MediaUnavailable, NotAVideo
from bot.media.mp4_boxes import walk_video
from bot.worker.context import WorkerContext
from storage.records import Request

logger = logging.getLogger(__name__)


async def settle_result(
    context: WorkerContext, request: Request, film: Path, size_bytes: int
) -> int:
    """Check that a downloaded file plays and return its size in bytes.

    One that many clients show as a still, by its codec, its depth of colours or its container, is
    encoded as eight-bit H.264 and AAC and takes the file's place; where that cannot be done it
    stays as it came. Raises: NotAVideo where it does not play, MediaUnavailable, DiskUnavailable.
    """
    try:
        facts = await asyncio.to_thread(walk_video, film)
    except NotAVideo:
        # a file that the box walk rejects may still play: another container, another index
        if not await context.media.plays(film):
            raise
    else:
        if facts.is_common:
            return size_bytes
    return await _made_common(context, request, film, size_bytes)


async def _made_common(
    context: WorkerContext, request: Request, film: Path, size_bytes: int
) -> int:
    made = film.with_suffix(".common.mp4")
    limit_bytes = max(size_bytes, request.upload_limit_bytes or context.settings.upload_limit_bytes)
    try:
        fitted = await context.media.fit(film, made, limit_bytes=limit_bytes)
    except (FitImpossible, MediaUnavailable) as error:
        logger.warning(
            "A video could not be encoded for every client",
            extra={"action": "result.common", "request_id": request.id, "error": repr(error)},
        )
        return size_bytes
    await asyncio.to_thread(made.replace, film)
    return fitted.size_bytes
