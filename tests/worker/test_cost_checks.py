"""Ended tasks are asked again for their cost, three times; the key's use is noted in time."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.services.quotas.costs import COST_CHECK_MS
from bot.worker.key_usage import FRESH_MS, RETRY_MS
from bot.worker.maintenance.cost_checks import LEASE_MS, check_costs
from bot.worker.maintenance.evidence import THIN_AFTER_MS, EvidenceGatherer, thin_out_notes
from storage.durations import DAY_MS, HOUR_MS
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage
from storage.quotas import cost_checks
from storage.records import Request, State
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def failed(harness: WorkerHarness) -> Request:
    """A request whose task failed without a word on its cost."""
    await harness.ask(1)
    harness.provider.query_plan.extend(["failed"])
    for _ in range(6):
        await harness.round("a")
        harness.now_ms += 61_000
    (request,) = await harness.all()
    assert request.state is State.FAILED
    harness.provider.queries = 0
    return request


async def test_a_task_without_a_cost_is_asked_three_times_and_then_left(
    harness: WorkerHarness,
) -> None:
    request = await failed(harness)
    harness.provider.query_plan.extend(["failed"] * 9)
    for wait_ms in (COST_CHECK_MS, HOUR_MS, DAY_MS, 30 * DAY_MS):
        harness.now_ms += wait_ms + LEASE_MS
        for _ in range(3):
            await check_costs(harness.context("a"))
    assert harness.provider.queries == 3
    async with harness.database.reading() as tx:
        assert await cost_checks.count_open(tx) == 0
    assert sum(entry.cost_micros for entry in await harness.entries(request.id)) == 1_000


async def test_the_cost_of_a_finished_task_is_booked_when_its_video_is_found(
    harness: WorkerHarness,
) -> None:
    harness.provider.cost = Decimal("0.0025")
    await harness.ask(1)
    for _ in range(6):
        await harness.round("a")
        harness.now_ms += 61_000
    (request,) = await harness.all()
    assert (request.state, request.billed_micros) == (State.POSTED, 2_500)
    entries = await harness.entries(request.id)
    assert sum(entry.cost_micros for entry in entries if entry.account == "cost") == 2_500


async def test_a_failed_query_is_no_try_and_a_refund_ends_them(harness: WorkerHarness) -> None:
    await failed(harness)
    harness.now_ms += COST_CHECK_MS
    for _ in range(5):
        harness.provider.query_plan.extend(["unavailable"])
        await check_costs(harness.context("a"))
        harness.now_ms += LEASE_MS
    harness.provider.cost = Decimal(0)
    harness.provider.query_plan.extend(["failed"])
    await check_costs(harness.context("a"))
    (request,) = await harness.all()
    assert request.is_unbilled
    entries = await harness.entries(request.id)
    assert sum(entry.cost_micros for entry in entries if entry.account == "cost") == 0
    async with harness.database.reading() as tx:
        assert await cost_checks.get(tx, request.id) is None


async def test_two_processes_ask_about_a_task_once(harness: WorkerHarness) -> None:
    await failed(harness)
    harness.now_ms += COST_CHECK_MS
    harness.provider.query_plan.extend(["failed"] * 2)
    await check_costs(harness.context("a"))
    await check_costs(harness.context("b"))
    assert harness.provider.queries == 1


async def test_a_submission_waits_for_a_note_only_where_there_is_no_fresh_one(
    harness: WorkerHarness,
) -> None:
    harness.provider.used.extend([Decimal("1.5"), None, Decimal("2.5")])
    recorder = harness.context("a").key_usage
    for _ in range(3):
        await recorder.ensure()
    await harness.context("b").key_usage.ensure()
    assert harness.provider.looks == 1
    harness.now_ms += FRESH_MS
    await recorder.ensure()
    await recorder.ensure()
    assert harness.provider.looks == 2
    harness.now_ms += RETRY_MS
    await recorder.ensure()
    async with harness.database.reading() as tx:
        found = await key_usage.before(tx, "key", 2**62, limit=9)
    assert [note.used_micros for note in found] == [2_500_000, 1_500_000]


async def test_the_intent_keeps_the_note_from_before_it(harness: WorkerHarness) -> None:
    harness.provider.used.extend([Decimal(1), Decimal(1), Decimal(1)])
    harness.provider.create_plan.extend(["lost-untaken"])
    await harness.ask(1)
    for _ in range(3):
        await harness.round("a")
        harness.now_ms += 1_000
    (request,) = await harness.all()
    assert (request.state, request.key_usage_id) == (State.UNCERTAIN, 1)
    harness.now_ms += FRESH_MS + RETRY_MS
    await EvidenceGatherer(harness.context("a")).gather()
    async with harness.database.reading() as tx:
        assert await key_usage.newest_id(tx) == 2
    # without SEEDANCE_KEY_EXCLUSIVE nothing is settled
    (request,) = await harness.all()
    assert request.state is State.UNCERTAIN


async def test_old_notes_are_thinned_out_to_one_a_day(harness: WorkerHarness) -> None:
    async with harness.database.transaction() as tx:
        for hour in range(48):
            at_ms = harness.now_ms + hour * HOUR_MS
            await key_usage.add(tx, KeyUsage("key", hour, at_ms, at_ms))
    harness.now_ms += THIN_AFTER_MS + 2 * DAY_MS
    await thin_out_notes(harness.context("a"))
    async with harness.database.reading() as tx:
        found = await key_usage.before(tx, "key", 2**62, limit=99)
    days = [note.answered_at_ms // DAY_MS for note in found]
    assert len(days) == len(set(days)) == 3
    assert found[-1].used_micros == 0
