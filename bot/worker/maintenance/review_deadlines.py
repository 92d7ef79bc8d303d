"""Keeps review cards up to date, sends reminders, and expires overdue reviews."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any, Final

from bot.errors import DeliveryError, DiscordUnavailable, HistoryClosed, MessageGone, PlaceGone
from bot.services.log_lines import enqueue_log
from bot.services.moderation.decision_effects import expire, take_effect
from bot.services.moderation.review_sheet import sheet_of
from bot.services.outbox import message_url
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.item_errors import ItemRunner, backoff_ms
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import Conflict, StorageError
from storage.moderation import review_claims, reviews
from storage.moderation.reviews import Review, ReviewState
from storage.records import OutboxMessage, OutboxState
from storage.requests import outbox, outbox_retries

logger = logging.getLogger(__name__)

BATCH: Final = 200
OF_CHANNEL: Final = 5
"""How many cards of one channel are edited in one round, so that other channels fit in."""


class ReviewDeadlines:
    """Sends reminders, ends rejected and expired reviews, and edits the cards of decided ones.

    An expired request is rejected; an expired report leaves its video as it is, or one member
    could remove anything where moderators are absent.
    """

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._rejected = ItemRunner("review.rejected", context.clock)
        self._waiting = ItemRunner("review.waited", context.clock)
        self._cards = ItemRunner("review.edit", context.clock)
        self._edits_by_channel: dict[int, asyncio.Task[None]] = {}

    async def catch_up(self) -> None:
        """Run one pass. Raises: StorageError."""
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            rejected = await review_claims.taking_effect(
                tx, now_ms, exclude=self._rejected.backing_off, limit=BATCH
            )
            has_lapsed = await review_claims.has_lapsed(tx, now_ms)
            waiting = await reviews.due(tx, now_ms, exclude=self._waiting.backing_off, limit=BATCH)
            behind = await reviews.cards_behind(
                tx, now_ms, exclude=self._cards.backing_off, limit=BATCH, of_channel=OF_CHANNEL
            )
        await self._rejected.each(rejected, lambda review: review.id, self._take_effect)
        if has_lapsed:
            await self._end_lapsed(now_ms)
        await self._waiting.each(waiting, lambda review: review.id, self._remind_or_expire)
        self._start_edits(behind)

    def _start_edits(self, behind: Sequence[tuple[OutboxMessage, Review]]) -> None:
        """Edit each channel's cards in a task of its own, so that a slow one delays no other."""
        cards_by_channel: dict[int, list[tuple[OutboxMessage, Review]]] = {}
        for message, review in behind:
            cards_by_channel.setdefault(message.sent_channel_id, []).append((message, review))
        for channel_id, cards in cards_by_channel.items():
            if channel_id not in self._edits_by_channel:
                self._edits_by_channel[channel_id] = asyncio.create_task(
                    self._edit_all(channel_id, cards), name=f"reviews {channel_id}"
                )

    async def _edit_all(
        self, channel_id: int, cards: Sequence[tuple[OutboxMessage, Review]]
    ) -> None:
        try:
            await self._cards.each(cards, lambda card: card[0].id, lambda card: self._edit(*card))
        except StorageError as error:
            logger.warning(
                "The database is unavailable; review cards are edited later",
                extra={"action": "review.edit", "error": repr(error)},
            )
        finally:
            del self._edits_by_channel[channel_id]

    async def close(self) -> None:
        """Stop editing; what is left is found again by comparing records."""
        tasks = tuple(self._edits_by_channel.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    @repeated
    async def _take_effect(self, review: Review) -> None:
        """End what a moderator rejected and did not take back in time."""
        try:
            async with self._context.database.transaction() as tx:
                await take_effect(tx, review, self._context.clock())
        except Conflict as error:
            # its request has just moved; the next round sees its new state
            logger.info(
                "A rejection could not take effect",
                extra={"action": "review.conflict", "review": review.id, "error": repr(error)},
            )
            return
        logger.info(
            "A rejection took effect",
            extra={"action": "review.rejected", "request_id": review.request_id},
        )
        self._context.wakeup()

    @repeated
    async def _end_lapsed(self, now_ms: int) -> None:
        async with self._context.database.transaction() as tx:
            await review_claims.end_lapsed(tx, now_ms)

    @repeated
    async def _remind_or_expire(self, review: Review) -> None:
        now_ms = self._context.clock()
        try:
            async with self._context.database.transaction() as tx:
                if review.ends_at_ms <= now_ms:
                    await expire(tx, review, now_ms)
                elif await reviews.remind(tx, review.id, now_ms):
                    await _enqueue_reminder(tx, review, now_ms)
                    await reviews.look_at_card(tx, review.id)
        except Conflict as error:
            # its request has just moved; the next round sees its new state
            logger.info(
                "A review could not be expired",
                extra={"action": "review.conflict", "review": review.id, "error": repr(error)},
            )
            return
        logger.info(
            "A review was reminded of or has expired",
            extra={"action": "review.waited", "request_id": review.request_id},
        )
        self._context.wakeup()

    async def _edit(self, message: OutboxMessage, review: Review) -> None:
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            sheet = await sheet_of(tx, review)
        try:
            await self._context.messenger.edit_review(message, sheet)
        except (MessageGone, PlaceGone, HistoryClosed) as error:
            logger.info(
                "A review card is gone",
                extra={**_about(message, "review.gone"), "error": repr(error)},
            )
            async with self._context.database.transaction() as tx:
                if review.state is ReviewState.OPEN:
                    # somebody deleted it, but the review is still open
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
                extra={**_about(message, "review.edit"), "wait_ms": wait_ms, "error": repr(error)},
            )
            async with self._context.database.transaction() as tx:
                await outbox_retries.change_later(tx, message.id, self._context.clock() + wait_ms)
        else:
            async with self._context.database.transaction() as tx:
                await reviews.card_shows(tx, message.id, review.version)
                await outbox_retries.changed(tx, message.id)


def _about(message: OutboxMessage, action: str) -> dict[str, Any]:
    return {"action": action, "post": message.id, "request_id": message.request_id}


async def _enqueue_reminder(tx: Transaction, review: Review, now_ms: int) -> None:
    settings = await read_settings(tx, review.guild_id)
    if not settings.review_channel:
        return
    card = await outbox.get(tx, review.id)
    url = ""
    if card is not None and card.state is OutboxState.SENT:
        url = message_url(card.guild_id, card.sent_channel_id, card.message_id)
    params: dict[str, str | int] = {
        "id": review.request_id,
        "user": str(review.user_id),
        "ms": review.ends_at_ms,
        "url": url,
        "role": str(settings.moderator_role or ""),
    }
    await enqueue_log(
        tx,
        settings,
        review.guild_id,
        f"{review.id}:reminder",
        "review-reminder-appeal" if review.appeal_of else "review-reminder",
        params,
        now_ms=now_ms,
        request_id=review.request_id,
        channel_id=settings.review_channel,
    )
