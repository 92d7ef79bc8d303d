"""Two who touch one request at the same moment: one wins, the other is told so, nobody fails."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from bot.errors import TooLate, UserError
from bot.services.moderation.decision_effects import expire, take_effect
from bot.services.moderation.reports import ReportService
from bot.services.moderation.review_lifecycle import open_review
from bot.services.moderation.reviews import UNDO_MS, ReviewService, Verdict
from bot.services.privacy.erasure import forget_member
from bot.services.server_settings import ServerSettings
from storage.engine.retry import TRIES, repeated
from storage.engine.transaction import Database
from storage.errors import Conflict, StorageUnavailable, TransactionLost
from storage.moderation import review_claims, reviews
from storage.moderation.reviews import Review, Stage, review_id
from storage.records import State
from storage.requests import requests
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, Counter, caller, moderator

PAIRS = 8


@dataclass
class Case:
    """A held request with its open review, seen from one of two processes."""

    counter: Counter
    review: Review

    async def approve(self) -> object:
        return await self._service().decide(moderator(), self.review.request_id, 1, Verdict.APPROVE)

    async def reject(self) -> object:
        return await self._service().decide(moderator(), self.review.request_id, 1, Verdict.REJECT)

    async def cancel(self) -> object:
        return await self.counter.service.cancel(caller(), self.review.request_id)

    async def cancel_by_moderator(self) -> object:
        return await self.counter.service.cancel(moderator(), self.review.request_id)

    async def expire(self) -> object:
        @repeated
        async def run_out() -> bool:
            async with self.counter.database.transaction() as tx:
                return await expire(tx, self.review, self.counter.now_ms)

        return await run_out()

    async def delete_data(self) -> object:
        return await forget_member(self.counter.database, ALICE, lambda: self.counter.now_ms)

    async def report(self) -> object:
        service = ReportService(
            self.counter.database, clock=lambda: self.counter.now_ms, wakeup=lambda: None
        )
        await service.report(moderator(), "why", request_id=self.review.request_id)
        return None

    def _service(self) -> ReviewService:
        return self.counter.reviews


OPERATIONS: dict[str, Callable[[Case], Awaitable[object]]] = {
    "approve": Case.approve,
    "reject": Case.reject,
    "cancel": Case.cancel,
    "cancel by a moderator": Case.cancel_by_moderator,
    "expire": Case.expire,
    "delete my data": Case.delete_data,
    "report": Case.report,
}


async def held(counter: Counter) -> Review:
    receipt = await counter.ask()
    async with counter.database.transaction() as tx:
        await requests.move(
            tx,
            receipt.request.id,
            source=State.QUEUED,
            target=State.HELD,
            now_ms=counter.now_ms,
        )
        request = await requests.require(tx, receipt.request.id)
        return await open_review(
            tx, ServerSettings(), request, Stage.PROMPT, "mode", counter.now_ms
        )


async def outcome(act: Callable[[Case], Awaitable[object]], case: Case) -> object:
    """What came of it; what a member is told is an outcome, trouble with the database is not."""
    try:
        return await act(case)
    except (UserError, TooLate, Conflict) as told:
        key = getattr(told, "key", "")
        assert key != "refused-try-again", "it should have been tried again"
        return told


@pytest.mark.parametrize("one", OPERATIONS)
async def test_two_operations_on_one_request_never_wait_for_each_other(
    one: str, database: Database, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    # one database for all that may meet this one: opening connections is most of such a race
    here, there = open_counter(), open_counter(await open_another())
    for other in list(OPERATIONS)[list(OPERATIONS).index(one) :]:
        await race(one, other, here, there)


async def race(one: str, other: str, here: Counter, there: Counter) -> None:
    """Let both happen at once to each of some requests, and see where those are then."""
    found = [await held(here) for _ in range(PAIRS)]
    acts = [
        outcome(OPERATIONS[name], Case(counter, review))
        for review in found
        for name, counter in ((one, here), (other, there))
    ]
    async with asyncio.timeout(60):
        await asyncio.gather(*acts)
    for each in (here, there):
        each.now_ms += UNDO_MS
    database = here.database
    async with database.transaction() as tx:
        for due in await review_claims.taking_effect(tx, here.now_ms, limit=PAIRS):
            assert await take_effect(tx, due, here.now_ms)
    assert await here.differences() == []
    async with database.reading() as tx:
        for review in found:
            now = await reviews.get(tx, review_id(review.request_id, 1))
            request = await requests.require(tx, review.request_id)
            assert now is not None, (one, other)
            # decided or withdrawn once, and the request is where that leads
            assert (now.state == "open") == (request.state is State.HELD), (one, other)


async def test_a_lost_transaction_runs_again_and_at_last_is_an_outage() -> None:
    calls: list[int] = []

    @repeated
    async def loses(times: int) -> str:
        calls.append(times)
        if len(calls) <= times:
            raise TransactionLost("deadlock")
        return "done"

    assert await loses(2) == "done"
    assert len(calls) == 3
    calls.clear()
    with pytest.raises(StorageUnavailable):
        await loses(99)
    assert len(calls) == TRIES


async def test_a_deadlock_is_told_from_an_outage(
    database: Database, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite has one writer")
    counter, other = open_counter(), await open_another()
    first, second = [(await counter.ask()).request.id for _ in range(2)]
    both_hold = asyncio.Barrier(2)

    async def crossing(on: Database, order: tuple[str, str]) -> str:
        try:
            async with on.transaction() as tx:
                await requests.lock(tx, order[0])
                await both_hold.wait()
                await requests.lock(tx, order[1])
        except TransactionLost:
            return "lost"
        return "done"

    async with asyncio.timeout(30):
        ends = await asyncio.gather(
            crossing(database, (first, second)), crossing(other, (second, first))
        )
    assert sorted(ends) == ["done", "lost"]
