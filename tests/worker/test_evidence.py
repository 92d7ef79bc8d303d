"""Passes over uncertain requests: each is looked at in turn, and nobody is asked more than once."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from bot.services.operations.evidence import WAIT_MS
from bot.worker.context import WorkerContext
from bot.worker.maintenance.evidence import AT_ONCE, CLOSE_MS, EvidenceGatherer
from storage.operations import key_usage
from storage.operations.key_usage import KeyUsage
from storage.quotas import cost_checks
from storage.records import Request, State
from tests.storage.make import added, make_request, stored
from tests.worker.worker_harness import WorkerHarness, open_worker_harness

MINUTE_MS = 60_000


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


def exclusive(harness: WorkerHarness) -> WorkerContext:
    """A worker whose key nobody else uses."""
    context = harness.context("a")
    return replace(context, settings=replace(context.settings, is_key_exclusive=True))


def lost(harness: WorkerHarness, *, ago_ms: int, **fields: object) -> Request:
    sent_ms = harness.now_ms - ago_ms
    usual = {"intent_at_ms": sent_ms, "updated_at_ms": sent_ms, "cost_micros": 1_000}
    return make_request(state=State.UNCERTAIN, **(usual | {"key_usage_id": 1} | fields))


async def noted(harness: WorkerHarness, *ago_ms: int) -> None:
    """The key had used the same at each of these moments."""
    async with harness.database.transaction() as tx:
        for each in ago_ms:
            at_ms = harness.now_ms - each
            await key_usage.add(tx, KeyUsage("key", 5_000_000, at_ms, at_ms))


async def test_what_can_never_be_decided_keeps_no_other_from_being_looked_at(
    harness: WorkerHarness,
) -> None:
    stuck = [lost(harness, ago_ms=90 * MINUTE_MS - n, parked_from="queued") for n in range(AT_ONCE)]
    newest = lost(harness, ago_ms=20 * MINUTE_MS)
    await added(exclusive(harness).database, *stuck, newest)
    await noted(harness, 21 * MINUTE_MS, 20 * MINUTE_MS - WAIT_MS - 1)
    evidence = EvidenceGatherer(exclusive(harness))
    for _ in range(3):
        await evidence.gather()
    assert (await stored(exclusive(harness).database, newest)).state is State.FAILED
    for each in stuck:
        assert (await stored(exclusive(harness).database, each)).state is State.UNCERTAIN


async def test_a_task_in_the_way_is_asked_about_once_for_each_note(harness: WorkerHarness) -> None:
    # a task that failed, and of which the provider never says what it cost
    ended = make_request(state=State.FAILED, intent_at_ms=1, task_id="task-1", ended_at_ms=2)
    await added(exclusive(harness).database, ended, lost(harness, ago_ms=20 * MINUTE_MS))
    async with harness.database.transaction() as tx:
        await cost_checks.expect(tx, ended.id, harness.now_ms + 60 * MINUTE_MS)
    await noted(harness, 21 * MINUTE_MS)
    harness.provider.tasks["task-1"] = "it"
    harness.provider.used.extend([Decimal(5)] * 9)
    evidence = EvidenceGatherer(exclusive(harness))
    for number in (1, 2):
        harness.provider.query_plan.extend(["failed"] * 9)
        for _ in range(5):
            # each wake-up is a pass
            await evidence.gather()
        assert harness.provider.queries == number
        harness.now_ms += CLOSE_MS
