"""What processes on one PostgreSQL tell each other of their disks and of the media store."""

import asyncio
from pathlib import Path

import pytest

from bot.services.media_files.on_disk import DiskFiles
from bot.services.operations.disk_space import DiskSpace, share_room, watch_room
from storage.engine.transaction import Database
from storage.operations import workers
from tests.support.patience import PATIENCE_S

NOW_MS = 1_790_000_000_000


class Files(DiskFiles):
    """Files in a store that answers or not."""

    is_away = False


def room(folder: Path, host: str) -> tuple[DiskSpace, Files]:
    files = Files(folder, host)
    return DiskSpace(folder, limit_bytes=10**9, files=files), files


async def test_a_gateway_hears_of_a_full_disk_and_of_a_store_that_is_away(
    database: Database, tmp_path: Path
) -> None:
    if database.dialect == "sqlite":
        pytest.skip("one process")
    gateway, _ = room(tmp_path, "here")
    worker, files = room(tmp_path, "there")
    async with database.transaction() as tx:
        await workers.heartbeat(tx, owner="w", host="there", role="worker", now_ms=NOW_MS)
    for is_away, used_bytes in ((True, 0), (False, 10**9), (False, 0)):
        files.is_away, worker.used_bytes = is_away, used_bytes
        await share_room(database, worker, now_ms=NOW_MS, host="there")
        await share_room(database, gateway, now_ms=NOW_MS)
        assert gateway.is_store_away is is_away
        assert gateway.is_nearly_full is bool(used_bytes)


async def test_a_gateway_clears_its_scratch_room(database: Database, tmp_path: Path) -> None:
    """It brings pictures of names from the media store, to show them."""
    stop = asyncio.Event()

    class Scratch(DiskFiles):
        async def trim(self) -> None:
            stop.set()

    files = Scratch(tmp_path, "gateway")
    gauge = DiskSpace(tmp_path, limit_bytes=10**9, files=files)
    async with asyncio.timeout(PATIENCE_S):
        await watch_room(database, gauge, stop, lambda: 1)
