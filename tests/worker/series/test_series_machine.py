"""Whatever happens to a series, in any order: each shot paid once, one film, the ledger right.

Shots fail, are refused, tried again, finished and cancelled; workers die; answers are lost.
"""

import asyncio
import contextlib
import os
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import hypothesis.strategies as st
from hypothesis import HealthCheck, given, settings

from bot.media.media_info import JoinResult
from bot.media.process import MediaProcess
from bot.worker.outbox.progress_cards import BATCH
from bot.worker.series.videos import rebuild_film
from storage.errors import StorageError
from storage.quotas import ledger_check
from storage.quotas.ledger_records import Account, EntryKind
from storage.records import ENDS, MessageKind, OutboxState, State
from storage.requests import outbox
from storage.requests.legal_moves import LEGAL_MOVES
from tests.worker.fakes import CREATE_FAULTS, FETCH_FAULTS, QUERY_FAULTS, SURE
from tests.worker.scripted_messenger import SEND_FAULTS
from tests.worker.series.series_harness import SeriesHarness, SeriesMedia, open_series_harness
from tests.worker.worker_harness import LEASE_MS, Killed

PRESSES = ("retry", "retry", "edit", "finish", "cancel")
FAULTS = st.one_of(
    st.tuples(st.just("create"), st.sampled_from(CREATE_FAULTS)),
    st.tuples(st.just("query"), st.sampled_from(QUERY_FAULTS)),
    st.tuples(st.just("send"), st.sampled_from(("", *SEND_FAULTS))),
    st.tuples(st.just("fetch"), st.sampled_from(FETCH_FAULTS)),
    st.tuples(st.just("database"), st.sampled_from(("away", "doubt", "", ""))),
    st.tuples(st.just("press"), st.sampled_from(PRESSES)),
    st.tuples(st.just("press"), st.sampled_from(PRESSES)),
    st.tuples(st.just("settle"), st.booleans()),
    st.tuples(st.just("lose"), st.integers(1, 4)),
    st.tuples(st.just("kill"), st.integers(1, 12)),
)
MOVES = st.one_of(
    st.tuples(st.just("round"), st.sampled_from(("a", "b"))),
    st.tuples(st.just("round"), st.sampled_from(("a", "b"))),
    st.tuples(st.sampled_from(("step", "gate", "post", "cards")), st.sampled_from(("a", "b"))),
)
TIMES = st.sampled_from((0, 300, 6_000, 6_000, LEASE_MS + 1, 200_000, 26 * 3_600_000))
TURNS = st.tuples(st.lists(FAULTS, max_size=2), MOVES, TIMES)


async def happen(harness: SeriesHarness, series_id: str, what: str, value: Any) -> None:
    plans = {
        "create": harness.provider.create_plan,
        "query": harness.provider.query_plan,
        "send": harness.messenger.plan,
        "fetch": harness.fetcher.plan,
        "database": harness.database.plan,
    }
    if what in plans:
        plans[what].append(value)
    elif what == "kill":
        harness.kill_at(value)
    elif what == "settle":
        await harness.settle_uncertain(series_id, ran=value)
    elif what == "lose":
        await harness.lose(series_id, value)
    else:
        await harness.member(value, series_id)


async def work(harness: SeriesHarness, what: str, name: str) -> None:
    """One move of a worker, which dies at the point chosen before and is started anew."""
    moves = {
        "round": harness.round,
        "step": harness.step,
        "gate": harness.gate,
        "post": harness.message,
        "cards": harness.edit_cards,
    }
    try:
        await moves[what](name)
    except Killed:
        harness.die(name)
        with contextlib.suppress(StorageError):
            await harness.start(name)
    except StorageError:
        return


async def play(harness: SeriesHarness, count: int, turns: list[Any]) -> None:
    series_id = await harness.ask_series(count)
    for faults, move, later_ms in turns:
        for what, value in faults:
            await happen(harness, series_id, what, value)
        await work(harness, *move)
        harness.now_ms += later_ms
    await harness.settle()
    await promises_kept(harness, series_id)


async def promises_kept(harness: SeriesHarness, series_id: str) -> None:
    """Raises: AssertionError with what is wrong."""
    whole, shots = await harness.whole(series_id), await harness.shots(series_id)
    assert whole.state in ENDS, f"the series is left in {whole.state}"
    assert not await harness.entries(series_id)
    posted = [shot for shot in shots if shot.state is State.POSTED]
    films = harness.messenger.standing(MessageKind.RESULT, series_id)
    assert len(films) <= 1
    assert bool(posted) == (whole.state is State.POSTED), [shot.state for shot in shots]
    assert [shot.shot for shot in posted] == list(range(1, len(posted) + 1))
    for shot in shots:
        assert shot.state in ENDS | {State.UNCERTAIN}, f"{shot.shot} is left in {shot.state}"
        assert not await harness.messages(shot.id), "a shot shows by itself"
        await _booked(harness, shot.id, shot.state)
        await _moved_legally(harness, shot.id)
    await _paid_once(harness, series_id)
    await _told(harness, series_id)
    async with harness.database.reading() as tx:
        assert not await ledger_check.differences(tx)
        assert not await ledger_check.hour_differences(tx)
        assert not await outbox.cards_behind(tx, harness.now_ms, limit=BATCH)


