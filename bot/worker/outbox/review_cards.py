"""Review cards: delivered to the server's review channel while the review is open."""

import logging
from dataclasses import replace
from typing import ClassVar, Final

from bot.errors import DeliveryError, DeliveryRefused, DiscordUnavailable
from bot.services.log_lines import enqueue_log
from bot.services.moderation.review_channel import note_reachable, note_unreachable
from bot.services.moderation.review_sheet import sheet_of
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import Preparation, result_video
from bot.worker.outbox.discord_refusals import later_ms, send_plainly
from bot.worker.outbox.review_files import (
    TRIES_FOR_A_REPORT,
    FilesOnOtherHost,
    SheetFiles,
    VideoNotReady,
)
from bot.worker.outbox.strategies import Delivery, MessagePlace, MessageStrategy
from bot.worker.outbox.transitions import PREPARE, backoff_ms, drop, hand_on, retry
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.moderation.reviews import ReviewState, Stage
from storage.records import OutboxMessage, Request, State
from storage.requests import outbox, requests, series

logger = logging.getLogger(__name__)

NO_CHANNEL_MS: Final = 60_000
"""How long a card waits while the server has no review channel."""
UNREACHABLE_MS: Final = 5 * 60_000
ELSEWHERE_MS: Final = 3_000


class ReviewCardStrategy(MessageStrategy):
    """A card with everything moderators need to decide; its `sheet` is set while it is open."""

    area: ClassVar = "review"

    def __init__(self, context: WorkerContext) -> None:
        super().__init__(context)
        self._files = SheetFiles(context)

    async def load(self, message: OutboxMessage) -> Delivery:
        """Read the review and everything its card shows."""
        async with self._context.database.reading() as tx:
            review = await reviews.get(tx, message.id)
            if review is None or review.state is not ReviewState.OPEN:
                return Delivery(message)
            sheet = await sheet_of(tx, review)
        video = result_video(sheet.request)
        return Delivery(message, request=sheet.request, sheet=sheet, video=video)

    async def prepare(self, delivery: Delivery) -> Preparation:
        """Download or encode the video; the step that sends drops cards of closed reviews."""
        if delivery.sheet is None:
            return Preparation.READY
        return await self._files.prepare(delivery.message, delivery.sheet)

    def prepare_again_ms(self, delivery: Delivery) -> int:
        """Retry soon for a report, whose card then goes without the file; never give up."""
        message, sheet = delivery.message, delivery.sheet
        is_report = sheet is not None and sheet.review.stage is Stage.REPORT
        if is_report and message.attempt < TRIES_FOR_A_REPORT:
            return ELSEWHERE_MS
        return backoff_ms(message)

    async def find(self, message: OutboxMessage) -> MessagePlace | None:
        """Search for the card; one that can't be searched for is sent again.

        Two cards of one review are harmless, no card at all is not.
        """
        try:
            return await super().find(message)
        except DiscordUnavailable:
            raise
        except DeliveryError:
            return None

    async def ready(self, delivery: Delivery) -> Delivery | None:
        """Address the card to the present review channel, and attach its files."""
        context, message, sheet = self._context, delivery.message, delivery.sheet
        if sheet is None:
            await drop(context, message)
            return None
        async with context.database.reading() as tx:
            channel_id = (await read_settings(tx, message.guild_id)).review_channel
        if not channel_id:
            await retry(context, message, after_ms=NO_CHANNEL_MS)
            return None
        message = await self._addressed(message, channel_id)
        try:
            files = await self._files.of(message, sheet)
        except FilesOnOtherHost:
            await self._fetch_again(sheet.request)
            await retry(context, message, after_ms=max(ELSEWHERE_MS, backoff_ms(message)))
            return None
        except VideoNotReady:
            await hand_on(context, message, PREPARE)
            return None
        return replace(delivery, message=message, files=tuple(files))

    @repeated
    async def _addressed(self, message: OutboxMessage, channel_id: int) -> OutboxMessage:
        if message.channel_id == channel_id:
            return message
        async with self._context.database.transaction() as tx:
            return await outbox.redirect(
                tx, message.id, owner=self._context.settings.owner, channel_id=channel_id
            )

    @repeated
    async def _fetch_again(self, request: Request) -> None:
        """Have a held request's inputs fetched anew where this machine should have them."""
        if request.state is not State.HELD or request.host not in ("", self._context.settings.host):
            return
        async with self._context.database.transaction() as tx:
            now = await requests.locked(tx, request.id)
            if now is None or now.state is not State.HELD:
                return
            holder = await series.files_holder(tx, now)
            await requests.note(
                tx,
                holder.id,
                source=holder.state,
                owner=None,
                prepared_at_ms=0,
                host="",
                due_at_ms=self._context.clock(),
            )

    async def send(self, delivery: Delivery) -> MessagePlace:
        """Send the card. Raises: DeliveryError."""
        if delivery.sheet is None:
            raise DeliveryRefused("a card without a review")
        return await self._context.messenger.send_review(
            delivery.message, delivery.sheet, delivery.files
        )

    async def on_sent(self, tx: Transaction, delivery: Delivery, request: Request | None) -> None:
        """Record which version the card shows, and that the channel can be reached."""
        message, sheet = delivery.message, delivery.sheet
        version = sheet.review.version if sheet is not None and not delivery.is_adopted else ""
        await outbox.shown(tx, message.id, "")
        await reviews.card_shows(tx, message.id, version)
        await note_reachable(tx, message.guild_id)

    async def on_message_gone(self, delivery: Delivery) -> bool:
        """Send it again later: Discord remembers the nonce, and the review is still open."""
        await retry(self._context, delivery.message, after_ms=UNREACHABLE_MS)
        return False

    async def on_place_gone(self, delivery: Delivery) -> bool:
        """Tell the log channel, and refuse requests that would need a review meanwhile."""
        message, now_ms = delivery.message, self._context.clock()
        logger.error(
            "A review channel can't be reached",
            extra={"action": "review.unreachable", "post": message.id},
        )
        async with self._context.database.transaction() as tx:
            await note_unreachable(tx, message.guild_id, message.channel_id, now_ms)
            await enqueue_log(
                tx,
                await read_settings(tx, message.guild_id),
                message.guild_id,
                f"log:review-unreachable:{message.channel_id}:{now_ms // DAY_MS}",
                "log-review-unreachable",
                {"channel": str(message.channel_id)},
                now_ms=now_ms,
            )
        await retry(self._context, message, after_ms=UNREACHABLE_MS)
        return True

    async def on_refused(self, delivery: Delivery) -> bool:
        """Leave out quoted text, then files; then retry unchanged, less and less often."""
        message = delivery.message
        if not await send_plainly(self._context, message):
            await retry(self._context, message, after_ms=later_ms(message.attempt + 1))
        return True
