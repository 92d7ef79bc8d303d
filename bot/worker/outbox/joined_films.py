"""Makes films of several videos and brings each to its channel once, like every message owed."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from bot.errors import ChangeRefused, DiscordUnavailable, MessageGone, PlaceGone, UserError
from bot.media.errors import JoinImpossible, MediaError, ReusedFileGone
from bot.services.moderation import review_lifecycle
from bot.services.outbox import enqueue_direct
from bot.services.requests.joined_films import is_behind_spoiler, require_joinable
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import is_link_only
from bot.worker.outbox.deliver import Deliverer, backoff_ms
from bot.worker.outbox.fallback import is_unwanted, take_back
from bot.worker.outbox.handoff import READY, hand_on
from bot.worker.pipeline.reuse_inputs import film_of
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import StorageError
from storage.moderation import visibility
from storage.records import OutboxMessage, OutboxState, Request
from storage.requests import joined_films, outbox

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 40
"""Tries to get at the parts, which takes about two hours: another machine may have them."""


class _Refused(Exception):
    """The film can't be made or posted; `text` is what tells why."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class JoinedFilmDeliverer(Deliverer):
    """The step for one owed film: joined on our disk, then sent as a result is.

    The film lies beside the last part's video until it is delivered, so that whatever removes that
    removes it too.
    """

    async def deliver(self, message: OutboxMessage) -> None:
        """Make and send it, adopt it if it had arrived before, or put it off."""
        await super().deliver(message)
        with suppress(StorageError):
            await self._clear(message)

    async def _deliver(self, message: OutboxMessage) -> None:
        try:
            await super()._deliver(message)
        except _Refused as refusal:
            await self._refuse(message, refusal)
        except MediaError as error:
            await self._later(message, error)

    async def _find_or_send(
        self, message: OutboxMessage, request: Request | None
    ) -> tuple[tuple[int, int], str] | None:
        if request is None:
            raise _Refused("film-failed-part")
        if is_unwanted(message, request):
            return await super()._find_or_send(message, request)
        if is_link_only(message):
            logger.warning(
                "Discord takes a film in no size",
                extra={"action": "joined_film.large", "post": message.id},
            )
            raise _Refused("film-failed-large")
        if message.needs != READY:
            await self._join(message)
            await hand_on(self._context, message, READY)
            return None
        # joining takes a while: what was deleted meanwhile must not be posted
        await self._made_of(message)
        return await super()._find_or_send(message, await self._as_result(message, request))

    async def _join(self, message: OutboxMessage) -> None:
        """Make the film, in the one slot for that."""
        context = self._context
        made_of = await self._made_of(message)
        target = context.path(_film_path(message))
        if not await asyncio.to_thread(target.is_file):
            await self._require_messages(made_of)
            try:
                async with _sources(context, made_of, target) as sources:
                    await context.media.join(sources, target)
            except JoinImpossible as error:
                raise _Refused("film-failed-media") from error

    async def _as_result(self, message: OutboxMessage, request: Request) -> Request:
        """A copy of the last part's record whose result is the film; empty where it is not here."""
        relative = _film_path(message)
        try:
            size_bytes = (await asyncio.to_thread(self._context.path(relative).stat)).st_size
        except OSError:
            size_bytes = 0
        limit = int(_body(message).get("limit") or 0) or request.upload_limit_bytes
        return replace(
            request,
            result_path=relative,
            result_bytes=size_bytes,
            result_url="",
            upload_limit_bytes=limit,
        )

    async def _made_of(self, message: OutboxMessage) -> Sequence[Request]:
        """The parts, if all may still be shown as the film would show them."""
        body = _body(message)
        async with self._context.database.reading() as tx:
            made_of = await joined_films.parts_of(tx, message.id)
            try:
                await require_joinable(tx, made_of, _asked_in(message))
            except UserError as error:
                raise _Refused("film-failed-part") from error
            is_spoiler = await is_behind_spoiler(tx, made_of)
        is_whole = [part.id for part in made_of] == body.get("parts")
        if not is_whole or (is_spoiler and not body.get("spoiler")):
            raise _Refused("film-failed-part")
        return made_of

    async def _require_messages(self, made_of: Sequence[Request]) -> None:
        """A video whose message somebody took away by hand must not come back in a film."""
        for part in made_of:
            async with self._context.database.reading() as tx:
                result = await review_lifecycle.result_of(tx, part.id)
            if result is None:
                raise _Refused("film-failed-part")
            try:
                await self._context.messenger.file_link(result.sent_channel_id, result.message_id)
            except (MessageGone, PlaceGone, ChangeRefused) as error:
                raise _Refused("film-failed-part") from error

    async def _follow_up(
        self, tx: Transaction, message: OutboxMessage, request: Request, now_ms: int
    ) -> None:
        await super()._follow_up(tx, message, request, now_ms)
        # a part may have been hidden while the film went up
        await visibility.look_again(tx, message.id, now_ms)

    async def _prepare(self, message: OutboxMessage, request: Request) -> None:
        """Made smaller like a result; one that is not here is joined again, and none is a link."""
        film = await self._as_result(message, request)
        if not film.result_bytes:
            await hand_on(self._context, message, "")
            return
        await super()._prepare(message, film)

    async def _later(self, message: OutboxMessage, error: MediaError) -> None:
        if message.attempt >= MAX_ATTEMPTS or isinstance(error, ReusedFileGone):
            await self._refuse(message, _Refused("film-failed-files"))
            return
        logger.warning(
            "A film can't be made now; it will be tried again",
            extra={"action": "joined_film.retry", "post": message.id, "error": repr(error)},
        )
        await self._retry(message, after_ms=backoff_ms(message))

    @repeated
    async def _refuse(self, message: OutboxMessage, refusal: _Refused) -> None:
        """It is not posted, or taken back, and who asked for it is told why."""
        logger.warning(
            "A film can't be posted",
            extra={"action": "joined_film.refused", "post": message.id, "reason": refusal.text},
        )
        async with self._context.database.transaction() as tx:
            await self._tell(tx, message, refusal.text)
            if not message.intent_at_ms:
                await self._settle_in(tx, message, OutboxState.DROPPED)
        if message.intent_at_ms:
            try:
                await take_back(self._context, message)
            except DiscordUnavailable as error:
                await self._put_off(message, error)
        self._context.wakeup()

    @repeated
    async def _give_up(self, message: OutboxMessage, request: Request | None) -> None:
        """No place is left."""
        request_id = request.id if request is not None else ""
        logger.error(
            "A film can be brought nowhere",
            extra={"action": "joined_film.dropped", "post": message.id, "request_id": request_id},
        )
        async with self._context.database.transaction() as tx:
            await self._settle_in(tx, message, OutboxState.DROPPED)
            await self._tell(tx, message, "film-failed-place")

    async def _tell(self, tx: Transaction, message: OutboxMessage, text: str) -> None:
        if message.user_id <= 0:
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
            channel_id=_asked_in(message),
            locale=str(_body(message).get("locale") or ""),
        )

    async def _clear(self, message: OutboxMessage) -> None:
        """Once it is delivered, or given up, nobody needs the file."""
        async with self._context.database.reading() as tx:
            now = await outbox.get(tx, message.id)
        if now is None or now.state is not OutboxState.PENDING:
            folder = self._context.path("results")
            await asyncio.to_thread(_remove_films, folder, message)


def _film_path(message: OutboxMessage) -> str:
    return f"results/{message.request_id}.film{message.id.rpartition(':')[2]}.mp4"


def _body(message: OutboxMessage) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.body)
    return body


def _asked_in(message: OutboxMessage) -> int:
    return int(_body(message).get("channel") or 0)


@asynccontextmanager
async def _sources(
    context: WorkerContext, made_of: Sequence[Request], target: Path
) -> AsyncIterator[list[Path]]:
    """The parts' files on this machine; one that lies elsewhere is fetched from its message."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                film_of(context, part.id, target.with_suffix(f".part{place}"))
            )
            for place, part in enumerate(made_of)
        ]


def _remove_films(folder: Path, message: OutboxMessage) -> None:
    number = message.id.rpartition(":")[2]
    for path in folder.glob(f"{message.request_id}.film{number}.*"):
        path.unlink(missing_ok=True)
