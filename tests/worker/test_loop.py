"""The loop that claims: it does not spin, and it forgets nothing that it is given."""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.worker.loop import OVERDUE_S, ClaimLoop
from bot.worker.nudge import Nudge


@dataclass(frozen=True)
class Row:
    id: str


async def test_a_loop_does_not_spin_over_work_it_may_not_take() -> None:
    looks = 0
    stop = asyncio.Event()

    async def claim(_: int, __: Collection[str]) -> Sequence[Row]:
        nonlocal looks
        looks += 1
        return []

    async def overdue() -> float:
        return -60.0

    async def nothing(_: object) -> None:
        return

    loop: ClaimLoop[Row] = ClaimLoop(
        "rows",
        slots=2,
        claim=claim,
        step=nothing,
        renew=nothing,
        next_due_s=overdue,
        renew_every_s=60,
        nudge=Nudge(),
    )
    running = asyncio.create_task(loop.run(stop))
    await asyncio.sleep(OVERDUE_S * 2.5)
    stop.set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert looks <= 4


async def test_a_row_given_anew_while_its_last_step_ends_is_not_forgotten() -> None:
    done: list[str] = []
    release = asyncio.Event()

    async def step(row: Row) -> None:
        done.append(row.id)
        await release.wait()

    async def unused(_: object, __: object = None) -> list[Row]:
        return []

    async def never() -> float:
        return 1.0

    loop: ClaimLoop[Row] = ClaimLoop(
        "rows",
        slots=2,
        claim=unused,
        step=step,
        renew=unused,
        next_due_s=never,
        renew_every_s=60,
        nudge=Nudge(),
    )
    loop.start(Row("one"))
    await asyncio.sleep(0)
    loop.start(Row("one"))
    release.set()
    while len(done) < 2:
        await asyncio.sleep(0)
    await loop.finish(1)
    assert done == ["one", "one"]
