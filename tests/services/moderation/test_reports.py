"""Reports of posted videos on both databases, while a decision on them can still be taken back."""

import pytest

from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.reports import ReportService
from bot.services.moderation.reviews import UNDO_MS, Verdict
from storage.moderation import reports, review_claims, reviews, visibility
from storage.moderation.reviews import Review, ReviewState
from storage.moderation.visibility import Display
from storage.records import Request
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import BOB, Counter, caller, moderator
from tests.services.showcase.test_service import posted

CAROL = 41


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(review_channel=77, report_threshold=9)
    return opened


async def report(counter: Counter, request: Request, user_id: int) -> None:
    service = ReportService(counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None)
    await service.report(caller(user_id), "not nice", request_id=request.id)


async def reviews_of(counter: Counter, request: Request) -> list[Review]:
    async with counter.database.reading() as tx:
        return await reviews.of_request(tx, request.id)


async def test_a_report_while_a_rejection_can_be_taken_back_belongs_to_the_same_review(
    counter: Counter,
) -> None:
    taken_back, taken_down = await posted(counter), await posted(counter, message_id=501)
    for request in (taken_back, taken_down):
        await report(counter, request, BOB)
        await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
        await report(counter, request, CAROL)
    await counter.reviews.undo(moderator(), taken_back.id, 1)
    counter.now_ms += UNDO_MS
    async with counter.database.transaction() as tx:
        for each in await review_claims.taking_effect(tx, counter.now_ms, limit=9):
            assert await take_effect(tx, each, counter.now_ms)
    (review,) = await reviews_of(counter, taken_back)
    assert (review.state, review.reports) == (ReviewState.OPEN, 2)
    async with counter.database.reading() as tx:
        assert len(await reports.of_review(tx, review.id)) == 2
        change = await visibility.get(tx, taken_down.id)
    assert change is not None
    assert change.wanted is Display.GONE
    # nothing is left to be decided about a video that is gone
    (review,) = await reviews_of(counter, taken_down)
    assert (review.state, review.reports) == (ReviewState.REJECTED, 2)
