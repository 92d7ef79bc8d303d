"""Exactly-once delivery of outbox messages: record the intent, search, send, record the result."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

from bot.errors import (
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    HistoryClosed,
    MessageGone,
    PlaceGone,
)
from bot.failpoints import point_of_message
from bot.media.errors import OURS
from bot.services.wakeup import Topic
from bot.worker.context import STORE_AWAY_MS, WorkerContext
from bot.worker.outbox.attachments import Preparation
from bot.worker.outbox.fallback import is_outdated, is_unwanted, take_back
from bot.worker.outbox.forwards import ForwardStrategy
from bot.worker.outbox.joined_films import JoinedFilmStrategy
from bot.worker.outbox.panels import PanelStrategy
from bot.worker.outbox.review_cards import ReviewCardStrategy
from bot.worker.outbox.search_start import id_before, nonce_of
from bot.worker.outbox.strategies import (
    CardStrategy,
    Delivery,
    MessagePlace,
    MessageStrategy,
    NoticeStrategy,
    ResultStrategy,
    Unsendable,
)
from bot.worker.outbox.throttled_channels import is_throttled, put_off
from bot.worker.outbox.transitions import (
    READY,
    drop,
    hand_on,
    postpone,
    retry,
    step_down,
)
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import BotError, LeaseLost, StorageError, StorageUnavailable
from storage.records import LINK_ONLY, MessageKind, OutboxMessage, OutboxState
from storage.requests import outbox, requests

logger = logging.getLogger(__name__)

_CONCERNED: Final[Mapping[MessageKind, Sequence[Topic]]] = MappingProxyType(
    {
        MessageKind.CARD: (Topic.CARDS,),
        MessageKind.RESULT: (Topic.REQUESTS, Topic.CARDS),
    }
)
"""Who is woken by a message's arrival; by any other, and by one that acknowledges, all."""


