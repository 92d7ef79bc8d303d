"""Films of several videos: joined from their parts, then delivered like a result."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bot.errors import ChangeRefused, MessageGone, PlaceGone, UserError
from bot.media.errors import (
    FileMissing,
    JoinImpossible,
    MediaError,
    ReusedFileGone,
    StoreUnavailable,
)
from bot.services.log_lines import enqueue_direct
from bot.services.moderation import posted_result
from bot.services.moderation.review_sheet import SheetFile
from bot.services.requests.joined_films import is_behind_spoiler, require_joinable
from bot.worker.context import WorkerContext
from bot.worker.inputs.reuse import film_of
from bot.worker.outbox.attachments import Preparation, StoredVideo, VideoFiles, is_link_only
from bot.worker.outbox.fallback import is_unwanted
from bot.worker.outbox.strategies import Delivery, MessagePlace, MessageStrategy, Unsendable
from bot.worker.outbox.transitions import PREPARE, READY, hand_on
from bot.worker.outbox.undelivered import unverified
from storage.engine.transaction import Transaction
from storage.moderation import visibility
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import OutboxMessage, OutboxState, Request
from storage.requests import joined_films, outbox

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 40
"""Attempts to get at the parts, over about two hours: another machine may have them."""


class JoinedFilmStrategy(MessageStrategy):
    """A film of several videos: joined from stored ones, then sent as a result is.

    The file has the last part's id in its name until it is delivered, so that whatever removes
    that part's files removes it too.
    """

    def __init__(self, context: WorkerContext) -> None:
        super().__init__(context)
        self._videos = VideoFiles(context)

    def is_preparation(self, message: OutboxMessage) -> bool:
        """Joining and encoding each have a slot of their own before the upload."""
        return message.needs != READY

    async def prepare(self, delivery: Delivery) -> Preparation:
        """Join the parts, or make a joined film smaller; a lost one is joined again."""
        message = delivery.message
        if is_unwanted(message, delivery.request):
            return Preparation.READY
        _require_size(message)
        if message.needs != PREPARE:
            return await self._join(message)
        film = await self._film(delivery)
        if not film.size_bytes:
            return Preparation.REBUILD
        return await self._videos.prepare(film, message)

    async def _join(self, message: OutboxMessage) -> Preparation:
        context = self._context
        key = _film_path(message)
        target = context.path(key)
        parts = await self._parts(message)
        if await _brought(context, key) is not None:
            return Preparation.READY
        await self._require_messages(parts)
        try:
            async with _sources(context, parts, target) as sources:
                await context.media.join(sources, target)
            await context.files.keep(key)
        except StoreUnavailable:
            raise
        except JoinImpossible as error:
            raise Unsendable("film-failed-media") from error
        except MediaError as error:
            if message.attempt >= MAX_ATTEMPTS or isinstance(error, ReusedFileGone):
                raise Unsendable("film-failed-files") from error
            logger.warning(
                "A film can't be joined now; it will be retried",
                extra={"action": "joined_film.retry", "post": message.id, "error": repr(error)},
            )
            return Preparation.LATER
        return Preparation.READY

    async def find(self, message: OutboxMessage) -> MessagePlace | None:
        """Search for the film, unless it must not stand even if it arrived. Raises: Unsendable."""
        _require_size(message)
        await self._parts(message)
        return await super().find(message)

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Check the parts once more, since joining takes a while, and attach the film."""
        message = delivery.message
        _require_size(message)
        await self._parts(message)
        film = await self._film(delivery)
        file = await self._videos.for_posting(film, message)
        if file is None:
            await hand_on(self._context, message, PREPARE)
            return None
        return replace(delivery, video=film, files=(SheetFile(file, file.name, "video"),))

    async def _film(self, delivery: Delivery) -> StoredVideo:
        """Where the film lies; of no size if it is not to be had."""
        relative = _film_path(delivery.message)
        film = await _brought(self._context, relative)
        size_bytes = 0 if film is None else (await asyncio.to_thread(film.stat)).st_size
        limit = int(_body(delivery.message).get("limit") or 0)
        if not limit and delivery.request is not None:
            limit = delivery.request.upload_limit_bytes
        return StoredVideo(relative, size_bytes, limit)

    async def _parts(self, message: OutboxMessage) -> Sequence[Request]:
        """The parts, if all may still be shown the way the film shows them. Raises: Unsendable."""
        body = _body(message)
        async with self._context.database.reading() as tx:
            parts = await joined_films.parts_of(tx, message.id)
            try:
                await require_joinable(tx, parts, _requested_in(message))
            except UserError as error:
                raise Unsendable("film-failed-part") from error
            is_spoiler = await is_behind_spoiler(tx, parts)
        is_whole = [part.id for part in parts] == body.get("parts")
        if not is_whole or (is_spoiler and not body.get("spoiler")):
            raise Unsendable("film-failed-part")
        return parts

    async def _require_messages(self, parts: Sequence[Request]) -> None:
        """Refuse a part whose message was deleted by hand: a film must not bring it back."""
        for part in parts:
            async with self._context.database.reading() as tx:
                result = await posted_result.result_of(tx, part.id)
            if result is None:
                raise Unsendable("film-failed-part")
            try:
                await self._context.messenger.file_link(result.sent_channel_id, result.message_id)
            except (MessageGone, PlaceGone, ChangeRefused) as error:
                raise Unsendable("film-failed-part") from error

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Have the film's visibility checked: a part may have been hidden during the upload."""
        if request is not None:
            await visibility.look_again(tx, delivery.message.id, self._context.clock())

    async def on_given_up(self, tx: Transaction, delivery: Delivery) -> None:
        """Tell the member who asked for it."""
        await self._notify(tx, delivery.message, "film-failed-place")

    async def on_unknown(self, tx: Transaction, delivery: Delivery) -> None:
        """Tell the log channel."""
        if delivery.request is not None:
            now_ms = self._context.clock()
            await unverified(
                tx,
                delivery.message,
                delivery.request,
                now_ms,
                owner_ids=self._context.settings.owner_ids,
            )

    async def on_unsendable(self, tx: Transaction, delivery: Delivery, reason: str) -> None:
        """Tell the member who asked for it why there is no film."""
        logger.warning(
            "A film can't be posted",
            extra={"action": "joined_film.refused", "post": delivery.message.id, "reason": reason},
        )
        await self._notify(tx, delivery.message, reason)

    async def _notify(self, tx: Transaction, message: OutboxMessage, text: str) -> None:
        if is_pseudonym(message.user_id):
            return
        params: dict[str, str | int] = {
            "user": str(message.user_id),
            "id": message.request_id,
            "parts": len(_body(message).get("parts") or ()),
        }
        await enqueue_direct(
            tx,
            message.user_id,
            f"{message.id}:failed",
            text,
            params,
            now_ms=self._context.clock(),
            guild_id=message.guild_id,
            channel_id=_requested_in(message),
            locale=str(_body(message).get("locale") or ""),
        )

    async def clean_up(self, message: OutboxMessage) -> None:
        """Remove the film's files once it is delivered or given up."""
        async with self._context.database.reading() as tx:
            now = await outbox.get(tx, message.id)
        if now is None or now.state is not OutboxState.PENDING:
            beginning = _film_path(message).removesuffix("mp4")
            await self._context.files.remove(message.request_id, beginning)


def _require_size(message: OutboxMessage) -> None:
    """A film has no link to send instead of a file. Raises: Unsendable."""
    if is_link_only(message):
        raise Unsendable("film-failed-large")


def _film_path(message: OutboxMessage) -> str:
    return f"results/{message.request_id}.film{message.id.rpartition(':')[2]}.mp4"


def _body(message: OutboxMessage) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.body)
    return body


def _requested_in(message: OutboxMessage) -> int:
    return int(_body(message).get("channel") or 0)


@asynccontextmanager
async def _sources(
    context: WorkerContext, parts: Sequence[Request], target: Path
) -> AsyncIterator[list[Path]]:
    """The parts' files on this machine; a missing one is downloaded from its message."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                film_of(context, part.id, target.with_suffix(f".part{position}"))
            )
            for position, part in enumerate(parts)
        ]


async def _brought(context: WorkerContext, key: str) -> Path | None:
    try:
        return await context.files.bring(key)
    except FileMissing:
        return None
