"""The demo from the outside: one request played through, by the real bot."""

import asyncio
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.demo.check_video import decode_video
from bot.demo.commands import play_once, serve_page
from bot.demo.discord.personas import PERSONAS
from bot.demo.provider.faults import Refuse, TaskPlan
from bot.demo.provider.render_pool import SMALL
from bot.demo.provider.simulator import SeedanceSimulator
from bot.demo.provider.trigger_words import LOST, REFUSALS
from bot.demo.runtime import INTERRUPTED, DemoSettings
from bot.demo.scripted_run import Script

Played = tuple[int, list[str]]


async def play(
    output: Path,
    prepare: Callable[[SeedanceSimulator], None] = lambda _: None,
    *,
    patience_s: float = 60.0,
) -> Played:
    said: list[str] = []
    script = Script(
        seconds_per_video=0.5,
        render_options=SMALL,
        output=output,
        patience_s=patience_s,
        say=said.append,
        prepare=prepare,
    )
    return await play_once(script), said


async def test_the_scripted_run_ends_with_a_checked_video(tmp_path: Path) -> None:
    code, said = await play(tmp_path)
    text = "\n".join(said)
    assert code == 0, text
    states = [line.rsplit(": ", 1)[1] for line in said if "request " in line]
    assert states == ["queued", "submitting", "running", "rendered", "posted"]
    assert "your video is ready" in text
    (video,) = tmp_path.iterdir()
    assert str(video) in said[-1]
    film = decode_video(video)
    assert (film.codec, film.width, film.height) == ("h264", 320, 180)
    assert film.seconds == pytest.approx(5, abs=0.05)


async def test_a_failed_task_ends_the_scripted_run_with_an_error(tmp_path: Path) -> None:
    def fail(provider: SeedanceSimulator) -> None:
        provider.faults.every_task(TaskPlan(fails_with="[SY_ERR:5000] generation failed"))

    code, said = await play(tmp_path, fail)
    assert code == 1
    assert "FAILED: the request ended as failed" in said[-1]
    assert not list(tmp_path.iterdir())


async def test_a_task_that_never_ends_times_out_the_scripted_run(tmp_path: Path) -> None:
    def hang(provider: SeedanceSimulator) -> None:
        provider.faults.every("create", Refuse(msg="system busy"))
        provider.faults.every_task(TaskPlan(never_ends=True))

    code, said = await play(tmp_path, hang, patience_s=2.0)
    assert code == 1
    assert said[-1].startswith("FAILED: ")


async def test_an_interrupt_ends_the_scripted_run_at_once_and_cleans_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    def interrupt(provider: SeedanceSimulator) -> None:
        del provider
        asyncio.get_running_loop().call_soon(os.kill, os.getpid(), signal.SIGINT)

    code, said = await play(tmp_path / "output", interrupt)
    assert code == INTERRUPTED
    assert said[-1] == "Interrupted."
    assert not any("posted" in line for line in said)
    assert not list(scratch.iterdir())


async def test_the_page_is_served_until_an_interrupt(
    capsys: pytest.CaptureFixture[str],
) -> None:
    served = asyncio.create_task(serve_page())
    told = ""
    while "http://127.0.0.1:" not in told and not served.done():
        await asyncio.sleep(0.05)
        told += capsys.readouterr().out
    os.kill(os.getpid(), signal.SIGINT)
    assert await served == 0
    for person in PERSONAS:
        assert f"{person.shown}: {person.hint}" in told
    for word in (*REFUSALS, *LOST):
        assert word in told


async def test_a_port_in_use_is_reported(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert await serve_page(port) == 1
    assert f"could not bind port {port}. Try another --port." in capsys.readouterr().err


def test_nothing_of_the_environment_reaches_the_demo(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("USER_DAILY_VIDEOS=1\n")
    monkeypatch.setenv("DEFAULT_MODEL", "none-such")
    monkeypatch.setenv("SEEDANCE_MAX_ACTIVE", "7")
    settings = DemoSettings(
        discord_token="t",  # type: ignore[arg-type]
        seedance_api_key="k",  # type: ignore[arg-type]
        seedance_base_url="http://127.0.0.1:1",
    )
    assert settings.user_daily_videos == 10
    assert settings.seedance_max_active == 3
    assert settings.default_model == "seedance2.0-fast-i2v"
