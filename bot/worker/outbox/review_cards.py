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
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from bot.worker.context import Parts
from bot.worker.outbox.attachments import Made, is_link_only
from bot.worker.outbox.deliver import BACKOFF_MS, nonce_of
from bot.worker.outbox.discord_refusals import later_ms, send_plainly
from bot.worker.outbox.handoff import PREPARE, READY, hand_on, step_down
from bot.worker.outbox.review_files import (
    TRIES_FOR_A_REPORT,
    FilesElsewhere,
    SheetFiles,
    VideoNotReady,
)
from bot.worker.outbox.search_start import id_before
from bot.worker.outbox.throttled_channels import is_resting, let_rest
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import LINK_ONLY, Post, PostState, Request, State
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
        self, post: Post, sheet: ReviewSheet, files: Sequence[SheetFile]
    ) -> tuple[int, int]:
        """Send a card once with the post's nonce; the channel's and the message's id."""
        ...

    async def edit_review(self, post: Post, sheet: ReviewSheet) -> None:
        """Make a sent card show its review as it is; a purged one loses its files."""
        ...

    async def find(self, post: Post) -> tuple[int, int] | None:
        """Look for a card that may have arrived."""
        ...

    async def set_spoiler(self, post: Post, *, is_spoiler: bool) -> None:
        """Put a posted video or film behind a spoiler, or out from behind it, by an edit alone."""
        ...

    async def reshow(self, post: Post, request: Request, file: Path, *, is_spoiler: bool) -> None:
        """The same by sending the file anew, where Discord refuses the edit."""
        ...

    async def delete(self, channel_id: int, message_id: int) -> None:
        """Take a message away."""
        ...


