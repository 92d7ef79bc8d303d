"""Every end of a request and what comes back of it, in both accounts."""

from dataclasses import dataclass
from typing import Any

import pytest

from bot.provider.errors import FailureKind
from bot.services.quotas.reservations import give_cost_back, give_count_back
from bot.services.requests import lifecycle
from bot.services.requests.failures import Failure
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account, Usage
from storage.records import Request, State
from storage.requests import requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, DAY_MS, GUILD, NOW_MS, Counter, caller

PAID = Usage(1, 5, 500_000)
FREE = Usage()


@dataclass(frozen=True)
class End:
    """A way to end: from a state, to one, with what the record says."""

    source: State
    target: State
    failure: Failure = "unknown"
    was_sent: bool = False


TECHNICAL = End(State.RUNNING, State.FAILED, "unknown", was_sent=True)
CONTENT = End(State.RUNNING, State.FAILED, FailureKind.CONTENT_INPUT, was_sent=True)
LATE_REJECTION = End(State.REVIEWING, State.REJECTED, was_sent=True)

WAY = (State.QUEUED, State.SUBMITTING, State.RUNNING, State.RENDERED, State.REVIEWING)


async def ended(counter: Counter, end: End) -> None:
    """Ask for a video and bring it to its end, as the worker and moderators would."""
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        now = await arrived(tx, request, end.source, counter.now_ms)
        intent_ms = counter.now_ms if end.was_sent else 0
        now = await requests.note(tx, now.id, source=now.state, owner=None, intent_at_ms=intent_ms)
        if end.target is State.FAILED:
            await lifecycle.fail(tx, now, end.failure, now_ms=counter.now_ms)
        else:
            await lifecycle.end(tx, now, end.target, now_ms=counter.now_ms)


async def arrived(tx: Any, request: Request, state: State, now_ms: int) -> Request:
    way = (State.HELD,) if state is State.HELD else WAY[1 : WAY.index(state) + 1]
    for target in way:
        request = await requests.move(
            tx, request.id, source=request.state, target=target, now_ms=now_ms
        )
    return request


async def balances(counter: Counter) -> tuple[Usage, Usage]:
    """What counts for Alice, and what is booked."""
    async with counter.database.reading() as tx:
        sums = [
            await ledger_sums.usage(tx, account, since_ms=0, guild_id=GUILD, user_id=ALICE)
            for account in (Account.COUNT, Account.COST)
        ]
    return sums[0], sums[1]


@pytest.mark.parametrize(
    ("end", "count", "cost"),
    [
        (End(State.RENDERED, State.POSTED, was_sent=True), PAID, PAID),
        (End(State.QUEUED, State.FAILED, "refused-media"), FREE, FREE),
        (End(State.SUBMITTING, State.FAILED, "parameters"), FREE, FREE),
        (TECHNICAL, FREE, PAID),
        (End(State.RENDERED, State.FAILED, "undeliverable", was_sent=True), PAID, PAID),
        (End(State.QUEUED, State.CANCELLED), FREE, FREE),
        (End(State.SUBMITTING, State.CANCELLED), FREE, FREE),
        (End(State.RUNNING, State.CANCELLED, was_sent=True), PAID, PAID),
        (End(State.HELD, State.REJECTED), FREE, FREE),
        (End(State.HELD, State.CANCELLED), FREE, FREE),
        (CONTENT, FREE, PAID),
        (End(State.SUBMITTING, State.FAILED, FailureKind.CONTENT), FREE, FREE),
        (LATE_REJECTION, FREE, PAID),
    ],
)
async def test_each_end_gives_back_what_the_promise_says(
    open_counter: OpenCounter, end: End, count: Usage, cost: Usage
) -> None:
    counter = open_counter()
    await ended(counter, end)
    assert await balances(counter) == (count, cost)
    assert await counter.differences() == []