async def _paid_once(harness: SeriesHarness, series_id: str) -> None:
    """Nothing is sent after an answer that may have taken it; each row at most once."""
    shots = await harness.shots(series_id)
    for prompt in {create.prompt for create in harness.provider.creates}:
        rows = [shot for shot in shots if f'"{prompt}"' in shot.spec]
        taken = [
            create.outcome not in SURE
            for create in harness.provider.creates
            if create.prompt == prompt
        ]
        assert sum(taken) <= len(rows), f"{prompt} was paid {sum(taken)} times"
        sent = sum(shot.intent_at_ms > 0 for shot in rows)
        assert sum(taken) <= sent or harness.deaths, f"{prompt}: {sum(taken)} paid, {sent} sent"


async def _booked(harness: SeriesHarness, shot_id: str, state: State) -> None:
    entries = await harness.entries(shot_id)
    for account in Account:
        kinds = {entry.kind for entry in entries if entry.account is account}
        assert EntryKind.RESERVE in kinds
        assert state not in ENDS or len(kinds) > 1, f"{shot_id} ended with its {account} open"


async def _moved_legally(harness: SeriesHarness, request_id: str) -> None:
    async with harness.database.reading() as tx:
        rows = await tx.fetch_all(
            "SELECT from_state, to_state FROM events WHERE request_id = :id AND action = 'moved'"
            " ORDER BY id",
            {"id": request_id},
        )
    for row in rows:
        assert State(row["to_state"]) in LEGAL_MOVES[State(row["from_state"])]


async def _told(harness: SeriesHarness, series_id: str) -> None:
    whole = await harness.whole(series_id)
    messages = await harness.messages(series_id)
    left = [each.id for each in messages.values() if each.state is OutboxState.PENDING]
    assert not left, f"{left} are still owed"
    notices = [each for each in messages.values() if each.kind is MessageKind.NOTICE]
    ends = [each for each in notices if ":notice:series-" not in each.id]
    if whole.state is State.FAILED:
        assert len(ends) == 1
    if whole.state is State.POSTED:
        assert not ends
        assert messages[f"{series_id}:result"].state in (OutboxState.SENT, OutboxState.UNKNOWN)
    stood = [each.outbox_id for each in harness.messenger.standing(MessageKind.NOTICE, series_id)]
    assert len(stood) == len(set(stood)), f"told twice: {stood}"


@given(count=st.integers(2, 4), turns=st.lists(TURNS, max_size=24))
@settings(
    max_examples=int(os.environ.get("MACHINE_EXAMPLES", "60")),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_no_order_of_events_pays_a_shot_twice_or_loses_a_film(
    empty_sqlite: Path, small_video: Path, count: int, turns: list[Any]
) -> None:
    async def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with open_series_harness(empty_sqlite, Path(folder), small_video) as harness:
                await play(harness, count, turns)

    asyncio.run(run())


async def test_a_series_is_made_shot_by_shot_with_a_strip_and_one_film(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    async with open_series_harness(empty_sqlite, tmp_path, small_video) as harness:
        series_id = await harness.ask_series(3)
        await harness.settle()
        await promises_kept(harness, series_id)
        whole, shots = await harness.whole(series_id), await harness.shots(series_id)
        assert whole.state is State.POSTED
        assert [shot.state for shot in shots] == [State.POSTED] * 3
        assert [create.prompt.split()[1] for create in harness.provider.creates] == ["1", "2", "3"]
        # the last shot is followed by the film at once
        assert harness.messenger.strips == [series_id] * 2
        assert len(harness.messenger.standing(MessageKind.RESULT, series_id)) == 1
        assert not harness.messenger.standing(MessageKind.CARD, series_id)
        # the film is there, of the shots only the first one's video is kept
        assert [bool(shot.result_path) for shot in (whole, *shots)] == [True, True, False, False]


async def test_a_film_that_two_need_at_once_is_written_by_each_for_itself(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    async with open_series_harness(empty_sqlite, tmp_path, small_video) as harness:
        series_id = await harness.ask_series(2)
        await harness.settle()
        whole, context = await harness.whole(series_id), harness.context("a")
        assert whole.state is State.POSTED
        film = context.path(whole.result_path)
        expected = film.read_bytes()
        film.unlink()
        media = SlowMedia()
        context = replace(context, media=cast("MediaProcess", media))
        both = asyncio.gather(rebuild_film(context, whole), rebuild_film(context, whole))
        async with asyncio.timeout(10):
            while len(media.begun) < 2:
                await asyncio.sleep(0.01)
            # while the second is still at it, the first is done
            assert not film.exists()
            media.begun[0][1].set()
            while not film.exists():
                await asyncio.sleep(0.01)
            assert film.read_bytes() == expected
            media.begun[1][1].set()
            assert all(await both)
        assert film.read_bytes() == expected
        assert [each.name for each in film.parent.glob(f"{series_id}.*.mp4")] == []


class SlowMedia(SeriesMedia):
    """A join that has written half of its film when it waits to go on."""

    def __init__(self) -> None:
        super().__init__()
        self.begun: list[tuple[Path, asyncio.Event]] = []

    async def join(self, sources: Sequence[Path], target: Path) -> JoinResult:
        part, go_on = target.with_suffix(".part"), asyncio.Event()
        data = b"".join(source.read_bytes() for source in sources)
        part.write_bytes(data[: len(data) // 2])
        self.begun.append((target, go_on))
        await go_on.wait()
        with part.open("ab") as file:
            file.write(data[len(data) // 2 :])
        part.replace(target)
        return JoinResult(len(data), 1, 1, 1.0, is_lossless=True)
