"""All that the worker does for moderators, behind two doors."""

from bot.worker.parts import Parts
from bot.worker.review_keeper import ReviewKeeper
from bot.worker.reviewing import ReviewCards, ReviewMessenger
from bot.worker.showings import Showings
from storage.records import Post


class ReviewWork:
    """Delivers owed review cards, and keeps up with decisions, reports and time."""

    def __init__(self, parts: Parts, messenger: ReviewMessenger) -> None:
        self._cards = ReviewCards(parts, messenger)
        self._keeper = ReviewKeeper(parts, messenger)
        self._showings = Showings(parts, messenger)

    async def deliver(self, post: Post) -> None:
        """The step for one owed review card."""
        await self._cards.deliver(post)

    async def keep_up(self) -> None:
        """Remind, end what waited too long, show what was decided. Raises: StorageError."""
        await self._keeper.catch_up()

    async def show(self) -> None:
        """Make posted videos look as was decided. Raises: StorageError."""
        await self._showings.catch_up()

    async def close(self) -> None:
        """Stop what is still being edited."""
        await self._keeper.close()
