"""Whether a request may go on by itself, must wait for a moderator, or is not taken at all."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from bot.errors import NotAllowed
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.services.caller import Caller
from bot.services.moderation.review_lifecycle import (
    OF_MODE,
    OF_REPORT,
    enqueue_review_card,
    has_review_place,
    open_review,
)
from bot.services.moderation.word_filter.matcher import has_word
from bot.services.quotas.limits import DAY_MS
from bot.services.server_settings import ServerSettings, read_settings
from storage.engine.database import Transaction
from storage.errors import Conflict
from storage.moderation import blocks, reviews, words
from storage.moderation.reviews import Stage
from storage.records import Request, State

LONG: Final = 500
"""A prompt of more signs is scanned beside the event loop."""
_LINK: Final = re.compile(r"https?:|\bwww\.|\bdiscord\.(?:gg|com/invite)\b|://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HoldDecision:
    """What becomes of a request: `state` is queued, or held for the reasons in `why`."""

    why: tuple[str, ...] = ()

    @property
    def state(self) -> State:
        """The state in which the request begins."""
        return State.HELD if self.why else State.QUEUED


@dataclass(frozen=True, slots=True)
class ScannedPrompt:
    """What a prompt was held against, and whether one of the words stands in it."""

    words: tuple[str, ...] = ()
    has_word: bool = False


async def require_unblocked(tx: Transaction, caller: Caller, now_ms: int) -> None:
    """Raise NotAllowed for a blocked member."""
    block = await blocks.active(tx, caller.guild_id, caller.user_id, now_ms)
    if block is not None:
        raise NotAllowed("refused-blocked", {"frees_ms": block.until_ms})


async def listed_words(tx: Transaction, guild_id: int) -> tuple[str, ...]:
    """The server's word list."""
    return tuple([word.word for word in await words.of_server(tx, guild_id)])


async def scan(listed: tuple[str, ...], prompt: str) -> ScannedPrompt:
    """Hold a prompt against a list: outside any transaction, and what is long beside the loop."""
    if listed and len(prompt) > LONG:
        return ScannedPrompt(listed, await asyncio.to_thread(has_word, listed, prompt))
    return ScannedPrompt(listed, has_word(listed, prompt))


async def evaluate(
    tx: Transaction, video: VideoRequest, caller: Caller, now_ms: int, scanned: ScannedPrompt
) -> HoldDecision:
    """Decide how a request begins, in the transaction that records it.

    Raises: Conflict where the word list is another by now. NotAllowed for a blocked member, and
    where a moderator must look but the server has no review channel that can be reached: nothing
    goes on unseen for want of one.
    """
    await require_unblocked(tx, caller, now_ms)
    if await listed_words(tx, caller.guild_id) != scanned.words:
        raise Conflict("the word list has changed")
    settings = await read_settings(tx, caller.guild_id)
    found = _reasons(tx, settings, video, caller, now_ms, has_word=scanned.has_word)
    why = tuple([each async for each in found])
    if not why and settings.review != "result":
        return HoldDecision()
    if await has_review_place(tx, caller.guild_id, now_ms):
        return HoldDecision(why)
    if why == (OF_REPORT,) and settings.review == "off":
        # nobody switched this on, so a server without a review channel is not stopped by it
        return HoldDecision()
    is_set = int(bool(settings.review_channel))
    raise NotAllowed("refused-no-review-channel", {"is_set": is_set})


async def record(tx: Transaction, request: Request, hold: HoldDecision, now_ms: int) -> None:
    """Open the review of a request that begins held; its card follows once its inputs are here."""
    if request.state is not State.HELD:
        return
    review = await open_review(tx, request, Stage.PROMPT, ",".join(hold.why), now_ms)
    if request.prepared_at_ms:
        await enqueue_review_card(tx, review, now_ms)


async def _reasons(
    tx: Transaction,
    settings: ServerSettings,
    video: VideoRequest,
    caller: Caller,
    now_ms: int,
    *,
    has_word: bool,
) -> AsyncIterator[str]:
    guild_id, user_id = caller.guild_id, caller.user_id
    if settings.review == "prompt":
        yield OF_MODE
    if settings.hold_first:
        # not those that were sent: whoever sends and cancels so many would be free of review
        passed = await reviews.count_passed(tx, guild_id, user_id)
        if passed < settings.hold_first:
            yield "first"
    if settings.hold_younger_days:
        since_ms = now_ms - settings.hold_younger_days * DAY_MS
        # a membership without a date is a guest's, and so a young one
        if max(caller.account_created_at_ms, caller.joined_at_ms or now_ms) > since_ms:
            yield "younger"
    if settings.hold_links and _has_link(video):
        yield "links"
    if has_word:
        yield "words"
    if await reviews.is_reported(tx, guild_id, user_id):
        yield OF_REPORT


def _has_link(video: VideoRequest) -> bool:
    is_linked = any(_is_linked(media) for media in video.media)
    return is_linked or _LINK.search(video.prompt) is not None


def _is_linked(media: MediaRef) -> bool:
    # a file of an earlier request still bears the option that it once came with
    return media.source is MediaSource.LINK or (
        media.source is MediaSource.KEPT and "link" in media.field
    )
