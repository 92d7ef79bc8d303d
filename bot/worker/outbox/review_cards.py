"""Brings review cards to their channel."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, Protocol

from bot.errors import (
    DeliveryError,
    DeliveryRefused,
    DiscordUnavailable,
    FileTooLarge,
    MessageGone,
    PlaceGone,
)
from bot.services.moderation.review_lifecycle import (
    ReviewSheet,
    SheetFile,
    note_reachable,
    note_unreachable,
    sheet_of,
)
from bot.services.outbox import enqueue_log
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import Made, is_link_only
from bot.worker.outbox.deliver import BACKOFF_MS, nonce_of
from bot.worker.outbox.discord_refusals import later_ms, send_plainly
from bot.worker.outbox.handoff import PREPARE, READY, hand_on, step_down
from bot.worker.outbox.review_files import (
    TRIES_FOR_A_REPORT,
    FilesOnOtherHost,
    SheetFiles,
    VideoNotReady,
)
from bot.worker.outbox.search_start import id_before
from bot.worker.outbox.throttled_channels import is_throttled, throttle
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import LINK_ONLY, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox, requests

logger = logging.getLogger(__name__)

BATCH: Final = 50
NO_CHANNEL_MS: Final = 60_000
UNREACHABLE_MS: Final = 5 * 60_000
ELSEWHERE_MS: Final = 3_000
DAY_MS: Final = 24 * 60 * 60 * 1000


class ReviewMessenger(Protocol):
    """How review cards reach moderators; every method may raise `DeliveryError`."""

    async def send_review(
        self, message: OutboxMessage, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        """Send a card once with the post's nonce; the channel's and the message's id."""
        ...

    async def edit_review(self, message: OutboxMessage, sheet: ReviewSheet) -> None:
        """Make a sent card show its review as it is; a purged one loses its files."""
        ...

    async def find(self, message: OutboxMessage) -> tuple[int, int] | None:
        """Look for a card that may have arrived."""
        ...

    async def set_spoiler(self, message: OutboxMessage, *, is_spoiler: bool) -> None:
        """Put a posted video or film behind a spoiler, or out from behind it, by an edit alone."""
        ...

    async def reshow(
        self, message: OutboxMessage, request: Request, file: Path, *, is_spoiler: bool
    ) -> None:
        """The same by sending the file anew, where Discord refuses the edit."""
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a message away."""
        ...


class ReviewCards:
    """The step for an owed review card."""

    def __init__(self, context: WorkerContext, messenger: ReviewMessenger) -> None:
        self._context = context
        self._messenger = messenger
        self._files = SheetFiles(context)

    async def deliver(self, message: OutboxMessage) -> None:
        """Send one card, adopt it if it had arrived before, or put it off."""
        try:
            await self._deliver(message)
        except LeaseLost:
            logger.info("Another worker has this card", extra=about(message, "review.lease"))
        except DiscordUnavailable as error:
            # it could not be looked for
            await self._put_off(message, error)
        except StorageUnavailable as error:
            logger.warning(
                "The database can't be asked; the card stays owed",
                extra={**about(message, "review.storage"), "error": repr(error)},
            )
        except (BotError, OSError) as error:
            logger.error(
                "A card met an error that its step does not know; it stays owed",
                extra={**about(message, "review.error"), "error": repr(error)},
            )

    async def _deliver(self, message: OutboxMessage) -> None:
        if message.needs != PREPARE and await is_throttled(self._context, message):
            return
        async with self._context.database.reading() as tx:
            review = await reviews.get(tx, message.id)
            channel_id = (await read_settings(tx, message.guild_id)).review_channel
        is_open = review is not None and review.state is ReviewState.OPEN
        if message.intent_at_ms and (found := await self._find(message)) is not None:
            await self._arrived(message, found, shown="")
        elif review is None or not is_open:
            await self._settle(message, OutboxState.DROPPED)
        elif not channel_id:
            await self._retry(message, NO_CHANNEL_MS)
        else:
            await self._send(await self._addressed(message, channel_id), review)

    async def _find(self, message: OutboxMessage) -> tuple[int, int] | None:
        """Where the card is; one that can't be looked for is sent again: two cards, one review."""
        try:
            return await self._messenger.find(message)
        except DiscordUnavailable:
            raise
        except DeliveryError:
            return None

    @repeated
    async def _addressed(self, message: OutboxMessage, channel_id: int) -> OutboxMessage:
        if message.channel_id == channel_id:
            return message
        async with self._context.database.transaction() as tx:
            return await outbox.redirect(
                tx, message.id, owner=self._context.settings.owner, channel_id=channel_id
            )

    async def _send(self, message: OutboxMessage, review: Review) -> None:
        async with self._context.database.reading() as tx:
            sheet = await sheet_of(tx, review)
        if message.needs == PREPARE:
            await self._prepare(message, sheet)
            return
        try:
            files = await self._files.of(message, sheet)
        except FilesOnOtherHost:
            await self._fetch_again(sheet.request)
            await self._retry(message, _backoff_ms(message, ELSEWHERE_MS))
            return
        except VideoNotReady:
            await hand_on(self._context, message, PREPARE)
            return
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
        try:
            where = await self._messenger.send_review(message, sheet, files)
        except FileTooLarge as error:
            await self._step_down(message, sheet, error)
        except MessageGone:
            # Discord still knows the deleted one's nonce; there is something to decide all the same
            await self._retry(message, UNREACHABLE_MS)
        except PlaceGone as error:
            await self._unreachable(message, error)
        except DeliveryRefused as error:
            await self._refused(message, error)
        except DeliveryError as error:
            await self._put_off(message, error)
        else:
            await self._arrived(message, where, shown=review.version)

    async def _prepare(self, message: OutboxMessage, sheet: ReviewSheet) -> None:
        made = await self._files.prepare(message, sheet)
        if made is Made.LATER:
            is_report = sheet.review.stage is Stage.REPORT and message.attempt < TRIES_FOR_A_REPORT
            await self._retry(message, ELSEWHERE_MS if is_report else _backoff_ms(message))
            return
        aim_bytes = LINK_ONLY if made is Made.LINK else None
        await hand_on(self._context, message, READY, aim_bytes=aim_bytes)

    async def _step_down(
        self, message: OutboxMessage, sheet: ReviewSheet, error: FileTooLarge
    ) -> None:
        """Discord refused the size: less goes up the next time, at last words alone."""
        if is_link_only(message):
            await self._put_off(message, error)
            return
        await step_down(self._context, message, sheet.request)
        await self._retry(message, 0)

    async def _refused(self, message: OutboxMessage, error: DeliveryRefused) -> None:
        """Without what people typed, then without files; then as it is, ever more rarely."""
        if not await send_plainly(self._context, message):
            await self._put_off(message, error)

    @repeated
    async def _fetch_again(self, request: Request) -> None:
        """A machine that should have a held request's files and has not fetches them anew."""
        if request.state is not State.HELD or request.host not in ("", self._context.settings.host):
            return
        async with self._context.database.transaction() as tx:
            await requests.note(
                tx,
                request.id,
                source=State.HELD,
                owner=None,
                prepared_at_ms=0,
                host="",
                due_at_ms=self._context.clock(),
            )

    @repeated
    async def _arrived(self, message: OutboxMessage, where: tuple[int, int], *, shown: str) -> None:
        async with self._context.database.transaction() as tx:
            await outbox.sent(
                tx,
                message.id,
                owner=self._context.settings.owner,
                message_id=where[1],
                channel_id=where[0],
                now_ms=self._context.clock(),
            )
            await outbox.shown(tx, message.id, "")
            await reviews.card_shows(tx, message.id, shown)
            await note_reachable(tx, message.guild_id)
        logger.info("A review card was delivered", extra=about(message, "review.sent"))
        self._context.wakeup()

    async def _unreachable(self, message: OutboxMessage, error: PlaceGone) -> None:
        """The review channel is gone: log it, and refuse requests that would need a review."""
        now_ms = self._context.clock()
        logger.error(
            "A review channel can't be reached",
            extra={**about(message, "review.unreachable"), "error": repr(error)},
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
        await self._retry(message, UNREACHABLE_MS)

    async def _put_off(self, message: OutboxMessage, error: DeliveryError) -> None:
        wait_ms = later_ms(message.attempt + 1)
        if isinstance(error, DiscordUnavailable):
            wait_ms = _backoff_ms(message)
            wait_ms = max(wait_ms, round((error.retry_after_s or 0) * 1000))
        logger.log(
            logging.WARNING if error.retryable else logging.ERROR,
            "Discord does not take a review card; it will be tried again",
            extra={**about(message, "review.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        await self._retry(message, wait_ms)
        if isinstance(error, DiscordUnavailable) and error.retry_after_s and message.channel_id:
            await throttle(self._context, message.channel_id, self._context.clock() + wait_ms)

    @repeated
    async def _retry(self, message: OutboxMessage, after_ms: int) -> None:
        async with self._context.database.transaction() as tx:
            await outbox.retry(
                tx,
                message.id,
                owner=self._context.settings.owner,
                due_at_ms=self._context.clock() + after_ms,
            )
        if not after_ms:
            self._context.wakeup()

    @repeated
    async def _settle(self, message: OutboxMessage, state: OutboxState) -> None:
        async with self._context.database.transaction() as tx:
            await outbox.settle(tx, message.id, owner=self._context.settings.owner, state=state)


def about(message: OutboxMessage, action: str) -> dict[str, Any]:
    """What a log line says of a review's post."""
    return {"action": action, "post": message.id, "request_id": message.request_id}


def _backoff_ms(message: OutboxMessage, least_ms: int = 0) -> int:
    return max(least_ms, BACKOFF_MS[min(message.attempt, len(BACKOFF_MS) - 1)])
