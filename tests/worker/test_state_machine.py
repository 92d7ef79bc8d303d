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
from tests.worker.fakes import CREATE_FAULTS, FETCH_FAULTS, QUERY_FAULTS
from tests.worker.invariants import promises_kept
from tests.worker.scripted_messenger import SEND_FAULTS
from tests.worker.worker_harness import LEASE_MS, Killed, WorkerHarness, open_worker_harness

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
    "create": lambda harness: harness.provider.create_plan,
    "query": lambda harness: harness.provider.query_plan,
    "send": lambda harness: harness.messenger.plan,
    "fetch": lambda harness: harness.fetcher.plan,
    "database": lambda harness: harness.database.plan,
    "meanwhile": lambda harness: harness.provider.meanwhile,
}


async def happen(harness: WorkerHarness, what: str, value: Any) -> None:
    """Plan a fault for the calls to come, or let a member cancel."""
    if what in PLANS:
        PLANS[what](harness).append(value)
    elif what == "kill":
        harness.kill_at(value)
    else:
        await harness.cancel(f"request{value:03d}")


async def work(harness: WorkerHarness, what: str, name: str) -> None:
    """One move of a worker, which dies at the point chosen before and is started anew."""
    moves = {
        "round": harness.round,
        "step": harness.step,
        "gate": harness.gate,
        "post": harness.message,
        "cards": harness.edit_cards,
        "tend": harness.tend,
    }
    try:
        await moves[what](name)
    except Killed:
        harness.die(name)
        with contextlib.suppress(StorageError):
            await harness.start(name)
    except StorageError:
        return  # the loops try again


def meanwhile_in(harness: WorkerHarness) -> None:
    """What may happen elsewhere while a create is on its way."""

    async def happen_now(what: str) -> None:
        if what == "cancel":
            for request in await harness.all():
                await harness.cancel(request.id)
        elif what == "steal":
            harness.now_ms += LEASE_MS + 1
            with contextlib.suppress(StorageError, Killed):
                await harness.step("c", 10)
        elif what == "kill":
            raise Killed
        else:
            harness.now_ms += 3_000

    harness.provider.happen = happen_now


async def play(harness: WorkerHarness, count: int, turns: list[Turn]) -> None:
    """Ask, let everything happen, mend everything, and look."""
    meanwhile_in(harness)
    for number in range(count):
        await harness.ask(number)
        harness.now_ms += 1
    for faults, move, later_ms in turns:
        for what, value in faults:
            await happen(harness, what, value)
        await work(harness, *move)
        harness.now_ms += later_ms
    await harness.settle()
    await promises_kept(harness)


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
            async with open_worker_harness(empty_sqlite, Path(folder), small_video) as harness:
                await play(harness, count, turns)

    asyncio.run(run())
