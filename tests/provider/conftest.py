import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from bot.demo.provider.faults import Fault, Reply, Stall
from bot.demo.provider.render import RenderJob, render
from bot.demo.provider.render_pool import RenderOptions
from bot.demo.provider.simulator import SeedanceSimulator
from bot.provider.client import SeedanceClient, open_session

KEY = "sk-very-secret-0123456789"

CREATE_BODY: dict[str, object] = {
    "model": "seedance2.0-fast-i2v",
    "prompt": "a fox in the snow",
    "duration": 5,
    "ratio": "16:9",
}


class StepClock:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s

    def step(self, seconds: float) -> None:
        self.now_s += seconds


@pytest.fixture(scope="session")
def small_video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("video") / "small.mp4"
    render(RenderJob(prompt="a fox", seconds=1, short_side=90, fps=6, tone=False), path)
    return path


@pytest.fixture
def clock() -> StepClock:
    return StepClock()


@pytest.fixture
async def sim(clock: StepClock, small_video: Path) -> AsyncIterator[SeedanceSimulator]:
    async with SeedanceSimulator(
        api_key=KEY, clock=clock, render_options=RenderOptions(fixed=small_video)
    ) as sim:
        yield sim


@pytest.fixture
async def session() -> AsyncIterator[aiohttp.ClientSession]:
    async with open_session() as session:
        yield session


@pytest.fixture
def client(sim: SeedanceSimulator, session: aiohttp.ClientSession) -> SeedanceClient:
    return SeedanceClient(session, sim.url, KEY)


def envelope(code: object, msg: str = "", http: int = 200, **data: object) -> Reply:
    body = json.dumps({"code": code, "msg": msg, "data": data or None}).encode()
    return Reply(status=http, body=body, content_type="application/json")


@pytest.fixture
def hasty(sim: SeedanceSimulator, session: aiohttp.ClientSession) -> SeedanceClient:
    """Waits briefly, for a provider that never answers."""
    return SeedanceClient(
        session, sim.url, KEY, create_timeout_s=0.2, query_timeout_s=0.2, upload_timeout_s=0.2
    )


@pytest.fixture
def client_under(fault: Fault, client: SeedanceClient, hasty: SeedanceClient) -> SeedanceClient:
    """The client for a test with one `fault`: only silence is waited for briefly.

    On a busy machine any other answer may take longer than a test should wait for silence.
    """
    return hasty if isinstance(fault, Stall) else client


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "picture.png"
    path.write_bytes(b"\x89PNG" + bytes(300_000))
    return path
