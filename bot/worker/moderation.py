"""All that the worker does for moderators, behind a few doors."""

import asyncio

from bot.worker.context import Parts
from bot.worker.maintenance.review_deadlines import ReviewKeeper
from bot.worker.maintenance.visibility import Showings
from bot.worker.outbox.review_cards import ReviewCards, ReviewMessenger
from bot.worker.wakeup import Nudge
from storage.records import Post


class ReviewWork:
    """Delivers owed review cards, and keeps up with decisions, reports and time."""

    def __init__(self, parts: Parts, messenger: ReviewMessenger, nudge: Nudge) -> None:
        self._cards = ReviewCards(parts, messenger)
        self._keeper = ReviewKeeper(parts, messenger)
        self._showings = Showings(parts, messenger, nudge)

    async def deliver(self, post: Post) -> None:
        """The step for one owed review card."""
        await self._cards.deliver(post)

    async def keep_up(self) -> None:
        """Remind, and end what waited too long. Raises: StorageError."""
        await self._keeper.catch_up()

    async def show(self, stop: asyncio.Event) -> None:
        """Show posted videos as it was decided, until `stop` is set."""
        await self._showings.run(stop)

    async def finish(self, grace_s: float) -> None:
        """Give videos that are being changed so long to end, and stop editing cards."""
        await self._showings.finish(grace_s)
        await self._keeper.close()
