"""Shots whose stored videos are lost before the film is made: downloaded again, paid once."""

import asyncio

from bot.demo.provider.faults import Call, CallName, Delay, Fault
from storage.records import Request, State
from tests.flow.fast_forward import Flow
from tests.flow.series.conftest import PROMPTS, Shooting, ledger_is_right
from tests.support.bot_env import BotEnv


async def ask_and_lose_the_first(flow: Flow, flowing: Shooting) -> Request:
    """A series' first shot, whose file is lost while no bot runs and another is being made."""
    async with flow.running() as app:
        receipt = await flowing.ask(app)
        await flow.until(
            lambda rows: any(
                row.state is State.RUNNING and row.shot == len(PROMPTS) for row in rows
            )
        )
    (first, *_) = await flowing.shots(receipt.request.id)
    (flow.bot_env.settings.data_dir / first.result_path).unlink()
    return first


def slow_link(bot_env: BotEnv, shot: Request) -> asyncio.Event:
    """Let this shot's link not answer until the environment ends; set once it was asked."""
    asked = asyncio.Event()

    def plan(call: Call) -> Fault | None:
        if call.subject != shot.task_id:
            return None
        asked.set()
        return Delay(asyncio.Event().wait)

    bot_env.provider.faults.every(CallName.RESULT, plan)
    return asked


async def test_lost_shots_are_downloaded_in_steps_of_their_own_and_the_film_waits(
    flow: Flow, flowing: Shooting
) -> None:
    bot_env = flow.bot_env
    lost = await ask_and_lose_the_first(flow, flowing)
    asked = slow_link(bot_env, lost)
    async with flow.running():
        await flow.until_true(asked.is_set)
        shot, whole = (await flowing.shots(lost.series_of))[0], await flowing.whole(lost.series_of)
        assert shot.lease_owner, "its download is no step of its own"
        assert not whole.lease_owner, "the film holds a slot while it waits for a link"
    bot_env.provider.faults.clear()
    async with flow.running():
        await flow.until(lambda rows: all(row.state is State.POSTED for row in rows))
    assert len(flowing.films(lost.series_of)) == 1
    assert len(bot_env.provider.creates) == len(PROMPTS)
    await ledger_is_right(bot_env.database)
