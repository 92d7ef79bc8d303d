"""Files from before there was a store: brought into scratch room whatever the file systems can."""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.media.errors import DiskUnavailable
from bot.media.store.connect import connect_store
from bot.media.store.objects import Objects
from bot.media.store.scratch import Scratch
from bot.services.media_files.in_store import StoreFiles
from storage.engine.transaction import Database
from tests.support.bot_env import GivenSettings
from tests.support.dialects import on_sqlite
from tests.support.s3 import PREFIX, S3, open_s3

OTHER_DISK = Path("/dev/shm")
"""A file system of its own on most machines."""
KEY = "results/a1.mp4"
VIDEO = bytes(range(256)) * 4096
REQUIRED: dict[str, Any] = {
    "discord_token": "t",
    "seedance_api_key": "k",
    "seedance_base_url": "https://p.example",
}


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    async with open_s3() as opened:
        yield opened


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Path]:
    """A folder to which nothing here can be linked."""
    if not OTHER_DISK.is_dir() or OTHER_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("this machine has one file system")
    folder = Path(tempfile.mkdtemp(dir=OTHER_DISK))
    yield folder
    shutil.rmtree(folder)


def files_of(s3: S3, database: Database, scratch: Path, data_dir: Path) -> StoreFiles:
    settings = GivenSettings(**REQUIRED, **s3.settings)
    address = settings.store_address
    assert address is not None
    objects = Objects(connect_store(settings, address))
    return StoreFiles(database, objects, Scratch(scratch), data_dir, lambda: 1)


def left(data_dir: Path) -> Path:
    path = data_dir / KEY
    path.parent.mkdir(parents=True)
    path.write_bytes(VIDEO)
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


@on_sqlite
async def test_a_file_is_linked_where_that_can_be(
    s3: S3, database: Database, tmp_path: Path
) -> None:
    source = left(tmp_path / "data")
    number = source.stat().st_ino
    files = files_of(s3, database, tmp_path / "room", tmp_path / "data")
    brought = await files.bring(KEY)
    assert brought.stat().st_ino == number
    assert await s3.read(f"{PREFIX}/{KEY}") == VIDEO
    assert names(tmp_path / "data") == []
    assert names(tmp_path / "room") == ["a1.mp4"]


@on_sqlite
async def test_a_file_that_cannot_be_linked_is_copied(
    s3: S3, database: Database, tmp_path: Path, elsewhere: Path
) -> None:
    left(elsewhere)
    with pytest.raises(OSError, match="cross-device"):
        os.link(elsewhere / KEY, tmp_path / "link")
    files = files_of(s3, database, tmp_path / "room", elsewhere)
    brought = await files.bring(KEY)
    assert brought.read_bytes() == VIDEO
    assert await s3.read(f"{PREFIX}/{KEY}") == VIDEO
    assert names(elsewhere) == []
    assert names(tmp_path / "room") == ["a1.mp4"]


@on_sqlite
@pytest.mark.parametrize("is_elsewhere", [False, True])
async def test_a_disk_that_takes_no_file_is_an_error_of_media(
    s3: S3, database: Database, tmp_path: Path, elsewhere: Path, is_elsewhere: bool
) -> None:
    data_dir = elsewhere if is_elsewhere else tmp_path / "data"
    source = left(data_dir)
    files = files_of(s3, database, tmp_path / "room", data_dir)
    # where the file is to be there is a folder that isn't empty
    (files.path(KEY) / "in the way").mkdir(parents=True)
    with pytest.raises(DiskUnavailable):
        await files.bring(KEY)
    assert source.read_bytes() == VIDEO
    assert names(tmp_path / "room") == []
    assert await s3.files() == []


@on_sqlite
async def test_a_disk_that_cannot_be_looked_at_is_one_too(
    s3: S3, database: Database, tmp_path: Path
) -> None:
    (tmp_path / "data" / "results").mkdir(parents=True)
    files = files_of(s3, database, tmp_path / "room", tmp_path / "data")
    with pytest.raises(DiskUnavailable):
        # no file system has names so long
        await files.bring(f"results/{'a' * 300}.mp4")
