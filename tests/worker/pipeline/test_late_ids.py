"""A task id that comes late: after a settlement, from the journal, or while the database hangs."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.services.requests import lifecycle
from bot.worker.pipeline.task_id_journal import journal_id, journaled_ids
from storage.quotas import cost_checks
from storage.records import MessageKind, Request, State
from storage.requests import requests
from tests.support.patience import PATIENCE_S
from tests.worker.pipeline.test_weak_spots import submitted
from tests.worker.scripted_messenger import FIRST_ID, Sent
from tests.worker.test_state_machine import meanwhile_in
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        meanwhile_in(opened)
        yield opened


async def row(harness: WorkerHarness, request_id: str) -> Request:
    async with harness.database.reading() as tx:
        return await requests.require(tx, request_id)


async def lost(harness: WorkerHarness) -> str:
    """A request whose answer was lost: an owner must settle it."""
    harness.provider.create_plan.append("lost")
    request_id = await submitted(harness)
    assert (await row(harness, request_id)).state is State.UNCERTAIN
    return request_id


async def test_an_id_that_comes_after_send_again_spares_the_second_submission(
    harness: WorkerHarness,
) -> None:
    request_id = await lost(harness)
    async with harness.database.transaction() as tx:
        await requests.move(
            tx,
            request_id,
            source=State.UNCERTAIN,
            target=State.QUEUED,
            now_ms=harness.now_ms,
            intent_at_ms=0,
            slot_until_ms=0,
            due_at_ms=harness.now_ms,
            lease_owner="",
        )
    (task_id,) = harness.provider.tasks
    journal_id(harness.folder, request_id, task_id)
    await harness.start("a")
    now = await row(harness, request_id)
    assert (now.state, now.task_id) == (State.RUNNING, task_id)
    assert journaled_ids(harness.folder) == {}
    await harness.settle()
    assert (await row(harness, request_id)).state is State.POSTED
    assert len(harness.provider.creates) == 1


async def test_an_id_that_comes_after_did_not_run_has_its_cost_asked(
    harness: WorkerHarness,
) -> None:
    request_id = await lost(harness)
    async with harness.database.transaction() as tx:
        await lifecycle.fail(
            tx,
            await requests.require(tx, request_id),
            "not-run",
            now_ms=harness.now_ms,
            intent_at_ms=0,
            lease_owner="",
        )
    (task_id,) = harness.provider.tasks
    journal_id(harness.folder, request_id, task_id)
    await harness.start("a")
    assert journaled_ids(harness.folder) == {}
    async with harness.database.reading() as tx:
        assert await cost_checks.get(tx, request_id) is not None
    assert (await row(harness, request_id)).task_id == task_id


@pytest.mark.parametrize("whose", ["a request with another task", "nobody"])
async def test_an_id_that_belongs_nowhere_stays_in_the_journal(
    harness: WorkerHarness, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    request_id = await submitted(harness)
    mine = (await row(harness, request_id)).task_id
    name = request_id if whose != "nobody" else "request999"
    journal_id(harness.folder, name, "task-0")
    await harness.start("a")
    assert journaled_ids(harness.folder) == {name: "task-0"}
    assert (await row(harness, request_id)).task_id == mine
    assert "belongs to no request" in caplog.text


async def test_a_refusal_after_a_cancellation_leaves_no_cost_to_be_asked(
    harness: WorkerHarness,
) -> None:
    harness.provider.meanwhile.append("cancel")
    harness.provider.create_plan.append("refused")
    request_id = await submitted(harness)
    assert (await row(harness, request_id)).state is State.CANCELLED
    async with harness.database.reading() as tx:
        # while one is open, the key's use proves nothing about others
        assert await cost_checks.get(tx, request_id) is None


@pytest.mark.parametrize("is_stopped", [False, True])
async def test_an_id_is_on_disk_while_the_database_hangs(
    harness: WorkerHarness, is_stopped: bool
) -> None:
    async def begin(_: str) -> None:
        harness.database.plan.append("hang")

    harness.provider.happen = begin
    harness.provider.meanwhile.append("hang")
    request = await harness.ask(0)
    await harness.step("a", 10)
    await harness.message("a", 10)
    task = asyncio.create_task(harness.gate("a"))
    await harness.database.hangs.wait()
    if is_stopped:
        # before the second is over after which it is written anyway
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    async with asyncio.timeout(PATIENCE_S):
        while not journaled_ids(harness.folder):
            await asyncio.sleep(0.01)
    assert list(journaled_ids(harness.folder)) == [request.id]
    harness.database.goes_on.set()
    if not is_stopped:
        await task
        assert journaled_ids(harness.folder) == {}


async def test_after_a_restore_a_video_is_searched_for_where_it_may_have_gone(
    harness: WorkerHarness,
) -> None:
    """Its channel went, and it was sent to the member, after the copy was made."""
    harness.provider.cost = Decimal(1)
    request_id = await submitted(harness)
    now = await row(harness, request_id)
    async with harness.database.transaction() as tx:
        await requests.note(tx, request_id, source=now.state, owner=None, restored_after_id=1)
    harness.messenger.gone.add((now.channel_id, 0))
    harness.messenger.messages.append(
        Sent(
            f"{request_id}:result",
            MessageKind.RESULT,
            request_id,
            (0, now.user_id),
            "old",
            harness.now_ms - 10**9,
            FIRST_ID + 500,
            "rendered",
        )
    )
    await harness.settle()
    assert (await row(harness, request_id)).state is State.POSTED
    assert len(harness.messenger.standing(MessageKind.RESULT, request_id)) == 1
