"""Slots go to whoever still waits; queue positions are read once for many cards."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.worker.context import WorkerContext
from bot.worker.pipeline import slots
from bot.worker.queue_positions import QueuePositions
from storage.records import NEVER_DUE, Request, State
from tests.storage.make import added, make_request, stored
from tests.support.statements import by_transaction
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def queued(harness: WorkerHarness, count: int) -> list[Request]:
    made = [make_request(due_at_ms=NEVER_DUE, user_id=40 + number) for number in range(count)]
    await added(harness.database._inner, *made)
    return made


def with_slots(harness: WorkerHarness, name: str, count: int) -> WorkerContext:
    context = harness.context(name)
    return replace(context, settings=replace(context.settings, max_active=count))


def ids(requests: list[Request]) -> list[str]:
    return [request.id for request in requests]


async def test_who_got_a_slot_since_the_queue_was_read_gets_no_second_one(
    harness: WorkerHarness,
) -> None:
    made = await queued(harness, 3)
    a, b = with_slots(harness, "a", 1), with_slots(harness, "b", 5)
    line = await b.database.read(lambda tx: slots._next_in_line(b, tx))
    assert ids(line) == ids(made)
    (first,) = await slots.take_slots(a)
    assert first.id == made[0].id
    assert ids(await slots._grant_all(b, line)) == ids(made[1:])
    owner = (await stored(harness.database._inner, first)).lease_owner
    assert owner == a.settings.owner


async def test_never_more_slots_are_given_than_are_free_when_they_are_given(
    harness: WorkerHarness,
) -> None:
    made = await queued(harness, 9)
    a, b = with_slots(harness, "a", 3), with_slots(harness, "b", 3)
    given = await slots._grant_all(a, made[:5])
    assert ids(given) == ids(made[:3])
    assert {request.state for request in given} == {State.SUBMITTING}
    assert await slots._grant_all(b, made[3:6]) == []


async def test_many_cards_at_once_read_the_queue_once(harness: WorkerHarness) -> None:
    made = await queued(harness, 3)
    inner = harness.database._inner
    positions = QueuePositions(inner)
    with by_transaction(inner) as transactions:
        found = [await positions.now(made[0].id) for _ in range(20)]
    assert len(transactions) < len(found)
    assert [found[-1][request.id] for request in made] == [0, 1, 2]
