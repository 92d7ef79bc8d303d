"""Late answers are deferred; other work waits for many in progress, but not for ever."""

import asyncio

from bot.services.crowd import DEFER_AFTER_S, FEW, FIRST_PACE_S, LATE_S, Crowd
from tests.support.patience import PATIENCE_S


def test_an_answer_behind_so_many_that_it_will_be_late_is_deferred_at_once() -> None:
    crowd = Crowd()
    in_time = round(LATE_S / FIRST_PACE_S)
    assert {crowd.enter() for _ in range(in_time)} == {DEFER_AFTER_S}
    assert crowd.enter() == 0
    for _ in range(in_time + 1):
        crowd.leave()
    assert crowd.enter() == DEFER_AFTER_S


async def test_other_work_waits_until_few_answers_are_left() -> None:
    crowd = Crowd()
    for _ in range(FEW + 1):
        crowd.enter()
    waiting = asyncio.create_task(crowd.give_way(30))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert not waiting.done()
    crowd.leave()
    async with asyncio.timeout(5):
        await waiting


async def test_other_work_goes_on_although_many_answers_never_end() -> None:
    crowd = Crowd()
    for _ in range(FEW + 1):
        crowd.enter()
    async with asyncio.timeout(5):
        await crowd.give_way(0.01)


async def test_a_stop_waits_until_the_last_answer_is_through_and_no_longer_than_it_may() -> None:
    crowd = Crowd()
    async with asyncio.timeout(PATIENCE_S):
        await crowd.dispersed(PATIENCE_S * 2)
        crowd.enter()
        await crowd.dispersed(0.01)
        waiting = asyncio.create_task(crowd.dispersed(PATIENCE_S * 2))
        await asyncio.sleep(0)
        crowd.leave()
        # one that failed is told in the same breath
        crowd.enter()
        for _ in range(3):
            await asyncio.sleep(0)
        assert not waiting.done()
        crowd.leave()
        await waiting
