"""Claims due rows of a queue, runs one step for each, and renews their leases meanwhile."""

import asyncio
import logging
import time
from collections.abc import Callable, Collection, Sequence
from typing import Final, Generic

from bot.services.wakeup import rest, wait_for
from bot.worker.leased_queue import IDLE_S, LeasedQueue, RowT
from bot.worker.step_slots import SlotTable
from storage.errors import StorageError
from storage.requests.due_work import Due, StepKind

logger = logging.getLogger(__name__)

OVERDUE_S: Final = 0.25
"""How soon to poll again when a row is due that this process may not claim, or is working on."""


class ClaimLoop(Generic[RowT]):
    """Runs the steps of one queue, each kind within slots of its own.

    An exception of a step is logged, and its row becomes due again when its lease times out. The
    step of a row that was ended elsewhere, in this process or another, is cancelled. `observe` is
    told of each step's kind and its seconds. A round begins `settle_s` after its wake-up, as others
    often follow that at once.
    """

    def __init__(
        self,
        name: str,
        queue: LeasedQueue[RowT],
        slots: SlotTable,
        *,
        renew_every_s: float,
        wakeups: asyncio.Event,
        observe: Callable[[str, float], None],
        settle_s: float = 0.0,
    ) -> None:
        self._name = name
        self._settle_s = settle_s
        self._observe = observe
        self._queue = queue
        self._slots = slots
        self._renew_every_s = renew_every_s
        self._wakeups = wakeups
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rows: dict[str, RowT] = {}
        self._successors: dict[str, tuple[RowT, Due]] = {}
        self._cancelled: set[str] = set()
        self._is_finishing = False

    async def run(self, stop: asyncio.Event) -> None:
        """Claim rows and start their steps until `stop` is set; `finish` then waits for them."""
        renewal = asyncio.create_task(self._renew_leases(), name=f"{self._name} leases")
        try:
            while not stop.is_set():
                await self._queue.give_way()
                began_s = time.monotonic()
                pause_s = await self._round()
                await rest(time.monotonic() - began_s)
                if await wait_for(self._wakeups, pause_s):
                    await asyncio.sleep(self._settle_s)
                    self._wakeups.clear()
        finally:
            renewal.cancel()
            await asyncio.gather(renewal, return_exceptions=True)

    async def _round(self) -> float:
        """Claim once; return how many seconds to wait before the next round."""
        try:
            # takes no lock: a wake-up is often meant for another queue
            is_full = self._slots.is_full
            outlook = await self._queue.outlook(
                tuple(self._rows.values()),
                tuple(self._running),
                share=self._slots.share,
                window=0 if is_full else self._slots.window,
            )
            self._cancel(outlook.cancelled)
            if outlook.due_s > 0:
                return min(IDLE_S, outlook.due_s)
            if is_full:
                return IDLE_S
            await self._start_due(outlook.due)
        except StorageError as error:
            logger.warning(
                "Claiming work failed; trying again",
                extra={"action": f"{self._name}.claim", "error": repr(error)},
            )
            return IDLE_S
        return OVERDUE_S

    async def _start_due(self, found: Sequence[Due]) -> None:
        chosen = {each.id: each for each in self._slots.choose(found)}
        if not chosen:
            return
        rows = await self._queue.claim(tuple(chosen))
        for row in rows:
            self.start(row, chosen[row.id])

    def start(self, row: RowT, due: Due) -> None:
        """Run a claimed row's step in a task of its own, after the one running for the same row."""
        if row.id in self._running:
            # claimed between the last commit of its previous step and that step's end
            self._successors[row.id] = (row, due)
            return
        self._slots.enter(due)
        self._rows[row.id] = row
        task = asyncio.create_task(self._guarded(row, due.kind), name=f"{self._name} {row.id}")
        self._running[row.id] = task

    async def _guarded(self, row: RowT, kind: StepKind) -> None:
        began_s = time.monotonic()
        try:
            await self._queue.step(row)
        except Exception:
            logger.exception(
                "A step failed with an unexpected error",
                extra={"action": f"{self._name}.step", "row": row.id},
            )
        finally:
            self._observe(kind, time.monotonic() - began_s)
            self._running.pop(row.id, None)
            self._rows.pop(row.id, None)
            self._cancelled.discard(row.id)
            self._slots.leave(row.id)
            successor = self._successors.pop(row.id, None)
            if successor is not None and not self._is_finishing:
                self.start(*successor)
            self._wakeups.set()

    def _cancel(self, row_ids: Collection[str]) -> None:
        for row_id in row_ids:
            task = self._running.get(row_id)
            # only once: a second cancellation would interrupt the clean-up
            if task is None or row_id in self._successors or row_id in self._cancelled:
                continue
            self._cancelled.add(row_id)
            if task.cancel():
                logger.info(
                    "A step was cancelled because its row has ended",
                    extra={"action": f"{self._name}.withdrawn", "row": row_id},
                )

    async def _renew_leases(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            if not self._running:
                continue
            try:
                await self._queue.renew(tuple(self._running))
            except StorageError as error:
                logger.warning(
                    "Renewing leases failed",
                    extra={"action": f"{self._name}.renew", "error": repr(error)},
                )
            except Exception:
                logger.exception(
                    "Renewing leases failed with an unexpected error",
                    extra={"action": f"{self._name}.renew"},
                )

    @property
    def running(self) -> int:
        """How many steps are running."""
        return len(self._running)

    async def finish(self, grace_s: float) -> None:
        """Wait up to `grace_s` for running steps, then cancel them: a row keeps its progress."""
        self._is_finishing = True
        tasks = tuple(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
