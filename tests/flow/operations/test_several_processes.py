"""Several processes on one PostgreSQL: gateways, workers, a death, and databases out of date."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.app import open_app, wall_clock
from bot.demo.provider.faults import TaskPlan
from bot.services.operations.circuit_breaker import PAUSED
from bot.web.status import HEARTBEAT_MS
from bot.worker.context import DEAD_AFTER_MS
from bot.worker.worker import HEARTBEAT_S
from storage.engine.database import open_database
from storage.operations import key_values, workers
from storage.records import Request, State, Worker
from storage.requests import requests
from tests.support import mortal_worker
from tests.support.bot_env import House, open_house, picture
from tests.support.discord.records import Upload
from tests.support.process import run, start


@pytest.fixture(params=["postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Only there can more than one process be."""
    return str(request.param)


@pytest.fixture
async def shared(database_url: str, tmp_path: Path) -> AsyncIterator[House]:
    async with open_house(
        database_url,
        tmp_path,
        seedance_max_active=2,
        user_daily_videos=None,
        server_daily_videos=None,
    ) as house:
        yield house


async def known_of(house: House, number: int) -> list[Worker]:
    """Wait until so many workers say that they live."""
    async with asyncio.timeout(10):
        while True:
            async with house.database.reading() as tx:
                alive = await workers.alive(tx, house.clock() - HEARTBEAT_MS)
            if len(alive) >= number:
                return alive
            await house.discord.quiet(0.05)


def all_posted(rows: list[Request]) -> bool:
    return bool(rows) and {row.state for row in rows} == {State.POSTED}


async def test_an_event_delivered_to_two_gateways_makes_one_request(shared: House) -> None:
    house = shared
    async with house.running("gateway"), house.running("gateway"), house.running("worker"):
        await house.discord.wait_ready(2)
        asked = [await house.create() for _ in range(4)]
        for each in asked:
            assert "On its way" in (await each.wait_shown()).content
        rows = await house.until(all_posted)
        await house.discord.wait_for(lambda: len(house.videos()) == len(asked))
        await house.discord.quiet()
    assert len(rows) == len(asked)
    assert len(house.provider.creates) == len(asked)
    assert len(house.videos()) == len(asked)
    assert not house.discord.late_interactions()
    assert not [each for each in asked if each.followups]


async def test_two_workers_never_pass_the_gate_by_more_than_may(
    shared: House, tmp_path: Path
) -> None:
    house = shared
    folders = (tmp_path / "one", tmp_path / "two")
    async with house.database.transaction() as tx:
        await key_values.set(tx, PAUSED, "1", house.clock())
    async with house.running("gateway"):
        for number, folder in enumerate(folders):
            # what a worker has fetched is its own to submit: both must pass the gate
            async with house.running("worker", data_dir=folder):
                for each in range(3):
                    user = house.discord.add_user(f"member {number} {each % 3}")
                    await house.create(user, files={"image1": picture_of(each)})
                await house.until(
                    lambda rows, wanted=3 * (number + 1): (  # type: ignore[misc]
                        len(rows) == wanted and all(row.prepared_at_ms for row in rows)
                    )
                )
        async with (
            house.running("worker", data_dir=folders[0]),
            house.running("worker", data_dir=folders[1]),
        ):
            await known_of(house, 2)
            async with house.database.transaction() as tx:
                await key_values.delete(tx, PAUSED)
            rows = await house.until(all_posted, timeout_s=60)
    assert len({row.host for row in rows}) == 2, "both took part"
    assert house.provider.peak_active == 2
    assert len(house.provider.creates) == 6
    assert len(house.videos()) == 6


def picture_of(number: int) -> Upload:
    return Upload(f"{number}.png", picture(64, 64 + number))


async def test_when_a_worker_is_killed_another_takes_over(shared: House, tmp_path: Path) -> None:
    house = replace_pace(shared)
    settings = house.settings.model_copy(update={"data_dir": tmp_path / "mortal"})
    mortal = await start(["-m", "tests.support.mortal_worker"], settings, tmp_path)
    try:
        await known_of(house, 1)
        async with house.running("gateway"):
            await (await house.create()).wait_shown()
            row = await house.until_state(State.RUNNING)
            mortal.kill()
            await mortal.wait()
            async with house.running("worker"):
                await house.until_state(State.POSTED)
                await house.discord.wait_for(lambda: len(house.videos()) == 1)
    finally:
        if mortal.returncode is None:
            mortal.kill()
        await mortal.communicate()
    assert (await house.request()).task_id == row.task_id
    assert len(house.provider.creates) == 1


def replace_pace(house: House) -> House:
    """Leases as short as the mortal worker's."""
    return replace(house, lease_ms=mortal_worker.LEASE_MS)


async def test_leases_and_hosts_of_the_dead_are_taken_over_within_30_seconds(
    shared: House, tmp_path: Path
) -> None:
    """By the clock alone: pulses are beaten by hand, a minute in a moment."""
    house = shared
    assert house.lease_ms + 1_000 < 30_000
    assert DEAD_AFTER_MS + HEARTBEAT_S * 1000 < 30_000
    ticks = {"ms": wall_clock()}
    async with open_app(
        house.settings.model_copy(update={"data_dir": tmp_path / "living"}),
        role="worker",
        clock=lambda: ticks["ms"],
    ) as app:
        heartbeat = app.worker._heartbeat
        for _ in range(5):
            await heartbeat()
            ticks["ms"] += 5_000
        died_ms = ticks["ms"]
        async with house.database.transaction() as tx:
            await workers.heartbeat(tx, owner="dead", host="gone", role="worker", now_ms=died_ms)
        row = await queued_on(house, "gone")
        while (await house.request()).host == "gone":
            assert ticks["ms"] - died_ms < 30_000
            ticks["ms"] += 5_000
            await heartbeat()
        assert ticks["ms"] - died_ms >= DEAD_AFTER_MS
        assert (await house.request()).id == row.id
        assert (await house.request()).due_at_ms <= ticks["ms"]