async def test_the_first_two_refused_for_content_come_back_and_later_ones_do_not(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    for end, counted in ((CONTENT, 0), (LATE_REJECTION, 0), (CONTENT, 1), (LATE_REJECTION, 2)):
        await ended(counter, end)
        assert (await balances(counter))[0].videos == counted
    await ended(counter, TECHNICAL)
    assert (await balances(counter))[0].videos == 2
    counter.now_ms = NOW_MS + DAY_MS
    await ended(counter, CONTENT)
    assert (await balances(counter))[0].videos == 2
    assert (await balances(counter))[1].cost_micros == 6 * 500_000
    assert await counter.differences() == []


async def test_what_is_uncertain_gives_its_count_back_and_keeps_its_cost(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1)
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        now = await arrived(tx, request, State.SUBMITTING, counter.now_ms)
        await requests.note(tx, now.id, source=now.state, owner=None, intent_at_ms=NOW_MS)
        now = await lifecycle.make_uncertain(tx, now, now_ms=NOW_MS, slot_until_ms=NOW_MS)
    assert await balances(counter) == (PAID, PAID)
    assert await counter.differences() == []
    async with counter.database.transaction() as tx:
        assert await give_count_back(tx, now, NOW_MS + 1)
        assert await give_count_back(tx, now, NOW_MS + 2)
    assert await balances(counter) == (FREE, PAID)
    assert await counter.differences() == []
    async with counter.database.transaction() as tx:
        await lifecycle.fail(tx, now, "unknown", now_ms=NOW_MS + 3, intent_at_ms=0)
    assert await balances(counter) == (FREE, FREE)
    assert await counter.differences() == []


async def test_a_cost_that_was_settled_comes_back_once_nothing_was_taken(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await ended(counter, End(State.SUBMITTING, State.CANCELLED, was_sent=True))
    request_id = (await counter.service.page(caller())).views[0].request.id
    assert await balances(counter) == (PAID, PAID)
    async with counter.database.transaction() as tx:
        request = await requests.require(tx, request_id)
        assert await give_cost_back(tx, request, NOW_MS + 1)
        assert not await give_cost_back(tx, request, NOW_MS + 2)
        await requests.note(tx, request.id, source=request.state, owner=None, intent_at_ms=0)
    assert await balances(counter) == (PAID, FREE)
    assert await counter.differences() == []


async def test_a_price_that_is_known_better_by_the_end_is_the_one_that_is_booked(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        now = await arrived(tx, request, State.RENDERED, counter.now_ms)
        now = await requests.note(
            tx,
            now.id,
            source=now.state,
            owner=None,
            intent_at_ms=NOW_MS,
            cost_micros=350_000,
        )
        await lifecycle.end(tx, now, State.POSTED, now_ms=NOW_MS)
    assert (await balances(counter))[1].cost_micros == 350_000
    assert await counter.differences() == []


@pytest.mark.parametrize(
    ("sabotage", "problem"),
    [
        ("DELETE FROM ledger WHERE account = 'cost' AND kind = 'settle'", "not closed"),
        ("DELETE FROM ledger WHERE kind <> 'reserve'", "not closed"),
        ("DELETE FROM ledger WHERE kind = 'reserve'", "do not add up"),
        ("DELETE FROM ledger", "never reserved"),
        ("UPDATE ledger SET videos = 2 WHERE kind = 'reserve'", "do not add up"),
        ("UPDATE ledger SET cost_micros = 7 WHERE kind = 'settle'", "another price"),
        ("UPDATE requests SET state = 'running'", "closed already"),
        ("UPDATE requests SET state = 'draft'", "draft"),
        ("UPDATE ledger SET user_id = 99 WHERE kind = 'settle'", "do not add up"),
        ("UPDATE ledger SET reason = 'technical' WHERE kind = 'settle'", "must come back"),
        ("UPDATE requests SET intent_at_ms = 0, state = 'failed'", "surely not billed"),
    ],
)
async def test_the_check_finds_whatever_is_not_as_it_must_be(
    open_counter: OpenCounter, sabotage: str, problem: str
) -> None:
    counter = open_counter()
    await ended(counter, End(State.RENDERED, State.POSTED, was_sent=True))
    async with counter.database.transaction() as tx:
        await tx.execute(sabotage)
    found = await counter.differences()
    assert any(problem in each.problem for each in found), found


@pytest.mark.parametrize(
    ("sabotage", "problem"),
    [
        (
            "UPDATE ledger SET reason = 'undeliverable' WHERE kind = 'release'",
            "came back and must not",
        ),
        (
            "UPDATE ledger SET reason = 'content' WHERE account = 'count' AND kind = 'release'",
            "more came back than the first 2",
        ),
        ("UPDATE requests SET intent_at_ms = 1", "may be billed"),
    ],
)
async def test_the_check_finds_what_came_back_and_must_not(
    open_counter: OpenCounter, sabotage: str, problem: str
) -> None:
    counter = open_counter()
    for _ in range(3):
        await ended(counter, End(State.QUEUED, State.FAILED, "refused-media"))
    assert await counter.differences() == []
    async with counter.database.transaction() as tx:
        await tx.execute(sabotage)
    found = await counter.differences()
    assert any(problem in each.problem for each in found), found
