"""What ends frees what it held, and no file that can't be had or removed stops anything."""

import asyncio
import shutil
from pathlib import Path
from typing import Any

import pytest

from bot.app import App
from bot.demo.provider.faults import TaskPlan
from bot.services.server_settings import change_settings
from storage.engine.transaction import Database
from storage.privacy import retention
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.flow.requests.test_provider_faults import on_sqlite
from tests.storage.make import added, make_request, stored
from tests.support.bot_env import House, picture
from tests.support.discord.records import Upload


def with_picture() -> dict[str, Any]:
    return {"files": {"image1": Upload("teal.png", picture())}}


def files_of(app: App, request_id: str) -> list[Path]:
    """What lies on the disk of a request."""
    folder = app.settings.data_dir
    return [*(folder / "inputs").glob(request_id), *(folder / "results").glob(f"{request_id}.*")]


async def gone(house: House, app: App, request_id: str) -> None:
    async def is_gone() -> bool:
        row = await stored(
            house.database, next(r for r in await house.requests() if r.id == request_id)
        )
        return not files_of(app, request_id) and row.stored_bytes == 0

    await house.until_so(is_gone)


async def paused(house: House) -> None:
    """Nothing goes to the provider: requests are fetched and wait."""
    async with house.database.transaction() as tx:
        await tx.execute("INSERT INTO key_values (key, value, at_ms) VALUES ('paused', '1', 1)")


async def test_files_of_a_cancelled_request_go_at_once(house: House) -> None:
    await paused(house)
    async with house.running() as app:
        await house.create(**with_picture())
        rows = await house.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        assert files_of(app, rows[0].id)
        assert rows[0].stored_bytes > 0
        await house.discord.slash(
            house.guild, house.channel, house.alice, "video cancel", {"id": rows[0].id}
        )
        await gone(house, app, rows[0].id)


async def test_files_of_a_failed_request_go_and_it_can_be_asked_for_again(flow: Flow) -> None:
    house = flow.house
    house.provider.faults.next_task(TaskPlan(fails_with="internal error"))
    async with flow.running() as app:
        await house.create(**with_picture())
        failed = await flow.until_state(State.FAILED)
        await gone(house, app, failed.id)
        notice = await flow.until_told(lambda message: house.alice.id in message.pinged)
        await house.discord.click(notice, "Again", house.alice)
        await flow.until(lambda rows: len(rows) == 2 and rows[1].state is State.POSTED)
    assert len(house.provider.creates) == 2
    assert all(len(str(create.body["images"])) > 2 for create in house.provider.creates)


@on_sqlite
async def test_files_of_a_rejected_request_go(house: House) -> None:
    channel = house.discord.add_channel(house.guild, "review")
    async with house.database.transaction() as tx:
        await change_settings(
            tx,
            house.guild.id,
            review="prompt",
            review_channel=channel.id,
            review_timeout_hours=0.0001,
        )
    async with house.running() as app:
        await house.create(**with_picture())
        rejected = await house.until_state(State.REJECTED)
        await gone(house, app, rejected.id)


async def test_what_a_crash_left_of_ended_requests_goes_after_the_next_start(
    house: House,
) -> None:
    there = make_request(state=State.CANCELLED, ended_at_ms=1, stored_bytes=5)
    half = make_request(state=State.FAILED, ended_at_ms=1)
    await added(house.database, there, half)
    folder = house.settings.data_dir
    for request in (there, half):
        (folder / "inputs" / request.id).mkdir(parents=True)
        (folder / "inputs" / request.id / "0.part").write_bytes(b"x")
    (folder / "results").mkdir()
    (folder / "results" / f"{half.id}.mp4").write_bytes(b"x")
    async with house.running() as app:
        await gone(house, app, there.id)
        await gone(house, app, half.id)


async def test_a_posted_videos_files_stay(house: House) -> None:
    async with house.running() as app:
        await house.create(**with_picture())
        posted = await house.until_state(State.POSTED)
        await app.worker._remover.catch_up()
        await app.worker._remover.look_through()
        assert len(files_of(app, posted.id)) == 2


