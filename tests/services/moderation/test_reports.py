"""Reports of posted videos on both databases, while a decision on them can still be taken back."""

import pytest

from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.reports import ReportService
from bot.services.moderation.reviews import UNDO_MS, Verdict
from bot.services.privacy.erasure import erase_ownerless, forget_member
from storage.moderation import reports, review_claims, reviews, visibility
from storage.moderation.reviews import Review, ReviewState, review_id
from storage.moderation.visibility import Display
from storage.records import Request
from storage.requests import requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, Counter, caller, moderator
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


async def kept(counter: Counter, request: Request) -> tuple[bool, bool]:
    """Whether the prompt and what the reporter said are still there."""
    async with counter.database.reading() as tx:
        now = await requests.require(tx, request.id)
        (said,) = await reports.of_review(tx, review_id(request.id, 1))
    return "a fox" in now.spec, bool(said.reason)


async def in_effect(counter: Counter) -> None:
    counter.now_ms += UNDO_MS
    async with counter.database.transaction() as tx:
        for each in await review_claims.taking_effect(tx, counter.now_ms, limit=9):
            assert await take_effect(tx, each, counter.now_ms)


async def test_what_a_report_rests_on_is_erased_once_nothing_can_be_taken_back(
    counter: Counter,
) -> None:
    request = await posted(counter)
    await report(counter, request, BOB)
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
    for user_id in (ALICE, BOB):
        await forget_member(counter.database, user_id, lambda: counter.now_ms)
    assert await kept(counter, request) == (True, True)
    await in_effect(counter)
    await erase_ownerless(counter.database, lambda: counter.now_ms)
    assert await kept(counter, request) == (False, False)


async def test_a_report_while_a_rejection_can_be_taken_back_belongs_to_the_same_review(
    counter: Counter,
) -> None:
    taken_back, taken_down = await posted(counter), await posted(counter, message_id=501)
    for request in (taken_back, taken_down):
        await report(counter, request, BOB)
        await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
        await report(counter, request, CAROL)
    await counter.reviews.undo(moderator(), taken_back.id, 1)
    await in_effect(counter)
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
