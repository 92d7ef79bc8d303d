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
from bot.failpoints import point_of_post
from bot.services.caller import Standing
from bot.services.requests import lifecycle
from bot.services.requests.status import standing_of
from bot.worker.context import Parts
from bot.worker.outbox.attachments import Made, ResultFiles, is_link_only
from bot.worker.outbox.discord_refusals import send_elsewhere, send_otherwise, was_refused
from bot.worker.outbox.fallback import is_outdated, is_unwanted, next_place, require_open, take_back
from bot.worker.outbox.handoff import PREPARE, READY, hand_on, step_down
from bot.worker.outbox.search_start import id_before
from bot.worker.outbox.throttled_channels import is_resting, let_rest
from bot.worker.outbox.undelivered import undeliverable
from storage.engine.database import Transaction
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.records import LINK_ONLY, Post, PostKind, PostState, Request, State
from storage.requests import outbox, requests

logger = logging.getLogger(__name__)

BACKOFF_MS: Final = (1_000, 2_000, 5_000, 15_000, 30_000, 60_000, 120_000, 300_000)
"""Discord may be down for days; a result is tried every five minutes until it is up again."""
HOPELESS_ATTEMPTS: Final = 1_000
"""Tries, over three days and more, of fetching a lost file again: no link lives longer."""

_TELLING: Final = frozenset({PostKind.RESULT, PostKind.NOTICE})
_WITH_FILE: Final = frozenset({PostKind.RESULT, PostKind.FILM})


def nonce_of(post: Post) -> str:
    """At most 25 characters, the same for every try of the same message in the same place."""
    digest = hashlib.sha256(f"{post.id}:{post.channel_id}".encode()).hexdigest()
    return f"v{digest[:24]}"


