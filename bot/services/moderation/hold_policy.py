"""Hold policy: decides whether a request is queued, held for a moderator, or refused."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Final

from bot.errors import NotAllowed
from bot.rules.media import MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.services.caller import Caller
from bot.services.moderation.review_channel import has_review_channel
from bot.services.moderation.review_lifecycle import (
    OF_MODE,
    OF_REPORT,
    OF_UNCHECKED,
    open_review,
    why_flagged,
)
from bot.services.moderation.word_lists import WordLists, read_word_lists
from bot.services.outbox import enqueue_review_card
from bot.services.server_settings import ServerSettings
from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.errors import Conflict
from storage.moderation import blocks, member_record
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import SafetyCheck
from storage.records import Request, State

REJECTIONS_MS: Final = 7 * DAY_MS
"""So long a rejection counts for `hold_after_rejections`."""
OF_REJECTIONS: Final = "rejections"
_BY_THEMSELVES: Final = frozenset({OF_REPORT, OF_REJECTIONS, OF_UNCHECKED})
LONG: Final = 500
"""A longer prompt is scanned in a thread."""
_LINK: Final = re.compile(r"https?:|\bwww\.|\bdiscord\.(?:gg|com/invite)\b|://", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HoldDecision:
    """Whether a request waits for a moderator first: for the reasons in `why`, if any."""

    why: tuple[str, ...] = ()

    def first_state(self, *, needs_audit: bool) -> State:
        """The state in which the request begins."""
        return State.HELD if self.why else passed_state(needs_audit=needs_audit)


def passed_state(*, needs_audit: bool) -> State:
    """Where a request goes that no moderator needs to look at any more."""
    return State.AUDITING if needs_audit else State.QUEUED


@dataclass(frozen=True, slots=True)
class ScannedPrompt:
    """The word lists a prompt was scanned with, and whether one matched.

    `is_current`: they were read in the transaction that decides.
    """

    words: WordLists = field(default_factory=WordLists)
    has_word: bool = False
    is_current: bool = False


async def require_unblocked(tx: Transaction, caller: Caller, now_ms: int) -> None:
    """Raise NotAllowed for a blocked member."""
    block = await blocks.active(tx, caller.guild_id, caller.user_id, now_ms)
    if block is not None:
        raise NotAllowed("refused-blocked", {"frees_ms": block.until_ms})


def text_of(video: VideoRequest) -> str:
    """All that is scanned of a request: what is sent, and the names that pictures stand for."""
    return video.prompt if video.typed is None else f"{video.prompt}\n{video.typed}"


def is_slow(listed: WordLists, videos: Iterable[VideoRequest]) -> bool:
    """Whether scanning any of these requests may take long."""
    return any(_takes_long(listed, text_of(video)) for video in videos)


def _takes_long(listed: WordLists, text: str) -> bool:
    """A long text does, and so does any where rules were imported: their first use takes long."""
    return bool(listed.imported or (listed and len(text) > LONG))


def scan_quickly(listed: WordLists, prompt: str, caller: Caller) -> ScannedPrompt:
    """Scan a prompt, where that is not slow, in the transaction that read the lists."""
    return ScannedPrompt(listed, listed.of(caller).has_match(prompt), is_current=True)


async def scan(listed: WordLists, prompt: str, caller: Caller) -> ScannedPrompt:
    """Scan a prompt for listed words, outside any transaction; in a thread if it may take long."""
    applying = listed.of(caller)
    if _takes_long(applying, prompt):
        return ScannedPrompt(listed, await asyncio.to_thread(applying.has_match, prompt))
    return ScannedPrompt(listed, applying.has_match(prompt))


async def evaluate(
    tx: Transaction,
    settings: ServerSettings,
    video: VideoRequest,
    caller: Caller,
    now_ms: int,
    scanned: ScannedPrompt,
    check: SafetyCheck | None = None,
) -> HoldDecision:
    """Decide how a request begins, in the transaction that records it.

    `check`: of its pictures, where that was made while the request was a draft.

    Raises: Conflict where the word list has changed. NotAllowed for a blocked member, and
    where a review is needed but the server has no reachable review channel.
    """
    await require_unblocked(tx, caller, now_ms)
    if not scanned.is_current and await read_word_lists(tx, caller.guild_id) != scanned.words:
        raise Conflict("the word list has changed")
    found = _reasons(tx, settings, video, caller, now_ms, has_word=scanned.has_word)
    why = tuple([each async for each in found])
    if checked := why_flagged(settings, check):
        why = (*why, checked)
    if not why and settings.review != "result":
        return HoldDecision()
    if await has_review_channel(tx, settings, caller.guild_id, now_ms):
        return HoldDecision(why)
    if _BY_THEMSELVES.issuperset(why) and settings.review == "off":
        # nobody enabled this hold, so a missing review channel does not block the request
        return HoldDecision()
    is_set = int(bool(settings.review_channel))
    raise NotAllowed("refused-no-review-channel", {"is_set": is_set})


async def record(
    tx: Transaction, settings: ServerSettings, request: Request, hold: HoldDecision, now_ms: int
) -> None:
    """Open the review of a held request; without inputs to fetch, enqueue its card at once."""
    if request.state is not State.HELD:
        return
    review = await open_review(tx, settings, request, Stage.PROMPT, ",".join(hold.why), now_ms)
    if request.prepared_at_ms:
        await enqueue_review_card(tx, settings, review, now_ms)


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
        passed = await member_record.count_passed(tx, guild_id, user_id)
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
    async for each in _of_record(tx, settings, caller, now_ms):
        yield each


async def _of_record(
    tx: Transaction, settings: ServerSettings, caller: Caller, now_ms: int
) -> AsyncIterator[str]:
    """Reasons that lie in what the member did before."""
    since_ms = now_ms - REJECTIONS_MS
    found = await member_record.recent(tx, caller.guild_id, caller.user_id, since_ms=since_ms)
    if found.is_reported:
        yield OF_REPORT
    if 0 < settings.hold_after_rejections <= found.rejected:
        yield OF_REJECTIONS


def _has_link(video: VideoRequest) -> bool:
    is_linked = any(_is_linked(media) for media in video.media)
    return is_linked or _LINK.search(video.prompt) is not None


def _is_linked(media: MediaRef) -> bool:
    # a file of an earlier request still bears the option that it once came with
    return media.source is MediaSource.LINK or (
        media.source in (MediaSource.KEPT, MediaSource.CAST) and "link" in media.field
    )
