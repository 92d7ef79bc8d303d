"""Readiness checks and Prometheus metrics, read from the database on each request."""

import asyncio
from collections.abc import Callable
from typing import Final

from prometheus_client import CollectorRegistry, Gauge
from prometheus_client.exposition import generate_latest

from bot.services.operations.circuit_breaker import is_paused, read_health
from bot.services.operations.disk_space import DiskSpace
from bot.services.quotas.limits import DAY_MS
from bot.web.server import Checks
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.operations import workers
from storage.quotas import bill, cost_checks
from storage.requests import fair_queue, outbox, requests

TIMEOUT_S: Final = 3.0
HEARTBEAT_MS: Final = 30_000


class Status:
    """Readiness and metrics; `is_connected` is None in a process without a gateway.

    `own_worker` is this process's lease owner name; without one any live worker counts.
    """

    def __init__(
        self,
        database: Database,
        disk: DiskSpace,
        *,
        clock: Callable[[], int],
        is_connected: Callable[[], bool] | None,
        own_worker: str | None = None,
    ) -> None:
        self._database = database
        self._disk = disk
        self._clock = clock
        self._is_connected = is_connected
        self._own_worker = own_worker

    async def readiness(self) -> Checks:
        """Check gateway, database, provider, worker and disk: `ok` or the problem."""
        checks: dict[str, str] = {}
        if self._is_connected is not None:
            checks["gateway"] = "ok" if self._is_connected() else "not connected to Discord"
        try:
            async with asyncio.timeout(TIMEOUT_S):
                checks |= await self._by_database()
        except (StorageError, TimeoutError):
            checks["database"] = "does not answer"
        checks["disk"] = "nearly full" if self._disk.is_nearly_full else "ok"
        return checks

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
        used = Gauge("video_bot_data_bytes", "Bytes in the data directory", registry=registry)
        used.set(self._disk.used_bytes)
        if self._is_connected is not None:
            connected = Gauge("video_bot_gateway_up", "1 while connected", registry=registry)
            connected.set(self._is_connected())
        tasks = Gauge("video_bot_tasks", "Tasks on the event loop", registry=registry)
        tasks.set(len(asyncio.all_tasks()))
        return generate_latest(registry)

    async def _count(self, registry: CollectorRegistry) -> None:
        now_ms = self._clock()
        async with self._database.reading() as tx:
            by_state = await requests.count_by_state(tx)
            slots = await fair_queue.slots_taken(tx, now_ms)
            pending = await outbox.count_pending(tx)
            health = await read_health(tx)
            paused = await is_paused(tx)
            alive = await workers.alive(tx, now_ms - HEARTBEAT_MS)
            day_ms = now_ms - now_ms % DAY_MS
            booked_micros, _ = await bill.booked(tx, day_ms, now_ms + 1)
            said_micros = await bill.said(tx, day_ms, now_ms + 1)
            unsaid = await cost_checks.count_open(tx)
        states = Gauge("video_bot_requests", "Requests by state", ["state"], registry=registry)
        for state, number in by_state.items():
            states.labels(state).set(number)
        for name, text, value in (
            ("video_bot_provider_slots", "Provider slots held", slots),
            ("video_bot_posts_owed", "Messages owed and not yet delivered", pending),
            ("video_bot_provider_open", "1 while the provider can't be used", health.is_open),
            ("video_bot_paused", "1 while the owner has paused the bot", paused),
            ("video_bot_workers", "Workers heard of in the last 30 s", len(alive)),
            ("video_bot_booked_today", "Booked in the ledger since midnight", booked_micros / 1e6),
            ("video_bot_billed_today", "Costs said since midnight", said_micros / 1e6),
            ("video_bot_costs_open", "Ended tasks whose cost may still change", unsaid),
        ):
            Gauge(name, text, registry=registry).set(value)
