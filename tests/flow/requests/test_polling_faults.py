"""The table of faults and steps, provider's side: looking at a task, and fetching its video."""

import asyncio

import pytest

from bot.demo.provider.faults import BadVideo, CallName, TaskPlan, server_error
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import HOUR_MS, PASSING, posted_once, sums
from tests.support.dialects import on_sqlite
from tests.support.patience import PATIENCE_S

ODDITIES: dict[str, TaskPlan] = {
    "no such task at first": TaskPlan(hidden_queries=3),
    "an unknown word": TaskPlan(odd_status_queries=3),
    "no word": TaskPlan(odd_status="", odd_status_queries=3),
    "no link yet": TaskPlan(without_link_queries=3),
    "the older form": TaskPlan(without_envelope=True),
    "success": TaskPlan(end_status="SUCCESS"),
    "a dead link": TaskPlan(dead_links=2),
    "a cut download": TaskPlan(cut_downloads=2),
}


@on_sqlite
@pytest.mark.parametrize("fault", PASSING)
async def test_a_question_that_fails_says_nothing_of_the_task(flow: Flow, fault: str) -> None:
    flow.bot_env.provider.faults.next(CallName.QUERY, *[PASSING[fault]] * 2)
    flow.patience_s = {"query": 2} if fault == "silence" else {}
    async with flow.running():
        await flow.bot_env.create()
        await posted_once(flow)


@on_sqlite
@pytest.mark.parametrize("oddity", ODDITIES)
async def test_an_odd_task_is_delivered_all_the_same(flow: Flow, oddity: str) -> None:
    flow.bot_env.provider.faults.next_task(ODDITIES[oddity])
    async with flow.running():
        await flow.bot_env.create()
        await posted_once(flow)


@on_sqlite
@pytest.mark.parametrize("fault", ["429", "500", "404", "reset", "cut"])
async def test_a_download_that_fails_is_made_again(flow: Flow, fault: str) -> None:
    flow.bot_env.provider.faults.next(CallName.RESULT, *[PASSING[fault]] * 2)
    async with flow.running():
        await flow.bot_env.create()
        await posted_once(flow)


@on_sqlite
@pytest.mark.parametrize("bad", list(BadVideo))
async def test_what_is_no_video_is_never_posted(flow: Flow, bad: BadVideo) -> None:
    flow.bot_env.provider.faults.next_task(TaskPlan(bad_video=bad))
    async with flow.running():
        await flow.bot_env.create()
        await flow.until(lambda rows: bool(rows) and rows[0].attempt >= 4)
    assert (await flow.bot_env.request()).state is State.RUNNING
    assert not flow.bot_env.videos()


@on_sqlite
async def test_a_failed_task_is_told_and_its_id_kept(flow: Flow) -> None:
    flow.bot_env.provider.faults.next_task(TaskPlan(fails_with="[SY_ERR:5] internal error"))
    async with flow.running():
        await flow.bot_env.create()
        request = await flow.until_state(State.FAILED)
        await flow.until_told(lambda message: flow.bot_env.alice.id in message.pinged)
    assert request.task_id in flow.bot_env.provider.tasks
    assert await sums(flow) == (0, 1)


@on_sqlite
async def test_a_task_that_never_ends_is_given_up_and_its_id_kept(flow: Flow) -> None:
    flow.bot_env.hold_tasks()
    async with flow.running(give_up_hours=2):
        await flow.bot_env.create()
        await flow.until_state(State.RUNNING)
        flow.hop(HOUR_MS)
        await flow.bot_env.until(lambda rows: rows[0].due_at_ms > flow.clock())
        assert (await flow.bot_env.request()).state is State.RUNNING
        flow.hop(HOUR_MS)
        request = await flow.until_state(State.FAILED)
    assert request.failure == "too-long"
    assert request.task_id in flow.bot_env.provider.tasks


@on_sqlite
async def test_a_bot_that_was_down_for_longer_than_its_patience_finds_the_video(flow: Flow) -> None:
    async with flow.running(give_up_hours=1):
        flow.bot_env.provider.faults.every(CallName.QUERY, server_error(503))
        await flow.bot_env.create()
        await flow.until_state(State.RUNNING)
    flow.bot_env.provider.faults.clear()
    async with asyncio.timeout(PATIENCE_S):
        # the simulator's time is the real one, which no hop moves
        while flow.bot_env.provider.active:
            await asyncio.sleep(0.01)
    flow.hop(30 * HOUR_MS)
    async with flow.running(give_up_hours=1):
        await posted_once(flow)


@on_sqlite
async def test_a_silent_provider_ends_nothing_before_its_links_are_dead(flow: Flow) -> None:
    async with flow.running(give_up_hours=1):
        flow.bot_env.provider.faults.every(CallName.QUERY, server_error(503))
        await flow.bot_env.create()
        await flow.until_state(State.RUNNING)
        flow.hop(50 * HOUR_MS)
        await flow.bot_env.until(lambda rows: rows[0].due_at_ms > flow.clock())
        assert (await flow.bot_env.request()).state is State.RUNNING
        flow.hop(24 * HOUR_MS)
        assert (await flow.until_state(State.FAILED)).failure == "too-long"
