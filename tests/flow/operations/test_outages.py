"""The database locked, gone or full, and a full disk: said clearly, nothing lost, recovered."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.demo.provider.faults import CallName, Delay
from storage.engine import sqlite
from storage.engine.database import open_database
from storage.records import State
from tests.support.bot_env import House, open_house
from tests.support.discord.http.server import CALLBACK
from tests.support.locked_database import locked
from tests.support.postgres import PostgresMissing, StoppableServer, stoppable_server
from tests.support.process import run


@pytest.fixture
async def on_sqlite(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    # a locked database is waited for this long; the contract's 5 s would only make the tests slow
    monkeypatch.setattr(sqlite, "_BUSY_TIMEOUT_S", 0.2)
    async with open_house(f"sqlite:///{tmp_path / 'test.db'}", tmp_path) as house:
        yield house


async def test_a_locked_database_refuses_and_recovers(on_sqlite: House) -> None:
    house = on_sqlite
    async with house.running():
        async with locked(house.settings):
            asked = await house.create()
            told = await asked.wait_shown()
            assert "nothing was counted" in told.content
            assert asked.acknowledged_after_s < 3
            listed = await house.discord.slash(
                house.guild, house.channel, house.alice, "video list"
            )
            await listed.wait_shown()
            assert "haven't made" in listed.text, "reading goes on"
        assert not await house.requests()
        assert "On its way" in (await (await house.create()).wait_shown()).content
        await house.until_state(State.POSTED)
        await house.discord.wait_for(lambda: len(house.videos()) == 1)
    assert len(house.provider.creates) == 1


async def test_a_taken_request_is_never_called_refused(
    on_sqlite: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The answer is on its way when nothing can be written any more: it stays the answer."""
    house = on_sqlite
    release = asyncio.Event()
    async with house.running():
        house.discord.fail(CALLBACK, release=release)
        asked = await house.create()
        await house.until(lambda rows: len(rows) == 1)
        async with locked(house.settings):
            release.set()
            assert "On its way" in (await asked.wait_shown()).content
            await said(house, caplog, "request.answered")
        await house.until_state(State.POSTED)
        assert asked.message is not None
        assert "On its way" in asked.message.content
    assert not asked.followups


async def said(house: House, caplog: pytest.LogCaptureFixture, action: str) -> None:
    """Wait until something was logged."""
    async with asyncio.timeout(10):
        while not any(getattr(record, "action", "") == action for record in caplog.records):
            await house.discord.quiet(0.02)


async def test_work_under_way_outlives_a_locked_database(
    on_sqlite: House, caplog: pytest.LogCaptureFixture
) -> None:
    """The create's answer comes while nothing can be written: its id is kept and written later."""
    house = on_sqlite
    answer = asyncio.Event()
    house.provider.faults.next(CallName.CREATE, Delay(answer.wait))
    async with house.running():
        await (await house.create()).wait_shown()
        await house.provider.until(lambda: bool(house.provider.creates))
        async with locked(house.settings):
            answer.set()
            await said(house, caplog, "submit.journal")
            assert (await house.request()).state is State.SUBMITTING
        await house.until_state(State.POSTED)
        await house.discord.wait_for(lambda: len(house.videos()) == 1)
    assert len(house.provider.creates) == 1


async def test_a_full_database_refuses_and_recovers(on_sqlite: House) -> None:
    house = on_sqlite
    async with house.running() as app:
        writer = app.database._writer  # type: ignore[attr-defined]
        ((pages,),) = await writer.execute_fetchall("PRAGMA page_count")
        # a long prompt needs a page of its own, and there is none
        long = "a lighthouse " * 380
        await writer.execute_fetchall(f"PRAGMA max_page_count = {pages}")
        told = await (await house.create(prompt=long)).wait_shown()
        assert "nothing was counted" in told.content
        assert not await house.requests()
        await writer.execute_fetchall("PRAGMA max_page_count = 1073741823")
        assert "On its way" in (await (await house.create(prompt=long)).wait_shown()).content
        await house.until_state(State.POSTED)
    assert len(house.provider.creates) == 1


async def test_a_data_directory_nearly_full_refuses_before_anything_is_lost(
    on_sqlite: House,
) -> None:
    house = on_sqlite
    folder = house.settings.data_dir
    folder.mkdir()
    big = folder / "big"
    big.write_bytes(b"x" * 960_000)
    async with house.running(data_max_gb=0.001) as app:
        async with asyncio.timeout(10):
            while not app.disk.is_nearly_full:
                await house.discord.quiet(0.02)
        told = await (await house.create()).wait_shown()
        assert "0.001 GB are almost full" in told.content
        assert not await house.requests()
        big.unlink()
        await app.disk.measure()
        assert "On its way" in (await (await house.create()).wait_shown()).content
        await house.until_state(State.POSTED)


async def test_a_backup_while_running_is_whole(on_sqlite: House, tmp_path: Path) -> None:
    house = on_sqlite
    async with house.running():
        await house.create()
        await house.until_state(State.POSTED)
        busy = [asyncio.create_task(house.create()) for _ in range(3)]
        code, out, err = await run(["-m", "bot", "backup", "copy.db"], house.settings, tmp_path)
        await asyncio.gather(*busy)
        await house.until(lambda rows: [row.state for row in rows] == [State.POSTED] * 4)
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
async def stoppable(tmp_path: Path) -> AsyncIterator[tuple[House, StoppableServer]]:
    """A house on a PostgreSQL of its own, which can go away and come back."""
    with contextlib.ExitStack() as stack:
        try:
            running = stack.enter_context(stoppable_server())
        except PostgresMissing as error:
            pytest.skip(str(error))
        url = running.server.url(running.server.create())
        async with open_house(url, tmp_path) as house:
            yield house, running


async def test_a_postgresql_that_goes_away_and_comes_back(
    stoppable: tuple[House, StoppableServer],
) -> None:
    house, server = stoppable
    answer = asyncio.Event()
    house.provider.faults.next(CallName.CREATE, Delay(answer.wait))
    async with house.running():
        await (await house.create()).wait_shown()
        await house.provider.until(lambda: bool(house.provider.creates))
        await asyncio.to_thread(server.stop)
        answer.set()
        asked = await house.create()
        told = await asked.wait_shown(20)
        assert "nothing was counted" in told.content
        assert asked.acknowledged_after_s < 3
        await asyncio.to_thread(server.start)
        await house.until(lambda rows: [row.state for row in rows] == [State.POSTED], 40)
        assert "On its way" in (await (await house.create()).wait_shown()).content
        await house.until(lambda rows: [row.state for row in rows] == [State.POSTED] * 2, 40)
        await house.discord.wait_for(lambda: len(house.videos()) == 2)
    assert len(house.provider.creates) == 2
    assert not house.discord.late_interactions()


async def test_a_page_stays_when_the_database_is_gone_as_it_is_turned(on_sqlite: House) -> None:
    house = on_sqlite
    async with house.running() as app:
        asked = await house.discord.slash(
            house.guild, house.channel, house.alice, "video models", {}
        )
        page = await asked.wait_shown()
        before = asked.text
        await app.database.close()
        pressed = await house.discord.click(page, "Next", house.alice)
        told = await pressed.wait_shown()
        assert "Try again in a minute" in told.content
        assert told.is_ephemeral
        assert asked.text == before
    assert not house.discord.invalid_calls()
