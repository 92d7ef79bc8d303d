"""Keeps review cards true, reminds moderators, and ends what waited too long."""

import json
import logging
from typing import Any, Final

from bot.desk.errors import DeliveryError, HistoryClosed, MessageGone, PlaceGone
from bot.desk.reviewing import sheet_of
from bot.desk.reviews import expire
from bot.desk.servers import read_settings
from bot.worker.deliver import BACKOFF_MS
from bot.worker.parts import Parts
from bot.worker.reviewing import ReviewMessenger, about
from storage import posts, reviews
from storage.again import repeated
from storage.database import Transaction
from storage.errors import Conflict
from storage.records import Post, PostKind, PostState
from storage.reviews import Review, ReviewState

logger = logging.getLogger(__name__)

BATCH: Final = 50


class ReviewKeeper:
    """What time and decisions ask for: reminders, ends, cards that show what was decided."""

    def __init__(self, parts: Parts, messenger: ReviewMessenger) -> None:
        self._parts = parts
        self._messenger = messenger
        self._rests: dict[str, int] = {}
        """Cards that could not be edited, and until when they are left alone."""

    async def catch_up(self) -> None:
        """Do what is due. Raises: StorageError."""
        now_ms = self._parts.clock()
        async with self._parts.database.reading() as tx:
            waiting = await reviews.due(tx, now_ms, limit=BATCH)
            behind = await reviews.cards_behind(tx, BATCH)
        for review in waiting:
            await self._remind_or_end(review, now_ms)
        for post, review in behind:
            if self._rests.get(post.id, 0) <= now_ms:
                await self._edit(post, review, now_ms)

    @repeated
    async def _remind_or_end(self, review: Review, now_ms: int) -> None:
        try:
            async with self._parts.database.transaction() as tx:
                if review.ends_at_ms <= now_ms:
                    await expire(tx, review, now_ms)
                elif await reviews.remind(tx, review.id, now_ms):
                    await _owe_reminder(tx, review, now_ms)
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
        self._parts.nudge()

    async def _edit(self, post: Post, review: Review, now_ms: int) -> None:
        async with self._parts.database.reading() as tx:
            sheet = await sheet_of(tx, review)
        try:
            await self._messenger.edit_review(post, sheet)
        except (MessageGone, PlaceGone, HistoryClosed) as error:
            logger.info(
                "A review card is gone", extra={**about(post, "review.gone"), "error": repr(error)}
            )
            async with self._parts.database.transaction() as tx:
                if review.state is ReviewState.OPEN:
                    # somebody deleted it, but there is still something to decide
                    await reviews.owe_card_again(tx, review.id, now_ms)
                else:
                    await posts.settle(tx, post.id, owner=None, state=PostState.DELETED)
            self._parts.nudge()
        except DeliveryError as error:
            self._rests[post.id] = now_ms + BACKOFF_MS[3]
            logger.warning(
                "A review card can't be edited now",
                extra={**about(post, "review.edit"), "error": repr(error)},
            )
        else:
            self._rests.pop(post.id, None)
            async with self._parts.database.transaction() as tx:
                await reviews.card_shows(tx, post.id, review.version)


async def _owe_reminder(tx: Transaction, review: Review, now_ms: int) -> None:
    settings = await read_settings(tx, review.guild_id)
    if not settings.review_channel:
        return
    card = await posts.get(tx, review.id)
    url = ""
    if card is not None and card.state is PostState.SENT:
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
    await posts.owe(
        tx,
        Post(
            id=f"{review.id}:reminder",
            kind=PostKind.LOG,
            request_id=review.request_id,
            guild_id=review.guild_id,
            channel_id=settings.review_channel,
            user_id=0,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
            body=json.dumps(body, ensure_ascii=False),
        ),
    )
