"""The file that goes up with a result: as it is where it fits, re-encoded where it does not."""

import asyncio
import logging
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final
from uuid import uuid4

from bot.media.errors import DiskUnavailable, FitImpossible, MediaError
from bot.media.mp4_boxes import walk_video
from bot.provider.errors import ProviderError
from bot.worker.context import WorkerContext
from bot.worker.pipeline.check_result import settle_result
from storage.errors import Conflict
from storage.records import LINK_ONLY, OutboxMessage, Request
from storage.requests import requests

logger = logging.getLogger(__name__)

MIB: Final = 1024 * 1024
STEPS_BYTES: Final = (100 * MIB, 50 * MIB, 25 * MIB, 20 * MIB, 10 * MIB, 8 * MIB, 4 * MIB)
"""Limits Discord has or had; where it refuses a size it had announced, the next one is tried."""
SMALLEST_BYTES: Final = 64 * 1024
"""Below those limits the size is halved, down to here: less is hardly a video any more."""
TRIES: Final = 3


class Made(Enum):
    """What came of preparing a file: it is there, a link must do, or it may be had later."""

    READY = "ready"
    LINK = "link"
    LATER = "later"


def is_link_only(message: OutboxMessage) -> bool:
    """Whether every size was refused, so that the message carries a link instead."""
    return message.aim_bytes == LINK_ONLY


def next_aim(message: OutboxMessage, request: Request | None) -> int:
    """The size to try after Discord refused the last one: lower, at last LINK_ONLY."""
    tried = message.aim_bytes or (request.upload_limit_bytes if request else 0) or STEPS_BYTES[0]
    if request is not None and request.result_bytes and not message.aim_bytes:
        tried = min(tried, request.result_bytes)
    return smaller_than(tried) or LINK_ONLY


def smaller_than(size_bytes: int) -> int:
    """The next limit to aim at where Discord refused this size; 0 where nothing smaller helps."""
    aim = next((step for step in STEPS_BYTES if step < size_bytes), size_bytes // 2)
    return aim if aim >= SMALLEST_BYTES else 0


class ResultFiles:
    """Finds the file to post, or makes it; what takes long is asked for by `prepare` alone."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._fit_failures: dict[str, int] = {}

    async def for_posting(self, request: Request, message: OutboxMessage) -> Path | None:
        """The file to upload, if it lies here ready; else `prepare` must be called first."""
        if is_link_only(message):
            return None
        return await self._ready(request, self._limit(request, message))

    async def at_most(
        self, request: Request, message: OutboxMessage, limit_bytes: int
    ) -> Path | None:
        """The file of so many bytes at most, fetched and encoded as `prepare` does it.

        A limit of 0 is the one that Discord announced. None where it can't be had, or not now.
        Raises: StorageError.
        """
        if not request.result_path:
            return None
        limit = limit_bytes or self._limit(request, message)
        if await self._make(request, message, limit) is not Made.READY:
            return None
        return await self._ready(request, limit)

    async def _ready(self, request: Request, limit: int) -> Path | None:
        source = self._context.path(request.result_path)
        size_bytes = await asyncio.to_thread(_size_of, source)
        if size_bytes is None:
            return None
        if size_bytes <= limit:
            return source
        fitted = _fitted_name(source, limit)
        return fitted if await asyncio.to_thread(_is_whole, fitted) else None

    async def prepare(self, request: Request, message: OutboxMessage) -> Made:
        """Fetch a result that is not here, and encode one that is too large.

        Takes up to a quarter of an hour. Raises: StorageError.
        """
        if is_link_only(message):
            return Made.LINK
        return await self._make(request, message, self._limit(request, message))

    async def _make(self, request: Request, message: OutboxMessage, limit: int) -> Made:
        source = self._context.path(request.result_path)
        size_bytes = await asyncio.to_thread(_size_of, source)
        if size_bytes is None:
            if not await self.bring_back(request):
                return Made.LATER
            size_bytes = await asyncio.to_thread(_size_of, source) or 0
        return Made.READY if size_bytes <= limit else await self._fit(message, source, limit)

    def _limit(self, request: Request, message: OutboxMessage) -> int:
        announced = request.upload_limit_bytes or self._context.settings.upload_limit_bytes
        return min(announced, message.aim_bytes) if message.aim_bytes > 0 else announced

    async def _fit(self, message: OutboxMessage, source: Path, limit: int) -> Made:
        target = _fitted_name(source, limit)
        if await asyncio.to_thread(_is_whole, target):
            return Made.READY
        try:
            await self._context.media.fit(source, target, limit_bytes=limit)
        except MediaError as error:
            failures = self._fit_failures.get(message.id, 0) + 1
            logger.warning(
                "A video could not be made to fit",
                extra={"action": "result.fit", "post": message.id, "error": repr(error)},
            )
            if isinstance(error, DiskUnavailable):
                return Made.LATER
            if isinstance(error, FitImpossible) or failures >= TRIES:
                self._fit_failures.pop(message.id, None)
                return Made.LINK
            self._fit_failures[message.id] = failures
            return Made.LATER
        self._fit_failures.pop(message.id, None)
        return Made.READY

    async def bring_back(self, request: Request) -> bool:
        """Download a result once more that is not on this machine; False when it can't be had."""
        context = self._context
        target = context.path(request.result_path)
        # a card and a message that is shown anew may fetch the same one at once
        fresh = target.with_suffix(f".{uuid4().hex}.again.mp4")
        try:
            view = await context.provider.query(request.task_id)
            url = view.video_url or request.result_url
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            # under another name: what is no video must never stand where a result is looked for
            fetched = await context.result_fetcher.fetch(
                url, fresh, max_bytes=context.settings.result_cap_bytes
            )
            # as at its first download: every client must play it this time as well
            await settle_result(context, request, fresh, fetched.size_bytes)
            await asyncio.to_thread(fresh.replace, target)
            await self._is_here(request)
        except (ProviderError, MediaError, OSError) as error:
            logger.error(
                "A video that should be posted is not on this machine and can't be fetched again",
                extra={"action": "result.lost", "request_id": request.id, "error": repr(error)},
            )
            return False
        finally:
            with suppress(OSError):
                await asyncio.to_thread(fresh.unlink, missing_ok=True)
        return True

    async def _is_here(self, request: Request) -> None:
        """From now on this machine is the one that has it, unless the request has moved."""
        host = self._context.settings.host
        with suppress(Conflict):
            async with self._context.database.transaction() as tx:
                await requests.note(
                    tx, request.id, source=request.state, owner=None, result_host=host
                )


def _fitted_name(source: Path, limit: int) -> Path:
    return source.with_name(f"{source.stem}.{limit}.mp4")


def _size_of(path: Path) -> int | None:
    """None where no such file is."""
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None


def _is_whole(path: Path) -> bool:
    try:
        walk_video(path)
    except (MediaError, OSError):
        return False
    return True
