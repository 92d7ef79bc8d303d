import asyncio
import gc
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import av
import pytest
import yarl
from PIL import Image

from bot.demo.provider.faults import BadVideo, Call, Cut, Drop, Fault, Refuse, Stall, TaskPlan
from bot.demo.provider.render import RenderJob, render
from bot.demo.provider.render_pool import SMALL, RenderOptions
from bot.demo.provider.simulator import DEFAULT_KEY, SeedanceSimulator

API = "/api/open-api/v1"
BODY: dict[str, object] = {"model": "seedance2.0-fast-i2v", "prompt": "a fox", "duration": 4}


def _middle(frame: av.VideoFrame) -> tuple[int, int, int]:
    picture: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    red, green, blue = picture.resize((1, 1), box=(150, 80, 170, 100)).tobytes()
    return red, green, blue


class Caller:
    """Speaks to the simulator as bare as can be."""

    def __init__(self, session: aiohttp.ClientSession, sim: SeedanceSimulator) -> None:
        self._session = session
        self._sim = sim

    async def create(self, **fields: object) -> dict[str, Any]:
        url = f"{self._sim.url}{API}/seedance/videos"
        async with self._session.post(url, json={**BODY, **fields}) as response:
            return dict(await response.json())

    async def task(self, **fields: object) -> str:
        return str((await self.create(**fields))["data"]["task_id"])

    async def query(self, task_id: str) -> dict[str, Any]:
        async with self._session.get(f"{self._sim.url}{API}/videos/{task_id}") as response:
            return dict(await response.json())

    async def upload(self, content: bytes, name: str) -> str:
        form = aiohttp.FormData()
        form.add_field("file", content, filename=name, content_type="image/png")
        async with self._session.post(f"{self._sim.url}{API}/files/upload", data=form) as response:
            return str((await response.json())["data"]["url"])

    async def link(self, task_id: str) -> str:
        """The link to a task's video, which a busy machine may render for some seconds."""
        async with asyncio.timeout(40):
            while "result" not in (answer := (await self.query(task_id))["data"]):
                assert answer["status"] != "failed", answer
        return str(answer["result"]["video_url"])


async def download(url: str, **headers: str) -> tuple[int, bytes]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(yarl.URL(url, encoded=True), headers=headers) as response,
    ):
        return response.status, await response.read()


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "video.mp4"
    render(RenderJob(prompt="a fox", seconds=1, short_side=90, fps=6, tone=False), path)
    return path


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    headers = {"Authorization": f"Bearer {DEFAULT_KEY}"}
    async with aiohttp.ClientSession(headers=headers) as session:
        yield session


@pytest.fixture
async def sim(video: Path) -> AsyncIterator[SeedanceSimulator]:
    async with SeedanceSimulator(
        seconds_per_video=0, render_options=RenderOptions(fixed=video)
    ) as sim:
        yield sim


@pytest.fixture
def caller(session: aiohttp.ClientSession, sim: SeedanceSimulator) -> Caller:
    return Caller(session, sim)


async def test_uploaded_pictures_are_in_the_video(
    session: aiohttp.ClientSession, tmp_path: Path
) -> None:
    pictures = []
    for colour in ("red", "blue"):
        Image.new("RGB", (320, 180), colour).save(tmp_path / f"{colour}.png")
        pictures.append((tmp_path / f"{colour}.png").read_bytes())
    async with SeedanceSimulator(seconds_per_video=0, render_options=SMALL) as sim:
        caller = Caller(session, sim)
        first, last = [await caller.upload(content, "a.png") for content in pictures]
        task_id = await caller.task(first_image=first, last_image=last)
        status, content = await download(await caller.link(task_id))
    assert status == 200
    (tmp_path / "video.mp4").write_bytes(content)
    with av.open(str(tmp_path / "video.mp4"), format="mp4") as container:
        assert container.duration == pytest.approx(4 * av.time_base, rel=0.02)
        frames = [_middle(frame) for frame in container.decode(video=0)]
    assert frames[0][0] > 200 > 50 > frames[0][2]
    assert frames[-1][2] > 200 > 50 > frames[-1][0]


async def test_a_reference_that_was_never_uploaded_fails_the_task(caller: Caller) -> None:
    link = "https://uploads.seedance-simulator.example/nothing.png"
    answer = await caller.query(await caller.task(images=[link]))
    assert answer["data"]["status"] == "failed"
    assert "images[0]" in answer["data"]["error_message"]


async def test_results_are_padded_to_the_asked_size(
    session: aiohttp.ClientSession, video: Path
) -> None:
    render_options = RenderOptions(fixed=video, result_bytes=500_000)
    async with SeedanceSimulator(seconds_per_video=0, render_options=render_options) as sim:
        caller = Caller(session, sim)
        _, content = await download(await caller.link(await caller.task()))
    assert len(content) == 500_000


async def test_a_link_is_good_only_as_given_and_without_the_key(
    caller: Caller, video: Path
) -> None:
    link = await caller.link(await caller.task())
    assert await download(link) == (200, video.read_bytes())
    assert (await download(link, Range="bytes=10-19"))[1] == video.read_bytes()[10:20]
    assert (await download(link, Authorization="Bearer x"))[0] == 400
    assert (await download(link.replace("%3d", "%3D")))[0] == 403
    assert (await download(link.replace("+", "%20")))[0] == 403
    async with aiohttp.ClientSession() as bare, bare.head(yarl.URL(link, encoded=True)) as response:
        assert response.status == 405


