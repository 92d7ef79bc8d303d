"""Outages of database and disk: clear messages, no data loss, recovery."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.provider.faults import CallName, Delay
from storage.engine import sqlite
from storage.engine.database import open_database
from storage.records import State
from tests.support.bot_env import BotEnv, open_bot_env
from tests.support.discord.http.server import CALLBACK
from tests.support.locked_database import locked
from tests.support.patience import PATIENCE_S
from tests.support.postgres import PostgresMissing, StoppableServer, stoppable_server
from tests.support.process import run
from tests.support.sqlite import new_sqlite


@pytest.fixture
async def on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[BotEnv]:
    # a locked database is waited for this long; the contract's 5 s would only make the tests slow
    monkeypatch.setattr(sqlite, "_BUSY_TIMEOUT_S", 0.2)
    async with open_bot_env(new_sqlite(tmp_path / "test.db"), tmp_path) as bot_env:
        yield bot_env


async def test_a_locked_database_refuses_requests_and_recovers(on_sqlite: BotEnv) -> None:
    bot_env = on_sqlite
    async with bot_env.running():
        async with locked(bot_env.settings):
            asked = await bot_env.create()
            told = await asked.wait_shown()
            assert "nothing was counted" in told.content
            assert asked.acknowledged_after_s < 3
            listed = await bot_env.discord.slash(
                bot_env.guild, bot_env.channel, bot_env.alice, "video list"
            )
            await listed.wait_shown()
            assert "haven't made" in listed.text, "reading goes on"
        assert not await bot_env.requests()
        assert "On its way" in (await (await bot_env.create()).wait_shown()).content
        await bot_env.until_state(State.POSTED)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    assert len(bot_env.provider.creates) == 1


async def test_a_database_that_is_locked_during_the_start_is_waited_for(
    on_sqlite: BotEnv, caplog: pytest.LogCaptureFixture
) -> None:
    bot_env, stop = on_sqlite, asyncio.Event()
    async with bot_env.opened() as app:
        async with locked(bot_env.settings):
            running = asyncio.create_task(app.run(stop))
            await bot_env.discord.wait_ready_unless(running)
            await said(bot_env, caplog, "worker.start")
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED)
        stop.set()
        await asyncio.wait_for(running, 30)


async def test_a_start_that_waits_for_the_database_can_be_stopped(
    on_sqlite: BotEnv, caplog: pytest.LogCaptureFixture
) -> None:
    bot_env, stop = on_sqlite, asyncio.Event()
    async with bot_env.opened() as app, locked(bot_env.settings):
        running = asyncio.create_task(app.worker.run(stop))
        await said(bot_env, caplog, "worker.start")
        stop.set()
        await asyncio.wait_for(running, 30)


async def test_an_accepted_request_is_never_reported_as_refused(
    on_sqlite: BotEnv, caplog: pytest.LogCaptureFixture
) -> None:
    """The reply is in flight when the database becomes read-only; it stays valid."""
    bot_env = on_sqlite
    release = asyncio.Event()
    async with bot_env.running():
        bot_env.discord.fail(CALLBACK, release=release)
        asked = await bot_env.create()
        await bot_env.until(lambda rows: len(rows) == 1)
        async with locked(bot_env.settings):
            release.set()
            assert "On its way" in (await asked.wait_shown()).content
            await said(bot_env, caplog, "request.answered")
        await bot_env.until_state(State.POSTED)
        assert asked.message is not None
        assert "On its way" in asked.message.content
    assert not asked.followups


async def said(bot_env: BotEnv, caplog: pytest.LogCaptureFixture, action: str) -> None:
    """Wait until an action is logged."""
    async with asyncio.timeout(PATIENCE_S):
        while not any(getattr(record, "action", "") == action for record in caplog.records):
            await bot_env.discord.quiet(0.02)


async def test_work_in_progress_survives_a_locked_database(
    on_sqlite: BotEnv, caplog: pytest.LogCaptureFixture
) -> None:
    """The create's response arrives while nothing can be written: the id is journaled and kept."""
    bot_env = on_sqlite
    answer = asyncio.Event()
    bot_env.provider.faults.next(CallName.CREATE, Delay(answer.wait))
    async with bot_env.running():
        await (await bot_env.create()).wait_shown()
        await bot_env.provider.until(lambda: bool(bot_env.provider.creates))
        async with locked(bot_env.settings):
            answer.set()
            await said(bot_env, caplog, "submit.journal")
            assert (await bot_env.request()).state is State.SUBMITTING
        await bot_env.until_state(State.POSTED)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    assert len(bot_env.provider.creates) == 1