@on_sqlite
async def test_files_that_cannot_be_removed_stop_neither_the_start_nor_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stuck = make_request(state=State.CANCELLED, ended_at_ms=1, stored_bytes=5)
    others = [make_request(state=State.CANCELLED, ended_at_ms=2, stored_bytes=5) for _ in range(3)]
    await added(house.database, stuck, *others)
    folder = house.settings.data_dir
    for request in (stuck, *others):
        (folder / "inputs" / request.id).mkdir(parents=True)
    # a folder where a file should be, twice over
    (folder / "inputs" / "broken.part").mkdir()
    (folder / "results" / f"{others[0].id}.mp4" / "deeper").mkdir(parents=True)
    (folder / "kept" / "request0001").mkdir(parents=True)
    really = shutil.rmtree

    def refuse(path: Path, **more: Any) -> None:
        if Path(path).name == stuck.id:
            raise PermissionError(13, "not permitted", str(path))
        really(path, **more)

    monkeypatch.setattr("bot.worker.maintenance.file_removal.shutil.rmtree", refuse)
    async with house.running() as app:
        for request in others:
            await gone(house, app, request.id)
        await house.create()
        await house.until(lambda rows: any(row.state is State.POSTED for row in rows))
        assert files_of(app, stuck.id)
    told = [r for r in caplog.records if getattr(r, "item", "") == stuck.id]
    by_task = {getattr(record, "action", "") for record in told}
    assert len(told) == len(by_task), "each task says it once and leaves it alone for a while"


async def test_one_member_cannot_fill_the_disk_and_is_told_what_would_pass(house: House) -> None:
    await paused(house)
    bob = house.discord.add_user("bob")
    noise, size = with_picture(), len(picture())
    # a quarter of it is a member's: room for two of these pictures
    async with house.running(data_max_gb=size * 2.5 * 4 / 1e9) as app:
        for _ in range(2):
            await (await house.create(**noise)).wait_shown()
        refused = await (await house.create(**noise)).wait_shown()
        assert "one member may use" in refused.content
        assert "MB" in refused.content
        rows = await house.until(lambda rows: all(row.prepared_at_ms for row in rows))
        assert len(rows) == 2
        taken = await (await house.create(bob, **noise)).wait_shown()
        assert "Queued" in taken.content
        await house.discord.slash(
            house.guild, house.channel, house.alice, "video cancel", {"id": rows[0].id}
        )
        await gone(house, app, rows[0].id)
        again = await (await house.create(**noise)).wait_shown()
        assert "Queued" in again.content


async def test_two_requests_at_once_do_not_both_get_the_last_room(house: House) -> None:
    await paused(house)
    noise, size = with_picture(), len(picture())
    async with house.running(data_max_gb=size * 1.5 * 4 / 1e9):
        asked = await asyncio.gather(*(house.create(**noise) for _ in range(4)))
        for each in asked:
            await each.wait_shown()
    assert len(await house.requests()) == 1


async def test_each_host_forgets_what_it_had_and_no_more(database: Database) -> None:
    request = make_request(
        state=State.FAILED,
        ended_at_ms=1,
        host="one",
        result_host="two",
        result_path="results/x.mp4",
        stored_bytes=9,
    )
    await added(database, request)
    async with database.transaction() as tx:
        assert await retention.left_over(tx, "three", exclude=(), limit=5) == []
        assert await retention.left_over(tx, "one", exclude=(), limit=5) == [request.id]
        await retention.removed(tx, request.id, "one")
        assert await retention.left_over(tx, "one", exclude=(), limit=5) == []
        assert await retention.left_over(tx, "two", exclude=(), limit=5) == [request.id]
        await retention.removed(tx, request.id, "two")
        assert await retention.left_over(tx, "two", exclude=(), limit=5) == []
    after = await stored(database, request)
    assert (after.host, after.result_host, after.result_path, after.stored_bytes) == ("", "", "", 0)
