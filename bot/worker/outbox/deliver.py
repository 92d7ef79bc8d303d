"""Brings every message the bot owes to its place, once: intent, nonce, marker."""

import hashlib
import logging
from typing import Any, Final

from bot.errors import (
    DeliveryError,
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)
from bot.failpoints import point_of_message
from bot.services.caller import Progress
from bot.services.requests import lifecycle
from bot.services.requests.status import progress_of
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import Made, ResultFiles, is_link_only
from bot.worker.outbox.discord_refusals import send_elsewhere, send_otherwise, was_refused
from bot.worker.outbox.fallback import is_outdated, is_unwanted, next_place, require_open, take_back
from bot.worker.outbox.handoff import PREPARE, READY, hand_on, step_down
from bot.worker.outbox.search_start import id_before
from bot.worker.outbox.throttled_channels import is_throttled, throttle
from bot.worker.outbox.undelivered import undeliverable
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.records import LINK_ONLY, MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox, requests

logger = logging.getLogger(__name__)

BACKOFF_MS: Final = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000)
"""Discord may be down for days; a result is tried every five minutes until it is up again."""
HOPELESS_ATTEMPTS: Final = 1_000
"""Tries, over three days and more, of fetching a lost file again: no link lives longer."""

_TELLING: Final = frozenset({MessageKind.RESULT, MessageKind.NOTICE})
_WITH_FILE: Final = frozenset({MessageKind.RESULT, MessageKind.FILM})


def nonce_of(message: OutboxMessage) -> str:
    """At most 25 characters, the same for every try of the same message in the same place."""
    digest = hashlib.sha256(f"{message.id}:{message.channel_id}".encode()).hexdigest()
    return f"v{digest[:24]}"


