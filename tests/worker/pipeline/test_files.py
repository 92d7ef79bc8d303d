"""Files on their way out to the provider, and in from it."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest

from bot.media.errors import NotAVideo
from bot.media.mp4_boxes import walk_video
from bot.media.process import MediaProcess
from bot.provider.client import SeedanceClient
from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.reused_media import kept_url
from bot.worker.context import WorkerContext
from bot.worker.inputs.fetch import fetch_inputs
from bot.worker.inputs.upload import read_pinned, upload_inputs
from bot.worker.pipeline.check_result import settle_result
from bot.worker.pipeline.download import DAMAGED_ATTEMPTS, MAX_ATTEMPTS
from storage.errors import StorageUnavailable
from storage.records import State
from storage.requests import inputs, requests
from tests.media.films import film
from tests.storage.make import added, make_input, make_request
from tests.worker.pipeline.test_weak_spots import state, submitted
from tests.worker.worker_harness import WorkerHarness, open_worker_harness

LINK = "https://cdn.example/picture.png"


@pytest.fixture
async def harness(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


class Uploads:
    """A provider that takes every file and answers with its address."""

    async def upload(self, path: Path, *, filename: str, content_type: str) -> str:
        assert content_type == "image/jpeg"
        assert path.is_file()
        return f"https://provider.example/{filename}"


@pytest.fixture
async def context(harness: WorkerHarness) -> AsyncIterator[WorkerContext]:
    """A worker's parts with the real media process, sending attachments as Discord's links."""
    media = MediaProcess()
    own = harness.context("a")
    settings = replace(own.settings, media_via="discord")
    provider = cast("SeedanceClient", Uploads())
    yield replace(own, media=media, provider=provider, settings=settings)
    await media.close()


@pytest.mark.parametrize(("name", "goes_as_link"), [("0", True), ("0-plain.jpg", False)])
async def test_a_file_that_was_rewritten_is_put_up_and_its_link_never_given(
    harness: WorkerHarness, context: WorkerContext, name: str, goes_as_link: bool
) -> None:
    request = await harness.ask(1)
    path = f"inputs/{request.id}/{name}"
    context.path(path).parent.mkdir(parents=True)
    context.path(path).write_bytes(b"picture")
    async with harness.database.transaction() as tx:
        sha256 = hashlib.sha256(b"picture").hexdigest()
        row = make_input(request, 0, path=path, sha256=sha256, format="jpeg", url=LINK)
        await inputs.put(tx, row)
        pinned = await read_pinned(tx, request)
    (address,) = await upload_inputs(context, pinned)
    assert (address == LINK) is goes_as_link


async def test_a_result_that_never_plays_is_fetched_a_few_times_and_then_told(
    harness: WorkerHarness,
) -> None:
    request_id = await submitted(harness)
    harness.fetcher.plan.extend(["no-video"] * 50)
    for _ in range(60):
        harness.now_ms += 60 * 60_000
        await harness.step("a")
    assert len(harness.fetcher.plan) == 50 - DAMAGED_ATTEMPTS
    assert await state(harness, request_id) is State.FAILED
    async with harness.database.reading() as tx:
        failed = await requests.require(tx, request_id)
    assert failed.failure == "result-damaged"
    assert failed.task_id


async def test_a_result_that_breaks_off_is_asked_for_further_and_further_apart(
    harness: WorkerHarness,
) -> None:
    request_id = await submitted(harness)
    harness.fetcher.plan.extend(["unavailable"] * 50)
    waits = []
    for _ in range(MAX_ATTEMPTS - 1):
        harness.now_ms += 60 * 60_000
        await harness.step("a")  # brings a fresh link
        await harness.step("a")
        async with harness.database.reading() as tx:
            waits.append((await requests.require(tx, request_id)).due_at_ms - harness.now_ms)
    assert waits == sorted(waits)
    assert waits[-1] == 30 * 60_000
    assert 5 * 60 * 60_000 < sum(waits) < 8 * 60 * 60_000
    harness.now_ms += 60 * 60_000
    await harness.step("a")
    await harness.step("a")
    assert await state(harness, request_id) is State.FAILED
    assert len(harness.fetcher.plan) == 50 - MAX_ATTEMPTS


@pytest.mark.parametrize(
    ("container", "codec", "tail"),
    [
        ("mp4", "libx264", bytes(4)),
        ("mp4", "libsvtav1", b""),
        ("mp4", "libx265", b""),
        ("webm", "libvpx-vp9", b""),
        ("mov", "libx264", b""),
    ],
)
async def test_a_result_that_plays_is_taken_and_made_to_play_everywhere(
    context: WorkerContext, tmp_path: Path, container: str, codec: str, tail: bytes
) -> None:
    path = film(tmp_path / "result.mp4", container=container, codec=codec)
    path.write_bytes(path.read_bytes() + tail)
    size_bytes = path.stat().st_size
    taken = await settle_result(context, make_request(), path, size_bytes)
    assert taken == path.stat().st_size
    assert walk_video(path).is_common
    assert not list(tmp_path.glob("*.common*"))


async def test_a_result_that_is_cut_off_is_not_taken(
    context: WorkerContext, tmp_path: Path
) -> None:
    path = film(tmp_path / "result.mp4", seconds=3)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(NotAVideo):
        await settle_result(context, make_request(), path, path.stat().st_size)


async def test_an_outage_of_the_database_in_a_fetch_is_no_fault_of_the_request(
    harness: WorkerHarness,
) -> None:
    kept = make_request()
    await added(harness.database._inner, kept)
    url = kept_url(kept.id, 0)
    picture = MediaRef(
        source=MediaSource.KEPT, url=url, kind=MediaKind.IMAGE, field="image1", name="a.png"
    )
    video = VideoRequest(prompt="a fox", model="seedance2.0-fast-i2v", media=(picture,))
    request = make_request(prepared_at_ms=0, spec=video.model_dump_json(exclude_none=True))
    harness.database.reads.append("away")
    # which leaves the step to its lease, and counts nothing
    with pytest.raises(StorageUnavailable):
        await fetch_inputs(harness.context("a"), request)