async def test_a_database_gone_for_a_minute_makes_nobody_dead(
    shared: House, tmp_path: Path
) -> None:
    house = shared
    ticks = {"ms": wall_clock()}
    async with open_app(
        house.settings.model_copy(update={"data_dir": tmp_path / "living"}),
        role="worker",
        clock=lambda: ticks["ms"],
    ) as app:
        for _ in range(6):
            await app.worker._heartbeat()
            async with house.database.transaction() as tx:
                await workers.heartbeat(
                    tx, owner="other", host="other", role="worker", now_ms=ticks["ms"]
                )
            ticks["ms"] += 5_000
        await queued_on(house, "other")
        ticks["ms"] += 60_000
        await app.worker._heartbeat()
        assert (await house.request()).host == "other"
        ticks["ms"] += 5_000
        async with house.database.transaction() as tx:
            await workers.heartbeat(
                tx, owner="other", host="other", role="worker", now_ms=ticks["ms"]
            )
        for _ in range(3):
            ticks["ms"] += 5_000
            await app.worker._heartbeat()
        assert (await house.request()).host == "other"


async def queued_on(house: House, host: str) -> Request:
    """A request whose inputs lie on a host."""
    row = Request(
        id="abc2defghj",
        interaction_id=1,
        guild_id=house.guild.id,
        channel_id=house.channel.id,
        user_id=house.alice.id,
        state=State.QUEUED,
        model="seedance2.0-fast-i2v",
        seconds=4,
        spec='{"prompt": "x", "model": "seedance2.0-fast-i2v"}',
        created_at_ms=wall_clock(),
        prepared_at_ms=1,
        host=host,
    )
    async with house.database.transaction() as tx:
        assert await requests.add(tx, row)
    return row


async def test_a_workers_full_disk_is_heard_of_by_a_gateway_elsewhere(
    shared: House, tmp_path: Path
) -> None:
    house = shared
    full = tmp_path / "full"
    full.mkdir()
    (full / "big").write_bytes(b"x" * 200_000)
    async with house.running("worker", data_dir=full, data_max_gb=0.0002):
        await known_of(house, 1)
        async with house.running("gateway", data_dir=tmp_path / "empty") as app:
            async with asyncio.timeout(10):
                while not app.disk.is_nearly_full:
                    await house.discord.quiet(0.02)
            refused = await (await house.create()).wait_shown()
    assert "no storage left for more videos" in refused.content
    assert not await house.requests()


async def test_an_out_of_date_postgresql_ends_the_start_and_migrate_mends_it(
    empty_database_url: str, shared: House, tmp_path: Path
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


async def test_backup_is_not_for_postgresql(shared: House, tmp_path: Path) -> None:
    code, _, err = await run(["-m", "bot", "backup", "copy.db"], shared.settings, tmp_path)
    assert code == 1
    assert "pg_dump" in err
    assert not (tmp_path / "copy.db").exists()


@pytest.mark.parametrize("how", ["Again", "Continue"])
async def test_what_one_host_fetched_and_another_downloaded_can_be_used_again(
    shared: House, tmp_path: Path, how: str
) -> None:
    house = shared
    one, two = tmp_path / "one", tmp_path / "two"
    house.provider.faults.next_task(TaskPlan(never_ends=True))
    async with house.running("gateway"):
        async with house.running("worker", data_dir=one):
            await house.create(files={"image1": picture_of(1)})
            await house.until_state(State.RUNNING)
        async with house.running("worker", data_dir=two):
            for task in house.provider.tasks.values():
                task.plan = TaskPlan()
            first = await house.until_state(State.POSTED, timeout_s=40)
            assert first.result_host
            assert first.host != first.result_host
            await house.discord.wait_for(lambda: len(house.videos()) == 1)
            # both work, and the one that has no inputs is the first to look
            async with house.running("worker", data_dir=one):
                await known_of(house, 2)
                pressed = await house.discord.click(house.videos()[0], how, house.alice)
                if how == "Continue":
                    opened = await pressed.wait_answered()
                    await house.discord.submit(opened, {"Prompt": "and then it rains"})
                rows = await house.until(
                    lambda rows: len(rows) == 2 and all(r.state is State.POSTED for r in rows), 40
                )
    assert len(rows) == 2
    assert len(house.provider.creates) == 2


async def test_files_of_a_host_that_is_gone_are_asked_for_where_they_came_from(
    shared: House, tmp_path: Path
) -> None:
    house = shared
    one, two = tmp_path / "one", tmp_path / "two"
    async with house.running("gateway"):
        async with house.running("worker", data_dir=one):
            await house.create(files={"image1": picture_of(1)})
            await house.until_state(State.POSTED)
            await house.discord.wait_for(lambda: len(house.videos()) == 1)
        async with house.running("worker", data_dir=two):
            async with house.database.transaction() as tx:
                # nobody waits for its return
                await tx.execute("UPDATE requests SET host = ''")
            await house.discord.click(house.videos()[0], "Again", house.alice)
            await house.until(
                lambda rows: len(rows) == 2 and all(r.state is State.POSTED for r in rows), 40
            )
    assert len(house.provider.creates) == 2
