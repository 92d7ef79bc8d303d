"""Single moments in which money, a video or a request could get lost."""

from pathlib import Path

import pytest

from bot.services.operations import circuit_breaker
from bot.services.operations.circuit_breaker import PAUSED, OutageReason
from bot.worker.context import DEAD_AFTER_MS, WorkerSettings
from bot.worker.heartbeat import HEARTBEAT_S
from bot.worker.outbox.progress_cards import ProgressCards
from bot.worker.pipeline.slots import take_slots
from bot.worker.pipeline.submit_answer import MAX_ATTEMPTS
from bot.worker.pipeline.task_id_journal import journal_id, journaled_ids
from storage.operations import key_values
from storage.quotas.ledger_records import Account, EntryKind
from storage.records import MessageKind, OutboxState, State
from storage.requests import fair_queue, requests
from tests.worker.harness_parts import PlainEditor
from tests.worker.invariants import promises_kept
from tests.worker.test_state_machine import meanwhile_in
from tests.worker.worker_harness import LEASE_MS, Killed, WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(empty_sqlite: Path, small_video: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        meanwhile_in(opened)
        yield opened


async def submitted(harness: WorkerHarness, name: str = "a", number: int = 0) -> str:
    """Ask, prepare, show, and hand out a slot; the request's id."""
    request = await harness.ask(number)
    await harness.step(name, 10)
    await harness.message(name, 10)
    await harness.gate(name)
    return request.id


async def state(harness: WorkerHarness, request_id: str) -> State:
    async with harness.database.reading() as tx:
        return (await requests.require(tx, request_id)).state


async def test_a_refusal_that_crosses_a_cancellation_gives_slot_and_cost_back(
    harness: WorkerHarness,
) -> None:
    harness.provider.meanwhile.append("cancel")
    harness.provider.create_plan.append("refused")
    request_id = await submitted(harness)
    async with harness.database.reading() as tx:
        request = await requests.require(tx, request_id)
        assert await fair_queue.slots_taken(tx, harness.now_ms) == 0
    assert request.state is State.CANCELLED
    released = [e.account for e in await harness.entries(request_id) if e.kind is EntryKind.RELEASE]
    assert released == [Account.COST]


async def test_an_answer_that_crosses_a_cancellation_keeps_the_tasks_id(
    harness: WorkerHarness,
) -> None:
    harness.provider.meanwhile.append("cancel")
    request_id = await submitted(harness)
    async with harness.database.reading() as tx:
        request = await requests.require(tx, request_id)
    assert request.state is State.CANCELLED
    assert request.task_id == "task-1"
    await harness.settle()
    await promises_kept(harness)


async def test_a_late_answer_settles_what_another_worker_took_for_lost(
    harness: WorkerHarness,
) -> None:
    harness.provider.meanwhile.append("steal")
    request_id = await submitted(harness)
    assert await state(harness, request_id) is State.RUNNING
    assert any(":notice:uncertain" in each for each in await harness.messages(request_id))
    await harness.settle()
    await promises_kept(harness)
    assert await state(harness, request_id) is State.POSTED


async def test_a_late_refusal_settles_it_too_and_is_not_sent_again(harness: WorkerHarness) -> None:
    harness.provider.meanwhile.append("steal")
    harness.provider.create_plan.append("throttled")
    request_id = await submitted(harness)
    assert await state(harness, request_id) is State.FAILED
    await harness.settle()
    await promises_kept(harness)
    assert len(harness.provider.creates) == 1


@pytest.mark.parametrize("outcome", ["away", "doubt"])
async def test_a_tasks_id_outlives_a_database_that_is_away(
    harness: WorkerHarness, outcome: str
) -> None:
    async def meanwhile(_: str) -> None:
        harness.database.plan.extend([outcome] * 3)

    harness.provider.happen = meanwhile
    harness.provider.meanwhile.append("database")
    request_id = await submitted(harness)
    assert await state(harness, request_id) is State.RUNNING
    assert not journaled_ids(harness.folder)


async def test_a_tasks_id_outlives_a_process_that_could_not_write_it(
    harness: WorkerHarness,
) -> None:
    request = await harness.ask(0)
    await harness.step("a", 10)
    await harness.message("a", 10)
    harness.kill_at(5)  # the answer is here, its record is not
    with pytest.raises(Killed):
        await harness.gate("a")
    harness.die("a")
    journal_id(harness.folder, request.id, "task-1")
    await harness.start("a")
    assert await state(harness, request.id) is State.RUNNING
    assert not journaled_ids(harness.folder)
    await harness.settle()
    await promises_kept(harness)
    assert await state(harness, request.id) is State.POSTED


async def test_an_intent_whose_commit_is_in_doubt_is_written_again_before_anything_is_sent(
    harness: WorkerHarness,
) -> None:
    request = await harness.ask(0)
    await harness.step("a", 10)
    await harness.message("a", 10)
    harness.database.plan.extend(["", "doubt", "doubt"])  # the gate's commit is fine
    await harness.gate("a")
    assert await state(harness, request.id) is State.RUNNING


async def test_a_suspect_provider_gets_one_request_and_never_more_than_may_be(
    harness: WorkerHarness,
) -> None:
    first = await submitted(harness)
    await harness.ask(1)
    await harness.step("a", 10)
    await harness.message("a", 10)
    async with harness.database.transaction() as tx:
        await circuit_breaker.note_probed(tx, harness.now_ms)
    assert await take_slots(harness.context("a")) == []
    await harness.cancel(first)


async def test_the_circuit_breaker_opens_once_closes_by_itself_and_counts_anew(
    harness: WorkerHarness,
) -> None:
    async with harness.database.transaction() as tx:
        opened = [
            (await circuit_breaker.note_failure(tx, OutageReason.DOWN, harness.now_ms))[1]
            for _ in range(circuit_breaker.TOLERATED)
        ]
        assert opened == [False, False, True]
        first = await circuit_breaker.read_health(tx)
        again, is_new = await circuit_breaker.note_failure(tx, OutageReason.DOWN, harness.now_ms)
        assert (again.is_open, is_new) == (True, False)
        assert again.probe_ms > first.probe_ms, "probes become rarer"
        queried, _ = await circuit_breaker.note_failure(
            tx, OutageReason.DOWN, harness.now_ms, is_query=True
        )
        assert queried.probe_ms == again.probe_ms, "looks at tasks don't put the probe off"
        _, is_key = await circuit_breaker.note_failure(
            tx, OutageReason.KEY, harness.now_ms, is_query=True
        )
        assert is_key, "a refused key is told although it was open"
        assert await circuit_breaker.note_success(tx, harness.now_ms)
        assert await circuit_breaker.read_health(tx) == circuit_breaker.Health()


async def test_questions_that_go_well_again_do_not_count_towards_the_circuit_breaker(
    harness: WorkerHarness,
) -> None:
    request_id = await submitted(harness)
    for _ in range(circuit_breaker.TOLERATED * 2):
        harness.provider.query_plan.extend(["unavailable", "progress"])
        for _ in range(2):
            harness.now_ms += 61_000
            await harness.step("a")
    async with harness.database.reading() as tx:
        assert not (await circuit_breaker.read_health(tx)).is_open
    assert await state(harness, request_id) is State.RUNNING


async def test_refusals_that_say_later_end_at_last(harness: WorkerHarness) -> None:
    harness.provider.create_plan.extend(["busy"] * (MAX_ATTEMPTS + 5))
    request_id = await submitted(harness)
    for _ in range(3 * MAX_ATTEMPTS):
        harness.now_ms += 61_000
        await harness.step("a")
        await harness.gate("a")
    assert await state(harness, request_id) is State.FAILED
    assert len(harness.provider.creates) == MAX_ATTEMPTS


async def test_a_429_holds_the_gate_shut_and_then_lets_fewer_through(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video, max_active=3) as harness:
        harness.provider.create_plan.extend(["", "throttled"])
        for number in range(5):
            await harness.ask(number)
        await harness.step("a", 10)
        await harness.message("a", 10)
        await harness.gate("a")  # three at once: taken, throttled, taken
        assert await harness.gate("a") == 0
        harness.now_ms += 9_000
        assert await harness.gate("a") == 0, "as many as before the 429, and no more"
        harness.now_ms += 61_000
        await harness.step("a", 10)  # the first two are ready
        await harness.step("a", 10)  # and fetched
        assert await harness.gate("a") == 3


async def test_a_request_nobody_saw_is_ended_and_told(harness: WorkerHarness) -> None:
    request = await harness.ask(0)
    await harness.step("a", 10)
    harness.messenger.plan.append("gone")
    await harness.message("a")
    await harness.tend("a")
    assert await state(harness, request.id) is State.QUEUED, "its answer may still be on its way"
    harness.now_ms += 130_000
    await harness.tend("a")
    assert await state(harness, request.id) is State.FAILED
    await harness.settle()
    await promises_kept(harness)
    notice = (await harness.messages(request.id))[f"{request.id}:notice:failed"]
    assert notice.state is OutboxState.SENT
    assert notice.channel_id == 0


async def test_a_result_that_is_lost_from_disk_is_fetched_again_and_only_as_a_video(
    harness: WorkerHarness,
) -> None:
    request_id = await submitted(harness)
    harness.now_ms += 6_000
    await harness.step("a")  # asked
    await harness.step("a")  # fetched
    assert await state(harness, request_id) is State.RENDERED
    (harness.folder / f"results/{request_id}.mp4").unlink()
    harness.fetcher.plan.append("no-video")
    await harness.message("a")
    assert not harness.messenger.standing(MessageKind.RESULT, request_id)
    assert not (harness.folder / f"results/{request_id}.mp4").exists()
    await harness.settle()
    await promises_kept(harness)


async def test_every_waiting_card_says_that_the_bot_is_paused_however_many_wait(
    harness: WorkerHarness,
) -> None:
    ids = {(await harness.ask(number)).id for number in range(5)}
    await harness.step("a", 10)
    await harness.message("a", 10)
    editor = PlainEditor()
    catch_up = ProgressCards(harness.context("a"), editor, waiting=2)
    for paused in (False, True, False):
        async with harness.database.transaction() as tx:
            if paused:
                await key_values.set(tx, PAUSED, "1", harness.now_ms)
            else:
                await key_values.delete(tx, PAUSED)
        for _ in range(3):
            await catch_up.catch_up()
        drawn = [request.id for _, request, _ in editor.edits]
        assert sorted(drawn) == sorted(ids)
        editor.edits.clear()
        await catch_up.catch_up()
        assert not editor.edits


def test_what_a_dead_worker_held_is_somebody_elses_within_half_a_minute() -> None:
    settings = WorkerSettings(data_dir=Path(), owner="", host="")
    looks_s = 1.0
    assert settings.lease_ms / 1000 + looks_s < 30
    assert DEAD_AFTER_MS / 1000 + HEARTBEAT_S + looks_s < 30
    assert settings.lease_ms == LEASE_MS
