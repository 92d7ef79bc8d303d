"""The worker process: claim loops, provider slots, periodic maintenance and the heartbeat."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from bot.services.operations.disk_space import DiskSpace, share_room
from bot.services.wakeup import Topic, Wakeup
from bot.worker.asset_review.verdicts import check_verdicts, forget_reviews
from bot.worker.cast.fetch import CastFetcher
from bot.worker.claim_loop import ClaimLoop
from bot.worker.context import WorkerContext
from bot.worker.heartbeat import HEARTBEAT_S, Heartbeat
from bot.worker.leased_queue import IDLE_S, LeasedQueue, LeasedTable, RowT
from bot.worker.maintenance.cast_files import CastFiles
from bot.worker.maintenance.cleanup import UnacknowledgedRequests
from bot.worker.maintenance.cost_checks import check_costs
from bot.worker.maintenance.evidence import EvidenceGatherer, thin_out_notes
from bot.worker.maintenance.file_removal import FileRemover
from bot.worker.maintenance.panels import Panels
from bot.worker.maintenance.price_list import PriceListReader
from bot.worker.maintenance.provider_probe import probe
from bot.worker.maintenance.retention import Retention
from bot.worker.maintenance.review_deadlines import ReviewDeadlines
from bot.worker.maintenance.showcase import MonthlyBest, Showcase
from bot.worker.maintenance.visibility import VisibilityStep
from bot.worker.outbox.deliver import Deliverer
from bot.worker.outbox.progress_cards import ProgressCards
from bot.worker.periodic import Periodic
from bot.worker.pipeline.dispatch import Steps
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.slots import AT_ONCE, take_slots
from bot.worker.pipeline.submit_results import adopt_journaled_ids
from bot.worker.queues import (
    CAST_SLOTS,
    OUTBOX_SLOTS,
    REQUEST_SLOTS,
    VISIBILITY_SLOTS,
    cast_table,
    outbox_table,
    requests_table,
    visibility_table,
)
from bot.worker.step_slots import Slots, SlotTable
from storage.engine.retry import repeated
from storage.errors import StorageError, StorageUnavailable
from storage.operations import workers
from storage.requests.due_work import Due, StepKind

logger = logging.getLogger(__name__)

MAINTENANCE_S: Final = 60.0
EVIDENCE_S: Final = 20.0
HOUR_S: Final = 3600.0
REST_S: Final = 0.05
"""Between two passes of what is woken often and has little to do."""
LONG_REST_S: Final = 0.25
"""The same for what is seldom there, and for cards, of which a channel takes one edit a second;
after a pause the first wake-up is followed at once."""
SETTLE_S: Final[Mapping[Topic, float]] = MappingProxyType(
    {Topic.REQUESTS: 0.005, Topic.OUTBOX: 0.02, Topic.UPKEEP: 0.1}
)
"""How long after its wake-up a queue is looked at. One look finds what several wake-ups are about,
and a submission, for which nobody has to look, goes before messages."""
GRACE_S: Final = 12.0
"""How long running steps may take to end after the stop."""


class Worker:
    """Takes every request from its creation to its end; a restart is an ordinary start."""

    def __init__(
        self,
        context: WorkerContext,
        cards: ProgressCards,
        poller: Poller,
        disk: DiskSpace,
        wakeup: Wakeup,
        *,
        erased: Wakeup,
    ) -> None:
        self._context = context
        self._disk = disk
        self._wakeup = wakeup
        self._heartbeat = Heartbeat(context)
        self._reviews = ReviewDeadlines(context)
        self._panels = Panels(context)
        self._showcase = Showcase(context)
        self._monthly = MonthlyBest(context)
        self._remover = FileRemover(context)
        self._prices = PriceListReader(context)
        self._unacknowledged = UnacknowledgedRequests(context)
        self._slot_wakeups = wakeup.subscribe(Topic.SLOTS)
        host = context.settings.host
        self._tables: tuple[LeasedTable[Any], ...] = (
            requests_table(host),
            outbox_table(host),
            visibility_table(),
            cast_table(host),
        )
        requests_queue = LeasedQueue(context, requests_table(host), Steps(context, poller).run)
        outbox_queue = LeasedQueue(context, outbox_table(host), Deliverer(context).deliver)
        visibility_queue = LeasedQueue(context, visibility_table(), VisibilityStep(context).run)
        self._requests = self._loop(Topic.REQUESTS, "requests", requests_queue, REQUEST_SLOTS)
        self._outbox = self._loop(Topic.OUTBOX, "outbox", outbox_queue, OUTBOX_SLOTS)
        self._visibility = self._loop(
            Topic.UPKEEP, "visibility", visibility_queue, VISIBILITY_SLOTS
        )
        cast_queue = LeasedQueue(context, cast_table(host), CastFetcher(context).run)
        self._cast = self._loop(Topic.UPKEEP, "cast", cast_queue, CAST_SLOTS)
        self._cast_files = CastFiles(context)
        self._periodic = self._tasks(cards, erased)

    def _loop(
        self,
        topic: Topic,
        name: str,
        queue: LeasedQueue[RowT],
        slots: Mapping[StepKind, Slots],
    ) -> ClaimLoop[RowT]:
        renew_every_s = self._context.settings.lease_ms / 3000
        table = SlotTable(slots)
        return ClaimLoop(
            name,
            queue,
            table,
            renew_every_s=renew_every_s,
            wakeups=self._wakeup.subscribe(topic),
            observe=self._context.metrics.step,
            settle_s=SETTLE_S[topic],
        )

    def _tasks(self, cards: ProgressCards, erased: Wakeup) -> tuple[Periodic, ...]:
        """Everything that is not claimed; each at its own pace, none waits for another."""
        retention = Retention(self._context, self._remover)
        gatherer = EvidenceGatherer(self._context)
        changed = partial(self._wakeup.subscribe, Topic.UPKEEP)
        cards_changed = self._wakeup.subscribe(Topic.CARDS)
        return (
            Periodic("slots", self._grant_slots, IDLE_S, self._slot_wakeups),
            Periodic("cards", cards.catch_up, IDLE_S, cards_changed, LONG_REST_S),
            Periodic("panels", self._panels.catch_up, IDLE_S, changed(), LONG_REST_S),
            Periodic("examples", self._panels.withdraw_examples, MAINTENANCE_S, erased.subscribe()),
            Periodic("showcase", self._showcase.catch_up, IDLE_S, changed(), LONG_REST_S),
            Periodic("best of the month", self._monthly.post, MAINTENANCE_S),
            Periodic("reviews", self._reviews.catch_up, IDLE_S, changed(), REST_S),
            Periodic("ended files", self._remove_ended, IDLE_S, changed(), LONG_REST_S),
            Periodic("cast files", self._cast_files.clean, MAINTENANCE_S, erased.subscribe()),
            Periodic("heartbeat", self._heartbeat.beat, HEARTBEAT_S),
            Periodic("probe", self._probe, IDLE_S),
            Periodic("asset verdicts", self._check_verdicts, IDLE_S),
            Periodic("asset reviews", self._forget_reviews, MAINTENANCE_S),
            Periodic("costs", self._check_costs, MAINTENANCE_S, changed(), LONG_REST_S),
            Periodic("evidence", gatherer.gather, EVIDENCE_S, changed(), LONG_REST_S),
            Periodic("key usage", self._thin_out_notes, HOUR_S),
            Periodic("prices", self._prices.refresh, MAINTENANCE_S),
            Periodic("unacknowledged", self._unacknowledged.end, MAINTENANCE_S),
            Periodic("retention", retention.erase, MAINTENANCE_S, erased.subscribe()),
            Periodic("takedown", retention.take_down, MAINTENANCE_S, erased.subscribe()),
            Periodic("disk space", self._measure, MAINTENANCE_S),
            Periodic("scratch", self._context.files.trim, MAINTENANCE_S),
            Periodic("leftovers", self._clear_store, MAINTENANCE_S),
        )

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then finish or release what is claimed.

        An error in a loop itself ends the worker: it fails loudly and the supervisor restarts it.
        """
        if not await self._started(stop):
            return
        loops = (self._requests, self._outbox, self._visibility, self._cast)
        try:
            async with asyncio.TaskGroup() as group:
                for loop in loops:
                    group.create_task(loop.run(stop))
                for task in self._periodic:
                    group.create_task(task.run(stop), name=task.name)
                group.create_task(self._wake_on_stop(stop))
        finally:
            # whatever ends the process: a submission under way gets its answer first
            await asyncio.gather(*(loop.finish(GRACE_S) for loop in loops))
            await self._reviews.close()
            await self._leave()

    async def _started(self, stop: asyncio.Event) -> bool:
        """Start as soon as the database is available; False if `stop` was set before."""
        while not stop.is_set():
            try:
                await self._start()
            except StorageUnavailable as error:
                logger.warning(
                    "The database is unavailable; the worker starts when it is back",
                    extra={"action": "worker.start", "error": repr(error)},
                )
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), IDLE_S)
            else:
                return True
        return False

    @repeated
    async def _start(self) -> None:
        """Release all leases on SQLite, where no other process can hold one."""
        now_ms = self._context.clock()
        async with self._context.database.transaction() as tx:
            if tx.dialect == "sqlite":
                for table in self._tables:
                    await table.leases.release_all(tx, now_ms)
        await adopt_journaled_ids(self._context)
        await self._heartbeat.beat()
        await self._measure()

    async def _leave(self) -> None:
        owner, now_ms = self._context.settings.owner, self._context.clock()
        try:
            async with self._context.database.transaction() as tx:
                for table in self._tables:
                    await table.leases.release(tx, owner=owner, now_ms=now_ms)
                await workers.leave(tx, owner)
        except StorageError:
            logger.warning("Could not sign off", extra={"action": "worker.leave"})

    async def _wake_on_stop(self, stop: asyncio.Event) -> None:
        """Wake the loops when `stop` is set."""
        await stop.wait()
        self._wakeup()

    async def _grant_slots(self) -> None:
        chosen = await take_slots(self._context)
        for request in chosen:
            self._requests.start(request, Due(request.id, StepKind.SUBMIT, request.user_id))
        if len(chosen) >= AT_ONCE:
            # there may be more; the task's rest leaves other processes their turn at the lock
            self._slot_wakeups.set()

    async def _probe(self) -> None:
        await probe(self._context)

    async def _check_verdicts(self) -> None:
        await check_verdicts(self._context)

    async def _thin_out_notes(self) -> None:
        await thin_out_notes(self._context)

    async def _check_costs(self) -> None:
        await check_costs(self._context)

    async def _forget_reviews(self) -> None:
        await forget_reviews(self._context)

    async def _clear_store(self) -> None:
        if self._context.leftovers is not None:
            await self._context.leftovers.look()

    async def _remove_ended(self) -> None:
        if await self._remover.catch_up():
            # requests refused for lack of disk space need not wait for the next measurement
            await self._measure()

    async def _measure(self) -> None:
        await self._disk.measure()
        await self._share_room()

    async def _share_room(self) -> None:
        context = self._context
        await share_room(
            context.database, self._disk, host=context.settings.host, now_ms=context.clock()
        )
