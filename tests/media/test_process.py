"""The media process from the bot's side, with a real process that crashes and hangs for real."""

import asyncio
import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from random import Random

import pytest

from bot.media.child.main import handle
from bot.media.errors import FileMissing, FitImpossible, MediaUnavailable
from bot.media.media_info import FaultReason, MediaFault, MediaInfo
from bot.media.mp4_boxes import walk_video
from bot.media.process import MediaProcess
from bot.rules.media import MediaKind
from tests.media.films import film, picture
from tests.support.patience import PATIENCE_S

ROGUE = (sys.executable, str(Path(__file__).with_name("rogue.py")))


@pytest.fixture
async def media() -> AsyncIterator[MediaProcess]:
    process = MediaProcess()
    yield process
    await process.close()


@pytest.fixture
async def rogue() -> AsyncIterator[MediaProcess]:
    process = MediaProcess(command=ROGUE)
    yield process
    await process.close()


class ImpatientProcess(MediaProcess):
    """Is impatient with files that hang alone: the others need their time on a busy machine."""

    async def _inspect(
        self, files: Sequence[Path], timeout_s: float
    ) -> list[MediaInfo | MediaFault]:
        hangs = any(file.name.startswith("hang") for file in files)
        return await super()._inspect(files, timeout_s if hangs else PATIENCE_S)


@pytest.fixture
async def impatient() -> AsyncIterator[MediaProcess]:
    # long enough to start a process on a busy machine
    process = ImpatientProcess(command=ROGUE, inspect_timeout_s=6, fit_timeout_s=6)
    yield process
    await process.close()


def _put(folder: Path, *names: str) -> list[Path]:
    for name in names:
        (folder / name).write_bytes(picture("PNG"))
    return [folder / name for name in names]


def _kinds(found: list[MediaInfo | MediaFault]) -> list[str]:
    return [one.kind if isinstance(one, MediaInfo) else one.reason for one in found]


def _pid(process: MediaProcess) -> int | None:
    started = process._inspectors[0]._process
    return None if started is None else started.pid


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_all_files_of_a_request_are_inspected_in_one_call(
    media: MediaProcess, tmp_path: Path
) -> None:
    (tmp_path / "text.png").write_bytes(b"no picture")
    (tmp_path / "turned.tif").write_bytes(picture("TIFF", mode="CMYK"))
    clip = film(tmp_path / "clip.mp4")
    files = [*_put(tmp_path, "a.png"), tmp_path / "text.png", clip, tmp_path / "turned.tif"]
    found = await media.inspect(files)
    assert _kinds(found) == [MediaKind.IMAGE, "not-media", MediaKind.VIDEO, MediaKind.IMAGE]
    first, last = found[0], found[3]
    assert isinstance(first, MediaInfo)
    assert isinstance(last, MediaInfo)
    assert (first.path, first.normalised) == (tmp_path / "a.png", False)
    assert (last.path, last.normalised) == (tmp_path / "turned-plain.jpg", True)
    assert found[1] == MediaFault(FaultReason.NOT_MEDIA, "text")


async def test_the_process_starts_when_needed_and_stays_warm(
    media: MediaProcess, tmp_path: Path
) -> None:
    assert await media.inspect([]) == []
    assert _pid(media) is None
    files = _put(tmp_path, "a.png")
    await media.inspect(files)
    started = _pid(media)
    assert started is not None
    await media.inspect(files)
    assert _pid(media) == started
    await media.close()
    assert not _is_alive(started)


async def test_calls_at_the_same_time_wait_for_each_other(
    media: MediaProcess, tmp_path: Path
) -> None:
    files = _put(tmp_path, *(f"{n}.png" for n in range(8)))
    answers = await asyncio.gather(*(media.inspect([file]) for file in files))
    assert [answer[0].path for answer in answers if isinstance(answer[0], MediaInfo)] == files


async def test_a_missing_file_has_its_own_error(media: MediaProcess, tmp_path: Path) -> None:
    with pytest.raises(FileMissing):
        await media.inspect([*_put(tmp_path, "a.png"), tmp_path / "gone.png"])
    with pytest.raises(FileMissing):
        await media.fit(tmp_path / "gone.mp4", tmp_path / "out.mp4", limit_bytes=10**6)


