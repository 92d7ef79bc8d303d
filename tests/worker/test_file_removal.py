"""Files that can't be removed are left alone for a while, and every other one goes."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.services.media_files.on_disk import DiskFiles
from bot.worker.maintenance.file_removal import FileRemover
from storage.records import State
from tests.storage.make import added, make_request, stored
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


class Stuck(DiskFiles):
    """A disk from which one request's files can't be removed."""

    def __init__(self, data_dir: Path, host: str, stuck_id: str) -> None:
        super().__init__(data_dir, host)
        self._stuck_id = stuck_id

    async def remove(self, owner_id: str, beginning: str = "") -> None:
        if owner_id == self._stuck_id:
            raise PermissionError(13, "not permitted", owner_id)
        await super().remove(owner_id, beginning)


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def test_what_cannot_be_removed_keeps_no_other_and_is_left_alone_for_a_while(
    harness: WorkerHarness, caplog: pytest.LogCaptureFixture
) -> None:
    stuck, *others = [
        make_request(state=State.CANCELLED, ended_at_ms=n + 1, stored_bytes=5, host="here")
        for n in range(4)
    ]
    context = harness.context("a")
    await added(context.database, stuck, *others)
    for request in (stuck, *others):
        (harness.folder / "inputs" / request.id).mkdir(parents=True)
    files = Stuck(harness.folder, "here", stuck.id)
    remover = FileRemover(replace(context, files=files))
    for _ in range(3):
        await remover.catch_up()
        await remover.look_through()
    for request in others:
        assert not (harness.folder / "inputs" / request.id).exists()
        assert (await stored(context.database, request)).stored_bytes == 0
    assert (harness.folder / "inputs" / stuck.id).exists()
    told = [getattr(r, "action", "") for r in caplog.records if getattr(r, "item", "") == stuck.id]
    assert told, "nobody is told"
    assert len(told) == len(set(told)), "each task says it once and leaves it alone for a while"
