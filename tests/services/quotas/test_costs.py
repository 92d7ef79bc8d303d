"""What the provider says that a task cost is what the ledger books in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.services.quotas.costs import SaidCost, note_cost
from bot.services.requests import lifecycle
from storage.quotas import cost_checks, ledger, task_costs
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry
from storage.records import Request, State
from storage.requests import requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter
from tests.services.quotas.test_reservations import FREE, PAID, arrived, balances

PRICE = 500_000


@dataclass(frozen=True)
class Said:
    """An answer about a task: its cost, and whether it has ended, and failed."""

    micros: int | None
    has_failed: bool = False
    has_ended: bool = True


async def sent(counter: Counter, state: State = State.RUNNING) -> Request:
    """A request that was submitted."""
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        now = await arrived(tx, request, state, counter.now_ms)
        rendered_ms = counter.now_ms if state in (State.RENDERED, State.REVIEWING) else 0
        return await requests.note(
            tx,
            now.id,
            source=state,
            owner=None,
            intent_at_ms=counter.now_ms,
            rendered_at_ms=rendered_ms,
        )


async def say(counter: Counter, request: Request, said: Said, *, source: str = "query") -> Request:
    counter.now_ms += 1_000
    answer = SaidCost(said.micros, source, counter.now_ms - 10, said.has_ended, said.has_failed)
    async with counter.database.transaction() as tx:
        return await note_cost(tx, request.id, answer, counter.now_ms)


async def end(counter: Counter, request: Request, target: State) -> Request:
    counter.now_ms += 1_000
    async with counter.database.transaction() as tx:
        now = await requests.require(tx, request.id)
        if target is State.FAILED:
            return await lifecycle.fail(tx, now, "unknown", now_ms=counter.now_ms)
        return await lifecycle.end(tx, now, target, now_ms=counter.now_ms)


async def rows(counter: Counter, request: Request) -> list[LedgerEntry]:
    async with counter.database.reading() as tx:
        entries = await ledger.entries_of(tx, request.id)
    return [entry for entry in entries if entry.account is Account.COST]


async def awaited(counter: Counter, request: Request) -> bool:
    """Whether the provider is to be asked again."""
    async with counter.database.reading() as tx:
        return await cost_checks.get(tx, request.id) is not None


async def test_a_cost_said_before_the_end_is_what_is_settled(open_counter: OpenCounter) -> None:
    counter = open_counter()
    request = await sent(counter)
    await say(counter, request, Said(410_000, has_ended=False), source="create")
    assert (await balances(counter))[1].cost_micros == PRICE
    async with counter.database.transaction() as tx:
        now = await requests.require(tx, request.id)
        now = await requests.move(
            tx, now.id, source=now.state, target=State.RENDERED, now_ms=1, rendered_at_ms=1
        )
    await end(counter, now, State.POSTED)
    assert (await balances(counter))[1].cost_micros == 410_000
    assert [row.kind for row in await rows(counter, request)] == ["reserve", "settle"]
    assert not await awaited(counter, request)
    assert await counter.differences() == []


async def test_a_late_cost_a_change_and_a_refund_are_rows_of_their_own(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request = await sent(counter)
    await end(counter, request, State.FAILED)
    assert await balances(counter) == (FREE, PAID)
    assert await awaited(counter, request)
    for micros, booked in ((450_000, 450_000), (450_000, 450_000), (700_000, 700_000), (0, 0)):
        await say(counter, request, Said(micros, has_failed=True))
        assert (await balances(counter))[1].cost_micros == booked
        assert await counter.differences() == []
    found = [row for row in await rows(counter, request) if row.kind is EntryKind.ADJUST]
    assert [(row.reason, row.videos, row.cost_micros) for row in found] == [
        ("late-cost", 0, -50_000),
        ("changed-cost", 0, 250_000),
        ("refunded", -1, -700_000),
    ]
    async with counter.database.reading() as tx:
        history = await task_costs.of_request(tx, request.id)
    assert [(row.cost_micros, row.change_micros) for row in history] == [
        (450_000, 450_000),
        (700_000, 250_000),
        (0, -700_000),
    ]
    # the change lies between two answers
    assert [row.since_ms for row in history[1:]] > [row.since_ms for row in history[:-1]]
    assert all(row.since_ms < row.at_ms for row in history)
    assert not await awaited(counter, request)
    assert await balances(counter) == (FREE, FREE)


async def test_only_a_failed_task_that_cost_nothing_gives_the_ceilings_back(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    failed, posted, unsaid = [await sent(counter) for _ in range(3)]
    await say(counter, failed, Said(0, has_failed=True))
    await end(counter, failed, State.FAILED)
    assert (await balances(counter))[1].videos == 2
    await say(counter, posted, Said(0))
    async with counter.database.transaction() as tx:
        await requests.move(
            tx, posted.id, source=posted.state, target=State.RENDERED, now_ms=1, rendered_at_ms=1
        )
    await end(counter, posted, State.POSTED)
    await end(counter, unsaid, State.FAILED)
    _, cost = await balances(counter)
    assert (cost.videos, cost.cost_micros) == (2, PRICE)
    assert await counter.differences() == []


async def test_a_zero_of_a_task_that_goes_on_is_no_cost(open_counter: OpenCounter) -> None:
    counter = open_counter()
    request = await sent(counter)
    noted = await say(counter, request, Said(0, has_ended=False), source="create")
    assert noted.billed_micros is None
    await end(counter, request, State.CANCELLED)
    assert (await balances(counter))[1].cost_micros == PRICE
    assert await awaited(counter, request)


async def test_an_older_answer_changes_nothing(open_counter: OpenCounter) -> None:
    counter = open_counter()
    request = await sent(counter)
    now = await say(counter, request, Said(400_000))
    old = SaidCost(600_000, "create", now.billed_at_ms - 1)
    async with counter.database.transaction() as tx:
        noted = await note_cost(tx, request.id, old, counter.now_ms)
    assert noted.billed_micros == 400_000


async def test_what_was_thought_not_to_have_run_is_booked_once_its_cost_is_known(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request = await sent(counter, State.SUBMITTING)
    async with counter.database.transaction() as tx:
        now = await lifecycle.make_uncertain(tx, request, now_ms=counter.now_ms, slot_until_ms=0)
        await lifecycle.fail(tx, now, "not-run", now_ms=counter.now_ms, intent_at_ms=0)
    assert await balances(counter) == (FREE, FREE)
    await say(counter, request, Said(300_000))
    assert (await balances(counter))[1].cost_micros == 300_000
    assert await counter.differences() == []


OBSERVATIONS = st.lists(
    st.builds(
        Said,
        micros=st.one_of(st.none(), st.sampled_from([0, 1, 250_000, PRICE, 900_000])),
        has_failed=st.just(True),
        has_ended=st.booleans(),
    ),
    max_size=5,
)


def expected(said: Sequence[Said]) -> tuple[int, int]:
    """Videos and money that must be booked of a failed task after these answers."""
    known = [each for each in said if each.micros or (each.micros == 0 and each.has_ended)]
    if not known:
        return 1, PRICE
    return (0, 0) if known[-1].micros == 0 else (1, known[-1].micros or 0)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    target=st.sampled_from([State.FAILED, State.CANCELLED]), before=OBSERVATIONS, after=OBSERVATIONS
)
async def test_the_ledger_is_the_last_known_cost_whatever_is_said_when(
    open_counter: OpenCounter, target: State, before: Sequence[Said], after: Sequence[Said]
) -> None:
    counter = open_counter()
    request = await sent(counter)
    for said in before:
        await say(counter, request, said)
        assert {row.kind for row in await rows(counter, request)} == {EntryKind.RESERVE}
    await end(counter, request, target)
    for number in range(len(after) + 1):
        if number:
            await say(counter, request, after[number - 1])
        entries = await rows(counter, request)
        booked = (sum(row.videos for row in entries), sum(row.cost_micros for row in entries))
        assert booked == expected([*before, *after[:number]])
        assert await counter.differences() == []
