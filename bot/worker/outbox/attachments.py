"""Video attachments: the original where it fits the upload limit, else a smaller encode."""

import asyncio
import logging
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from bot.media.errors import (
    DiskUnavailable,
    FileMissing,
    FitImpossible,
    MediaError,
    StoreUnavailable,
)
from bot.media.mp4_boxes import walk_video
from bot.worker.context import WorkerContext
from bot.worker.series.videos import download_again, rebuild_film
from storage.records import LINK_ONLY, OutboxMessage, Request

logger = logging.getLogger(__name__)

MIB: Final = 1024 * 1024
STEPS_BYTES: Final = (100 * MIB, 50 * MIB, 25 * MIB, 20 * MIB, 10 * MIB, 8 * MIB, 4 * MIB)
"""Upload limits Discord has or had; after a refused size the next smaller one is tried."""
SMALLEST_BYTES: Final = 64 * 1024
"""Below those limits the size is halved, down to this."""
TRIES: Final = 3


class Preparation(Enum):
    """Outcome of preparing a message's file."""

    READY = "ready"
    LINK = "link"
    """No size fits: send a link instead."""
    LATER = "later"
    """Not available now; retry."""
    REBUILD = "rebuild"
    """The file is lost and must be made from its sources again."""


@dataclass(frozen=True, slots=True)
class StoredVideo:
    """A stored video that a message carries.

    `path` is its key; `size_bytes` is 0 while unknown; `limit_bytes` is the upload limit that
    Discord announced, 0 for the configured one. `request` is the one to download the video for
    again when it is not to be had; without one it cannot be downloaded.
    """

    path: str
    size_bytes: int
    limit_bytes: int
    request: Request | None = None


def result_video(request: Request) -> StoredVideo:
    """The video that a request resulted in."""
    return StoredVideo(
        request.result_path, request.result_bytes, request.upload_limit_bytes, request
    )


def is_link_only(message: OutboxMessage) -> bool:
    """Whether every size was refused, so that the message carries a link instead."""
    return message.aim_bytes == LINK_ONLY


def next_size_limit(message: OutboxMessage, video: StoredVideo) -> int:
    """The size to try after Discord refused the last one; LINK_ONLY below the smallest."""
    tried = message.aim_bytes or video.limit_bytes or STEPS_BYTES[0]
    if video.size_bytes and not message.aim_bytes:
        tried = min(tried, video.size_bytes)
    return smaller_than(tried) or LINK_ONLY


def smaller_than(size_bytes: int) -> int:
    """The next limit to aim at where Discord refused this size; 0 where nothing smaller helps."""
    aim = next((step for step in STEPS_BYTES if step < size_bytes), size_bytes // 2)
    return aim if aim >= SMALLEST_BYTES else 0


class VideoFiles:
    """Finds the video file to upload, or makes it; `prepare` and `at_most` may encode it."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._fit_failures: dict[str, int] = {}

    async def for_posting(self, video: StoredVideo, message: OutboxMessage) -> Path | None:
        """The file to upload if it is ready; else `prepare` must run first.

        Raises: StoreUnavailable, StorageError.
        """
        if is_link_only(message):
            return None
        return await self._ready(video, self._limit(video, message))

    async def at_most(
        self, video: StoredVideo, message: OutboxMessage, limit_bytes: int
    ) -> Path | None:
        """A file of at most `limit_bytes`, downloaded and encoded as `prepare` does it.

        A limit of 0 is the one that Discord announced. None where it is not available (now).
        Raises: StoreUnavailable, StorageError.
        """
        if not video.path:
            return None
        limit = limit_bytes or self._limit(video, message)
        if await self._make(video, message, limit) is not Preparation.READY:
            return None
        return await self._ready(video, limit)

    async def _ready(self, video: StoredVideo, limit: int) -> Path | None:
        source = await self._brought(video.path)
        if source is None:
            return None
        if await asyncio.to_thread(_size_of, source) <= limit:
            return source
        return await self._fitted(video.path, limit)

    async def _fitted(self, key: str, limit: int) -> Path | None:
        """The encode that fits, if it was made."""
        fitted = await self._brought(_fitted_key(key, limit))
        is_whole = fitted is not None and await asyncio.to_thread(_is_whole, fitted)
        return fitted if is_whole else None

    async def _brought(self, key: str) -> Path | None:
        try:
            return await self._context.files.bring(key)
        except FileMissing:
            return None

    async def prepare(self, video: StoredVideo, message: OutboxMessage) -> Preparation:
        """Download a video that is not to be had, and re-encode one that is too large.

        Takes up to a quarter of an hour. Raises: StoreUnavailable, StorageError.
        """
        if is_link_only(message):
            return Preparation.LINK
        return await self._make(video, message, self._limit(video, message))

    async def _make(self, video: StoredVideo, message: OutboxMessage, limit: int) -> Preparation:
        source = await self._brought(video.path)
        if source is None:
            if video.request is None or not await self._get_again(video.request):
                return Preparation.LATER
            source = self._context.path(video.path)
        if await asyncio.to_thread(_size_of, source) <= limit:
            return Preparation.READY
        return await self._fit(message, video.path, limit)

    def _limit(self, video: StoredVideo, message: OutboxMessage) -> int:
        announced = video.limit_bytes or self._context.settings.upload_limit_bytes
        return min(announced, message.aim_bytes) if message.aim_bytes > 0 else announced

    async def _fit(self, message: OutboxMessage, key: str, limit: int) -> Preparation:
        if await self._fitted(key, limit) is not None:
            return Preparation.READY
        files = self._context.files
        target = _fitted_key(key, limit)
        try:
            await self._context.media.fit(files.path(key), files.path(target), limit_bytes=limit)
            await files.keep(target)
        except StoreUnavailable:
            raise
        except MediaError as error:
            failures = self._fit_failures.get(message.id, 0) + 1
            logger.warning(
                "A video could not be encoded to fit the upload limit",
                extra={"action": "result.fit", "post": message.id, "error": repr(error)},
            )
            if isinstance(error, DiskUnavailable):
                return Preparation.LATER
            if isinstance(error, FitImpossible) or failures >= TRIES:
                self._fit_failures.pop(message.id, None)
                return Preparation.LINK
            self._fit_failures[message.id] = failures
            return Preparation.LATER
        self._fit_failures.pop(message.id, None)
        return Preparation.READY

    async def _get_again(self, request: Request) -> bool:
        """Download a result that is not to be had, or make a series' film again.

        Raises: StoreUnavailable.
        """
        if request.shots:
            return await rebuild_film(self._context, request)
        return await download_again(self._context, request)


def _fitted_key(key: str, limit: int) -> str:
    return f"{key.removesuffix('.mp4')}.{limit}.mp4"


def _size_of(path: Path) -> int:
    return path.stat().st_size


def _is_whole(path: Path) -> bool:
    try:
        walk_video(path)
    except (MediaError, OSError):
        return False
    return True
