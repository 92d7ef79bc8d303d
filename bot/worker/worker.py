"""The worker: claims, the gate, owed messages, cards, probes and a pulse, until told to stop."""

import asyncio
import logging
from typing import Final

from bot.services.operations.disk_space import DiskGauge, share_room
from bot.worker.claim_loop import IDLE_S, ClaimLoop
from bot.worker.context import DEAD_AFTER_MS, Parts
from bot.worker.maintenance.cleanup import Unseen
from bot.worker.maintenance.file_removal import Remover
from bot.worker.maintenance.provider_probe import probe
from bot.worker.maintenance.retention import Forgetter
from bot.worker.moderation import ReviewWork
from bot.worker.outbox.progress_cards import Cards
from bot.worker.periodic import Periodic
from bot.worker.pipeline.dispatch import Steps
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.slots import pass_through
from bot.worker.pipeline.submit_results import adopt_kept_ids
from bot.worker.queues import POST_SLOTS, REQUEST_SLOTS, PostQueue, RequestQueue
from bot.worker.step_slots import SlotTable
from bot.worker.wakeup import Nudge
from storage.engine.retry import repeated
from storage.errors import StorageError
from storage.moderation import visibility
from storage.operations import workers
from storage.records import Post, Request
from storage.requests import outbox, requests
from storage.requests.due_work import Due, StepKind

logger = logging.getLogger(__name__)

GATE_PAUSE_S: Final = 0.2
PULSE_S: Final = 5.0
SWEEP_S: Final = 60.0
GRACE_S: Final = 12.0


class Worker:
    """Takes every request from the desk to its end; a restart is an ordinary start."""

    def __init__(
        self,
        parts: Parts,
        cards: Cards,
        poller: Poller,
        disk: DiskGauge,
        nudge: Nudge,
        *,
        erased: Nudge,
        reviews: ReviewWork,
    ) -> None:
        self._parts = parts
        self._cards = cards
        self._disk = disk
        self._nudge = nudge
        self._beaten_at_ms = 0
        self._watching_since_ms = 0
        self._reviews = reviews
        self._remover = Remover(parts)
        self._forgetter = Forgetter(parts, self._remover)
        self._unseen = Unseen(parts)
        self._gate_ear = nudge.ear()
        renew_every_s = parts.settings.lease_ms / 3000
        self._requests: ClaimLoop[Request] = ClaimLoop(
            "requests",
            RequestQueue(parts, Steps(parts, poller)),
            SlotTable(REQUEST_SLOTS),
            renew_every_s=renew_every_s,
            nudge=nudge,
        )
        self._posts: ClaimLoop[Post] = ClaimLoop(
            "posts",
            PostQueue(parts, reviews),
            SlotTable(POST_SLOTS),
            renew_every_s=renew_every_s,
            nudge=nudge,
        )
        self._periodic = self._tasks(nudge, erased)

    def _tasks(self, nudge: Nudge, erased: Nudge) -> tuple[Periodic, ...]:
        """Whatever is not claimed; each at its own pace, and none waits for another."""
        forgetter = self._forgetter
        return (
            Periodic("gate", self._open_gate, IDLE_S, self._gate_ear),
            Periodic("cards", self._cards.catch_up, IDLE_S, nudge.ear()),
            Periodic("reviews", self._reviews.keep_up, IDLE_S, nudge.ear()),
            Periodic("ended files", self._free_room, IDLE_S, nudge.ear()),
            Periodic("pulse", self._beat, PULSE_S),
            Periodic("probe", self._probe, IDLE_S),
            Periodic("unseen", self._unseen.end, SWEEP_S),
            Periodic("forget", forgetter.forget, SWEEP_S, erased.ear()),
            Periodic("takedown", forgetter.take_down, SWEEP_S, erased.ear()),
            Periodic("room", self._measure, SWEEP_S),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish or release what is in work.

        An error in a loop itself ends the worker: it fails loudly and the supervisor restarts it.
        """
        await self._start()
        async with asyncio.TaskGroup() as group:
            group.create_task(self._requests.run(stop))
            group.create_task(self._posts.run(stop))
            group.create_task(self._reviews.show(stop))
            for task in self._periodic:
                group.create_task(task.run(stop), name=task.name)
            group.create_task(self._wake_when_over(stop))
        await asyncio.gather(
            self._requests.finish(GRACE_S),
            self._posts.finish(GRACE_S),
            self._reviews.finish(GRACE_S),
        )
        await self._leave()

    @repeated
    async def _start(self) -> None:
        """On SQLite there is one process, so every lease found at the start is a dead one's."""
        now_ms = self._parts.clock()
        async with self._parts.database.transaction() as tx:
            if tx.dialect == "sqlite":
                await requests.release_leases(tx, now_ms)
                await outbox.release_leases(tx, now_ms)
                await visibility.release_leases(tx, now_ms)
        await adopt_kept_ids(self._parts)
        await self._beat()
        await self._measure()

    async def _leave(self) -> None:
        owner, now_ms = self._parts.settings.owner, self._parts.clock()
        try:
            async with self._parts.database.transaction() as tx:
                await requests.let_go(tx, owner=owner, now_ms=now_ms)
                await outbox.let_go(tx, owner=owner, now_ms=now_ms)
                await visibility.let_go(tx, owner=owner, now_ms=now_ms)
                await workers.leave(tx, owner)
        except StorageError:
            logger.warning("Could not sign off", extra={"action": "worker.leave"})

    async def _wake_when_over(self, stop: asyncio.Event) -> None:
        """Nobody sleeps on into the stop."""
        await stop.wait()
        self._nudge()

    async def _open_gate(self) -> None:
        chosen = await pass_through(self._parts)
        for request in chosen:
            self._requests.start(request, Due(request.id, StepKind.SUBMIT, request.user_id))
        if chosen:
            # A few times a second at most, whatever nudges: the lock is everybody's.
            await asyncio.sleep(GATE_PAUSE_S)
            self._gate_ear.set()

    async def _probe(self) -> None:
        await probe(self._parts)

    @repeated
    async def _beat(self) -> None:
        now_ms = self._parts.clock()
        settings = self._parts.settings
        async with self._parts.database.transaction() as tx:
            await workers.beat(
                tx, owner=settings.owner, host=settings.host, role="worker", now_ms=now_ms
            )
            if tx.dialect == "postgres" and self._has_watched(now_ms):
                alive = await workers.alive(tx, now_ms - DEAD_AFTER_MS)
                hosts = {worker.host for worker in alive}
                await requests.disown_dead(tx, alive=hosts, now_ms=now_ms)
        self._beaten_at_ms = now_ms

    def _has_watched(self, now_ms: int) -> bool:
        """Whether this process has heard pulses long enough to call another one dead.

        Right after a start, or when the database was gone, everybody's last pulse is old.
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
        parts = self._parts
        await share_room(parts.database, self._disk, host=parts.settings.host, now_ms=parts.clock())
