"""Forwards to the showcase: Discord's own, sent once and only while the video may stand there."""

import logging
from typing import ClassVar, Final

from bot.services.log_lines import enqueue_log
from bot.services.server_settings import read_settings
from bot.services.showcase.standing import may_be_forwarded
from bot.worker.outbox.strategies import Delivery, MessagePlace, MessageStrategy, Unsendable
from bot.worker.outbox.transitions import drop
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request
from storage.showcase import entries

logger = logging.getLogger(__name__)

NOT_NOW: Final = "showcase-unwanted"
"""Why a forward is not sent; a word for the log."""


class ForwardStrategy(MessageStrategy):
    """A posted video's message, forwarded; its marker is the message that it refers to."""

    area: ClassVar = "forward"

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Check that the video may stand in the showcase, and that the channel may show it.

        Raises: PlaceGone, Unsendable.
        """
        async with self._context.database.reading() as tx:
            await self._require_wanted(tx, delivery.message)
        if not await self._context.messenger.may_forward(delivery.message):
            raise Unsendable(NOT_NOW)
        return delivery

    async def refresh(self, tx: Transaction, delivery: Delivery) -> Delivery:
        """Check it again in the transaction of the intent. Raises: Unsendable."""
        await self._require_wanted(tx, delivery.message)
        return delivery

    async def _require_wanted(self, tx: Transaction, message: OutboxMessage) -> None:
        if not await may_be_forwarded(tx, message.request_id):
            raise Unsendable(NOT_NOW)

    async def send(self, delivery: Delivery) -> MessagePlace:
        """Forward the message. Raises: DeliveryError."""
        return await self._context.messenger.forward(delivery.message)

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Have it looked at: the video may have been hidden while it was sent."""
        await entries.look_at(tx, delivery.message.request_id, self._context.clock())

    async def on_message_gone(self, delivery: Delivery) -> bool:
        """The message to be forwarded is gone, so there is nothing to send."""
        await drop(self._context, delivery.message)
        return False

    async def on_place_gone(self, delivery: Delivery) -> bool:
        """There is no other showcase."""
        return False

    async def on_refused(self, delivery: Delivery) -> bool:
        """There is no other way to say it."""
        return False

    async def on_given_up(self, tx: Transaction, delivery: Delivery) -> None:
        """Tell the log channel, which video could not be forwarded."""
        await self._tell(tx, delivery.message, "log-showcase-failed")

    async def on_unknown(self, tx: Transaction, delivery: Delivery) -> None:
        """Tell the log channel that it may have been forwarded, and is not forwarded again."""
        await self._tell(tx, delivery.message, "log-showcase-unknown")

    async def _tell(self, tx: Transaction, message: OutboxMessage, text: str) -> None:
        await enqueue_log(
            tx,
            await read_settings(tx, message.guild_id),
            message.guild_id,
            f"{message.id}:log",
            text,
            {"channel": message.channel_id, "id": message.request_id},
            now_ms=self._context.clock(),
            request_id=message.request_id,
        )

    async def on_unsendable(self, tx: Transaction, delivery: Delivery, reason: str) -> None:
        """Only the log: the video was hidden, deleted or taken out, or is too restricted."""
        logger.info(
            "A video is not forwarded to the showcase",
            extra={"action": "forward.unwanted", "post": delivery.message.id, "reason": reason},
        )