class Deliverer:
    """The step for one owed message."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._files = ResultFiles(context)

    async def deliver(self, message: OutboxMessage) -> None:
        """Send one message, adopt it if it had arrived before, or put it off."""
        try:
            if message.needs == PREPARE or not await is_throttled(self._context, message):
                await self._deliver(message)
        except LeaseLost:
            logger.info("Another worker has this message", extra=_about(message, "message.lease"))
        except StorageUnavailable as error:
            logger.warning(
                "The database can't be asked; the message stays owed",
                extra={**_about(message, "message.storage"), "error": repr(error)},
            )
        except BotError as error:
            logger.error(
                "A message met an error that its step does not know; it stays owed",
                extra={**_about(message, "message.error"), "error": repr(error)},
            )

    async def _deliver(self, message: OutboxMessage) -> None:
        point_of_message(message.kind, "claimed")
        async with self._context.database.reading() as tx:
            request = await requests.get(tx, message.request_id) if message.request_id else None
        if request is not None and is_outdated(message, request):
            await self._settle(message, OutboxState.DROPPED)
            return
        try:
            if message.needs == PREPARE and request is not None:
                await self._prepare(message, request)
                return
            sent = await self._find_or_send(message, request)
        except DiscordUnavailable as error:
            await self._put_off(message, error)
        except PlaceGone as error:
            await self._fall_back(message, request, error)
        except MessageGone:
            # It was there and somebody took it away: delivered, and never sent again.
            await self._arrived(message, request, (message.channel_id, 0), shown="")
        except HistoryClosed:
            await self._unknowable(message, request)
        except DeliveryRefused as error:
            await self._refused(message, request, error)
        else:
            if sent is not None:
                await self._arrived(message, request, sent[0], shown=sent[1])

    async def _find_or_send(
        self, message: OutboxMessage, request: Request | None
    ) -> tuple[tuple[int, int], str] | None:
        """Look for the marker if an earlier try may have arrived, else send with the nonce.

        Returns where the message is and which state it shows (empty when that is not known).
        """
        if is_unwanted(message, request):
            await take_back(self._context, message)
            return None
        if message.intent_at_ms:
            found = await self._context.messenger.find(message)
            if found is not None:
                logger.info(
                    "A message had arrived before", extra=_about(message, "message.adopted")
                )
                return found, ""
        await require_open(self._context, message, request)
        file = None
        if message.kind in _WITH_FILE and request is not None:
            file = await self._files.for_posting(request, message)
            if file is None and not is_link_only(message):
                await hand_on(self._context, message, PREPARE)
                return None
        message, request, standing = await self._intend(message, request)
        if is_unwanted(message, request):
            # its member's data was deleted in this very moment: nothing was sent yet
            await self._settle(message, OutboxState.DROPPED)
            return None
        point_of_message(message.kind, "intended")
        try:
            where = await self._context.messenger.send(message, request, standing, file)
        except FileTooLarge as error:
            if file is None:
                # words are never too large: something between us and Discord says so
                raise DiscordUnavailable(str(error)) from error
            await step_down(self._context, message, request)
            await self._retry(message, after_ms=0)
            return None
        point_of_message(message.kind, "sent")
        return where, request.state if request is not None else ""

    @repeated
    async def _intend(
        self, message: OutboxMessage, request: Request | None
    ) -> tuple[OutboxMessage, Request | None, Progress]:
        """Write down that it is about to be sent; what a card shows is read at this moment."""
        standing = Progress()
        after_id = await id_before(self._context, message)
        async with self._context.database.transaction() as tx:
            message = await outbox.intend(
                tx,
                message.id,
                owner=self._context.settings.owner,
                nonce=nonce_of(message),
                now_ms=self._context.clock(),
                after_id=after_id,
            )
            if request is not None and message.kind is MessageKind.CARD:
                request = await requests.require(tx, request.id)
                standing = await self._progress(tx, request)
        return message, request, standing

    async def _progress(self, tx: Transaction, request: Request) -> Progress:
        return await progress_of(
            tx,
            request,
            now_ms=self._context.clock(),
            max_active=self._context.settings.max_active,
        )

    @repeated
    async def _arrived(
        self, message: OutboxMessage, request: Request | None, where: tuple[int, int], *, shown: str
    ) -> None:
        """Write down where the message is, and what follows from its being there."""
        channel_id, message_id = where
        now_ms = self._context.clock()
        async with self._context.database.transaction() as tx:
            await _lock(tx, request)
            await outbox.sent(
                tx,
                message.id,
                owner=self._context.settings.owner,
                message_id=message_id,
                channel_id=channel_id,
                now_ms=now_ms,
            )
            if message.kind is MessageKind.CARD:
                # What it shows may be outdated already: edits follow from the difference.
                await outbox.shown(tx, message.id, shown)
            now = await requests.get(tx, request.id) if request is not None else None
            if now is not None:
                await self._follow_up(tx, message, now, now_ms)
        point_of_message(message.kind, "recorded")
        logger.info("A message was delivered", extra=_about(message, "message.sent"))
        self._context.wakeup()

    async def _follow_up(
        self, tx: Transaction, message: OutboxMessage, request: Request, now_ms: int
    ) -> None:
        if message.kind is MessageKind.CARD:
            await requests.acknowledge(tx, request.id, now_ms)
        if message.kind is MessageKind.RESULT and request.state is State.RENDERED:
            await lifecycle.end(tx, request, State.POSTED, now_ms=now_ms)
        if message.kind in _TELLING:
            # what it told the card need not say, and a thread it was posted in is open again
            await outbox.look_at_card(tx, request.id)

    async def _put_off(self, message: OutboxMessage, error: DiscordUnavailable) -> None:
        wait_ms = backoff_ms(message)
        if error.retry_after_s is not None:
            wait_ms = max(wait_ms, round(error.retry_after_s * 1000))
        logger.warning(
            "Discord can't take a message now; it will be tried again",
            extra={**_about(message, "message.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        await self._retry(message, after_ms=wait_ms)
        if error.retry_after_s and message.channel_id:
            # what else is owed there need not be refused one by one
            await throttle(self._context, message.channel_id, self._context.clock() + wait_ms)

    @repeated
    async def _retry(self, message: OutboxMessage, *, after_ms: int) -> None:
        async with self._context.database.transaction() as tx:
            await outbox.retry(
                tx,
                message.id,
                owner=self._context.settings.owner,
                due_at_ms=self._context.clock() + after_ms,
            )
        self._context.wakeup()

    async def _refused(
        self, message: OutboxMessage, request: Request | None, error: DeliveryError
    ) -> None:
        logger.error(
            "Discord refuses a message",
            extra={**_about(message, "message.refused"), "error": str(error)},
        )
        if not await send_otherwise(self._context, message, request):
            await self._give_up(message, request)

    async def _fall_back(
        self, message: OutboxMessage, request: Request | None, error: PlaceGone
    ) -> None:
        """Find another place that is not more visible; a card and a log line have none."""
        logger.warning(
            "A message's place is gone",
            extra={**_about(message, "message.place"), "error": repr(error)},
        )
        place = next_place(message, request)
        if place is not None:
            await send_elsewhere(self._context, message, place)
        elif was_refused(message):
            # another place is there, which did not take the words: perhaps it does later
            await self._refused(message, request, error)
        else:
            await self._give_up(message, request)

    @repeated
    async def _give_up(self, message: OutboxMessage, request: Request | None) -> None:
        """No place is left: the request ends, and its file goes with it."""
        logger.error("A message can be brought nowhere", extra=_about(message, "message.dropped"))
        async with self._context.database.transaction() as tx:
            await _lock(tx, request)
            await self._settle_in(tx, message, OutboxState.DROPPED)
            if message.kind is MessageKind.RESULT and request is not None:
                await undeliverable(tx, message, request, self._context.clock())

    @repeated
    async def _unknowable(self, message: OutboxMessage, request: Request | None) -> None:
        """It may have arrived and the history can't be read: not sent twice, the log is told."""
        async with self._context.database.transaction() as tx:
            await _lock(tx, request)
            await self._settle_in(tx, message, OutboxState.UNKNOWN)
            if request is not None and message.kind in _WITH_FILE:
                await undeliverable(tx, message, request, self._context.clock(), known=False)
        logger.error(
            "Whether a message arrived can't be known: it is not sent again",
            extra=_about(message, "message.unknown"),
        )
        self._context.wakeup()

    @repeated
    async def _settle(self, message: OutboxMessage, state: OutboxState) -> None:
        async with self._context.database.transaction() as tx:
            await self._settle_in(tx, message, state)

    async def _settle_in(self, tx: Transaction, message: OutboxMessage, state: OutboxState) -> None:
        await outbox.settle(tx, message.id, owner=self._context.settings.owner, state=state)

    async def _prepare(self, message: OutboxMessage, request: Request) -> None:
        """Have the file fetched or encoded, in slots of its own; the upload comes after.

        A message that is wanted no more, or goes as a link, is for the step that sends.
        """
        if is_unwanted(message, request):
            await hand_on(self._context, message, READY)
            return
        made = await self._files.prepare(request, message)
        if made is not Made.LATER:
            aim_bytes = LINK_ONLY if made is Made.LINK else None
            await hand_on(self._context, message, READY, aim_bytes=aim_bytes)
        elif message.attempt >= HOPELESS_ATTEMPTS:
            await self._give_up(message, request)
        else:
            await self._retry(message, after_ms=backoff_ms(message))


async def _lock(tx: Transaction, request: Request | None) -> None:
    """A message's request before the message, as everybody has it."""
    if request is not None:
        await requests.lock(tx, request.id)


def backoff_ms(message: OutboxMessage) -> int:
    """How long to wait after so many failures of a message."""
    return BACKOFF_MS[min(message.attempt, len(BACKOFF_MS) - 1)]


def _about(message: OutboxMessage, action: str) -> dict[str, Any]:
    return {
        "action": action,
        "post": message.id,
        "kind": message.kind,
        "request_id": message.request_id,
    }