async def test_links_grow_old(caller: Caller, sim: SeedanceSimulator) -> None:
    sim.faults.next_task(TaskPlan(dead_links=1))
    task_id = await caller.task()
    assert (await download(await caller.link(task_id)))[0] == 403
    assert (await download(await caller.link(task_id)))[0] == 200


async def test_a_cut_download_can_be_resumed(
    caller: Caller, sim: SeedanceSimulator, video: Path
) -> None:
    sim.faults.next_task(TaskPlan(cut_downloads=1))
    link = await caller.link(await caller.task())
    got = bytearray()

    async def read_on(response: aiohttp.ClientResponse) -> None:
        async for chunk in response.content.iter_any():
            got.extend(chunk)

    async with aiohttp.ClientSession() as bare:
        async with bare.get(yarl.URL(link, encoded=True)) as response:
            tag = response.headers["ETag"]
            with pytest.raises(aiohttp.ClientError):
                await read_on(response)
        assert 0 < len(got) < video.stat().st_size
        headers = {"Range": f"bytes={len(got)}-", "If-Range": tag}
        async with bare.get(yarl.URL(link, encoded=True), headers=headers) as response:
            assert response.status == 206
            got += await response.read()
    assert bytes(got) == video.read_bytes()


@pytest.mark.parametrize("bad", BadVideo)
async def test_a_corrupt_video_is_served_as_a_complete_response(
    caller: Caller, sim: SeedanceSimulator, video: Path, bad: BadVideo
) -> None:
    sim.faults.next_task(TaskPlan(bad_video=bad))
    status, content = await download(await caller.link(await caller.task()))
    assert status == 200
    assert content != video.read_bytes()


async def test_everything_taken_is_billed_and_the_peak_is_kept(
    session: aiohttp.ClientSession, video: Path
) -> None:
    now_s = [0.0]
    async with SeedanceSimulator(
        clock=lambda: now_s[0],
        seconds_per_video=lambda body: 10.0,
        render_options=RenderOptions(fixed=video),
    ) as sim:
        caller = Caller(session, sim)
        sim.faults.next_task(None, TaskPlan(fails_with="no"))
        await asyncio.gather(caller.create(), caller.create())
        assert (await caller.create(duration=99))["code"] == "20002"
        now_s[0] = 10.0
        await caller.create()
        assert (sim.peak_active, sim.active) == (2, 1)
        assert [bill.seconds for bill in sim.billed] == [4, 4, 4]
        assert len(sim.creates) == 4


async def test_a_task_without_end_stays_active(session: aiohttp.ClientSession, video: Path) -> None:
    now_s = [0.0]
    render_options = RenderOptions(fixed=video)
    async with SeedanceSimulator(clock=lambda: now_s[0], render_options=render_options) as sim:
        caller = Caller(session, sim)
        sim.faults.next_task(TaskPlan(never_ends=True))
        task_id = await caller.task()
        now_s[0] = 1e6
        assert (await caller.query(task_id))["data"]["progress"] == 95
        assert sim.active == 1


async def test_faults_come_in_order_then_what_is_set_for_all(
    caller: Caller, sim: SeedanceSimulator
) -> None:
    def by_prompt(call: Call) -> Fault | None:
        return Refuse("20002", "no") if call.body["prompt"] == "bad" else None

    sim.faults.next("create", Refuse("30000", "first"), None)
    sim.faults.every("create", by_prompt)
    codes = [(await caller.create(prompt="bad"))["code"] for _ in range(3)]
    assert codes == ["30000", "20000", "20002"]
    assert (await caller.create(prompt="good"))["code"] == "20000"
    sim.faults.clear()
    assert (await caller.create(prompt="bad"))["code"] == "20000"


@pytest.mark.parametrize(("fault", "taken"), [(Drop(), 0), (Drop(carried_out=True), 1), (Cut(), 1)])
async def test_a_lost_response_may_have_created_a_task(
    caller: Caller, sim: SeedanceSimulator, fault: Fault, taken: int
) -> None:
    sim.faults.next("create", fault)
    with pytest.raises(aiohttp.ClientError):
        await caller.create()
    assert len(sim.billed) == taken


async def test_closing_releases_stalled_requests(
    session: aiohttp.ClientSession, video: Path
) -> None:
    async with SeedanceSimulator(render_options=RenderOptions(fixed=video)) as sim:
        sim.faults.every("create", Stall())
        stalled = asyncio.create_task(Caller(session, sim).create())
        await sim.until(lambda: len(sim.creates) == 1)
    with pytest.raises(aiohttp.ClientError):
        await stalled
    gc.collect()


async def test_no_recorded_call_has_the_key(caller: Caller, sim: SeedanceSimulator) -> None:
    await caller.create()
    await caller.query("x")
    await caller.upload(b"x", "a.png")
    assert DEFAULT_KEY not in repr(sim.calls) + repr(sim.uploads)
