"""Keeps review cards true, reminds moderators, and ends what waited too long."""

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any, Final

from bot.errors import DeliveryError, DiscordUnavailable, HistoryClosed, MessageGone, PlaceGone
from bot.services.moderation.review_lifecycle import sheet_of
from bot.services.moderation.reviews import expire
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner, backoff_ms
from bot.worker.outbox.review_cards import ReviewMessenger, about
from storage.engine.database import Transaction
from storage.engine.retry import repeated
from storage.errors import Conflict, StorageError
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState
from storage.records import MessageKind, OutboxMessage, OutboxState
from storage.requests import outbox, outbox_retries

logger = logging.getLogger(__name__)

BATCH: Final = 200
OF_CHANNEL: Final = 5
"""So many cards of one channel are edited in one round: others come into the same window."""


class ReviewDeadlines:
    """What time and decisions ask for: reminders, ends, cards that show what was decided.

    A request without a decision is rejected; a reported video stays as it is, or one member could
    remove anything where moderators are absent.
    """

    def __init__(self, context: WorkerContext, messenger: ReviewMessenger) -> None:
        self._context = context
        self._messenger = messenger
        self._waiting = ItemRunner("review.waited", context.clock)
        self._cards = ItemRunner("review.edit", context.clock)
        self._lanes: dict[int, asyncio.Task[None]] = {}

    async def catch_up(self) -> None:
        """Do what is due. Raises: StorageError."""
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            waiting = await reviews.due(tx, now_ms, exclude=self._waiting.resting, limit=BATCH)
            behind = await reviews.cards_behind(
                tx, now_ms, exclude=self._cards.resting, limit=BATCH, of_channel=OF_CHANNEL
            )
        await self._waiting.each(waiting, lambda review: review.id, self._remind_or_end)
        self._edit_beside(behind)

    def _edit_beside(self, behind: Sequence[tuple[OutboxMessage, Review]]) -> None:
        """A channel that is slow to answer keeps its own cards waiting, and no other's."""
        lanes: dict[int, list[tuple[OutboxMessage, Review]]] = {}
        for message, review in behind:
            lanes.setdefault(message.sent_channel_id, []).append((message, review))
        for channel_id, cards in lanes.items():
            if channel_id not in self._lanes:
                self._lanes[channel_id] = asyncio.create_task(
                    self._edit_all(channel_id, cards), name=f"reviews {channel_id}"
                )

    async def _edit_all(
        self, channel_id: int, cards: Sequence[tuple[OutboxMessage, Review]]
    ) -> None:
        try:
            await self._cards.each(cards, lambda card: card[0].id, lambda card: self._edit(*card))
        except StorageError as error:
            logger.warning(
                "The database can't be asked; review cards are edited later",
                extra={"action": "review.edit", "error": repr(error)},
            )
        finally:
            del self._lanes[channel_id]

    async def close(self) -> None:
        """Stop editing; what is left is found again by comparing records."""
        tasks = tuple(self._lanes.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @repeated
    async def _remind_or_end(self, review: Review) -> None:
        now_ms = self._context.clock()
        try:
            async with self._context.database.transaction() as tx:
                if review.ends_at_ms <= now_ms:
                    await expire(tx, review, now_ms)
                elif await reviews.remind(tx, review.id, now_ms):
                    await _enqueue_reminder(tx, review, now_ms)
                    await reviews.look_at_card(tx, review.id)
        except Conflict as error:
            # its request has moved in this very moment; the next round sees it as it is then
            logger.info(
                "A review could not be ended",
                extra={"action": "review.conflict", "review": review.id, "error": repr(error)},
            )
            return
        logger.info(
            "A review has waited long",
            extra={"action": "review.waited", "request_id": review.request_id},
        )
        self._context.wakeup()

    async def _edit(self, message: OutboxMessage, review: Review) -> None:
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            sheet = await sheet_of(tx, review)
        try:
            await self._messenger.edit_review(message, sheet)
        except (MessageGone, PlaceGone, HistoryClosed) as error:
            logger.info(
                "A review card is gone",
                extra={**about(message, "review.gone"), "error": repr(error)},
            )
            async with self._context.database.transaction() as tx:
                if review.state is ReviewState.OPEN:
                    # somebody deleted it, but there is still something to decide
                    await reviews.enqueue_card_again(tx, review.id, now_ms)
                else:
                    await outbox.settle(tx, message.id, owner=None, state=OutboxState.DELETED)
            self._context.wakeup()
        except DeliveryError as error:
            wait_ms = backoff_ms(message.attempt + 1)
            if isinstance(error, DiscordUnavailable) and error.retry_after_s is not None:
                wait_ms = max(wait_ms, round(error.retry_after_s * 1000))
            logger.warning(
                "A review card can't be edited now",
                extra={**about(message, "review.edit"), "wait_ms": wait_ms, "error": repr(error)},
            )
            async with self._context.database.transaction() as tx:
                await outbox_retries.change_later(tx, message.id, self._context.clock() + wait_ms)
        else:
            async with self._context.database.transaction() as tx:
                await reviews.card_shows(tx, message.id, review.version)
                await outbox_retries.changed(tx, message.id)


async def _enqueue_reminder(tx: Transaction, review: Review, now_ms: int) -> None:
    settings = await read_settings(tx, review.guild_id)
    if not settings.review_channel:
        return
    card = await outbox.get(tx, review.id)
    url = ""
    if card is not None and card.state is OutboxState.SENT:
        url = (
            f"https://discord.com/channels/{card.guild_id}/{card.sent_channel_id}/{card.message_id}"
        )
    params: dict[str, Any] = {
        "id": review.request_id,
        "user": str(review.user_id),
        "ms": review.ends_at_ms,
        "url": url,
        "role": str(settings.moderator_role or ""),
    }
    body = {"text": "review-reminder", "params": params, "locale": settings.language}
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=f"{review.id}:reminder",
            kind=MessageKind.LOG,
            request_id=review.request_id,
            guild_id=review.guild_id,
            channel_id=settings.review_channel,
            user_id=0,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps(body, ensure_ascii=False),
        ),
    )
