"""Ended requests free their files, and unremovable files block nothing."""

import asyncio
from pathlib import Path
from typing import Any

from bot.app import App, wall_clock
from bot.demo.provider.faults import TaskPlan
from bot.services.server_settings import change_settings
from storage.durations import HOUR_MS
from storage.engine.transaction import Database
from storage.privacy import retention
from storage.records import State
from tests.flow.fast_forward import Flow
from tests.storage.make import added, make_request, stored
from tests.support.bot_env import BotEnv, picture
from tests.support.dialects import on_sqlite
from tests.support.discord.records import Upload


def with_picture() -> dict[str, Any]:
    return {"files": {"image1": Upload("teal.png", picture())}}


def files_of(app: App, request_id: str) -> list[Path]:
    """Files of a request on disk."""
    folder = app.settings.data_dir
    return [*(folder / "inputs").glob(request_id), *(folder / "results").glob(f"{request_id}.*")]


async def gone(bot_env: BotEnv, app: App, request_id: str) -> None:
    async def is_gone() -> bool:
        row = await stored(
            bot_env.database, next(r for r in await bot_env.requests() if r.id == request_id)
        )
        return not files_of(app, request_id) and row.stored_bytes == 0

    await bot_env.until_so(is_gone)


async def paused(bot_env: BotEnv) -> None:
    """Pause the provider, so that requests wait with their inputs fetched."""
    async with bot_env.database.transaction() as tx:
        await tx.execute("INSERT INTO key_values (key, value, at_ms) VALUES ('paused', '1', 1)")


async def test_files_of_a_cancelled_request_go_at_once(bot_env: BotEnv) -> None:
    await paused(bot_env)
    async with bot_env.running() as app:
        await bot_env.create(**with_picture())
        rows = await bot_env.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        assert files_of(app, rows[0].id)
        assert rows[0].stored_bytes > 0
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": rows[0].id}
        )
        await gone(bot_env, app, rows[0].id)


@on_sqlite
async def test_files_of_a_failed_request_go_and_it_can_be_asked_for_again(flow: Flow) -> None:
    bot_env = flow.bot_env
    bot_env.provider.faults.next_task(TaskPlan(fails_with="internal error"))
    async with flow.running() as app:
        await bot_env.create(**with_picture())
        failed = await flow.until_state(State.FAILED)
        await gone(bot_env, app, failed.id)
        notice = await flow.until_told(lambda message: bot_env.alice.id in message.pinged)
        await bot_env.discord.click(notice, "Again", bot_env.alice)
        await flow.until(lambda rows: len(rows) == 2 and rows[1].state is State.POSTED)
    assert len(bot_env.provider.creates) == 2
    assert all(len(str(create.body["images"])) > 2 for create in bot_env.provider.creates)


@on_sqlite
async def test_files_of_a_rejected_request_go_once_no_appeal_is_possible(flow: Flow) -> None:
    bot_env = flow.bot_env
    channel = bot_env.discord.add_channel(bot_env.guild, "review")
    async with bot_env.database.transaction() as tx:
        await change_settings(
            tx,
            bot_env.guild.id,
            review="prompt",
            review_channel=channel.id,
            review_timeout_hours=1,
        )
    async with flow.running() as app:
        await bot_env.create(**with_picture())
        # without its files nobody could have looked at it, and there is no appeal
        await bot_env.until(lambda rows: bool(rows) and rows[0].prepared_at_ms > 0)
        flow.hop(2 * HOUR_MS)
        rejected = await flow.until_state(State.REJECTED)
        assert rejected.appeal_until_ms > flow.clock()
        assert files_of(app, rejected.id)
        flow.hop(rejected.appeal_until_ms - flow.clock() + retention.APPEAL_GRACE_MS + 1)
        await gone(bot_env, app, rejected.id)


