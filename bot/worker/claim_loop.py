"""Claims due rows and runs one step for each; leases are renewed while a step works."""

import asyncio
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from bot.worker.step_slots import SlotTable
from bot.worker.wakeup import Wakeup, wait_for
from storage.errors import StorageError
from storage.requests.due_work import Due

logger = logging.getLogger(__name__)

IDLE_S: Final = 1.0
"""Without a wake-up a loop looks this often: other processes and due times have no other voice."""
OVERDUE_S: Final = 0.25
"""How soon to look again when something is due that this process may not take, or has in work."""


class Row(Protocol):
    """What can be claimed."""

    @property
    def id(self) -> str:
        """Its key."""
        ...


RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True)
class Outlook:
    """`due_s`: how soon something is due, 0 or less for what is. `withdrawn`: steps for nothing."""

    due_s: float
    withdrawn: Collection[str] = ()


class Queue(Protocol[RowT]):
    """A table whose rows are claimed; every method but `step` raises StorageError."""

    async def look(self, at_work: Sequence[RowT]) -> Outlook:
        """Whether something is due, and which rows at work here need their step no more."""
        ...

    async def due(self, exclude: Collection[str], *, share: int, window: int) -> Sequence[Due]:
        """What may be claimed here, in the order of age; takes no lock."""
        ...

    async def claim(self, ids: Collection[str]) -> Sequence[RowT]:
        """Take those that are still due."""
        ...

    async def renew(self, ids: Collection[str]) -> object:
        """Keep the leases of rows whose step takes long."""
        ...

    async def step(self, row: RowT) -> None:
        """Do what is to be done; handles its own foreseen errors."""
        ...


class ClaimLoop(Generic[RowT]):
    """Runs the steps of one queue, each kind within slots of its own.

    What a step raises is logged and its row's lease runs out. A step whose row was ended by
    somebody else, in this process or another, is cancelled.
    """

    def __init__(
        self,
        name: str,
        queue: Queue[RowT],
        slots: SlotTable,
        *,
        renew_every_s: float,
        wakeup: Wakeup,
    ) -> None:
        self._name = name
        self._queue = queue
        self._slots = slots
        self._renew_every_s = renew_every_s
        self._wakeups = wakeup.subscribe()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._rows: dict[str, RowT] = {}
        self._next: dict[str, tuple[RowT, Due]] = {}
        self._broken_off: set[str] = set()
        self._is_finishing = False

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and start steps until `stop` is set; then return without waiting for them."""
        keeper = asyncio.create_task(self._keep_leases(), name=f"{self._name} leases")
        try:
            while not stop.is_set():
                await wait_for(self._wakeups, await self._round())
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _round(self) -> float:
        """Claim once; returns how many seconds to wait before the next look."""
        try:
            # asked first, because a look takes no lock: a wake-up is often meant for somebody else
            outlook = await self._queue.look(tuple(self._rows.values()))
            self._break_off(outlook.withdrawn)
            if outlook.due_s > 0:
                return min(IDLE_S, outlook.due_s)
            if self._slots.is_full:
                return IDLE_S
            await self._start_due()
        except StorageError as error:
            logger.warning(
                "Could not claim work, trying again",
                extra={"action": f"{self._name}.claim", "error": repr(error)},
            )
            return IDLE_S
        return OVERDUE_S

    async def _start_due(self) -> None:
        found = await self._queue.due(
            tuple(self._running), share=self._slots.share, window=self._slots.window
        )
        chosen = {each.id: each for each in self._slots.choose(found)}
        if not chosen:
            return
        rows = await self._queue.claim(tuple(chosen))
        for row in rows:
            self.start(row, chosen[row.id])
        if rows:
            # who has used up a share hides others of the same kind: look again at once
            self._wakeups.set()

    def start(self, row: RowT, due: Due) -> None:
        """Run a claimed row's step in a task of its own, after the one it is in work with."""
        if row.id in self._running:
            # given to us in the very moment between a step's last commit and its end
            self._next[row.id] = (row, due)
            return
        self._slots.enter(due)
        self._rows[row.id] = row
        task = asyncio.create_task(self._guarded(row), name=f"{self._name} {row.id}")
        self._running[row.id] = task

    async def _guarded(self, row: RowT) -> None:
        try:
            await self._queue.step(row)
        except Exception:
            logger.exception(
                "A step failed in a way nobody foresaw",
                extra={"action": f"{self._name}.step", "row": row.id},
            )
        finally:
            self._running.pop(row.id, None)
            self._rows.pop(row.id, None)
            self._broken_off.discard(row.id)
            self._slots.leave(row.id)
            following = self._next.pop(row.id, None)
            if following is not None and not self._is_finishing:
                self.start(*following)
            self._wakeups.set()

    def _break_off(self, withdrawn: Collection[str]) -> None:
        for row_id in withdrawn:
            task = self._running.get(row_id)
            # once: a second time would break off what it clears up behind itself
            if task is None or row_id in self._next or row_id in self._broken_off:
                continue
            self._broken_off.add(row_id)
            if task.cancel():
                logger.info(
                    "A step was broken off: what it was for has ended",
                    extra={"action": f"{self._name}.withdrawn", "row": row_id},
                )

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            if not self._running:
                continue
            try:
                await self._queue.renew(tuple(self._running))
            except StorageError as error:
                logger.warning(
                    "Could not renew leases",
                    extra={"action": f"{self._name}.renew", "error": repr(error)},
                )
            except Exception:
                logger.exception(
                    "Renewing leases failed in a way nobody foresaw",
                    extra={"action": f"{self._name}.renew"},
                )

    @property
    def in_work(self) -> int:
        """How many steps run now."""
        return len(self._running)

    async def finish(self, grace_s: float) -> None:
        """Give running steps so long to end, then cancel them; their rows tell where they were."""
        self._is_finishing = True
        tasks = tuple(self._running.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=grace_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
