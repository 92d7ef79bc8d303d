"""Claims due rows and runs one step for each; leases are renewed while a step works."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Final, Generic, Protocol, TypeVar

from bot.worker.nudge import Nudge, wait_for
from storage.errors import StorageError

logger = logging.getLogger(__name__)

IDLE_S: Final = 1.0
"""Without a nudge a loop looks this often: other processes and due times have no other voice."""
OVERDUE_S: Final = 0.25
"""How soon to look again when something is due that this process may not take, or has in work."""


class Row(Protocol):
    """What can be claimed."""

    @property
    def id(self) -> str:
        """Its key."""
        ...


RowT = TypeVar("RowT", bound=Row)


class ClaimLoop(Generic[RowT]):
    """Runs up to `slots` steps at once over the rows that `claim` gives.

    `claim` is asked for so many rows, leaving out those in work here; `next_due_ms` says when to
    look again; `step` handles its own foreseen errors, what else it raises is logged and the row's
    lease runs out. `renew` keeps the leases of rows whose step takes long.
    """

    def __init__(
        self,
        name: str,
        *,
        slots: int,
        claim: Callable[[int, Collection[str]], Awaitable[Sequence[RowT]]],
        step: Callable[[RowT], Awaitable[None]],
        renew: Callable[[Collection[str]], Awaitable[object]],
        next_due_s: Callable[[], Awaitable[float]],
        renew_every_s: float,
        nudge: Nudge,
    ) -> None:
        self._name = name
        self._slots = slots
        self._claim = claim
        self._step = step
        self._renew = renew
        self._next_due_s = next_due_s
        self._renew_every_s = renew_every_s
        self._ear = nudge.ear()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._next: dict[str, RowT] = {}
        self._is_finishing = False

    async def run(self, stop: asyncio.Event) -> None:
        """Claim and start steps until `stop` is set; then return without waiting for them."""
        keeper = asyncio.create_task(self._keep_leases(), name=f"{self._name} leases")
        try:
            while not stop.is_set():
                await wait_for(self._ear, await self._round())
        finally:
            keeper.cancel()
            await asyncio.gather(keeper, return_exceptions=True)

    async def _round(self) -> float:
        """Claim once; returns how many seconds to wait before the next look."""
        free = self._slots - len(self._running)
        if free <= 0:
            return IDLE_S
        try:
            # asked first, because a look takes no lock: a nudge is often meant for somebody else
            due_s = await self._next_due_s()
            if due_s <= 0:
                rows = await self._claim(free, tuple(self._running))
                for row in rows:
                    self.start(row)
                if len(rows) >= free:
                    return IDLE_S
                due_s = await self._next_due_s()
            return min(IDLE_S, due_s) if due_s > 0 else OVERDUE_S
        except StorageError as error:
            logger.warning(
                "Could not claim work, trying again",
                extra={"action": f"{self._name}.claim", "error": repr(error)},
            )
            return IDLE_S

    def start(self, row: RowT) -> None:
        """Run a claimed row's step in a task of its own, after the one it is in work with."""
        if row.id in self._running:
            # given to us in the very moment between a step's last commit and its end
            self._next[row.id] = row
            return
        task = asyncio.create_task(self._guarded(row), name=f"{self._name} {row.id}")
        self._running[row.id] = task

    async def _guarded(self, row: RowT) -> None:
        try:
            await self._step(row)
        except Exception:
            logger.exception(
                "A step failed in a way nobody foresaw",
                extra={"action": f"{self._name}.step", "row": row.id},
            )
        finally:
            self._running.pop(row.id, None)
            following = self._next.pop(row.id, None)
            if following is not None and not self._is_finishing:
                self.start(following)
            self._ear.set()

    async def _keep_leases(self) -> None:
        while True:
            await asyncio.sleep(self._renew_every_s)
            if not self._running:
                continue
            try:
                await self._renew(tuple(self._running))
            except StorageError as error:
                logger.warning(
                    "Could not renew leases",
                    extra={"action": f"{self._name}.renew", "error": repr(error)},
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
