"""`MEDIA_STORE`: inputs and results in an S3-compatible store, for workers on any host."""

import asyncio
import hashlib
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import obstore
import pytest

from bot.app import App
from bot.services.media_files.leftovers import OLD_MS
from bot.services.operations.circuit_breaker import PAUSED
from bot.services.server_settings import change_settings
from storage.engine.database import open_database
from storage.files import stored_files
from storage.operations import key_values
from storage.records import State
from tests.flow.cast.test_cast import add, moderator, photo
from tests.flow.fast_forward import Flow, HopClock
from tests.flow.operations.test_several_processes import all_posted, replace_pace
from tests.flow.privacy.test_my_data import delete
from tests.flow.series.conftest import Shooting
from tests.support.bot_env import BotEnv, open_bot_env, picture
from tests.support.dialects import on_postgres, on_sqlite
from tests.support.discord.records import Upload
from tests.support.process import run, start
from tests.support.s3 import BUCKET, PREFIX, S3, open_s3


@pytest.fixture
async def s3() -> AsyncIterator[S3]:
    async with open_s3() as opened:
        yield opened


@pytest.fixture
async def flow(database_url: str, tmp_path: Path, s3: S3) -> AsyncIterator[Flow]:
    """A bot whose files lie in the store."""
    clock = HopClock()
    async with open_bot_env(database_url, tmp_path, clock=clock, **s3.settings) as opened:
        yield Flow(opened, clock)


@pytest.fixture
async def shared(database_url: str, tmp_path: Path, s3: S3) -> AsyncIterator[BotEnv]:
    """The same with the wall clock, for several processes."""
    async with open_bot_env(database_url, tmp_path, **s3.settings) as opened:
        yield opened


def with_picture(colour: str = "teal") -> dict[str, Any]:
    return {"files": {"image1": Upload(f"{colour}.png", picture(colour=colour))}}


def left_on_disk(folder: Path) -> list[str]:
    """Media files below a data directory, scratch files included."""
    names = ("inputs", "results", "cast", "scratch")
    found = [path for name in names for path in (folder / name).rglob("*") if path.is_file()]
    return sorted(path.name for path in found if path.name != "lock")


async def used_bytes(bot_env: BotEnv) -> int:
    async with bot_env.database.reading() as tx:
        return (await stored_files.total(tx))[0]


