"""The worker process: claim loops, provider slots, outbox, maintenance and heartbeat."""

import asyncio
import logging
from typing import Final

from bot.services.operations.disk_space import DiskSpace, share_room
from bot.worker.claim_loop import IDLE_S, ClaimLoop
from bot.worker.context import DEAD_AFTER_MS, WorkerContext
from bot.worker.maintenance.cleanup import UnacknowledgedRequests
from bot.worker.maintenance.file_removal import FileRemover
from bot.worker.maintenance.provider_probe import probe
from bot.worker.maintenance.retention import Retention
from bot.worker.moderation import ReviewTasks
from bot.worker.outbox.progress_cards import ProgressCards
from bot.worker.periodic import Periodic
from bot.worker.pipeline.dispatch import Steps
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.slots import take_slots
from bot.worker.pipeline.submit_results import adopt_journaled_ids
from bot.worker.queues import OUTBOX_SLOTS, REQUEST_SLOTS, OutboxQueue, RequestQueue
from bot.worker.step_slots import SlotTable
from bot.worker.wakeup import Wakeup
from storage.engine.retry import repeated
from storage.errors import StorageError
from storage.moderation import visibility
from storage.operations import workers
from storage.records import OutboxMessage, Request
from storage.requests import leases, outbox
from storage.requests.due_work import Due, StepKind

logger = logging.getLogger(__name__)

SLOTS_PAUSE_S: Final = 0.2
HEARTBEAT_S: Final = 5.0
SWEEP_S: Final = 60.0
GRACE_S: Final = 12.0


class Worker:
    """Takes every request from the service to its end; a restart is an ordinary start."""

    def __init__(
        self,
        context: WorkerContext,
        cards: ProgressCards,
        poller: Poller,
        disk: DiskSpace,
        wakeup: Wakeup,
        *,
        erased: Wakeup,
        reviews: ReviewTasks,
    ) -> None:
        self._context = context
        self._cards = cards
        self._disk = disk
        self._wakeup = wakeup
        self._beaten_at_ms = 0
        self._watching_since_ms = 0
        self._reviews = reviews
        self._remover = FileRemover(context)
        self._forgetter = Retention(context, self._remover)
        self._unseen = UnacknowledgedRequests(context)
        self._slot_wakeups = wakeup.subscribe()
        renew_every_s = context.settings.lease_ms / 3000
        self._requests: ClaimLoop[Request] = ClaimLoop(
            "requests",
            RequestQueue(context, Steps(context, poller)),
            SlotTable(REQUEST_SLOTS),
            renew_every_s=renew_every_s,
            wakeup=wakeup,
        )
        self._outbox: ClaimLoop[OutboxMessage] = ClaimLoop(
            "outbox",
            OutboxQueue(context, reviews),
            SlotTable(OUTBOX_SLOTS),
            renew_every_s=renew_every_s,
            wakeup=wakeup,
        )
        self._periodic = self._tasks(wakeup, erased)

    def _tasks(self, wakeup: Wakeup, erased: Wakeup) -> tuple[Periodic, ...]:
        """Whatever is not claimed; each at its own pace, and none waits for another."""
        forgetter = self._forgetter
        return (
            Periodic("gate", self._grant_slots, IDLE_S, self._slot_wakeups),
            Periodic("cards", self._cards.catch_up, IDLE_S, wakeup.subscribe()),
            Periodic("reviews", self._reviews.keep_up, IDLE_S, wakeup.subscribe()),
            Periodic("ended files", self._free_room, IDLE_S, wakeup.subscribe()),
            Periodic("pulse", self._heartbeat, HEARTBEAT_S),
            Periodic("probe", self._probe, IDLE_S),
            Periodic("unseen", self._unseen.end, SWEEP_S),
            Periodic("forget", forgetter.forget, SWEEP_S, erased.subscribe()),
            Periodic("takedown", forgetter.take_down, SWEEP_S, erased.subscribe()),
            Periodic("room", self._measure, SWEEP_S),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish or release what is in work.

        An error in a loop itself ends the worker: it fails loudly and the supervisor restarts it.
        """
        await self._start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._requests.run(stop))
            group.create_task(self._outbox.run(stop))
            group.create_task(self._reviews.show(stop))
            for task in self._periodic:
                group.create_task(task.run(stop), name=task.name)
            group.create_task(self._wake_when_ended(stop))
        await asyncio.gather(
            self._requests.finish(GRACE_S),
            self._outbox.finish(GRACE_S),
            self._reviews.finish(GRACE_S),
        )
        await self._leave()

    @repeated
    async def _start(self) -> None:
        """On SQLite there is one process, so every lease found at the start is a dead one's."""
        now_ms = self._context.clock()
        async with self._context.database.transaction() as tx:
            if tx.dialect == "sqlite":
                await leases.release_leases(tx, now_ms)
                await outbox.release_leases(tx, now_ms)
                await visibility.release_leases(tx, now_ms)
        await adopt_journaled_ids(self._context)
        await self._heartbeat()
        await self._measure()

    async def _leave(self) -> None:
        owner, now_ms = self._context.settings.owner, self._context.clock()
        try:
            async with self._context.database.transaction() as tx:
                await leases.release(tx, owner=owner, now_ms=now_ms)
                await outbox.release(tx, owner=owner, now_ms=now_ms)
                await visibility.release(tx, owner=owner, now_ms=now_ms)
                await workers.leave(tx, owner)
        except StorageError:
            logger.warning("Could not sign off", extra={"action": "worker.leave"})

    async def _wake_when_ended(self, stop: asyncio.Event) -> None:
        """Nobody sleeps on into the stop."""
        await stop.wait()
        self._wakeup()

    async def _grant_slots(self) -> None:
        chosen = await take_slots(self._context)
        for request in chosen:
            self._requests.start(request, Due(request.id, StepKind.SUBMIT, request.user_id))
        if chosen:
            # A few times a second at most, whatever wake-ups: the lock is everybody's.
            await asyncio.sleep(SLOTS_PAUSE_S)
            self._slot_wakeups.set()

    async def _probe(self) -> None:
        await probe(self._context)

    @repeated
    async def _heartbeat(self) -> None:
        now_ms = self._context.clock()
        settings = self._context.settings
        async with self._context.database.transaction() as tx:
            await workers.heartbeat(
                tx, owner=settings.owner, host=settings.host, role="worker", now_ms=now_ms
            )
            if tx.dialect == "postgres" and self._has_watched(now_ms):
                alive = await workers.alive(tx, now_ms - DEAD_AFTER_MS)
                hosts = {worker.host for worker in alive}
                await leases.release_dead(tx, alive=hosts, now_ms=now_ms)
        self._beaten_at_ms = now_ms

    def _has_watched(self, now_ms: int) -> bool:
        """Whether this process has heard pulses long enough to call another one dead.

        Right after a start, or when the database was gone, everybody's last heartbeat is old.
        """
        if now_ms - self._beaten_at_ms > DEAD_AFTER_MS / 2:
            self._watching_since_ms = now_ms
        return now_ms - self._watching_since_ms >= DEAD_AFTER_MS

    async def _free_room(self) -> None:
        if await self._remover.catch_up():
            # who was refused for want of room need not wait for the next measure
            await self._measure()

    async def _measure(self) -> None:
        await self._disk.measure()
        await self._share_room()

    async def _share_room(self) -> None:
        context = self._context
        await share_room(
            context.database, self._disk, host=context.settings.host, now_ms=context.clock()
        )
