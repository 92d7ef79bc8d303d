"""Whatever happens, in whatever order: paid at most once, posted at most once, never forgotten."""

import asyncio
import contextlib
import os
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from storage.errors import StorageError
from tests.worker.fakes import CREATE_FAULTS, FETCH_FAULTS, QUERY_FAULTS, SEND_FAULTS
from tests.worker.invariants import promises_kept
from tests.worker.worker_harness import LEASE_MS, Killed, Rig, open_rig

FAULTS = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(CREATE_FAULTS)),
    st.tuples(st.just("query"), st.sampled_from(QUERY_FAULTS)),
    st.tuples(st.just("send"), st.sampled_from(("", *SEND_FAULTS))),
    st.tuples(st.just("fetch"), st.sampled_from(FETCH_FAULTS)),
    st.tuples(st.just("database"), st.sampled_from(("away", "doubt", "", ""))),
    st.tuples(st.just("cancel"), st.integers(0, 1)),
    st.tuples(st.just("meanwhile"), st.sampled_from(("cancel", "steal", "kill", "wait"))),
    # most passings of a point are of its step's work, so any of them may be the last
    st.tuples(st.just("kill"), st.integers(1, 12)),
)
WORKERS = st.sampled_from(("a", "b"))
MOVES = st.one_of(
    st.tuples(st.just("round"), WORKERS),
    st.tuples(st.sampled_from(("step", "gate", "post", "cards", "tend")), WORKERS),
)
TIMES = st.sampled_from((0, 300, 6_000, LEASE_MS + 1, 200_000, 1_900_000, 26 * 3_600_000))
TURNS = st.tuples(st.lists(FAULTS, max_size=2), MOVES, TIMES)
"""What goes wrong, what a worker then does, and how much later the next one does something."""

Turn = tuple[list[tuple[str, Any]], tuple[str, str], int]
PLANS = {
    "create": lambda rig: rig.provider.create_plan,
    "query": lambda rig: rig.provider.query_plan,
    "send": lambda rig: rig.messenger.plan,
    "fetch": lambda rig: rig.fetcher.plan,
    "database": lambda rig: rig.database.plan,
    "meanwhile": lambda rig: rig.provider.meanwhile,
}


async def happen(rig: Rig, what: str, value: Any) -> None:
    """Plan a fault for the calls to come, or let a member cancel."""
    if what in PLANS:
        PLANS[what](rig).append(value)
    elif what == "kill":
        rig.kill_at(value)
    else:
        await rig.cancel(f"request{value:03d}")


async def work(rig: Rig, what: str, name: str) -> None:
    """One move of a worker, which dies at the point chosen before and is started anew."""
    moves = {
        "round": rig.round,
        "step": rig.step,
        "gate": rig.gate,
        "post": rig.message,
        "cards": rig.edit_cards,
        "tend": rig.tend,
    }
    try:
        await moves[what](name)
    except Killed:
        rig.die(name)
        with contextlib.suppress(StorageError):
            await rig.start(name)
    except StorageError:
        return  # the loops try again


def meanwhile_in(rig: Rig) -> None:
    """What may happen elsewhere while a create is on its way."""

    async def happen_now(what: str) -> None:
        if what == "cancel":
            for request in await rig.all():
                await rig.cancel(request.id)
        elif what == "steal":
            rig.now_ms += LEASE_MS + 1
            with contextlib.suppress(StorageError, Killed):
                await rig.step("c", 10)
        elif what == "kill":
            raise Killed
        else:
            rig.now_ms += 3_000

    rig.provider.happen = happen_now


async def play(rig: Rig, count: int, turns: list[Turn]) -> None:
    """Ask, let everything happen, mend everything, and look."""
    meanwhile_in(rig)
    for number in range(count):
        await rig.ask(number)
        rig.now_ms += 1
    for faults, move, later_ms in turns:
        for what, value in faults:
            await happen(rig, what, value)
        await work(rig, *move)
        rig.now_ms += later_ms
    await rig.settle()
    await promises_kept(rig)


@given(count=st.integers(1, 2), turns=st.lists(TURNS, max_size=14))
@settings(
    max_examples=int(os.environ.get("MACHINE_EXAMPLES", "100")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_order_of_events_pays_twice_posts_twice_or_forgets(
    empty_sqlite: Path, small_video: Path, count: int, turns: list[Turn]
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_rig(empty_sqlite, Path(folder), small_video) as rig:
                await play(rig, count, turns)

    asyncio.run(run())
