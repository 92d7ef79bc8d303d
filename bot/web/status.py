"""Readiness checks and Prometheus metrics, read from the database on each request."""

import asyncio
from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from bot.metrics import Metrics
from bot.services.operations.circuit_breaker import read_health
from bot.services.operations.disk_space import DiskSpace
from bot.shards import ShardState
from bot.web.figures import read_figures, show_figures
from bot.web.server import Checks
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.operations import workers

TIMEOUT_S: Final = 3.0
HEARTBEAT_MS: Final = 30_000
OK: Final = "ok"
NOT_CONNECTED: Final = "not connected to Discord"


class Status:
    """Readiness and metrics; `shards` is None in a process without a gateway.

    `measured` is what the process counted by itself, `key_id` the provider key's fingerprint.
    `own_worker` is this process's lease owner name; without one any live worker counts.
    `is_store_away` is None without a media store.
    """

    def __init__(
        self,
        database: Database,
        disk: DiskSpace,
        *,
        clock: Callable[[], int],
        shards: Callable[[], Mapping[int, ShardState]] | None,
        own_worker: str | None = None,
        measured: Metrics | None = None,
        key_id: str = "",
        is_store_away: Callable[[], bool] | None = None,
    ) -> None:
        self._database = database
        self._disk = disk
        self._clock = clock
        self._shards = shards
        self._own_worker = own_worker
        self._measured = measured or Metrics()
        self._key_id = key_id
        self._is_store_away = is_store_away

    async def readiness(self) -> Checks:
        """Check gateway, database, provider, worker, disk and store: `ok` or the problem.

        The gateway is ok while any of its shards is connected; `shards` tells of each.
        """
        checks: dict[str, str] = {}
        if self._shards is not None:
            checks["gateway"] = OK if OK in self.shards().values() else NOT_CONNECTED
        try:
            async with asyncio.timeout(TIMEOUT_S):
                checks |= await self._by_database()
        except (StorageError, TimeoutError):
            checks["database"] = "does not answer"
        checks["disk"] = "nearly full" if self._disk.is_nearly_full else "ok"
        if self._is_store_away is not None:
            checks["store"] = "does not answer" if self._is_store_away() else "ok"
        return checks

    def shards(self) -> Checks:
        """Each shard of this process by its number: `ok` or the problem."""
        states = self._shards() if self._shards is not None else {}
        return {str(each): OK if state.is_up else NOT_CONNECTED for each, state in states.items()}

    async def _by_database(self) -> dict[str, str]:
        async with self._database.reading() as tx:
            health = await read_health(tx)
            alive = await workers.alive(tx, self._clock() - HEARTBEAT_MS)
        own = self._own_worker
        beats = [worker for worker in alive if own is None or worker.owner == own]
        silent = "no worker has" if own is None else "this process' worker has not"
        return {
            "database": "ok",
            "provider": health.trouble or "ok",
            "worker": "ok" if beats else f"{silent} been heard of lately",
        }

    async def metrics(self) -> bytes:
        """Metrics in Prometheus text format; no names, prompts or ids."""
        registry = CollectorRegistry()
        is_up = Gauge("video_bot_database_up", "1 while the database answers", registry=registry)
        try:
            async with asyncio.timeout(TIMEOUT_S):
                await self._count(registry)
        except (StorageError, TimeoutError):
            is_up.set(0)
        else:
            is_up.set(1)
        for name, text, size in (
            (
                "video_bot_data_bytes",
                "Bytes kept: in the data directory, or in the media store",
                self._disk.used_bytes,
            ),
            ("video_bot_data_limit_bytes", "DATA_MAX_GB in bytes", self._disk.limit_bytes),
            (
                "video_bot_disk_free_bytes",
                "Bytes free on the disk of the data directory",
                self._disk.free_bytes,
            ),
            ("video_bot_disk_full", "1 while new requests are refused", self._disk.is_nearly_full),
            ("video_bot_tasks", "Tasks on the event loop", len(asyncio.all_tasks())),
        ):
            Gauge(name, text, registry=registry).set(size)
        if self._is_store_away is not None:
            answers = "1 while the media store answers this process"
            is_up = Gauge("video_bot_store_up", answers, registry=registry)
            is_up.set(not self._is_store_away())
        if self._shards is not None:
            _show_shards(self._shards(), registry)
        return generate_latest(registry) + self._measured.exposition()

    async def _count(self, registry: CollectorRegistry) -> None:
        now_ms = self._clock()
        async with self._database.reading() as tx:
            figures = await read_figures(tx, self._key_id, now_ms)
        show_figures(figures, registry, now_ms)


def _show_shards(states: Mapping[int, ShardState], registry: CollectorRegistry) -> None:
    """Gauges of this process' shards; there are as many values of the label as connections."""
    gateway = Gauge("video_bot_gateway_up", "1 while any shard is connected", registry=registry)
    gateway.set(any(state.is_up for state in states.values()))
    up = Gauge("video_bot_shard_up", "1 while connected", ["shard"], registry=registry)
    latency = Gauge(
        "video_bot_shard_latency_seconds",
        "From a heartbeat to Discord's answer",
        ["shard"],
        registry=registry,
    )
    for number, state in states.items():
        up.labels(str(number)).set(state.is_up)
        if state.latency_s is not None:
            latency.labels(str(number)).set(state.latency_s)
