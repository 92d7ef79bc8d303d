"""Several processes on one PostgreSQL: roles, crashes, and outdated schemas."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import open_app, wall_clock
from bot.services.operations.circuit_breaker import PAUSED
from bot.web.status import HEARTBEAT_MS
from bot.worker.context import DEAD_AFTER_MS
from bot.worker.heartbeat import HEARTBEAT_S
from storage.engine.database import open_database
from storage.operations import key_values, workers
from storage.operations.workers import Worker
from storage.records import Request, State
from storage.requests import requests
from tests.support import mortal_worker
from tests.support.bot_env import BotEnv, open_bot_env, picture
from tests.support.discord.records import Upload
from tests.support.patience import PATIENCE_S
from tests.support.process import run, start


@pytest.fixture(params=["postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """PostgreSQL only: SQLite supports one process."""
    return str(request.param)


@pytest.fixture
async def shared(database_url: str, tmp_path: Path) -> AsyncIterator[BotEnv]:
    async with open_bot_env(
        database_url,
        tmp_path,
        seedance_max_active=2,
        user_daily_videos=None,
        server_daily_videos=None,
    ) as bot_env:
        yield bot_env


async def known_of(bot_env: BotEnv, number: int) -> list[Worker]:
    """Wait until this many workers send heartbeats."""
    async with asyncio.timeout(PATIENCE_S):
        while True:
            async with bot_env.database.reading() as tx:
                alive = await workers.alive(tx, bot_env.clock() - HEARTBEAT_MS)
            if len(alive) >= number:
                return alive
            await bot_env.discord.quiet(0.05)


def all_posted(rows: list[Request]) -> bool:
    return bool(rows) and {row.state for row in rows} == {State.POSTED}


async def test_an_event_delivered_to_two_gateways_makes_one_request(shared: BotEnv) -> None:
    bot_env = shared
    async with bot_env.running("gateway"), bot_env.running("gateway"), bot_env.running("worker"):
        await bot_env.discord.wait_ready(2)
        asked = [await bot_env.create() for _ in range(4)]
        for each in asked:
            assert "On its way" in (await each.wait_shown()).content
        rows = await bot_env.until(all_posted)
        await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == len(asked))
        await bot_env.discord.quiet()
    assert len(rows) == len(asked)
    assert len(bot_env.provider.creates) == len(asked)
    assert len(bot_env.videos()) == len(asked)
    assert not bot_env.discord.late_interactions()
    assert not [each for each in asked if each.followups]


async def test_two_workers_never_exceed_the_slot_limit(shared: BotEnv, tmp_path: Path) -> None:
    bot_env = shared
    folders = (tmp_path / "one", tmp_path / "two")
    async with bot_env.database.transaction() as tx:
        await key_values.set(tx, PAUSED, "1", bot_env.clock())
    async with bot_env.running("gateway"):
        for number, folder in enumerate(folders):
            # what a worker has fetched is its own to submit: both must pass the gate
            async with bot_env.running("worker", data_dir=folder):
                for each in range(3):
                    user = bot_env.discord.add_user(f"member {number} {each % 3}")
                    await bot_env.create(user, files={"image1": picture_of(each)})
                await bot_env.until(
                    lambda rows, wanted=3 * (number + 1): (  # type: ignore[misc]
                        len(rows) == wanted and all(row.prepared_at_ms for row in rows)
                    )
                )
        bot_env.hold_tasks(2)
        async with (
            bot_env.running("worker", data_dir=folders[0]),
            bot_env.running("worker", data_dir=folders[1]),
        ):
            await known_of(bot_env, 2)
            async with bot_env.database.transaction() as tx:
                await key_values.delete(tx, PAUSED)
            await bot_env.until(lambda _: len(bot_env.provider.creates) == 2)
            bot_env.let_tasks_end()
            rows = await bot_env.until(all_posted, timeout_s=60)
    assert len({row.host for row in rows}) == 2, "both took part"
    assert bot_env.provider.peak_active == 2
    assert len(bot_env.provider.creates) == 6
    assert len(bot_env.videos()) == 6


def picture_of(number: int) -> Upload:
    return Upload(f"{number}.png", picture(64, 64 + number))


async def test_a_killed_workers_requests_are_taken_over(shared: BotEnv, tmp_path: Path) -> None:
    bot_env = replace_pace(shared)
    settings = bot_env.settings.model_copy(update={"data_dir": tmp_path / "mortal"})
    mortal = await start(["-m", "tests.support.mortal_worker"], settings, tmp_path)
    try:
        await known_of(bot_env, 1)
        bot_env.hold_tasks()
        async with bot_env.running("gateway"):
            await (await bot_env.create()).wait_shown()
            row = await bot_env.until_state(State.RUNNING)
            mortal.kill()
            await mortal.wait()
            bot_env.let_tasks_end()
            async with bot_env.running("worker"):
                await bot_env.until_state(State.POSTED)
                await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
    finally:
        if mortal.returncode is None:
            mortal.kill()
        await mortal.communicate()
    assert (await bot_env.request()).task_id == row.task_id
    assert len(bot_env.provider.creates) == 1


def replace_pace(bot_env: BotEnv) -> BotEnv:
    """Leases as short as those of the worker to be killed."""
    return replace(bot_env, lease_ms=mortal_worker.LEASE_MS)


async def test_leases_and_hosts_of_the_dead_are_taken_over_within_30_seconds(
    shared: BotEnv, tmp_path: Path
) -> None:
    """Advance the clock by hand and send heartbeats explicitly."""
    bot_env = shared
    assert bot_env.lease_ms + 1_000 < 30_000
    assert DEAD_AFTER_MS + HEARTBEAT_S * 1000 < 30_000
    ticks = {"ms": wall_clock()}
    async with open_app(
        bot_env.settings.model_copy(update={"data_dir": tmp_path / "living"}),
        role="worker",
        clock=lambda: ticks["ms"],
    ) as app:
        heartbeat = app.worker._heartbeat.beat
        for _ in range(5):
            await heartbeat()
            ticks["ms"] += 5_000
        died_ms = ticks["ms"]
        async with bot_env.database.transaction() as tx:
            await workers.heartbeat(tx, owner="dead", host="gone", role="worker", now_ms=died_ms)
        row = await queued_on(bot_env, "gone")
        while (await bot_env.request()).host == "gone":
            assert ticks["ms"] - died_ms < 30_000
            ticks["ms"] += 5_000
            await heartbeat()
        assert ticks["ms"] - died_ms >= DEAD_AFTER_MS
        assert (await bot_env.request()).id == row.id
        assert (await bot_env.request()).due_at_ms <= ticks["ms"]


async def test_a_database_outage_of_a_minute_declares_no_worker_dead(
    shared: BotEnv, tmp_path: Path
) -> None:
    bot_env = shared
    ticks = {"ms": wall_clock()}
    async with open_app(
        bot_env.settings.model_copy(update={"data_dir": tmp_path / "living"}),
        role="worker",
        clock=lambda: ticks["ms"],
    ) as app:
        for _ in range(6):
            await app.worker._heartbeat.beat()
            async with bot_env.database.transaction() as tx:
                await workers.heartbeat(
                    tx, owner="other", host="other", role="worker", now_ms=ticks["ms"]
                )
            ticks["ms"] += 5_000
        await queued_on(bot_env, "other")
        ticks["ms"] += 60_000
        await app.worker._heartbeat.beat()
        assert (await bot_env.request()).host == "other"
        ticks["ms"] += 5_000
        async with bot_env.database.transaction() as tx:
            await workers.heartbeat(
                tx, owner="other", host="other", role="worker", now_ms=ticks["ms"]
            )
        for _ in range(3):
            ticks["ms"] += 5_000
            await app.worker._heartbeat.beat()
        assert (await bot_env.request()).host == "other"


async def queued_on(bot_env: BotEnv, host: str) -> Request:
    """A request whose inputs are stored on a host."""
    row = Request(
        id="abc2defghj",
        interaction_id=1,
        guild_id=bot_env.guild.id,
        channel_id=bot_env.channel.id,
        user_id=bot_env.alice.id,
        state=State.QUEUED,
        model="seedance2.0-fast-i2v",
        seconds=4,
        spec='{"prompt": "x", "model": "seedance2.0-fast-i2v"}',
        created_at_ms=wall_clock(),
        prepared_at_ms=1,
        host=host,
    )
    async with bot_env.database.transaction() as tx:
        assert await requests.add(tx, row)
    return row


async def test_a_gateway_on_another_host_sees_a_workers_full_disk(
    shared: BotEnv, tmp_path: Path
) -> None:
    bot_env = shared
    full = tmp_path / "full"
    full.mkdir()
    (full / "big").write_bytes(b"x" * 200_000)
    async with bot_env.running("worker", data_dir=full, data_max_gb=0.0002):
        await known_of(bot_env, 1)
        async with bot_env.running("gateway", data_dir=tmp_path / "empty") as app:
            async with asyncio.timeout(PATIENCE_S):
                while not app.disk.is_nearly_full:
                    await bot_env.discord.quiet(0.02)
            refused = await (await bot_env.create()).wait_shown()
    assert "no storage left for more videos" in refused.content
    assert not await bot_env.requests()


async def test_an_outdated_postgresql_stops_the_start_until_migrated(
    empty_database_url: str, shared: BotEnv, tmp_path: Path
) -> None:
    settings = shared.settings.model_copy(update={"database_url": SecretStr(empty_database_url)})
    code, _, err = await run(["-m", "bot", "run"], settings, tmp_path)
    assert code == 1
    assert "video-bot migrate" in err
    code, out, _ = await run(["-m", "bot", "migrate"], settings, tmp_path)
    assert code == 0
    assert "applied" in out
    code, out, _ = await run(["-m", "bot", "migrate"], settings, tmp_path)
    assert code == 0
    assert "up to date" in out
    database = await open_database(empty_database_url, migrate=False)
    await database.close()


async def test_backup_is_not_for_postgresql(shared: BotEnv, tmp_path: Path) -> None:
    code, _, err = await run(["-m", "bot", "backup", "copy.db"], shared.settings, tmp_path)
    assert code == 1
    assert "pg_dump" in err
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("how", ["Again", "Continue"])
async def test_what_one_host_fetched_and_another_downloaded_can_be_used_again(
    shared: BotEnv, tmp_path: Path, how: str
) -> None:
    bot_env = shared
    one, two = tmp_path / "one", tmp_path / "two"
    bot_env.hold_tasks()
    async with bot_env.running("gateway"):
        async with bot_env.running("worker", data_dir=one):
            await bot_env.create(files={"image1": picture_of(1)})
            await bot_env.until_state(State.RUNNING)
        async with bot_env.running("worker", data_dir=two):
            bot_env.let_tasks_end()
            first = await bot_env.until_state(State.POSTED, timeout_s=40)
            assert first.result_host
            assert first.host != first.result_host
            await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
            # both work, and the one that has no inputs is the first to look
            async with bot_env.running("worker", data_dir=one):
                await known_of(bot_env, 2)
                pressed = await bot_env.discord.click(bot_env.videos()[0], how, bot_env.alice)
                if how == "Continue":
                    opened = await pressed.wait_answered()
                    await bot_env.discord.submit(opened, {"Prompt": "and then it rains"})
                rows = await bot_env.until(
                    lambda rows: len(rows) == 2 and all(r.state is State.POSTED for r in rows), 40
                )
    assert len(rows) == 2
    assert len(bot_env.provider.creates) == 2


async def test_files_of_a_host_that_is_gone_are_asked_for_where_they_came_from(
    shared: BotEnv, tmp_path: Path
) -> None:
    bot_env = shared
    one, two = tmp_path / "one", tmp_path / "two"
    async with bot_env.running("gateway"):
        async with bot_env.running("worker", data_dir=one):
            await bot_env.create(files={"image1": picture_of(1)})
            await bot_env.until_state(State.POSTED)
            await bot_env.discord.wait_for(lambda: len(bot_env.videos()) == 1)
        async with bot_env.running("worker", data_dir=two):
            async with bot_env.database.transaction() as tx:
                # nobody waits for its return
                await tx.execute("UPDATE requests SET host = ''")
            await bot_env.discord.click(bot_env.videos()[0], "Again", bot_env.alice)
            await bot_env.until(
                lambda rows: len(rows) == 2 and all(r.state is State.POSTED for r in rows), 40
            )
    assert len(bot_env.provider.creates) == 2