@on_sqlite
async def test_files_left_by_a_crash_are_removed_after_the_next_start(
    bot_env: BotEnv,
) -> None:
    there = make_request(state=State.CANCELLED, ended_at_ms=1, stored_bytes=5)
    half = make_request(state=State.FAILED, ended_at_ms=1)
    await added(bot_env.database, there, half)
    folder = bot_env.settings.data_dir
    for request in (there, half):
        (folder / "inputs" / request.id).mkdir(parents=True)
        (folder / "inputs" / request.id / "0.part").write_bytes(b"x")
    (folder / "results").mkdir()
    (folder / "results" / f"{half.id}.mp4").write_bytes(b"x")
    async with bot_env.running() as app:
        await gone(bot_env, app, there.id)
        await gone(bot_env, app, half.id)


@on_sqlite
async def test_files_of_a_posted_video_are_kept(bot_env: BotEnv) -> None:
    async with bot_env.running() as app:
        await bot_env.create(**with_picture())
        posted = await bot_env.until_state(State.POSTED)
        await app.worker._remover.catch_up()
        await app.worker._remover.look_through()
        assert len(files_of(app, posted.id)) == 2


@on_sqlite
async def test_folders_where_files_should_be_stop_neither_the_start_nor_a_removal(
    bot_env: BotEnv,
) -> None:
    others = [make_request(state=State.CANCELLED, ended_at_ms=2, stored_bytes=5) for _ in range(3)]
    await added(bot_env.database, *others)
    folder = bot_env.settings.data_dir
    for request in others:
        (folder / "inputs" / request.id).mkdir(parents=True)
    # a folder where a file should be, twice over
    (folder / "inputs" / "broken.part").mkdir()
    (folder / "results" / f"{others[0].id}.mp4" / "deeper").mkdir(parents=True)
    (folder / "kept" / "request0001").mkdir(parents=True)
    async with bot_env.running() as app:
        for request in others:
            await gone(bot_env, app, request.id)
        await bot_env.create()
        await bot_env.until(lambda rows: any(row.state is State.POSTED for row in rows))


async def test_one_member_cannot_fill_the_disk_and_is_told_what_would_pass(bot_env: BotEnv) -> None:
    await paused(bot_env)
    bob = bot_env.discord.add_user("bob")
    noise, size = with_picture(), len(picture())
    # a quarter of it is a member's: room for two of these pictures
    async with bot_env.running(data_max_gb=size * 2.5 * 4 / 1e9) as app:
        for _ in range(2):
            await (await bot_env.create(**noise)).wait_shown()
        refused = await (await bot_env.create(**noise)).wait_shown()
        assert "one member may use" in refused.content
        assert "MB" in refused.content
        rows = await bot_env.until(lambda rows: all(row.prepared_at_ms for row in rows))
        assert len(rows) == 2
        taken = await (await bot_env.create(bob, **noise)).wait_shown()
        assert "Queued" in taken.content
        await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video cancel", {"id": rows[0].id}
        )
        await gone(bot_env, app, rows[0].id)
        again = await (await bot_env.create(**noise)).wait_shown()
        assert "Queued" in again.content


async def test_two_requests_at_once_do_not_both_get_the_last_room(bot_env: BotEnv) -> None:
    await paused(bot_env)
    noise, size = with_picture(), len(picture())
    async with bot_env.running(data_max_gb=size * 1.5 * 4 / 1e9):
        asked = await asyncio.gather(*(bot_env.create(**noise) for _ in range(4)))
        for each in asked:
            await each.wait_shown()
    assert len(await bot_env.requests()) == 1


async def test_each_host_removes_its_own_files_only(database: Database) -> None:
    request = make_request(
        state=State.FAILED,
        ended_at_ms=1,
        host="one",
        result_host="two",
        result_path="results/x.mp4",
        stored_bytes=9,
    )
    await added(database, request)
    now_ms = wall_clock()
    async with database.transaction() as tx:

        async def left(host: str) -> list[str]:
            return await retention.left_over(tx, host, now_ms=now_ms, exclude=(), limit=5)

        assert await left("three") == []
        assert await left("one") == [request.id]
        await retention.removed(tx, request.id, "one", now_ms)
        assert await left("one") == []
        assert await left("two") == [request.id]
        await retention.removed(tx, request.id, "two", now_ms)
        assert await left("two") == []
    after = await stored(database, request)
    assert (after.host, after.result_host, after.result_path, after.stored_bytes) == ("", "", "", 0)