async def test_damaged_files_never_crash_the_bot(media: MediaProcess, tmp_path: Path) -> None:
    random = Random(3)
    clip = film(tmp_path / "clip.mp4").read_bytes()
    files = []
    for count in range(40):
        data = bytearray(picture("JPEG") if count % 2 else clip)
        for _ in range(random.randrange(1, 40)):
            data[random.randrange(8, len(data))] = random.randrange(256)
        files.append(tmp_path / f"{count}.bin")
        files[-1].write_bytes(data)
    assert len(await media.inspect(files)) == len(files)


async def test_a_video_is_encoded_under_the_limit(media: MediaProcess, tmp_path: Path) -> None:
    source = film(tmp_path / "in.mp4", width=320, height=180, look="noise")
    limit = source.stat().st_size // 3
    result = await media.fit(source, tmp_path / "out.mp4", limit_bytes=limit)
    assert result.size_bytes == (tmp_path / "out.mp4").stat().st_size <= limit
    assert walk_video(tmp_path / "out.mp4").has_audio
    with pytest.raises(FitImpossible):
        await media.fit(source, tmp_path / "none.mp4", limit_bytes=1000)
    assert not (tmp_path / "none.mp4").exists()


async def test_a_file_that_crashes_the_process_is_a_fault_and_the_others_are_fine(
    rogue: MediaProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = _put(tmp_path, "a.png", "crash.png", "b.png")
    with caplog.at_level(logging.WARNING):
        found = await rogue.inspect(files)
    assert _kinds(found) == [MediaKind.IMAGE, "unreadable", MediaKind.IMAGE]
    assert found[1] == MediaFault(FaultReason.UNREADABLE, "png")
    assert {record.__dict__["action"] for record in caplog.records} == {"media.died"}
    assert str(tmp_path) not in caplog.text


def test_an_unexpected_error_is_returned_as_an_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def surprise(_: Path) -> MediaInfo:
        raise RuntimeError("a bug")

    monkeypatch.setattr("bot.media.child.inspect.inspect_file", surprise)
    assert handle({"job": "inspect", "files": ["x"]}) == {"files": [{"error": "RuntimeError"}]}


async def test_an_unexpected_error_is_logged_and_a_fault(
    rogue: MediaProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    found = await rogue.inspect(_put(tmp_path, "surprise.png"))
    assert found == [MediaFault(FaultReason.UNREADABLE, "png")]
    with pytest.raises(FitImpossible):
        await rogue.fit(tmp_path / "surprise.png", tmp_path / "out.mp4", limit_bytes=10**6)
    seen = [(record.__dict__["action"], record.__dict__["reason"]) for record in caplog.records]
    assert seen == [("media.failed", "RuntimeError")] * 2


async def test_a_crash_that_does_not_recur_blames_no_file(
    rogue: MediaProcess, tmp_path: Path
) -> None:
    assert _kinds(await rogue.inspect(_put(tmp_path, "once.png"))) == [MediaKind.IMAGE]


async def test_a_process_killed_while_idle_is_restarted_silently(
    media: MediaProcess, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    files = _put(tmp_path, "a.png")
    await media.inspect(files)
    started = _pid(media)
    assert started is not None
    os.kill(started, signal.SIGKILL)
    assert _kinds(await media.inspect(files)) == [MediaKind.IMAGE]


async def test_a_file_that_exceeds_the_time_out_is_a_bomb(
    impatient: MediaProcess, tmp_path: Path
) -> None:
    found = await impatient.inspect(_put(tmp_path, "hang.png", "a.png"))
    assert _kinds(found) == ["bomb", MediaKind.IMAGE]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such limit")
async def test_a_file_that_exhausts_memory_kills_only_its_own_process(
    rogue: MediaProcess, tmp_path: Path
) -> None:
    found = await rogue.inspect(_put(tmp_path, "greedy.png", "a.png"))
    assert _kinds(found) == ["unreadable", MediaKind.IMAGE]


async def test_what_a_library_prints_is_not_taken_for_an_answer(
    rogue: MediaProcess, tmp_path: Path
) -> None:
    assert _kinds(await rogue.inspect(_put(tmp_path, "noise.png"))) == [MediaKind.IMAGE]


async def test_the_process_knows_no_secrets_and_stands_back(
    rogue: MediaProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", "hush")
    monkeypatch.setenv("SEEDANCE_API_KEY", "hush")
    monkeypatch.setenv("DATABASE_URL", "postgresql://u:hush@h/d")
    await rogue.inspect(_put(tmp_path, "environment.png"))
    seen = json.loads((tmp_path / "environment.seen").read_text())
    assert not {"DISCORD_TOKEN", "SEEDANCE_API_KEY", "DATABASE_URL"} & set(seen["variables"])
    assert seen["nice"] >= 10


async def test_a_cancelled_call_takes_its_process_along_and_the_next_one_works(
    rogue: MediaProcess, tmp_path: Path
) -> None:
    patient = MediaProcess(command=ROGUE)
    try:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1):
                await patient.inspect(_put(tmp_path, "hang.png"))
        assert _kinds(await patient.inspect(_put(tmp_path, "a.png"))) == [MediaKind.IMAGE]
    finally:
        await patient.close()


@pytest.mark.parametrize("name", ["crash", "hang"])
async def test_a_video_that_crashes_the_encoder_is_impossible_and_leaves_no_file(
    name: str, impatient: MediaProcess, tmp_path: Path
) -> None:
    source = film(tmp_path / f"{name}.mp4")
    (tmp_path / "out.mp4.part").write_bytes(b"as a killed process leaves it")
    with pytest.raises(FitImpossible):
        await impatient.fit(source, tmp_path / "out.mp4", limit_bytes=10**6)
    assert not list(tmp_path.glob("out.mp4*"))


async def test_an_encoder_that_crashes_once_is_retried(rogue: MediaProcess, tmp_path: Path) -> None:
    patient = MediaProcess(command=ROGUE)
    try:
        source = film(tmp_path / "once.mp4")
        await patient.fit(source, tmp_path / "out.mp4", limit_bytes=10**6)
    finally:
        await patient.close()
    assert (tmp_path / "out.mp4").exists()


async def test_pictures_do_not_wait_for_an_encode(tmp_path: Path) -> None:
    process = MediaProcess(command=ROGUE)
    encode = asyncio.create_task(
        process.fit(film(tmp_path / "hang.mp4"), tmp_path / "out.mp4", limit_bytes=10**6)
    )
    try:
        found = await asyncio.wait_for(process.inspect(_put(tmp_path, "a.png")), 20)
        assert _kinds(found) == [MediaKind.IMAGE]
        assert not encode.done()
    finally:
        await process.close()
    with pytest.raises(MediaUnavailable):
        await encode


@pytest.mark.parametrize("command", [("/nowhere/python",), (sys.executable, "-c", "exit()")])
async def test_a_process_that_cannot_start_blames_no_file(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    process = MediaProcess(command=command)
    with pytest.raises(MediaUnavailable):
        await process.inspect(_put(tmp_path, "a.png"))
    with pytest.raises(MediaUnavailable):
        await process.fit(film(tmp_path / "a.mp4"), tmp_path / "out.mp4", limit_bytes=10**6)
    await process.close()


async def test_a_closed_process_is_not_restarted(tmp_path: Path) -> None:
    process = MediaProcess()
    await process.close()
    with pytest.raises(MediaUnavailable):
        await process.inspect(_put(tmp_path, "a.png"))


async def test_closing_a_starting_process_has_its_own_error(tmp_path: Path) -> None:
    late = "import sys; sys.stdin.read(); print('{}', flush=True)"
    process = MediaProcess(command=(sys.executable, "-c", late))
    looking = asyncio.create_task(process.inspect(_put(tmp_path, "a.png")))
    async with asyncio.timeout(20):
        while process._inspectors[0]._process is None:
            await asyncio.sleep(0)
    await process.close()
    with pytest.raises(MediaUnavailable):
        await looking


def test_the_process_ends_in_the_middle_of_its_work_when_the_bot_is_gone(tmp_path: Path) -> None:
    (file,) = _put(tmp_path, "hang.png")
    job = {"job": "inspect", "files": [str(file)], "cpu_s": 60}
    with subprocess.Popen(
        [*ROGUE, str(2 * 1024**3)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert json.loads(child.stdout.readline()) == {"ready": True}
        child.stdin.write(json.dumps(job).encode() + b"\n")
        child.stdin.close()
        assert child.wait(10) == 0