class Deliverer:
    """The step for one outbox message, whatever its kind.

    A row with an intent may have arrived: its channel is searched before it is sent again.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._text = MessageStrategy(context)
        self._strategies = {
            MessageKind.CARD: CardStrategy(context),
            MessageKind.NOTICE: NoticeStrategy(context),
            MessageKind.RESULT: ResultStrategy(context),
            MessageKind.FILM: JoinedFilmStrategy(context),
            MessageKind.REVIEW: ReviewCardStrategy(context),
            MessageKind.PANEL: PanelStrategy(context),
            MessageKind.FORWARD: ForwardStrategy(context),
        }

    async def deliver(self, message: OutboxMessage) -> None:
        """Send one message, adopt it if it had arrived before, or reschedule it."""
        strategy = self._strategies.get(message.kind, self._text)
        with self._context.files.hold(message.request_id):
            await _Attempt(self._context, strategy, message).run()


class _Attempt:
    """One attempt to deliver one message; `_delivery` is the newest that is known of it."""

    def __init__(
        self, context: WorkerContext, strategy: MessageStrategy, message: OutboxMessage
    ) -> None:
        self._context = context
        self._strategy = strategy
        self._delivery = Delivery(message)

    @property
    def _message(self) -> OutboxMessage:
        return self._delivery.message

    async def run(self) -> None:
        """Deliver the message; handles every error that is foreseen."""
        try:
            await self._unless_throttled()
        except LeaseLost:
            logger.info("Another worker has this message", extra=self._about("lease"))
        except StorageUnavailable as error:
            logger.warning(
                "The database is unavailable; the message stays pending",
                extra={**self._about("storage"), "error": repr(error)},
            )
        except OURS as error:
            logger.warning(
                "The media store or the disk is unavailable; the message stays pending",
                extra={**self._about("store"), "error": repr(error)},
            )
            with suppress(StorageError):
                await postpone(self._context, self._message, after_ms=STORE_AWAY_MS)
        except (BotError, OSError) as error:
            logger.error(
                "Delivering a message failed with an unexpected error; it stays pending",
                extra={**self._about("error"), "error": repr(error)},
            )
        with suppress(StorageError, *OURS):
            await self._strategy.clean_up(self._message)

    async def _unless_throttled(self) -> None:
        is_preparation = self._strategy.is_preparation(self._message)
        if not is_preparation and await is_throttled(self._context, self._message):
            return
        point_of_message(self._message.kind, "claimed")
        self._delivery = await self._strategy.load(self._message)
        if is_outdated(self._message, self._delivery.request):
            await drop(self._context, self._message)
            return
        try:
            await (self._prepare() if is_preparation else self._find_or_send())
        except DiscordUnavailable as error:
            await put_off(self._context, self._message, error, self._about("retry"))
        except PlaceGone as error:
            await self._place_gone(error)
        except MessageGone:
            # it arrived and somebody deleted it
            if await self._strategy.on_message_gone(self._delivery):
                await self._arrived((self._message.channel_id, 0), is_adopted=True)
        except HistoryClosed:
            await self._unknown()
        except DeliveryRefused as error:
            await self._refused(error)
        except Unsendable as error:
            await self._unsendable(error)

    async def _prepare(self) -> None:
        """Make the file; the message then goes on to the step that sends it."""
        outcome = await self._strategy.prepare(self._delivery)
        if outcome is Preparation.REBUILD:
            await hand_on(self._context, self._message, "")
        elif outcome is not Preparation.LATER:
            aim_bytes = LINK_ONLY if outcome is Preparation.LINK else None
            await hand_on(self._context, self._message, READY, aim_bytes=aim_bytes)
        elif (after_ms := self._strategy.prepare_again_ms(self._delivery)) is None:
            await self._give_up()
        else:
            await retry(self._context, self._message, after_ms=after_ms)

    async def _find_or_send(self) -> None:
        """Adopt the message if an earlier attempt sent it, else send it with its nonce."""
        if is_unwanted(self._message, self._delivery.request):
            await take_back(self._context, self._message)
            return
        if self._message.intent_at_ms:
            found = await self._strategy.find(self._message)
            if found is not None:
                logger.info("A message had arrived before", extra=self._about("adopted"))
                await self._arrived(found, is_adopted=True)
                return
        ready = await self._strategy.ready(self._delivery)
        if ready is None:
            return
        self._delivery = ready
        self._delivery = await self._intend()
        if is_unwanted(self._message, self._delivery.request):
            # its member's data was deleted since it was loaded: nothing was sent yet
            await drop(self._context, self._message)
            return
        point_of_message(self._message.kind, "intended")
        await self._send()

    @repeated
    async def _intend(self) -> Delivery:
        """Record that the message is about to be sent."""
        after_id = await id_before(self._context, self._message, self._delivery.known_id)

        async def intend(tx: Transaction) -> Delivery:
            intended = await outbox.intend(
                tx,
                self._message.id,
                owner=self._context.settings.owner,
                nonce=nonce_of(self._message),
                now_ms=self._context.clock(),
                after_id=after_id,
            )
            return await self._strategy.refresh(tx, replace(self._delivery, message=intended))

        return await self._context.database.write(intend)

    async def _send(self) -> None:
        try:
            place = await self._strategy.send(self._delivery)
        except FileTooLarge as error:
            if not self._delivery.files or self._delivery.video is None:
                # text is never too large: a proxy in between refused the call
                raise DiscordUnavailable(str(error)) from error
            await step_down(self._context, self._message, self._delivery.video)
            await retry(self._context, self._message, after_ms=0)
            return
        point_of_message(self._message.kind, "sent")
        await self._arrived(place, is_adopted=False)

    @repeated
    async def _arrived(self, place: MessagePlace, *, is_adopted: bool) -> None:
        """Record where the message is, and what follows from its arrival."""
        delivery = replace(self._delivery, is_adopted=is_adopted)
        request = delivery.request

        async def record(tx: Transaction) -> None:
            # locked before its message: the one lock order
            now = await requests.locked(tx, request.id) if request is not None else None
            await outbox.sent(
                tx,
                self._message.id,
                owner=self._context.settings.owner,
                channel_id=place[0],
                message_id=place[1],
                now_ms=self._context.clock(),
            )
            await self._strategy.on_sent(tx, delivery, now)

        await self._context.database.write(record)
        point_of_message(self._message.kind, "recorded")
        if self._message.kind is MessageKind.RESULT:
            self._context.metrics.posted(self._message.request_id)
        logger.info("A message was delivered", extra=self._about("sent"))
        is_acknowledged = request is not None and request.acked_at_ms > 0
        self._context.wakeup(*(_CONCERNED.get(self._message.kind, ()) if is_acknowledged else ()))

    async def _refused(self, error: DeliveryRefused) -> None:
        logger.error(
            "Discord refuses a message", extra={**self._about("refused"), "error": str(error)}
        )
        if not await self._strategy.on_refused(self._delivery):
            await self._give_up()

    async def _place_gone(self, error: PlaceGone) -> None:
        logger.warning(
            "A message's channel is gone", extra={**self._about("place"), "error": repr(error)}
        )
        if not await self._strategy.on_place_gone(self._delivery):
            await self._give_up()

    @repeated
    async def _give_up(self) -> None:
        """Drop a message for which no place is left."""
        logger.error("A message cannot be delivered anywhere", extra=self._about("dropped"))
        async with self._context.database.transaction() as tx:
            await self._settle(tx, OutboxState.DROPPED)
            await self._strategy.on_given_up(tx, self._delivery)

    @repeated
    async def _unknown(self) -> None:
        """Give up on a message that may have arrived where history can't be read."""
        async with self._context.database.transaction() as tx:
            await self._settle(tx, OutboxState.UNKNOWN)
            await self._strategy.on_unknown(tx, self._delivery)
        logger.error(
            "Whether a message arrived is unknown: it is not sent again",
            extra=self._about("unknown"),
        )
        self._context.wakeup()

    @repeated
    async def _unsendable(self, error: Unsendable) -> None:
        """Drop a message that must not be sent; remove it if it may have arrived."""
        async with self._context.database.transaction() as tx:
            if not self._message.intent_at_ms:
                await self._settle(tx, OutboxState.DROPPED)
            await self._strategy.on_unsendable(tx, self._delivery, error.reason)
        if self._message.intent_at_ms:
            try:
                await take_back(self._context, self._message)
            except DiscordUnavailable as unavailable:
                await put_off(self._context, self._message, unavailable, self._about("retry"))
        self._context.wakeup()

    async def _settle(self, tx: Transaction, state: OutboxState) -> None:
        if self._delivery.request is not None:
            await requests.lock(tx, self._delivery.request.id)
        owner = self._context.settings.owner
        await outbox.settle(tx, self._message.id, owner=owner, state=state)

    def _about(self, event: str) -> dict[str, Any]:
        return {
            "action": f"{self._strategy.area}.{event}",
            "post": self._message.id,
            "kind": self._message.kind,
            "request_id": self._message.request_id,
        }
