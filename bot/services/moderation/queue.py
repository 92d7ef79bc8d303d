"""The moderators' queue: one card after the other, each looked at by one moderator at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from bot.services.authorization import require_moderator
from bot.services.caller import Caller
from bot.services.moderation.review_sheet import ReviewSheet, sheet_of
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.moderation import review_claims, reviews
from storage.moderation.reviews import Review, review_id
from storage.privacy.pseudonyms import known_as
from storage.records import OutboxMessage, OutboxState
from storage.requests import outbox

CLAIM_MS: Final = 2 * 60_000
"""How long a card is left to the moderator who looks at it."""


@dataclass(frozen=True, slots=True)
class QueueCard:
    """What a moderator decides next, and how many reviews wait in all.

    `sheet` is None where nothing is left for them: `total` counts what others look at, and what
    only others may decide. `card` is its message in the review channel, if that was sent.
    """

    total: int
    sheet: ReviewSheet | None = None
    card: OutboxMessage | None = None


class QueueService:
    """Hands out open reviews; two moderators never have the same one."""

    def __init__(
        self, database: Database, *, clock: Callable[[], int], wakeup: Callable[[], None]
    ) -> None:
        self._database = database
        self._clock = clock
        self._wakeup = wakeup

    @repeated
    async def next(self, caller: Caller, *, after: tuple[str, int] | None = None) -> QueueCard:
        """Claim the oldest review that is free, for two minutes, and give up every other claim.

        `after`: request and number of the one that is passed over; behind the last one it begins
        anew. Raises: NotAllowed.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await require_moderator(tx, caller)
            passed = await reviews.get(tx, review_id(*after)) if after is not None else None
            if passed is not None and passed.guild_id == caller.guild_id:
                await review_claims.release(tx, caller.guild_id, caller.user_id)
                found = await _claim_next(tx, caller, (passed.opened_at_ms, passed.id), now_ms)
            else:
                found = None
            found = found or await _claim_next(tx, caller, (-1, ""), now_ms)
            kept = found.id if found is not None else ""
            await review_claims.release(tx, caller.guild_id, caller.user_id, keep=kept)
            card = await _card(tx, caller, found)
        self._wakeup()
        return card

    @repeated
    async def again(self, caller: Caller, request_id: str, number: int) -> QueueCard:
        """Claim one review, as after a rejection that was taken back; else the next one.

        Raises: NotAllowed.
        """
        if not await self.renew(caller, request_id, number):
            return await self.next(caller)
        async with self._database.reading() as tx:
            return await _card(tx, caller, await reviews.get(tx, review_id(request_id, number)))

    @repeated
    async def renew(self, caller: Caller, request_id: str, number: int) -> bool:
        """Claim a review for two more minutes; False where it is closed, or another's by now.

        Raises: NotAllowed.
        """
        now_ms = self._clock()
        async with self._database.transaction() as tx:
            await require_moderator(tx, caller)
            wanted = review_id(request_id, number)
            review = await reviews.get(tx, wanted)
            if review is None or review.guild_id != caller.guild_id:
                return False
            claimed = await review_claims.claim(
                tx, wanted, by_id=caller.user_id, now_ms=now_ms, until_ms=now_ms + CLAIM_MS
            )
        self._wakeup()
        return claimed is not None


async def _claim_next(
    tx: Transaction, caller: Caller, after: tuple[int, str], now_ms: int
) -> Review | None:
    return await review_claims.claim_next(
        tx,
        caller.guild_id,
        own=await known_as(tx, caller.user_id),
        by_id=caller.user_id,
        after=after,
        now_ms=now_ms,
        until_ms=now_ms + CLAIM_MS,
    )


async def _card(tx: Transaction, caller: Caller, review: Review | None) -> QueueCard:
    total = await reviews.count_open(tx, caller.guild_id)
    if review is None:
        return QueueCard(total)
    message = await outbox.get(tx, review.id)
    is_sent = message is not None and message.state is OutboxState.SENT
    return QueueCard(total, await sheet_of(tx, review), message if is_sent else None)
