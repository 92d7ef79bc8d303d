"""Makes posted videos look as reports and moderators have it: hidden, shown again, gone."""

import asyncio
import logging
from typing import Final

from bot.desk import reviewing
from bot.desk.errors import (
    DeliveryError,
    DiscordUnavailable,
    MessageGone,
    PlaceGone,
)
from bot.worker.parts import Parts
from bot.worker.removing import remove_files
from bot.worker.reviewing import ReviewMessenger
from bot.worker.sizes import ResultFiles
from bot.worker.takedown import take_down_films
from storage import complaints, posts, requests, retention
from storage.again import repeated
from storage.complaints import Showing, Shown
from storage.records import Post, PostState, Request

logger = logging.getLogger(__name__)

BATCH: Final = 50
AGAIN_MS: Final = 5_000
EVIDENCE_MS: Final = 60_000


class Showings:
    """Changes one message after another; each try may be repeated, and is until it holds."""

    def __init__(self, parts: Parts, messenger: ReviewMessenger) -> None:
        self._parts = parts
        self._messenger = messenger
        self._files = ResultFiles(parts)

    async def catch_up(self) -> None:
        """Do what is due. Raises: StorageError."""
        async with self._parts.database.reading() as tx:
            due = await complaints.due(tx, self._parts.clock(), limit=BATCH)
        for showing in due:
            await self._change(showing)
        if due:
            # a film shows what its parts show
            await take_down_films(self._parts)

    async def _change(self, showing: Showing) -> None:
        async with self._parts.database.reading() as tx:
            request = await requests.get(tx, showing.request_id)
            result = await reviewing.result_of(tx, showing.request_id)
        if request is None or result is None:
            await self._note(showing, showing.wanted, is_purged=True)
            return
        try:
            if showing.wanted is Shown.GONE:
                await self._take_down(showing, request, result)
            elif showing.wanted is not showing.shown:
                await self._show(showing, request, result)
            else:
                await self._note(showing, showing.shown)
        except (MessageGone, PlaceGone):
            # somebody else took it away, or its place is: nobody sees it there any more
            await self._note(showing, showing.wanted)
        except DeliveryError as error:
            wait_ms = AGAIN_MS
            if isinstance(error, DiscordUnavailable) and error.retry_after_s is not None:
                wait_ms = max(wait_ms, round(error.retry_after_s * 1000))
            logger.warning(
                "A posted video can't be changed now; it will be tried again",
                extra={
                    "action": "showing.retry",
                    "request_id": showing.request_id,
                    "error": repr(error),
                },
            )
            async with self._parts.database.transaction() as tx:
                due_at_ms = self._parts.clock() + wait_ms
                await complaints.put_off(tx, showing.request_id, due_at_ms)

    async def _show(self, showing: Showing, request: Request, result: Post) -> None:
        is_spoiler = showing.wanted is Shown.SPOILER
        file = await self._files.for_posting(request, result) if request.result_path else None
        if file is not None:
            await self._messenger.reshow(result, request, file, is_spoiler=is_spoiler)
        elif is_spoiler:
            # without its file it can't be put behind a spoiler, and hidden it must be
            await self._messenger.delete(result.sent_channel_id, result.message_id)
            async with self._parts.database.transaction() as tx:
                await posts.settle(tx, result.id, owner=None, state=PostState.DELETED)
        await self._note(showing, showing.wanted)

    async def _take_down(self, showing: Showing, request: Request, result: Post) -> None:
        """First the message; then the files, unless a report that is still open rests on them."""
        if showing.shown is not Shown.GONE:
            try:
                await self._messenger.delete(result.sent_channel_id, result.message_id)
            except PlaceGone:
                logger.info(
                    "The place of a video that should go is gone",
                    extra={"action": "showing.place", "request_id": request.id},
                )
        async with self._parts.database.transaction() as tx:
            await posts.settle(tx, result.id, owner=None, state=PostState.DELETED)
            is_evidence = await reviewing.open_of(tx, request.id) is not None
        if is_evidence:
            due_at_ms = self._parts.clock() + EVIDENCE_MS
            async with self._parts.database.transaction() as tx:
                await complaints.is_shown(tx, request.id, Shown.GONE, due_at_ms=due_at_ms)
            return
        await asyncio.to_thread(remove_files, self._parts.settings.data_dir, request.id)
        async with self._parts.database.transaction() as tx:
            await retention.forget_files(tx, request.id)
        await self._note(showing, Shown.GONE, is_purged=True)

    @repeated
    async def _note(self, showing: Showing, shown: Shown, *, is_purged: bool = False) -> None:
        async with self._parts.database.transaction() as tx:
            await complaints.is_shown(tx, showing.request_id, shown, is_purged=is_purged)
        logger.info(
            "A posted video is shown as it should be",
            extra={
                "action": "showing.done",
                "request_id": showing.request_id,
                "shown": shown,
            },
        )
        self._parts.nudge()
