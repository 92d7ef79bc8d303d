"""Objects on a real S3 wire: whole, checked, inside the prefix, and patient with outages."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.media.errors import DiskUnavailable, FileMissing, StoreUnavailable
from bot.media.store.connect import connect_store
from bot.media.store.objects import Objects
from tests.support.bot_env import GivenSettings
from tests.support.loopback import LoopbackServer
from tests.support.s3 import BUCKET, PREFIX, S3, open_s3

REQUIRED = {
    "discord_token": "t",
    "seedance_api_key": "k",
    "seedance_base_url": "https://p.example",
}


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    async with open_s3() as opened:
        yield opened


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


class Impostor(LoopbackServer):
    """Answers everything with a page that says 404."""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            page = b"<html>Not found</html>"
            head = f"HTTP/1.1 404 Not Found\r\nContent-Length: {len(page)}\r\n\r\n"
            writer.write(head.encode() + page)
            await writer.drain()


def objects_of(s3: S3, seconds: Seconds | None = None, **changes: str) -> Objects:
    settings = GivenSettings(**{**REQUIRED, **s3.settings, **changes})
    address = settings.store_address
    assert address is not None
    return Objects(connect_store(settings, address), monotonic=seconds or Seconds())


async def test_a_large_file_comes_back_whole(s3: S3, tmp_path: Path) -> None:
    objects = objects_of(s3)
    data = bytes(range(256)) * (64 * 1024)  # 16 MiB: several parts
    (tmp_path / "film").write_bytes(data)
    await objects.put("results/a1.mp4", tmp_path / "film")
    assert await s3.keys() == [f"{PREFIX}/results/a1.mp4"]
    sha256 = await objects.get("results/a1.mp4", tmp_path / "below" / "copy")
    assert sha256 == hashlib.sha256(data).hexdigest()
    assert (tmp_path / "below" / "copy").read_bytes() == data
    assert [path.name for path in (tmp_path / "below").iterdir()] == ["copy"]


async def test_what_is_not_there_is_missing_and_no_outage(s3: S3, tmp_path: Path) -> None:
    objects = objects_of(s3)
    with pytest.raises(FileMissing):
        await objects.get("results/none.mp4", tmp_path / "copy")
    with pytest.raises(FileMissing):
        await objects.put("results/none.mp4", tmp_path / "none")
    await objects.delete(["results/none.mp4"])
    assert not objects.is_away
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "changes",
    [{"media_store": f"s3://no-{BUCKET}/x"}, {"aws_endpoint_url": "http://127.0.0.1:1"}],
)
async def test_a_bucket_or_server_that_is_not_there_is_an_outage(
    s3: S3, tmp_path: Path, changes: dict[str, str]
) -> None:
    seconds = Seconds()
    objects = objects_of(s3, seconds, **changes)
    (tmp_path / "film").write_bytes(b"film")
    for call in (
        lambda: objects.get("results/a.mp4", tmp_path / "copy"),
        lambda: objects.put("results/a.mp4", tmp_path / "film"),
        lambda: objects.delete(["results/a.mp4"]),
        lambda: objects.read("marker"),
    ):
        with pytest.raises(StoreUnavailable):
            await call()
        seconds.now_s += 60
    assert objects.is_away


async def test_a_page_of_something_in_between_says_nothing_about_a_file(
    s3: S3, tmp_path: Path
) -> None:
    """A proxy's 404 is an outage: a video would count as gone for it."""
    async with Impostor() as impostor:
        objects = objects_of(s3, aws_endpoint_url=f"http://127.0.0.1:{impostor.port}")
        with pytest.raises(StoreUnavailable):
            await objects.get("results/a.mp4", tmp_path / "copy")


async def test_after_a_failure_the_store_is_left_alone_for_a_moment(s3: S3, tmp_path: Path) -> None:
    seconds = Seconds()
    objects = objects_of(s3, seconds)
    await objects.write("marker", b"x")
    s3.gate.shut()
    for pause_s in (1, 2, 5, 10, 15, 15):
        with pytest.raises(StoreUnavailable):
            await objects.read("marker")
        seconds.now_s += pause_s - 0.1
        with pytest.raises(StoreUnavailable, match="a moment ago"):
            await objects.read("marker")
        seconds.now_s += 0.2
    s3.gate.open()
    assert await objects.read("marker") == b"x"
    assert not objects.is_away


async def test_only_the_prefix_is_listed(s3: S3) -> None:
    objects = objects_of(s3)
    mine = [f"results/{number}.mp4" for number in range(3)]
    for key in (*(f"{PREFIX}/{key}" for key in mine), f"{PREFIX}-2/results/x", "results/x"):
        await s3.write(key, b"x")
    pages = [page async for page in objects.pages("results")]
    assert sorted(each.key for page in pages for each in page) == mine
    assert {each.size_bytes for page in pages for each in page} == {1}


async def test_a_disk_that_takes_nothing_is_the_disks_fault(s3: S3, tmp_path: Path) -> None:
    objects = objects_of(s3)
    await objects.write("results/a.mp4", b"x")
    (tmp_path / "file").touch()
    with pytest.raises(DiskUnavailable):
        await objects.get("results/a.mp4", tmp_path / "file" / "copy")
    assert not objects.is_away
