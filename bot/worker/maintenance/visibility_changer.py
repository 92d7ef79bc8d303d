"""Applies a visibility change to a posted video's message and the films it is part of."""

import asyncio
import logging
from typing import Any, Final

from bot.errors import DeliveryRefused, FileTooLarge, HistoryClosed, MessageGone, PlaceGone
from bot.services.moderation import posted_result, review_lifecycle
from bot.services.requests.joined_films import is_behind_spoiler
from bot.worker.context import WorkerContext
from bot.worker.maintenance.takedown import take_down_films
from bot.worker.outbox.attachments import VideoFiles, result_video, smaller_than
from storage.moderation import visibility
from storage.moderation.visibility import Display, VisibilityChange
from storage.privacy import retention
from storage.records import NEVER_DUE, OutboxMessage, OutboxState, Request
from storage.requests import joined_films, outbox, requests
from storage.showcase import entries as showcase

logger = logging.getLogger(__name__)

EVIDENCE_MS: Final = 60_000
"""How often to check whether the report that a deleted video's files are kept for is closed."""


class NextAttempt(Exception):
    """The attempt failed; says how the next one is made, and whether at once."""

    def __init__(
        self, error: Exception, *, is_edit_refused: bool, limit_bytes: int, at_once: bool
    ) -> None:
        super().__init__(repr(error))
        self.is_edit_refused = is_edit_refused
        self.limit_bytes = limit_bytes
        self.at_once = at_once


class VisibilityChanger:
    """One idempotent attempt to bring a message to its wanted visibility.

    A video is hidden and shown again by an edit, which needs no file. Only where Discord refuses
    that edit does the file go up anew, smaller each time that it is too large.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._messenger = context.messenger
        self._files = VideoFiles(context)

    async def change(self, change: VisibilityChange) -> None:
        """Apply what is left of a change.

        Raises: NextAttempt, DeliveryError, StoreUnavailable, LeaseLost, StorageError.
        """
        async with self._context.database.reading() as tx:
            request = await requests.get(tx, change.request_id)
            result = await posted_result.result_of(tx, change.request_id)
        if request is None or result is None:
            await self._done(change, is_purged=True)
        elif change.wanted is Display.GONE:
            await self._take_down(change, request, result)
            # films with this part must go too
            await take_down_films(self._context)
        else:
            if change.wanted is not change.shown:
                await self._show(change, request, result)
            await self._show_joined_films(change)
            await self._done(change)

    async def _show(
        self, change: VisibilityChange, request: Request, result: OutboxMessage
    ) -> None:
        async with self._context.database.transaction() as tx:
            await visibility.trying(tx, change)
        is_spoiler = change.wanted is Display.SPOILER
        try:
            if change.is_edit_refused:
                await self._upload(change, request, result, is_spoiler=is_spoiler)
            else:
                await self._messenger.set_spoiler(result, is_spoiler=is_spoiler)
        except MessageGone:
            logger.info("A video to be changed is gone", extra=about(change, "visibility.gone"))
        except (DeliveryRefused, HistoryClosed) as error:
            # alternate between upload and edit: either refusal may be temporary
            raise NextAttempt(
                error,
                is_edit_refused=not change.is_edit_refused,
                limit_bytes=change.limit_bytes,
                at_once=not change.is_edit_refused and not change.attempt,
            ) from error
        async with self._context.database.transaction() as tx:
            await visibility.is_shown(tx, change, change.wanted)

    async def _upload(
        self, change: VisibilityChange, request: Request, result: OutboxMessage, *, is_spoiler: bool
    ) -> None:
        """Upload the message's file again, after downloading it if it is not on this machine."""
        file = await self._files.at_most(result_video(request), result, change.limit_bytes)
        if file is None:
            raise DeliveryRefused("the edit is refused, and the file is not here")
        size_bytes = await asyncio.to_thread(lambda: file.stat().st_size)
        try:
            await self._messenger.reshow(result, request, file, is_spoiler=is_spoiler)
        except FileTooLarge as error:
            smaller = smaller_than(min(size_bytes, change.limit_bytes or size_bytes))
            raise NextAttempt(
                error,
                is_edit_refused=bool(smaller),
                limit_bytes=smaller or change.limit_bytes,
                at_once=bool(smaller),
            ) from error

    async def _show_joined_films(self, change: VisibilityChange) -> None:
        """Put films with this video behind a spoiler while one of their parts is."""
        async with self._context.database.reading() as tx:
            found = await joined_films.with_part(tx, change.request_id)
        for film in found:
            await self._show_film(film)

    async def _show_film(self, film: OutboxMessage) -> None:
        shown = Display(film.shown)
        while (wanted := await self._wanted_of(film)) is not shown:
            async with self._context.database.transaction() as tx:
                await joined_films.note_shown(tx, film.id, Display.UNSURE)
            try:
                await self._messenger.set_spoiler(film, is_spoiler=wanted is Display.SPOILER)
            except MessageGone:
                logger.info(
                    "A film to be changed is gone",
                    extra={"action": "visibility.joined_film", "post": film.id},
                )
            shown = wanted
            async with self._context.database.transaction() as tx:
                if not await joined_films.note_shown(tx, film.id, shown):
                    return

    async def _wanted_of(self, film: OutboxMessage) -> Display:
        async with self._context.database.reading() as tx:
            context = await joined_films.parts_of(tx, film.id)
            return Display.SPOILER if await is_behind_spoiler(tx, context) else Display.PLAIN

    async def _take_down(
        self, change: VisibilityChange, request: Request, result: OutboxMessage
    ) -> None:
        """Delete the message, then the files, unless a report needs them that may still be open."""
        if change.shown is not Display.GONE:
            try:
                await self._messenger.delete(result.sent_channel_id, result.message_id)
            except PlaceGone:
                logger.info(
                    "The channel of a video to be deleted is gone",
                    extra=about(change, "visibility.place_gone"),
                )
        async with self._context.database.transaction() as tx:
            await outbox.settle(tx, result.id, owner=None, state=OutboxState.DELETED)
            await visibility.is_shown(tx, change, Display.GONE)
            is_evidence = await review_lifecycle.undecided_of(tx, request.id) is not None
        if is_evidence:
            await self._done(change, due_at_ms=self._context.clock() + EVIDENCE_MS)
            return
        await self._context.files.remove(request.id)
        async with self._context.database.transaction() as tx:
            await retention.forget_files(tx, request.id)
        await self._done(change, is_purged=True)

    async def _done(
        self, change: VisibilityChange, *, is_purged: bool = False, due_at_ms: int = NEVER_DUE
    ) -> None:
        async with self._context.database.transaction() as tx:
            await visibility.done(
                tx,
                change,
                now_ms=self._context.clock(),
                is_purged=is_purged,
                due_at_ms=due_at_ms,
            )
            # with enough votes it may be forwarded now
            await showcase.look_at(tx, change.request_id, self._context.clock())
        logger.info(
            "A posted video has its wanted visibility",
            extra={**about(change, "visibility.changed"), "shown": change.wanted},
        )
        self._context.wakeup()


def about(change: VisibilityChange, action: str) -> dict[str, Any]:
    """The fields of a log line about a change."""
    return {"action": action, "request_id": change.request_id}
