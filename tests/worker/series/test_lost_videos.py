"""Shots' videos that are lost before their film is made: whoever gets them, however often it fails.

The worker is moved by hand; the whole way is in `tests/flow/series/test_lost_videos.py`.
"""

import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services.media_files.on_disk import DiskFiles
from bot.worker.pipeline.dispatch import Steps
from bot.worker.series.lost_videos import LOOK_MS, MAX_ATTEMPTS
from storage.quotas import ledger_check
from storage.records import NEVER_DUE, MessageKind, Request, State
from storage.requests import due_work, leases
from storage.requests.due_work import PATIENCE_MS, TRUSTED, StepKind
from tests.worker.series.series_harness import SeriesHarness, open_series_harness
from tests.worker.worker_harness import LEASE_MS


@pytest.fixture
async def harness(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> AsyncIterator[SeriesHarness]:
    async with open_series_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def until_film_is_due(harness: SeriesHarness, count: int = 2) -> str:
    """A series whose shots are all made, and whose film nobody has begun."""
    series_id = await harness.ask_series(count)
    for _ in range(100):
        if (await harness.whole(series_id)).result_host:
            return series_id
        if not await harness.step("a") + await harness.gate("a") + await harness.message("a"):
            await harness._wait()
    raise AssertionError("its film is never due")


async def film_looked_at(harness: SeriesHarness, series_id: str, name: str = "a") -> Request:
    """The series after the one step that is due, its own."""
    assert await harness.step(name) == 1
    return await harness.whole(series_id)


async def kinds_due(harness: SeriesHarness, host: str = "here") -> dict[str, StepKind]:
    async with harness.database.reading() as tx:
        found = await due_work.requests_due(
            tx, host=host, now_ms=harness.now_ms, expired_ms=0, exclude=(), share=9, window=9
        )
    return {each.id: each.kind for each in found}


async def claimed_by_a(harness: SeriesHarness, shot: Request, lease_ms: int) -> Request:
    """The shot, whose download this worker has begun."""
    owner = harness.context("a").settings.owner
    async with harness.database.transaction() as tx:
        (claimed,) = await leases.claim(
            tx, [shot.id], owner=owner, host="here", now_ms=harness.now_ms, lease_ms=lease_ms
        )
    return claimed


def elsewhere(harness: SeriesHarness, name: str, folder: Path) -> None:
    """Let this worker be on another machine, with a disk of its own."""
    made = harness.context(name)
    harness._context[name] = replace(
        made,
        files=DiskFiles(folder, "there"),
        settings=replace(made.settings, host="there", data_dir=folder),
    )


async def ledger_is_right(harness: SeriesHarness) -> None:
    async with harness.database.reading() as tx:
        assert not await ledger_check.differences(tx)


async def test_each_lost_shot_is_due_as_a_download_and_the_film_once_it_is_there(
    harness: SeriesHarness,
) -> None:
    series_id = await until_film_is_due(harness, 3)
    for number in (1, 3):
        await harness.lose(series_id, number)
    first, second, third = await harness.shots(series_id)
    waiting = await film_looked_at(harness, series_id)
    assert (waiting.state, waiting.lease_owner) == (State.RUNNING, "")
    assert waiting.due_at_ms == harness.now_ms + LOOK_MS
    due = await kinds_due(harness)
    assert due == {first.id: StepKind.DOWNLOAD, third.id: StepKind.DOWNLOAD}
    assert not await kinds_due(harness, "there"), "another host would not have what the film needs"
    assert await harness.step("a") == 1
    assert (await kinds_due(harness))[series_id] is StepKind.MONTAGE
    await harness.settle()
    assert (await harness.whole(series_id)).state is State.POSTED
    assert len(harness.provider.creates) == 3
    assert {shot.due_at_ms for shot in await harness.shots(series_id)} == {NEVER_DUE}
    assert second.state is State.RENDERED
    await ledger_is_right(harness)


async def test_a_worker_that_dies_over_a_lost_shot_leaves_it_to_the_next(
    harness: SeriesHarness,
) -> None:
    series_id = await until_film_is_due(harness)
    await harness.lose(series_id, 1)
    await film_looked_at(harness, series_id)
    (shot, _) = await harness.shots(series_id)
    await claimed_by_a(harness, shot, LEASE_MS)
    harness.die("a")
    assert not await harness.step("b")
    harness.now_ms += LEASE_MS + 1
    assert await harness.step("b") == 1
    await harness.settle()
    assert (await harness.whole(series_id)).state is State.POSTED
    assert len(harness.provider.creates) == 2


async def test_a_dead_link_fails_the_series_and_all_that_it_took_comes_back(
    harness: SeriesHarness,
) -> None:
    series_id = await until_film_is_due(harness)
    await harness.lose(series_id, 1)
    harness.fetcher.plan.extend(["gone"] * MAX_ATTEMPTS)
    began_ms, rounds = harness.now_ms, 0
    while (await harness.whole(series_id)).state is State.RUNNING:
        rounds += 1
        assert rounds < 10 * MAX_ATTEMPTS
        if not await harness.step("a"):
            await harness._wait()
    whole = await harness.whole(series_id)
    assert (whole.state, whole.failure) == (State.FAILED, "result-unreachable")
    assert not harness.fetcher.plan
    assert 30 * 60_000 < harness.now_ms - began_ms < 60 * 60_000
    await harness.settle()
    assert {shot.state for shot in await harness.shots(series_id)} == {State.FAILED}
    (notice,) = harness.messenger.standing(MessageKind.NOTICE, series_id)
    assert "failed" in notice.outbox_id
    await ledger_is_right(harness)


async def test_cancelling_ends_a_download_that_the_film_waits_for(harness: SeriesHarness) -> None:
    series_id = await until_film_is_due(harness)
    await harness.lose(series_id, 1)
    await film_looked_at(harness, series_id)
    await harness.member("cancel", series_id)
    assert not await kinds_due(harness)
    await harness.settle()
    assert (await harness.whole(series_id)).state is State.CANCELLED
    await ledger_is_right(harness)


async def test_a_host_that_has_the_file_is_asked_once_the_link_fails_again_and_again(
    harness: SeriesHarness, tmp_path: Path
) -> None:
    series_id = await until_film_is_due(harness)
    (shot, other) = await harness.shots(series_id)
    there = tmp_path / "there"
    (there / "results").mkdir(parents=True)
    shutil.copyfile(harness.folder / shot.result_path, there / shot.result_path)
    await harness.lose(series_id, 1)
    elsewhere(harness, "b", there)
    await film_looked_at(harness, series_id)
    harness.fetcher.plan.extend(["gone"] * (TRUSTED + 1))
    for _ in range(TRUSTED + 1):
        assert shot.id in await kinds_due(harness)
        assert shot.id not in await kinds_due(harness, "there")
        assert await harness.step("a") == 1
        (shot, _) = await harness.shots(series_id)
        harness.now_ms = max(harness.now_ms, shot.due_at_ms)
    assert await harness.step("b") == 1
    # the film is left to it, which gets what it lacks
    assert (await harness.whole(series_id)).result_host == "there"
    assert await kinds_due(harness) == {}
    await film_looked_at(harness, series_id, "b")
    assert await kinds_due(harness, "there") == {other.id: StepKind.DOWNLOAD}
    assert await harness.step("b") == 1
    made = await film_looked_at(harness, series_id, "b")
    assert (made.state, made.result_host) == (State.RENDERED, "there")
    assert (there / made.result_path).is_file()


async def test_a_film_whose_host_died_while_it_waited_is_made_by_another(
    harness: SeriesHarness, tmp_path: Path
) -> None:
    series_id = await until_film_is_due(harness)
    await harness.lose(series_id, 1)
    await film_looked_at(harness, series_id)
    (tmp_path / "there" / "results").mkdir(parents=True)
    elsewhere(harness, "b", tmp_path / "there")
    assert not await harness.step("b")
    harness.now_ms += LOOK_MS + PATIENCE_MS
    await film_looked_at(harness, series_id, "b")
    assert set((await kinds_due(harness, "there")).values()) == {StepKind.DOWNLOAD}
    assert not await kinds_due(harness)
    assert await harness.step("b", 10) == 2
    made = await film_looked_at(harness, series_id, "b")
    assert (made.state, made.result_host) == (State.RENDERED, "there")


async def test_a_download_is_not_begun_anew_while_it_is_under_way_elsewhere(
    harness: SeriesHarness, tmp_path: Path
) -> None:
    series_id = await until_film_is_due(harness)
    await harness.lose(series_id, 1)
    await film_looked_at(harness, series_id)
    (shot, _) = await harness.shots(series_id)
    claimed = await claimed_by_a(harness, shot, 10 * LOOK_MS)
    (tmp_path / "there" / "results").mkdir(parents=True)
    elsewhere(harness, "b", tmp_path / "there")
    harness.now_ms += LOOK_MS + PATIENCE_MS
    await film_looked_at(harness, series_id, "b")
    (shot, _) = await harness.shots(series_id)
    assert (shot.lease_owner, shot.result_host) == (claimed.lease_owner, "here")
    await Steps(harness.context("a"), harness._pollers["a"]).run(claimed)
    (shot, _) = await harness.shots(series_id)
    assert (shot.due_at_ms, shot.lease_owner) == (NEVER_DUE, "")
    assert (await harness.whole(series_id)).result_host == "here"


async def test_nothing_is_downloaded_any_more_once_another_host_has_made_the_film(
    harness: SeriesHarness, tmp_path: Path
) -> None:
    series_id = await until_film_is_due(harness)
    there = tmp_path / "there"
    shutil.copytree(harness.folder / "results", there / "results")
    await harness.lose(series_id, 1)
    await film_looked_at(harness, series_id)
    harness.fetcher.plan.append("gone")
    assert await harness.step("a") == 1
    elsewhere(harness, "b", there)
    # the first host is away
    harness.now_ms += LOOK_MS + PATIENCE_MS
    made = await film_looked_at(harness, series_id, "b")
    assert (made.state, made.result_host) == (State.RENDERED, "there")
    assert await kinds_due(harness) == {}
