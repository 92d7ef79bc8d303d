"""/healthz, /readyz and /metrics over real sockets, of each role."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from bot.demo.provider.faults import CallName, Drop
from bot.services.media_files.on_disk import DiskFiles
from bot.services.operations.circuit_breaker import OutageReason, note_failure
from bot.services.operations.disk_space import DiskSpace
from bot.web.status import Status
from storage.engine.transaction import Database
from storage.operations import key_values, workers
from storage.records import State
from tests.support.bot_env import BotEnv
from tests.support.patience import PATIENCE_S

on_postgres = pytest.mark.parametrize("dialect", ["postgres"])
on_sqlite = pytest.mark.parametrize("dialect", ["sqlite"])


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Watcher:
    """Looks at one process from outside."""

    def __init__(self) -> None:
        self.port = free_port()

    async def get(self, path: str) -> tuple[int, Any]:
        url = f"http://127.0.0.1:{self.port}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            is_json = response.content_type == "application/json"
            return response.status, await (response.json() if is_json else response.text())

    async def ready(self, holds: Callable[[int, dict[str, str]], bool]) -> dict[str, str]:
        """Ask until it is so; the checks by name."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                with contextlib.suppress(aiohttp.ClientConnectorError):  # not there yet
                    status, body = await self.get("/readyz")
                    if holds(status, body["checks"]):
                        return dict(body["checks"])
                await asyncio.sleep(0.02)

    async def metrics(self) -> dict[str, float]:
        _, text = await self.get("/metrics")
        return {
            sample.name + "".join(f":{value}" for value in sample.labels.values()): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }


async def test_a_running_bot_is_healthy_and_ready(bot_env: BotEnv) -> None:
    watcher = Watcher()
    async with bot_env.running(http_port=watcher.port):
        assert await watcher.get("/healthz") == (200, {"status": "ok"})
        checks = await watcher.ready(lambda status, _: status == 200)
        assert (await watcher.get("/readyz"))[1]["shards"] == {"0": "ok"}
        await bot_env.create()
        await bot_env.until_state(State.POSTED)
        metrics = await watcher.metrics()
    assert checks == dict.fromkeys(("gateway", "database", "provider", "worker", "disk"), "ok")
    assert metrics["video_bot_requests:posted"] == 1
    assert metrics["video_bot_requests:queued"] == 0
    assert metrics["video_bot_database_up"] == 1
    assert metrics["video_bot_gateway_up"] == metrics["video_bot_shard_up:0"] == 1
    assert metrics["video_bot_workers"] == 1
    assert metrics["video_bot_paused"] == 0
    assert metrics["video_bot_data_bytes"] >= 0


@on_sqlite
async def test_a_request_is_measured_from_its_arrival_to_its_post(bot_env: BotEnv) -> None:
    watcher = Watcher()
    async with bot_env.running(http_port=watcher.port):
        await watcher.ready(lambda status, _: status == 200)
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.POSTED)
        bot_env.provider.faults.next(CallName.CREATE, Drop(carried_out=True))
        await (await bot_env.create()).wait_shown()
        await bot_env.until_state(State.UNCERTAIN, number=1)

        async def is_counted() -> bool:
            """Its step ends a moment after its state is recorded."""
            metrics = await watcher.metrics()
            return metrics["video_bot_step_seconds_count:submit"] == 2

        await bot_env.until_so(is_counted)
        metrics = await watcher.metrics()
        _, text = await watcher.get("/metrics")
    assert metrics["video_bot_acknowledge_seconds_count"] == 2
    assert metrics["video_bot_submit_wait_seconds_count"] == 1
    assert metrics["video_bot_seen_to_posted_seconds_count"] == 1
    assert metrics["video_bot_step_seconds_count:submit"] == 2
    assert metrics["video_bot_provider_calls_total:create:ok"] == 1
    assert metrics["video_bot_provider_calls_total:create:no-answer"] == 1
    assert metrics["video_bot_discord_calls_total:POST:ok"] >= 4
    assert metrics["video_bot_requests:uncertain"] == 1
    assert not [row.id for row in await bot_env.requests() if row.id in text]
    assert str(bot_env.guild.id) not in text


