"""The file that goes up with a result: as it is where it fits, re-encoded where it does not."""

import asyncio
import logging
from pathlib import Path
from typing import Final

from bot.media.boxes import walk_video
from bot.media.errors import FitImpossible, MediaError, MediaUnavailable
from bot.provider.errors import ProviderError
from bot.worker.parts import Parts
from storage.records import Post, Request

logger = logging.getLogger(__name__)

MIB: Final = 1024 * 1024
STEPS_BYTES: Final = (100 * MIB, 50 * MIB, 25 * MIB, 20 * MIB, 10 * MIB, 8 * MIB, 4 * MIB)
"""Limits Discord has or had; where it refuses a size it had announced, the next one is tried."""
SMALLEST_BYTES: Final = 64 * 1024
"""Below those limits the size is halved, down to here: less is hardly a video any more."""
TRIES: Final = 3


class ResultFiles:
    """Finds or makes the file to post.

    What Discord refused is remembered while the process lives; a restart begins with the announced
    limit again, which costs one refused try.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._refused: dict[str, int] = {}
        self._only_link: set[str] = set()
        self._fit_failures: dict[str, int] = {}

    def is_link_only(self, post: Post) -> bool:
        """Whether every size was refused, so that the message carries a link instead."""
        return post.id in self._only_link

    def step_down(self, post: Post, request: Request | None) -> None:
        """Discord refused the size that was tried: aim lower, at last at a link."""
        now = self._refused.get(post.id)
        tried = now or (request.upload_limit_bytes if request else STEPS_BYTES[0])
        if request is not None and now is None:
            tried = min(tried, request.result_bytes)
        aim = smaller_than(tried)
        if aim:
            self._refused[post.id] = aim
        else:
            self._only_link.add(post.id)
        logger.warning(
            "Discord refused a file's size; a smaller one comes next",
            extra={"action": "result.smaller", "post": post.id, "aim_bytes": aim},
        )

    async def for_posting(self, request: Request, post: Post) -> Path | None:
        """The file to upload; None where a link is all that is left, or the file is not here."""
        if post.id in self._only_link:
            return None
        return await self.at_most(request, post, self._limit(request, post))

    async def at_most(self, request: Request, post: Post, limit_bytes: int) -> Path | None:
        """The file, made to fit; None where it is not here or can't be made that small.

        A limit of 0 is the one that Discord announced.
        """
        if not request.result_path:
            return None
        source = self._parts.path(request.result_path)
        if not await asyncio.to_thread(source.is_file):
            return None
        limit = limit_bytes or self._limit(request, post)
        size_bytes = await asyncio.to_thread(lambda: source.stat().st_size)
        if size_bytes <= limit:
            return source
        return await self._fitted(post, source, limit)

    def _limit(self, request: Request, post: Post) -> int:
        announced = request.upload_limit_bytes or self._parts.settings.upload_limit_bytes
        return min(announced, self._refused.get(post.id, announced))

    async def _fitted(self, post: Post, source: Path, limit: int) -> Path | None:
        target = source.with_name(f"{source.stem}.{limit}.mp4")
        if await asyncio.to_thread(_is_whole, target):
            return target
        try:
            await self._parts.media.fit(source, target, limit_bytes=limit)
        except (FitImpossible, MediaUnavailable) as error:
            failures = self._fit_failures.get(post.id, 0) + 1
            self._fit_failures[post.id] = failures
            logger.warning(
                "A video could not be made to fit",
                extra={"action": "result.fit", "post": post.id, "error": repr(error)},
            )
            if isinstance(error, FitImpossible) or failures >= TRIES:
                self._only_link.add(post.id)
                return None
            return await self._fitted(post, source, limit)
        return target

    async def bring_back(self, request: Request) -> bool:
        """Download a result once more that is not on this machine; False when it can't be had."""
        parts = self._parts
        target = parts.path(request.result_path)
        fresh = target.with_suffix(".again.mp4")
        try:
            view = await parts.provider.query(request.task_id)
            url = view.video_url or request.result_url
            await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
            # under another name: what is no video must never stand where a result is looked for
            await parts.result_fetcher.fetch(url, fresh, max_bytes=parts.settings.result_cap_bytes)
            await asyncio.to_thread(walk_video, fresh)
            await asyncio.to_thread(fresh.replace, target)
        except (ProviderError, MediaError, OSError) as error:
            logger.error(
                "A video that should be posted is not on this machine and can't be fetched again",
                extra={"action": "result.lost", "request_id": request.id, "error": repr(error)},
            )
            return False
        return True


def smaller_than(size_bytes: int) -> int:
    """The next limit to aim at where Discord refused this size; 0 where nothing smaller helps."""
    aim = next((step for step in STEPS_BYTES if step < size_bytes), size_bytes // 2)
    return aim if aim >= SMALLEST_BYTES else 0


def _is_whole(path: Path) -> bool:
    try:
        walk_video(path)
    except (MediaError, OSError):
        return False
    return True