class Deliverer:
    """The step for one owed message."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._files = ResultFiles(parts)

    async def deliver(self, post: Post) -> None:
        """Send one message, adopt it if it had arrived before, or put it off."""
        try:
            if post.needs == PREPARE or not await is_resting(self._parts, post):
                await self._deliver(post)
        except LeaseLost:
            logger.info("Another worker has this message", extra=_about(post, "post.lease"))
        except StorageUnavailable as error:
            logger.warning(
                "The database can't be asked; the message stays owed",
                extra={**_about(post, "post.storage"), "error": repr(error)},
            )
        except BotError as error:
            logger.error(
                "A message met an error that its step does not know; it stays owed",
                extra={**_about(post, "post.error"), "error": repr(error)},
            )

    async def _deliver(self, post: Post) -> None:
        point_of_post(post.kind, "claimed")
        async with self._parts.database.reading() as tx:
            request = await requests.get(tx, post.request_id) if post.request_id else None
        if request is not None and is_outdated(post, request):
            await self._settle(post, PostState.DROPPED)
            return
        try:
            if post.needs == PREPARE and request is not None:
                await self._prepare(post, request)
                return
            sent = await self._find_or_send(post, request)
        except DiscordUnavailable as error:
            await self._put_off(post, error)
        except PlaceGone as error:
            await self._fall_back(post, request, error)
        except MessageGone:
            # It was there and somebody took it away: delivered, and never sent again.
            await self._arrived(post, request, (post.channel_id, 0), shown="")
        except HistoryClosed:
            await self._unknowable(post, request)
        except DeliveryRefused as error:
            await self._refused(post, request, error)
        else:
            if sent is not None:
                await self._arrived(post, request, sent[0], shown=sent[1])

    async def _find_or_send(
        self, post: Post, request: Request | None
    ) -> tuple[tuple[int, int], str] | None:
        """Look for the marker if an earlier try may have arrived, else send with the nonce.

        Returns where the message is and which state it shows (empty when that is not known).
        """
        if is_unwanted(post, request):
            await take_back(self._parts, post)
            return None
        if post.intent_at_ms:
            found = await self._parts.messenger.find(post)
            if found is not None:
                logger.info("A message had arrived before", extra=_about(post, "post.adopted"))
                return found, ""
        await require_open(self._parts, post, request)
        file = None
        if post.kind in _WITH_FILE and request is not None:
            file = await self._files.for_posting(request, post)
            if file is None and not is_link_only(post):
                await hand_on(self._parts, post, PREPARE)
                return None
        post, request, standing = await self._intend(post, request)
        if is_unwanted(post, request):
            # its member's data was deleted in this very moment: nothing was sent yet
            await self._settle(post, PostState.DROPPED)
            return None
        point_of_post(post.kind, "intended")
        try:
            where = await self._parts.messenger.send(post, request, standing, file)
        except FileTooLarge as error:
            if file is None:
                # words are never too large: something between us and Discord says so
                raise DiscordUnavailable(str(error)) from error
            await step_down(self._parts, post, request)
            await self._retry(post, after_ms=0)
            return None
        point_of_post(post.kind, "sent")
        return where, request.state if request is not None else ""

    @repeated
    async def _intend(
        self, post: Post, request: Request | None
    ) -> tuple[Post, Request | None, Standing]:
        """Write down that it is about to be sent; what a card shows is read at this moment."""
        standing = Standing()
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
            if request is not None and post.kind is PostKind.CARD:
                request = await requests.require(tx, request.id)
                standing = await self._standing(tx, request)
        return post, request, standing

    async def _standing(self, tx: Transaction, request: Request) -> Standing:
        return await standing_of(
            tx,
            request,
            now_ms=self._parts.clock(),
            max_active=self._parts.settings.max_active,
        )

    @repeated
    async def _arrived(
        self, post: Post, request: Request | None, where: tuple[int, int], *, shown: str
    ) -> None:
        """Write down where the message is, and what follows from its being there."""
        channel_id, message_id = where
        now_ms = self._parts.clock()
        async with self._parts.database.transaction() as tx:
            await _lock(tx, request)
            await outbox.sent(
                tx,
                post.id,
                owner=self._parts.settings.owner,
                message_id=message_id,
                channel_id=channel_id,
                now_ms=now_ms,
            )
            if post.kind is PostKind.CARD:
                # What it shows may be outdated already: edits follow from the difference.
                await outbox.shown(tx, post.id, shown)
            now = await requests.get(tx, request.id) if request is not None else None
            if now is not None:
                await self._follow_up(tx, post, now, now_ms)
        point_of_post(post.kind, "recorded")
        logger.info("A message was delivered", extra=_about(post, "post.sent"))
        self._parts.nudge()

    async def _follow_up(self, tx: Transaction, post: Post, request: Request, now_ms: int) -> None:
        if post.kind is PostKind.CARD:
            await requests.acknowledge(tx, request.id, now_ms)
        if post.kind is PostKind.RESULT and request.state is State.RENDERED:
            await lifecycle.end(tx, request, State.POSTED, now_ms=now_ms)
        if post.kind in _TELLING:
            # what it told the card need not say, and a thread it was posted in is open again
            await outbox.look_at_card(tx, request.id)

    async def _put_off(self, post: Post, error: DiscordUnavailable) -> None:
        wait_ms = backoff_ms(post)
        if error.retry_after_s is not None:
            wait_ms = max(wait_ms, round(error.retry_after_s * 1000))
        logger.warning(
            "Discord can't take a message now; it will be tried again",
            extra={**_about(post, "post.retry"), "wait_ms": wait_ms, "error": repr(error)},
        )
        await self._retry(post, after_ms=wait_ms)
        if error.retry_after_s and post.channel_id:
            # what else is owed there need not be refused one by one
            await let_rest(self._parts, post.channel_id, self._parts.clock() + wait_ms)

    @repeated
    async def _retry(self, post: Post, *, after_ms: int) -> None:
        async with self._parts.database.transaction() as tx:
            await outbox.retry(
                tx,
                post.id,
                owner=self._parts.settings.owner,
                due_at_ms=self._parts.clock() + after_ms,
            )
        self._parts.nudge()

    async def _refused(self, post: Post, request: Request | None, error: DeliveryError) -> None:
        logger.error(
            "Discord refuses a message",
            extra={**_about(post, "post.refused"), "error": str(error)},
        )
        if not await send_otherwise(self._parts, post, request):
            await self._give_up(post, request)

    async def _fall_back(self, post: Post, request: Request | None, error: PlaceGone) -> None:
        """Find another place that is not more visible; a card and a log line have none."""
        logger.warning(
            "A message's place is gone", extra={**_about(post, "post.place"), "error": repr(error)}
        )
        place = next_place(post, request)
        if place is not None:
            await send_elsewhere(self._parts, post, place)
        elif was_refused(post):
            # another place is there, which did not take the words: perhaps it does later
            await self._refused(post, request, error)
        else:
            await self._give_up(post, request)

    @repeated
    async def _give_up(self, post: Post, request: Request | None) -> None:
        """No place is left: the request ends, and its file goes with it."""
        logger.error("A message can be brought nowhere", extra=_about(post, "post.dropped"))
        async with self._parts.database.transaction() as tx:
            await _lock(tx, request)
            await self._settle_in(tx, post, PostState.DROPPED)
            if post.kind is PostKind.RESULT and request is not None:
                await undeliverable(tx, post, request, self._parts.clock())

    @repeated
    async def _unknowable(self, post: Post, request: Request | None) -> None:
        """It may have arrived and the history can't be read: not sent twice, the log is told."""
        async with self._parts.database.transaction() as tx:
            await _lock(tx, request)
            await self._settle_in(tx, post, PostState.UNKNOWN)
            if request is not None and post.kind in _WITH_FILE:
                await undeliverable(tx, post, request, self._parts.clock(), known=False)
        logger.error(
            "Whether a message arrived can't be known: it is not sent again",
            extra=_about(post, "post.unknown"),
        )
        self._parts.nudge()

    @repeated
    async def _settle(self, post: Post, state: PostState) -> None:
        async with self._parts.database.transaction() as tx:
            await self._settle_in(tx, post, state)

    async def _settle_in(self, tx: Transaction, post: Post, state: PostState) -> None:
        await outbox.settle(tx, post.id, owner=self._parts.settings.owner, state=state)

    async def _prepare(self, post: Post, request: Request) -> None:
        """Have the file fetched or encoded, in slots of its own; the upload comes after.

        A message that is wanted no more, or goes as a link, is for the step that sends.
        """
        if is_unwanted(post, request):
            await hand_on(self._parts, post, READY)
            return
        made = await self._files.prepare(request, post)
        if made is not Made.LATER:
            aim_bytes = LINK_ONLY if made is Made.LINK else None
            await hand_on(self._parts, post, READY, aim_bytes=aim_bytes)
        elif post.attempt >= HOPELESS_ATTEMPTS:
            await self._give_up(post, request)
        else:
            await self._retry(post, after_ms=backoff_ms(post))


async def _lock(tx: Transaction, request: Request | None) -> None:
    """A message's request before the message, as everybody has it."""
    if request is not None:
        await requests.lock(tx, request.id)


def backoff_ms(post: Post) -> int:
    """How long to wait after so many failures of a message."""
    return BACKOFF_MS[min(post.attempt, len(BACKOFF_MS) - 1)]


def _about(post: Post, action: str) -> dict[str, Any]:
    return {"action": action, "post": post.id, "kind": post.kind, "request_id": post.request_id}
