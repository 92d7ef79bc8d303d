"""Scratch copies: held while in use, removed when idle or too many, gone with their process."""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.media.store.scratch import Scratch
from tests.support.process import ROOT


class Seconds:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def scratch(tmp_path: Path, seconds: Seconds) -> Iterator[Scratch]:
    made = Scratch(tmp_path, most_bytes=100, idle_s=60, monotonic=seconds)
    made.open()
    yield made
    made.close()


def put(scratch: Scratch, owner_id: str, size: int = 10) -> Path:
    """A picture and a video of a request."""
    for key in (f"inputs/{owner_id}/0", f"results/{owner_id}.mp4"):
        path = scratch.folder / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x" * (size // 2))
    scratch.use(owner_id)
    return scratch.folder / "results" / f"{owner_id}.mp4"


async def test_what_a_step_holds_stays_and_what_is_idle_goes(
    scratch: Scratch, seconds: Seconds
) -> None:
    held, idle = put(scratch, "held2held"), put(scratch, "idle2idle")
    with scratch.hold("held2held"), scratch.hold("held2held"):
        seconds.now_s += 61
        await scratch.trim()
        assert held.exists()
        assert not idle.exists()
        assert not (scratch.folder / "inputs" / "idle2idle").exists()
    await scratch.trim()
    assert held.exists(), "it was used just now"
    seconds.now_s += 61
    await scratch.trim()
    assert not held.exists()


async def test_above_the_bound_the_least_recently_used_go_first(
    scratch: Scratch, seconds: Seconds
) -> None:
    files = {}
    for name in ("one1", "two2", "three3"):
        files[name] = put(scratch, name, 40)
        seconds.now_s += 1
    with scratch.hold("one1"):
        await scratch.trim()
        assert all(path.exists() for path in files.values()), "80 bytes are not held"
        put(scratch, "four4", 40)
        await scratch.trim()
        assert [name for name, path in files.items() if path.exists()] == ["one1", "three3"]


async def test_what_a_step_takes_up_during_a_clean_up_stays(
    scratch: Scratch, seconds: Seconds
) -> None:
    first, second = put(scratch, "first1"), put(scratch, "second2")
    seconds.now_s += 61
    trimming = asyncio.create_task(scratch.trim())
    async with asyncio.timeout(10):
        # a thread removes it: the clean-up itself goes on two turns of the loop later
        while first.exists():
            await asyncio.sleep(0)
        assert not trimming.done()
        with scratch.hold("second2"):
            await trimming
    assert second.exists()


def test_folders_of_dead_processes_go_at_a_start_and_those_of_living_ones_stay(
    tmp_path: Path, scratch: Scratch
) -> None:
    mine = put(scratch, "mine2mine")
    program = (
        "import os, sys; from pathlib import Path; from bot.media.store.scratch import Scratch;"
        " scratch = Scratch(Path(sys.argv[1])); scratch.open();"
        " (scratch.folder / 'x').write_bytes(b'x'); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", program, str(tmp_path)], cwd=ROOT, check=False)
    folders = [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]
    assert len(folders) == 2
    other = Scratch(tmp_path)
    other.open()
    folders = [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]
    assert set(folders) == {scratch.folder, other.folder}
    assert mine.exists()
    other.close()
    scratch.close()
    assert not [path for path in (tmp_path / "scratch").iterdir() if path.is_dir()]