async def test_a_full_disk_refuses_requests_and_recovers(on_sqlite: BotEnv) -> None:
    bot_env = on_sqlite
    async with bot_env.running() as app:
        writer = app.database._writer  # type: ignore[attr-defined]
        ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
        # a long prompt needs a page of its own, and there is none
        long = "a lighthouse " * 380
        await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        told = await (await bot_env.create(prompt=long)).wait_shown()
        assert "nothing was counted" in told.content
        assert not await bot_env.requests()
        await writer.execute_fetchall("PRAGMA max_page_count = 1073741823")
        assert "On its way" in (await (await bot_env.create(prompt=long)).wait_shown()).content
        await bot_env.until_state(State.POSTED)
    assert len(bot_env.provider.creates) == 1


async def test_a_nearly_full_data_directory_refuses_new_requests(
    on_sqlite: BotEnv,
) -> None:
    bot_env = on_sqlite
    folder = bot_env.settings.data_dir
    folder.mkdir()
    big = folder / "big"
    big.write_bytes(b"x" * 960_000)
    async with bot_env.running(data_max_gb=0.001) as app:
        async with asyncio.timeout(PATIENCE_S):
            while not app.disk.is_nearly_full:
                await bot_env.discord.quiet(0.02)
        told = await (await bot_env.create()).wait_shown()
        assert "0.001 GB are almost full" in told.content
        assert not await bot_env.requests()
        big.unlink()
        await app.disk.measure()
        assert "On its way" in (await (await bot_env.create()).wait_shown()).content
        await bot_env.until_state(State.POSTED)


async def test_a_backup_of_a_running_bot_is_complete(on_sqlite: BotEnv, tmp_path: Path) -> None:
    bot_env = on_sqlite
    async with bot_env.running():
        await bot_env.create()
        await bot_env.until_state(State.POSTED)
        busy = [asyncio.create_task(bot_env.create()) for _ in range(3)]
        code, out, err = await run(["-m", "bot", "backup", "copy.db"], bot_env.settings, tmp_path)
        await asyncio.gather(*busy)
        await bot_env.until(lambda rows: [row.state for row in rows] == [State.POSTED] * 4)
    assert code == 0, err
    assert "copy.db" in out
    copy = await open_database(f"sqlite:///{tmp_path / 'copy.db'}", migrate=False)
    try:
        async with copy.reading() as tx:
            (found,) = await tx.fetch_all("SELECT COUNT(*) AS n FROM requests WHERE state='posted'")
            (sound,) = await tx.fetch_all("PRAGMA integrity_check")
    finally:
        await copy.close()
    assert found["n"] >= 1
    assert list(sound.values()) == ["ok"]


@pytest.fixture
async def stoppable(tmp_path: Path) -> AsyncIterator[tuple[BotEnv, StoppableServer]]:
    """An environment on its own PostgreSQL, which can be stopped and restarted."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(stoppable_server())
        except PostgresMissing as error:
            pytest.skip(str(error))
        url = running.server.url(running.server.create())
        async with open_bot_env(url, tmp_path) as bot_env:
            yield bot_env, running


async def test_a_postgresql_outage_is_survived(
    stoppable: tuple[BotEnv, StoppableServer],
) -> None:
    bot_env, server = stoppable
    answer = asyncio.Event()
    bot_env.provider.faults.next(CallName.CREATE, Delay(answer.wait))
    async with bot_env.running():
        await (await bot_env.create()).wait_shown()
        await bot_env.provider.until(lambda: bool(bot_env.provider.creates))
        await asyncio.to_thread(server.stop)
        answer.set()
        asked = await bot_env.create()
        told = await asked.wait_shown(20)
        assert "nothing was counted" in told.content
        assert asked.acknowledged_after_s < 3
        await asyncio.to_thread(server.start)
        await bot_env.until(lambda rows: [row.state for row in rows] == [State.POSTED], 40)
        assert "On its way" in (await (await bot_env.create()).wait_shown()).content
        await bot_env.until(lambda rows: [row.state for row in rows] == [State.POSTED] * 2, 40)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 2)
    assert len(bot_env.provider.creates) == 2
    assert not bot_env.discord.late_interactions()


async def test_a_page_stays_when_the_database_is_gone_as_it_is_turned(on_sqlite: BotEnv) -> None:
    bot_env = on_sqlite
    async with bot_env.running() as app:
        asked = await bot_env.discord.slash(
            bot_env.guild, bot_env.channel, bot_env.alice, "video models", {}
        )
        page = await asked.wait_shown()
        before = asked.text
        await app.database.close()
        pressed = await bot_env.discord.click(page, "Next", bot_env.alice)
        told = await pressed.wait_shown()
        assert "Try again in a minute" in told.content
        assert told.is_ephemeral
        assert asked.text == before
    assert not bot_env.discord.invalid_calls()