@on_sqlite
async def test_without_the_gateway_it_is_healthy_but_not_ready(bot_env: BotEnv) -> None:
    watcher = Watcher()
    async with bot_env.running(http_port=watcher.port):
        await watcher.ready(lambda status, _: status == 200)
        bot_env.discord.gateway.is_down = True
        await bot_env.discord.gateway.disconnect(1001, forgets=True)
        checks = await watcher.ready(lambda status, checks: checks["gateway"] != "ok")
        assert (await watcher.get("/healthz"))[0] == 200
        assert (await watcher.metrics())["video_bot_gateway_up"] == 0
        bot_env.discord.gateway.is_down = False
    assert checks["worker"] == "ok"


@on_sqlite
async def test_an_unhealthy_provider_means_not_ready(bot_env: BotEnv) -> None:
    watcher = Watcher()
    async with bot_env.running(http_port=watcher.port):
        await watcher.ready(lambda status, _: status == 200)
        async with bot_env.database.transaction() as tx:
            await note_failure(tx, OutageReason.MONEY, bot_env.clock())
            await key_values.set(tx, "paused", "1", bot_env.clock())
        status, body = await watcher.get("/readyz")
        metrics = await watcher.metrics()
    assert status == 503
    assert body["checks"]["provider"] == "provider-money"
    assert metrics["video_bot_provider_open"] == 1
    assert metrics["video_bot_paused"] == 1


@on_postgres
async def test_each_role_reports_its_own_readiness(bot_env: BotEnv) -> None:
    gateway, worker = Watcher(), Watcher()
    async with bot_env.running("gateway", http_port=gateway.port):
        checks = await gateway.ready(lambda status, checks: checks["gateway"] == "ok")
        assert checks["worker"] == "no worker has been heard of lately"
        async with bot_env.running("worker", http_port=worker.port):
            checks = await worker.ready(lambda status, _: status == 200)
            assert set(checks) == {"database", "provider", "worker", "disk"}
            checks = await gateway.ready(lambda status, _: status == 200)
            assert set(checks) == {"gateway", "database", "provider", "worker", "disk"}
            assert (await worker.get("/healthz"))[0] == 200
            assert "video_bot_gateway_up" not in await worker.metrics()
            assert (await gateway.metrics())["video_bot_workers"] == 1
        checks = await gateway.ready(lambda status, checks: checks["worker"] != "ok")
        assert checks["gateway"] == "ok"


@on_sqlite
async def test_readiness_depends_on_the_workers_own_heartbeat(
    database: Database, tmp_path: Path
) -> None:
    disk = DiskSpace(tmp_path, limit_bytes=10**9, files=DiskFiles(tmp_path, "here"))
    async with database.transaction() as tx:
        await workers.heartbeat(tx, owner="other", host="h", role="worker", now_ms=1_000_000)
    found = {
        own: await Status(
            database, disk, clock=lambda: 1_010_000, shards=None, own_worker=own
        ).readiness()
        for own in (None, "other", "mine")
    }
    assert found[None]["worker"] == found["other"]["worker"] == "ok"
    assert "has not been heard of" in found["mine"]["worker"]


@on_sqlite
async def test_port_0_serves_nothing(bot_env: BotEnv) -> None:
    async with bot_env.running(http_port=0) as app:
        assert app.web._runner is None


@on_sqlite
async def test_nothing_else_is_served(bot_env: BotEnv) -> None:
    watcher = Watcher()
    async with bot_env.running(http_port=watcher.port):
        assert (await watcher.get("/"))[0] == 404
        assert (await watcher.get("/metrics/../.env"))[0] == 404