class ReviewCards:
    """The step for an owed review card."""

    def __init__(self, parts: Parts, messenger: ReviewMessenger) -> None:
        self._parts = parts
        self._messenger = messenger
        self._files = SheetFiles(parts)

    async def deliver(self, post: Post) -> None:
        """Send one card, adopt it if it had arrived before, or put it off."""
        try:
            await self._deliver(post)
        except LeaseLost:
            logger.info("Another worker has this card", extra=about(post, "review.lease"))
        except DiscordUnavailable as error:
            # it could not be looked for
            await self._put_off(post, error)
        except StorageUnavailable as error:
            logger.warning(
                "The database can't be asked; the card stays owed",
                extra={**about(post, "review.storage"), "error": repr(error)},
            )
        except (BotError, OSError) as error:
            logger.error(
                "A card met an error that its step does not know; it stays owed",
                extra={**about(post, "review.error"), "error": repr(error)},
            )

    async def _deliver(self, post: Post) -> None:
        if post.needs != PREPARE and await is_resting(self._parts, post):
            return
        async with self._parts.database.reading() as tx:
            review = await reviews.get(tx, post.id)
            channel_id = (await read_settings(tx, post.guild_id)).review_channel
        is_open = review is not None and review.state is ReviewState.OPEN
        if post.intent_at_ms and (found := await self._find(post)) is not None:
            await self._arrived(post, found, shown="")
        elif review is None or not is_open:
            await self._settle(post, PostState.DROPPED)
        elif not channel_id:
            await self._retry(post, NO_CHANNEL_MS)
        else:
            await self._send(await self._addressed(post, channel_id), review)

    async def _find(self, post: Post) -> tuple[int, int] | None:
        """Where the card is; one that can't be looked for is sent again: two cards, one review."""
        try:
            return await self._messenger.find(post)
        except DiscordUnavailable:
            raise
        except DeliveryError:
            return None

    @repeated
    async def _addressed(self, post: Post, channel_id: int) -> Post:
        if post.channel_id == channel_id:
            return post
        async with self._parts.database.transaction() as tx:
            return await outbox.redirect(
                tx, post.id, owner=self._parts.settings.owner, channel_id=channel_id
            )

    async def _send(self, post: Post, review: Review) -> None:
        async with self._parts.database.reading() as tx:
            sheet = await sheet_of(tx, review)
        if post.needs == PREPARE:
            await self._prepare(post, sheet)
            return
        try:
            files = await self._files.of(post, sheet)
        except FilesElsewhere:
            await self._fetch_again(sheet.request)
            await self._retry(post, _backoff_ms(post, ELSEWHERE_MS))
            return
        except VideoNotReady:
            await hand_on(self._parts, post, PREPARE)
            return
        after_id = await id_before(self._parts, post)
        async with self._parts.database.transaction() as tx:
            post = await outbox.intend(
                tx,
                post.id,
                owner=self._parts.settings.owner,
                nonce=nonce_of(post),
                now_ms=self._parts.clock(),
                after_id=after_id,
            )
        try:
            where = await self._messenger.send_review(post, sheet, files)
        except FileTooLarge as error:
            await self._step_down(post, sheet, error)
        except MessageGone:
            # Discord still knows the deleted one's nonce; there is something to decide all the same
            await self._retry(post, UNREACHABLE_MS)
        except PlaceGone as error:
            await self._unreachable(post, error)
        except DeliveryRefused as error:
            await self._refused(post, error)
        except DeliveryError as error:
            await self._put_off(post, error)
        else:
            await self._arrived(post, where, shown=review.version)

    async def _prepare(self, post: Post, sheet: ReviewSheet) -> None:
        made = await self._files.prepare(post, sheet)
        if made is Made.LATER:
            is_report = sheet.review.stage is Stage.REPORT and post.attempt < TRIES_FOR_A_REPORT
            await self._retry(post, ELSEWHERE_MS if is_report else _backoff_ms(post))
            return
        aim_bytes = LINK_ONLY if made is Made.LINK else None
        await hand_on(self._parts, post, READY, aim_bytes=aim_bytes)

    async def _step_down(self, post: Post, sheet: ReviewSheet, error: FileTooLarge) -> None:
        """Discord refused the size: less goes up the next time, at last words alone."""
        if is_link_only(post):
            await self._put_off(post, error)
            return
        await step_down(self._parts, post, sheet.request)
        await self._retry(post, 0)

    async def _refused(self, post: Post, error: DeliveryRefused) -> None:
        """Without what people typed, then without files; then as it is, ever more rarely."""
        if not await send_plainly(self._parts, post):
            await self._put_off(post, error)

    @repeated
    async def _fetch_again(self, request: Request) -> None:
        """A machine that should have a held request's files and has not fetches them anew."""
        if request.state is not State.HELD or request.host not in ("", self._parts.settings.host):
            return
        async with self._parts.database.transaction() as tx:
            await requests.note(
                tx,
                request.id,
                source=State.HELD,
                owner=None,
                prepared_at_ms=0,
                host="",
                due_at_ms=self._parts.clock(),
            )

    @repeated
    async def _arrived(self, post: Post, where: tuple[int, int], *, shown: str) -> None:
        async with self._parts.database.transaction() as tx:
            await outbox.sent(
                tx,
                post.id,
                owner=self._parts.settings.owner,
                message_id=where[1],
                channel_id=where[0],
                now_ms=self._parts.clock(),
            )
            await outbox.shown(tx, post.id, "")
            await reviews.card_shows(tx, post.id, shown)
            await note_reachable(tx, post.guild_id)
        logger.info("A review card was delivered", extra=about(post, "review.sent"))
        self._parts.nudge()

    async def _unreachable(self, post: Post, error: PlaceGone) -> None:
        """Nobody can be asked: the desk takes nothing more that would need it, the log is told."""
        now_ms = self._parts.clock()
        logger.error(
            "A review channel can't be reached",
            extra={**about(post, "review.unreachable"), "error": repr(error)},
        )
        async with self._parts.database.transaction() as tx:
            await note_unreachable(tx, post.guild_id, post.channel_id, now_ms)
            await lifecycle.owe_log(
                tx,
                post.guild_id,
                f"log:review-unreachable:{post.channel_id}:{now_ms // DAY_MS}",
                "log-review-unreachable",
                {"channel": str(post.channel_id)},
                now_ms=now_ms,
            )
        await self._retry(post, UNREACHABLE_MS)

    async def _put_off(self, post: Post, error: DeliveryError) -> None:
        wait_ms = later_ms(post.attempt + 1)
        if isinstance(error, DiscordUnavailable):
            wait_ms = _backoff_ms(post)
            wait_ms = max(wait_ms, round((error.retry_after_s or 0) * 1000))
        logger.log(
            logging.WARNING if error.retryable else logging.ERROR,
            "Discord does not take a review card; it will be tried again",
            extra={**about(post, "review.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        await self._retry(post, wait_ms)
        if isinstance(error, DiscordUnavailable) and error.retry_after_s and post.channel_id:
            await let_rest(self._parts, post.channel_id, self._parts.clock() + wait_ms)

    @repeated
    async def _retry(self, post: Post, after_ms: int) -> None:
        async with self._parts.database.transaction() as tx:
            await outbox.retry(
                tx,
                post.id,
                owner=self._parts.settings.owner,
                due_at_ms=self._parts.clock() + after_ms,
            )
        if not after_ms:
            self._parts.nudge()

    @repeated
    async def _settle(self, post: Post, state: PostState) -> None:
        async with self._parts.database.transaction() as tx:
            await outbox.settle(tx, post.id, owner=self._parts.settings.owner, state=state)


def about(post: Post, action: str) -> dict[str, Any]:
    """What a log line says of a review's post."""
    return {"action": action, "post": post.id, "request_id": post.request_id}


def _backoff_ms(post: Post, least_ms: int = 0) -> int:
    return max(least_ms, BACKOFF_MS[min(post.attempt, len(BACKOFF_MS) - 1)])