async def test_files_of_a_request_lie_in_the_store_alone(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    await s3.write("bots/one-more/results/other.mp4", b"not ours")
    async with flow.running() as app:
        await bot_env.create(**with_picture())
        posted = await flow.until_state(State.POSTED)
        await flow.until_quiet()
        assert not (app.settings.data_dir / "inputs").exists()
        assert not (app.settings.data_dir / "results").exists()
    assert (posted.host, posted.result_host) == ("", "")
    kept = await s3.files()
    assert kept == [f"inputs/{posted.id}/0", f"results/{posted.id}.mp4"]
    video = await s3.read(f"{PREFIX}/results/{posted.id}.mp4")
    (message,) = bot_env.videos()
    shown = message.attachments[0].path
    assert shown is not None
    assert await asyncio.to_thread(shown.read_bytes) == video
    assert await used_bytes(bot_env) == len(video) + len(picture(colour="teal"))
    assert not left_on_disk(bot_env.settings.data_dir)


async def test_deleted_data_leaves_the_store_and_nothing_else_does(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    others = ["bots/one-more/results/other.mp4", "bots/results/other.mp4", "other"]
    for key in others:
        await s3.write(key, b"not ours")
    bob = bot_env.discord.add_user("bob")
    async with flow.running():
        await bot_env.create(**with_picture())
        await flow.until_state(State.POSTED)
        await bot_env.create(bob, **with_picture("salmon"))
        kept = await flow.until_state(State.POSTED, number=1)
        await flow.until_quiet()
        await delete(bot_env)
        await bot_env.until_so(lambda: _are(s3, kept.id))
    assert await s3.keys() == sorted(
        [*others, *(f"{PREFIX}/{key}" for key in await s3.files()), f"{PREFIX}/video-bot-store"]
    )


async def _are(s3: S3, request_id: str) -> bool:
    """Whether the store has the files of this request and no others."""
    return await s3.files() == [f"inputs/{request_id}/0", f"results/{request_id}.mp4"]


@on_sqlite
async def test_files_of_a_cancelled_request_leave_the_store(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    await paused(bot_env)
    async with flow.running():
        await bot_env.create(**with_picture())
        await flow.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        row = await bot_env.request()
        assert await s3.files() == [f"inputs/{row.id}/0"]
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": row.id}
        )
        await bot_env.until_so(lambda: _is_empty(s3))
    assert not await used_bytes(bot_env)


async def _is_empty(s3: S3) -> bool:
    return not await s3.files()


async def paused(bot_env: BotEnv) -> None:
    """Have requests wait with their inputs fetched."""
    async with bot_env.database.transaction() as tx:
        await key_values.set(tx, PAUSED, "1", bot_env.clock())


async def resumed(bot_env: BotEnv) -> None:
    async with bot_env.database.transaction() as tx:
        await key_values.delete(tx, PAUSED)


def links_die(bot_env: BotEnv) -> None:
    """What members attached can't be fetched any more."""
    for file in bot_env.discord.world.files.values():
        if file.path is not None and file.filename.endswith(".png"):
            file.path.unlink()


@on_postgres
async def test_another_worker_goes_on_where_a_killed_one_had_fetched(
    shared: BotEnv, tmp_path: Path
) -> None:
    bot_env = replace_pace(shared)
    await paused(bot_env)
    settings = bot_env.settings.model_copy(update={"data_dir": tmp_path / "mortal"})
    mortal = await start(["-m", "tests.support.mortal_worker"], settings, tmp_path)
    try:
        async with bot_env.running("gateway"):
            await (await bot_env.create(**with_picture())).wait_shown()
            await bot_env.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
            mortal.kill()
            await mortal.wait()
            links_die(bot_env)
            await resumed(bot_env)
            async with bot_env.running("worker", data_dir=tmp_path / "heir"):
                await bot_env.until_state(State.POSTED)
                await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    finally:
        if mortal.returncode is None:
            mortal.kill()
        await mortal.communicate()
    (upload,) = bot_env.provider.uploads
    assert upload.path.read_bytes() == picture(colour="teal")
    assert len(bot_env.provider.creates) == 1


@on_postgres
async def test_another_worker_posts_what_a_stopped_one_had_downloaded(
    shared: BotEnv, tmp_path: Path, s3: S3
) -> None:
    bot_env = shared
    review = bot_env.discord.add_channel(bot_env.guild, "review")
    async with bot_env.database.transaction() as tx:
        await change_settings(tx, bot_env.guild.id, review="result", review_channel=review.id)
    bob = moderator(bot_env)
    async with bot_env.running("gateway"):
        async with bot_env.running("worker", data_dir=tmp_path / "one"):
            await bot_env.create(**with_picture())
            row = await bot_env.until_state(State.REVIEWING)
            await bot_env.discord.wait_for(lambda: bool(bot_env.discord.messages(review)))
        downloads = [task.downloads for task in bot_env.provider.tasks.values()]
        assert f"results/{row.id}.sheet.jpg" in await s3.files()
        assert not left_on_disk(tmp_path / "one")
        async with bot_env.running("worker", data_dir=tmp_path / "two"):
            (card,) = bot_env.discord.messages(review)
            await bot_env.discord.click(card, "Approve", bob)
            await bot_env.until_state(State.POSTED)
            await bot_env.discord.wait_for(lambda: len(bot_env.videos(bot_env.channel)) == 1)
    assert [task.downloads for task in bot_env.provider.tasks.values()] == downloads == [1]
    assert len(bot_env.provider.creates) == 1


@on_postgres
async def test_a_name_and_an_earlier_request_are_used_by_any_worker(
    shared: BotEnv, tmp_path: Path
) -> None:
    bot_env = shared
    async with bot_env.running("gateway"):
        async with bot_env.running("worker", data_dir=tmp_path / "one"):
            assert "is yours" in await add(bot_env, "fox", photo("salmon"))
            await bot_env.create(prompt="@fox runs", **with_picture())
            await bot_env.until_state(State.POSTED)
            await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
        links_die(bot_env)
        async with bot_env.running("worker", data_dir=tmp_path / "two"):
            await bot_env.create(prompt="@fox sleeps")
            await bot_env.until(lambda rows: len(rows) == 2 and all_posted(rows))
            await bot_env.discord.click(bot_env.videos()[0], "Again", bot_env.alice)
            await bot_env.until(lambda rows: len(rows) == 3 and all_posted(rows))
            shown = await bot_env.discord.slash(
                bot_env.guild, bot_env.channel, bot_env.alice, "cast show", {"name": "fox"}
            )
            answer = await shown.wait_shown()
    assert [file.filename for file in answer.attachments] == ["picture-1.png"]
    assert len(bot_env.provider.creates) == 3


async def test_a_series_goes_on_elsewhere_and_keeps_only_what_it_needs(
    flow: Flow, s3: S3, tmp_path: Path
) -> None:
    bot_env = flow.bot_env
    shooting = Shooting(bot_env)
    async with flow.running() as app:
        receipt = await shooting.ask(app)
        await flow.until(lambda rows: sum(row.state is State.RENDERED for row in rows) == 1)
    async with flow.running(data_dir=tmp_path / "there") as app:
        await flow.until(lambda rows: any(row.state is State.POSTED for row in rows))
        await flow.until_quiet()
        # as it does once a minute
        await app.worker._remover.look_through()
        first, *others = await shooting.shots(receipt.request.id)
        kept = {*await s3.files()}
        assert not {f"results/{shot.id}.mp4" for shot in others} & kept
        assert {f"results/{first.id}.mp4", f"results/{receipt.request.id}.mp4"} <= kept
    assert len(shooting.films(receipt.request.id)) == 1
    assert len(bot_env.provider.creates) == 3
    assert all(task.downloads == 1 for task in bot_env.provider.tasks.values())


@on_sqlite
async def test_a_store_that_is_away_loses_and_doubles_nothing(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    async with flow.running() as app:
        bot_env.hold_tasks()
        await bot_env.create()
        await flow.until_state(State.RUNNING)
        s3.gate.shut()
        bot_env.let_tasks_end()
        bob = bot_env.discord.add_user("bob")
        answered = await bot_env.create(bob, **with_picture())
        assert "On its way" in (await answered.wait_shown()).content
        # it goes on asking, and counts none of it as the requests' fault
        await flow.until_true(lambda: _calls(app, "failed") >= 4)
        rows = await bot_env.requests()
        assert [row.state for row in rows] == [State.RUNNING, State.QUEUED]
        assert [row.attempt for row in rows] == [0, 0]
        assert (await app.web._readiness())["store"] == "does not answer"
        assert [app.bot.services.owner._disk.is_store_away] == [True]
        s3.gate.open()
        await flow.until(all_posted)
        await flow.until_quiet()
        assert (await app.web._readiness())["store"] == "ok"
        assert [app.bot.services.owner._disk.is_store_away] == [False]
    assert len(bot_env.provider.creates) == 2
    assert len(bot_env.videos()) == 2
    assert len(await s3.files()) == 3


def _calls(app: App, outcome: str) -> int:
    """Calls to the store with this outcome, by the process' own metrics."""
    lines = app.worker._context.metrics.exposition().decode().splitlines()
    found = [line for line in lines if line.startswith("video_bot_store_calls_total{")]
    return sum(int(float(line.split()[-1])) for line in found if f'"{outcome}"' in line)


@on_sqlite
@pytest.mark.parametrize("folder", ["inputs", "results"])
async def test_a_disk_that_takes_no_file_is_no_fault_of_any_request(
    flow: Flow, caplog: pytest.LogCaptureFixture, folder: str
) -> None:
    """However long it lasts: the provider keeps a finished video for days."""
    bot_env = flow.bot_env
    bot_env.hold_tasks()
    async with flow.running() as app:
        path = app.worker._context.path(folder)
        async with bot_env.database.transaction() as tx:
            await key_values.set(tx, PAUSED, "1", bot_env.clock())
        await bot_env.create(**with_picture())
        await flow.until(lambda rows: bool(rows) and bool(rows[0].prepared_at_ms))
        # nothing can be written where there is no folder
        shutil.rmtree(path, ignore_errors=True)
        path.touch()
        async with bot_env.database.transaction() as tx:
            await key_values.delete(tx, PAUSED)
        if folder == "results":
            await flow.until_state(State.RUNNING)
            bot_env.let_tasks_end()
        await flow.until_true(lambda: caplog.text.count("the disk is unavailable") > 25)
        path.unlink()
        await flow.until_state(State.RUNNING, State.POSTED)
        bot_env.let_tasks_end()
        await flow.until_state(State.POSTED)
    assert len(bot_env.provider.creates) == 1


@on_sqlite
async def test_a_full_store_refuses_new_requests(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    async with flow.running(data_max_gb=0.0001) as app:
        await bot_env.create()
        await flow.until_state(State.POSTED)
        async with bot_env.database.transaction() as tx:
            await tx.execute("UPDATE stored_files SET size_bytes = 99000")
        await app.disk.measure()
        refused = await (await bot_env.create()).wait_shown()
    assert "no storage left for more videos" in refused.content


@on_sqlite
async def test_a_file_that_was_changed_in_the_store_is_not_sent(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    await paused(bot_env)
    async with flow.running():
        await bot_env.create(**with_picture("red"))
        row = (await flow.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0))[0]
    await s3.write(f"{PREFIX}/inputs/{row.id}/0", picture(colour="blue"))
    await resumed(bot_env)
    async with flow.running():
        await flow.until_state(State.POSTED)
    (upload,) = bot_env.provider.uploads
    assert upload.path.read_bytes() == picture(colour="red")


@on_sqlite
async def test_a_result_that_vanished_from_the_store_is_downloaded_again(
    flow: Flow, s3: S3
) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await bot_env.create()
        row = await flow.until_state(State.POSTED)
        await flow.until_quiet()
    await obstore.delete_async(s3.client, f"{PREFIX}/results/{row.id}.mp4")
    async with flow.running():
        await bot_env.discord.click(bot_env.videos()[0], "Continue", bot_env.alice)
        opened = await bot_env.discord.click(bot_env.videos()[0], "Continue", bot_env.alice)
        await opened.wait_answered()
        await bot_env.discord.submit(opened, {"Prompt": "and then it rains"})
        await flow.until(lambda rows: len(rows) == 2 and all_posted(rows))


@on_sqlite
async def test_objects_without_a_row_go_after_a_day_inside_the_prefix_alone(
    flow: Flow, s3: S3
) -> None:
    bot_env = flow.bot_env
    left = f"{PREFIX}/results/left2over.mp4"
    others = ["bots/one-more/results/left2over.mp4", f"{PREFIX}/notes/by-hand.txt", "results/x.mp4"]
    for key in (left, *others):
        await s3.write(key, b"left")
    async with flow.running() as app:
        await bot_env.create(**with_picture())
        row = await flow.until_state(State.POSTED)
        await flow.until_quiet()
        leftovers = app.worker._context.leftovers
        assert leftovers is not None
        await leftovers.clear()
        assert left in await s3.keys(), "it may be one that is being put there now"
        flow.hop(OLD_MS + 60_000)
        await leftovers.clear()
    assert await s3.keys() == sorted(
        [
            *others,
            f"{PREFIX}/inputs/{row.id}/0",
            f"{PREFIX}/results/{row.id}.mp4",
            f"{PREFIX}/video-bot-store",
        ]
    )


@on_sqlite
async def test_the_prefix_of_another_bot_is_never_cleared(
    flow: Flow, s3: S3, caplog: pytest.LogCaptureFixture
) -> None:
    theirs = f"{PREFIX}/results/their2video.mp4"
    await s3.write(f"{PREFIX}/video-bot-store", b"another database")
    await s3.write(theirs, b"theirs")
    async with flow.running() as app:
        flow.hop(OLD_MS + 60_000)
        leftovers = app.worker._context.leftovers
        assert leftovers is not None
        assert await leftovers.clear() == 0
    assert theirs in await s3.keys()
    assert "belongs to another database" in caplog.text


@on_sqlite
async def test_files_from_before_the_store_are_used_and_moved_into_it(flow: Flow, s3: S3) -> None:
    bot_env = flow.bot_env
    async with flow.running(media_store="") as app:
        await bot_env.create(**with_picture())
        first = await flow.until_state(State.POSTED)
        await flow.until_quiet()
        assert first.host
        assert (app.settings.data_dir / "inputs" / first.id / "0").is_file()
    links_die(bot_env)
    async with flow.running() as app:
        await bot_env.discord.click(bot_env.videos()[0], "Again", bot_env.alice)
        await flow.until(lambda rows: len(rows) == 2 and all_posted(rows))
        assert not (app.settings.data_dir / "inputs" / first.id / "0").exists()
    assert f"inputs/{first.id}/0" in await s3.files("inputs")
    assert len(bot_env.provider.creates) == 2


@on_sqlite
async def test_a_backup_has_the_list_of_the_stores_files(
    flow: Flow, s3: S3, tmp_path: Path
) -> None:
    bot_env = flow.bot_env
    async with flow.running():
        await bot_env.create(**with_picture())
        await flow.until_state(State.POSTED)
        await flow.until_quiet()
    copy = tmp_path / "copy.db"
    code, out, _ = await run(["-m", "bot", "backup", str(copy)], bot_env.settings, tmp_path)
    assert code == 0
    assert f"2 files in s3://{BUCKET}/{PREFIX}" in out
    database = await open_database(f"sqlite:///{copy}", migrate=False)
    try:
        async with database.reading() as tx:
            rows = await tx.fetch_all("SELECT path, sha256 FROM stored_files ORDER BY path")
    finally:
        await database.close()
    for row in rows:
        data = await s3.read(f"{PREFIX}/{row['path']}")
        assert hashlib.sha256(data).hexdigest() == row["sha256"]
    assert [row["path"] for row in rows] == await s3.files()
