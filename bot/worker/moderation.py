"""All that the worker does for moderators, behind a few doors."""

import asyncio

from bot.worker.context import WorkerContext
from bot.worker.maintenance.review_deadlines import ReviewDeadlines
from bot.worker.maintenance.visibility import VisibilityChanges
from bot.worker.outbox.review_cards import ReviewCards, ReviewMessenger
from bot.worker.wakeup import Wakeup
from storage.records import OutboxMessage


class ReviewTasks:
    """Delivers owed review cards, and keeps up with decisions, reports and time."""

    def __init__(self, context: WorkerContext, messenger: ReviewMessenger, wakeup: Wakeup) -> None:
        self._cards = ReviewCards(context, messenger)
        self._deadlines = ReviewDeadlines(context, messenger)
        self._visibility = VisibilityChanges(context, messenger, wakeup)

    async def deliver(self, message: OutboxMessage) -> None:
        """The step for one owed review card."""
        await self._cards.deliver(message)

    async def keep_up(self) -> None:
        """Remind, and end what waited too long. Raises: StorageError."""
        await self._deadlines.catch_up()

    async def show(self, stop: asyncio.Event) -> None:
        """Show posted videos as it was decided, until `stop` is set."""
        await self._visibility.run(stop)

    async def finish(self, grace_s: float) -> None:
        """Give videos that are being changed so long to end, and stop editing cards."""
        await self._visibility.finish(grace_s)
        await self._deadlines.close()
