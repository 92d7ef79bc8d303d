"""Votes for posted videos, the list of the best, and taking a video out of the showcase."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from bot.errors import NotAllowed, UserError
from bot.services.authorization import check_moderator, find_here
from bot.services.caller import Caller
from bot.services.moderation import posted_result
from bot.services.moderation.audit_log import record_decision
from bot.services.outbox import sent_url
from bot.services.permissions import is_moderator
from bot.services.server_settings import read_settings
from bot.services.showcase.forwards import forward_id
from bot.services.showcase.standing import forward_if_due
from storage.durations import DAY_MS
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.moderation.audit_log import Action, Decision
from storage.records import OutboxMessage, OutboxState, Request
from storage.requests import outbox, requests
from storage.showcase import entries, votes
from storage.showcase.entries import Entry
from storage.showcase.votes import Vote

VOTING_DAYS: Final = 90
"""How long after it was posted a video takes votes; who gave them is deleted after that."""
REDRAW_MS: Final = 2_000
"""After a vote the button shows the new count so much later, with whatever came meanwhile."""
LISTED: Final = 10
MONTHLY: Final = 5


@dataclass(frozen=True, slots=True)
class VoteReceipt:
    """What a press did: whether the member's vote counts now, and how many do."""

    is_given: bool
    votes: int


@dataclass(frozen=True, slots=True)
class Ranked:
    """A video in the list of the best."""

    request_id: str
    user_id: int
    votes: int
    url: str
    guild_locale: str


class ShowcaseService:
    """One vote a member and video, never for one's own; enough of them forward it, once."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], wakeup: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup

    @repeated
    async def vote(self, caller: Caller, request_id: str) -> VoteReceipt:
        """Give the caller's vote, or take it back if it was given.

        Raises: UserError where there is no showcase, no such video, or no voting any more;
        NotAllowed for the caller's own video.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            if not settings.showcase_channel:
                raise UserError("refused-no-showcase")
            request, result = await self._votable(tx, caller, request_id, now_ms)
            await _open(tx, caller, request, result)
            vote = Vote(request.id, caller.user_id, request.guild_id, now_ms)
            is_given = await votes.add(tx, vote)
            if not is_given:
                await votes.take_back(tx, request.id, caller.user_id)
            change, due_at_ms = 1 if is_given else -1, now_ms + REDRAW_MS
            entry = await entries.count(tx, request.id, change, due_at_ms=due_at_ms)
            await forward_if_due(tx, settings, entry, now_ms)
        self._wakeup()
        return VoteReceipt(is_given, entry.votes)

    async def _votable(
        self, tx: Transaction, caller: Caller, request_id: str, now_ms: int
    ) -> tuple[Request, OutboxMessage]:
        request = await find_here(tx, caller, request_id)
        result = await posted_result.result_of(tx, request_id) if request is not None else None
        if request is None or result is None or result.state is not OutboxState.SENT:
            raise UserError("refused-not-a-video")
        if request.user_id == caller.user_id:
            raise NotAllowed("refused-vote-own")
        if now_ms - result.sent_at_ms > VOTING_DAYS * DAY_MS:
            raise UserError("refused-vote-late", {"days": VOTING_DAYS})
        return request, result

    async def top(self, caller: Caller, days: int) -> Sequence[Ranked]:
        """The best-voted videos of the caller's server that were posted in the last `days`.

        Those of age-restricted channels only where the caller is in one.
        """
        now_ms = self._clock()
        async with self._database.reading() as tx:
            return await ranked(
                tx,
                caller.guild_id,
                since_ms=now_ms - days * DAY_MS,
                until_ms=now_ms + DAY_MS,
                with_nsfw=caller.is_nsfw,
                limit=LISTED,
            )

    async def may_take_out(self, caller: Caller, request: Request) -> bool:
        """Whether to offer it: to moderators, while the video is in the showcase or on its way."""
        async with self._database.reading() as tx:
            role = (await read_settings(tx, caller.guild_id)).moderator_role
            return is_moderator(caller, role) and await _is_in(tx, request.id)

    @repeated
    async def take_out(self, caller: Caller, request_id: str) -> Request:
        """Take a video out of the showcase and the lists for good; its message stays as it is.

        Raises: NotAllowed for all but moderators; UserError where it is not in the showcase.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await requests.lock(tx, request_id)
            settings = await read_settings(tx, caller.guild_id)
            check_moderator(settings, caller)
            request = await find_here(tx, caller, request_id)
            if request is None:
                raise UserError("refused-not-a-video")
            is_in = await _is_in(tx, request.id)
            if not is_in or not await entries.remove(tx, request.id, now_ms):
                raise UserError("refused-not-in-showcase")
            removed = Decision(
                guild_id=request.guild_id,
                user_id=request.user_id,
                actor_id=caller.user_id,
                action=Action.SHOWCASE_REMOVED,
                at_ms=now_ms,
                request_id=request.id,
            )
            await record_decision(tx, settings, removed)
        self._wakeup()
        return request


async def ranked(
    tx: Transaction, guild_id: int, *, since_ms: int, until_ms: int, with_nsfw: bool, limit: int
) -> list[Ranked]:
    """The best-voted videos that were posted in a span of time, with the links to them."""
    found = await entries.best(
        tx, guild_id, since_ms=since_ms, until_ms=until_ms, with_nsfw=with_nsfw, limit=limit
    )
    return [
        Ranked(
            each.request.id,
            each.request.user_id,
            each.entry.votes,
            sent_url(each.result),
            each.request.guild_locale,
        )
        for each in found
    ]


async def _open(tx: Transaction, caller: Caller, request: Request, result: OutboxMessage) -> None:
    """Note who can see the video's place, as the press in that very place says."""
    if caller.channel_id == result.sent_channel_id:
        entry = Entry(
            request.id,
            request.guild_id,
            result.sent_at_ms,
            is_private=caller.is_private_thread,
            is_nsfw=caller.is_nsfw,
        )
        await entries.open_entry(tx, entry)
    elif await entries.get(tx, request.id) is None:
        # a forged press: nothing is known of the place
        raise UserError("refused-not-a-video")


async def _is_in(tx: Transaction, request_id: str) -> bool:
    entry = await entries.get(tx, request_id)
    forward = await outbox.get(tx, forward_id(request_id))
    is_there = forward is not None and forward.state in (OutboxState.PENDING, OutboxState.SENT)
    return is_there and entry is not None and not entry.is_removed
