"""What moderators have seen and passed of a request; of a shot also with its series."""

from storage.engine.transaction import Transaction
from storage.moderation import reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.records import Request


async def is_pinned(tx: Transaction, request: Request) -> bool:
    """Whether a moderator may have seen the inputs: they must not change any more.

    A series' card shows the first shot's.
    """
    found = await reviews.of_request(tx, request.id)
    if request.shot == 1:
        found = await reviews_of(tx, request)
    return any(review.stage is Stage.PROMPT for review in found)


async def was_passed(tx: Transaction, request: Request) -> bool:
    """Whether a moderator has let the request go on with these words and pictures."""
    return any(
        review.stage is Stage.PROMPT and review.state in (ReviewState.APPROVED, ReviewState.SPOILER)
        for review in await reviews_of(tx, request)
    )


async def reviews_of(tx: Transaction, request: Request) -> list[Review]:
    """A request's reviews, first to last; of a shot those of its series before its own."""
    of_series = await reviews.of_request(tx, request.series_of) if request.series_of else []
    return [*of_series, *await reviews.of_request(tx, request.id)]
