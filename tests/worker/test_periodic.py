"""A loop outlives its items, an item fails alone, and every repeated effort steps down."""

import asyncio
import logging
from pathlib import Path

import pytest

from bot.services.media_files.on_disk import DiskFiles
from bot.services.operations.disk_space import DiskSpace
from bot.services.requests import lifecycle
from bot.services.wakeup import Wakeup
from bot.worker import periodic
from bot.worker.item_errors import BACKOFF_MS, REMEMBERED, ItemRunner
from bot.worker.maintenance.cleanup import UnacknowledgedRequests, remove_broken_downloads
from bot.worker.periodic import Periodic
from storage.errors import StorageUnavailable
from storage.records import NEVER_DUE, State
from storage.requests import acknowledgements, requests
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(empty_sqlite: Path, small_video: Path, tmp_path: Path):  # type: ignore[no-untyped-def]
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


class Clock:
    now_ms = 1_000

    def __call__(self) -> int:
        return self.now_ms


async def test_a_pass_that_fails_ends_nothing_and_comes_again_later_each_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pauses: list[float] = []
    stop, wakeup = asyncio.Event(), Wakeup()

    async def no_time(_: asyncio.Event, timeout_s: float) -> None:
        pauses.append(timeout_s)

    monkeypatch.setattr(periodic, "wait_for", no_time)

    async def act() -> None:
        if len(pauses) == 12:
            stop.set()
        if len(pauses) not in (10, 11):
            raise IsADirectoryError(21, "a folder where a file should be")

    await Periodic("task", act, 1.0, wakeup.subscribe()).run(stop)
    assert pauses == [2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 1.0, 1.0, 2]


async def test_a_wakeup_does_not_wake_a_task_that_fails() -> None:
    passes = 0
    stop, wakeup = asyncio.Event(), Wakeup()

    async def act() -> None:
        nonlocal passes
        passes += 1
        raise ValueError

    running = asyncio.create_task(Periodic("task", act, 60.0, wakeup.subscribe()).run(stop))
    for _ in range(50):
        wakeup()
        await asyncio.sleep(0)
    stop.set()
    await asyncio.wait_for(running, 5)
    assert passes == 1


async def test_one_item_fails_alone_is_logged_once_and_rests_longer_each_time(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock = Clock()
    items = ItemRunner("task", clock)
    done: list[str] = []

    async def act(item: str) -> None:
        if item == "bad":
            raise PermissionError(13, "not permitted")
        done.append(item)

    for wait_ms in (*BACKOFF_MS, BACKOFF_MS[-1]):
        caplog.clear()
        done.clear()
        assert await items.each(["one", "bad", "two"], str, act) == 2
        assert done == ["one", "two"]
        (told,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
        assert vars(told)["wait_ms"] == wait_ms
        clock.now_ms += wait_ms - 1
        caplog.clear()
        assert await items.each(["bad"], str, act) == 0
        assert not caplog.records, "it is left alone until its time has come"
        assert items.backing_off == ("bad",)
        clock.now_ms += 1
        assert not items.backing_off


async def test_a_database_that_is_away_is_no_items_fault_and_memory_is_bounded() -> None:
    items = ItemRunner("task", Clock())

    async def away(_: str) -> None:
        raise StorageUnavailable("away")

    async def bad(_: str) -> None:
        raise ValueError

    with pytest.raises(StorageUnavailable):
        await items.each(["one"], str, away)
    assert not items.backing_off
    await items.each([str(number) for number in range(REMEMBERED + 50)], str, bad)
    assert len(items.backing_off) == REMEMBERED


async def test_a_request_that_cannot_be_ended_keeps_no_other_waiting(
    harness: WorkerHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [await harness.ask(number) for number in range(3)]
    async with harness.database.transaction() as tx:
        await tx.execute("UPDATE outbox SET state = 'dropped', due_at_ms = :p", {"p": NEVER_DUE})
    harness.now_ms += 10 * 60_000
    really = lifecycle.fail

    async def fail(tx, request, failure, **more):  # type: ignore[no-untyped-def]
        if request.id == made[0].id:
            raise KeyError("nobody foresaw this")
        return await really(tx, request, failure, **more)

    monkeypatch.setattr(lifecycle, "fail", fail)
    unacknowledged = UnacknowledgedRequests(harness.context("a"))
    await unacknowledged.end()
    async with harness.database.reading() as tx:
        states = [(await requests.require(tx, each.id)).state for each in made]
        resting = unacknowledged._items.backing_off
        left = await acknowledgements.unacknowledged(
            tx, before_ms=harness.now_ms, exclude=resting, limit=1
        )
    assert states == [State.QUEUED, State.FAILED, State.FAILED]
    assert resting == (made[0].id,)
    assert left == [], "it does not fill the window either"


async def test_a_data_directory_that_cannot_be_measured_keeps_its_last_measure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(b"x" * 100)
    (tmp_path / "nowhere").symlink_to(tmp_path / "gone")
    gauge = DiskSpace(tmp_path, limit_bytes=1000, files=DiskFiles(tmp_path, "here"))
    await gauge.measure()
    assert gauge.used_bytes >= 100

    def refuse(_: object) -> None:
        raise PermissionError(13, "not permitted")

    monkeypatch.setattr("bot.services.operations.disk_space.shutil.disk_usage", refuse)
    before = gauge.used_bytes
    await gauge.measure()
    assert gauge.used_bytes == before


def test_a_broken_download_that_cannot_be_removed_stops_no_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for name in ("one.part", "stuck.part", "two.mp4.part"):
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "folder.part").mkdir()
    really = Path.unlink

    def unlink(path: Path, missing_ok: bool = False) -> None:
        if path.name == "stuck.part":
            raise PermissionError(13, "not permitted")
        really(path, missing_ok=missing_ok)

    monkeypatch.setattr(Path, "unlink", unlink)
    remove_broken_downloads(tmp_path, older_than_s=0)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["folder.part", "stuck.part"]
    assert len(caplog.records) == 1
