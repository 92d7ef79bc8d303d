"""Tells that this worker is alive, and releases what a dead host kept for itself."""

from typing import Final

from bot.worker.context import DEAD_AFTER_MS, WorkerContext
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.operations import workers
from storage.requests import leases

HEARTBEAT_S: Final = 5.0


class Heartbeat:
    """One worker's sign of life in the database."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._beat_at_ms = 0
        self._watching_since_ms = 0

    @repeated
    async def beat(self) -> None:
        """Sign, and release requests whose files are on a dead host. Raises: StorageError."""
        now_ms = self._context.clock()
        settings = self._context.settings
        async with self._context.database.transaction() as tx:
            await workers.heartbeat(
                tx, owner=settings.owner, host=settings.host, role="worker", now_ms=now_ms
            )
            hosts = await self._hosts_alive(tx, now_ms)
            if hosts:
                await leases.release_dead(tx, alive=hosts, now_ms=now_ms)
        self._beat_at_ms = now_ms

    async def _hosts_alive(self, tx: Transaction, now_ms: int) -> set[str]:
        """The hosts that are known to be alive; none while that can't be told.

        On SQLite it is this one alone: another name in a row is that of a `DATA_DIR` before, as
        after a restore on a new machine.
        """
        if tx.dialect == "sqlite":
            return {self._context.settings.host}
        if not self._has_watched(now_ms):
            return set()
        return {worker.host for worker in await workers.alive(tx, now_ms - DEAD_AFTER_MS)}

    def _has_watched(self, now_ms: int) -> bool:
        """Whether this process has watched heartbeats long enough to declare another one dead.

        Right after a start or an outage of the database, every worker's last heartbeat is old.
        """
        if now_ms - self._beat_at_ms > DEAD_AFTER_MS / 2:
            self._watching_since_ms = now_ms
        return now_ms - self._watching_since_ms >= DEAD_AFTER_MS
