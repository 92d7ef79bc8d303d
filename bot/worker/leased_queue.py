"""A queue in a database table: rows are claimed with a lease that a time-out ends.

As with a visibility timeout (SQS), `due_at_ms` says both when an unclaimed row may be claimed and,
once it is claimed, when its lease ends: a worker that dies leaves rows that become due again.
"""

from collections.abc import Awaitable, Callable, Collection, Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, Protocol, TypeVar

from bot.worker.context import WorkerContext
from storage.engine.leases import Leases
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.requests.due_work import Due

IDLE_S: Final = 1.0
"""How often a queue is polled without a wake-up, for due times and other processes' rows."""
GIVE_WAY_S: Final = 0.5


class LeasedRow(Protocol):
    """A row that can be claimed."""

    @property
    def id(self) -> str:
        """Its key."""
        ...


RowT = TypeVar("RowT", bound=LeasedRow)


async def _none(tx: Transaction, running: Sequence[LeasedRow]) -> Collection[str]:  # noqa: ARG001 - the default
    return ()


@dataclass(frozen=True, slots=True)
class LeasedTable(Generic[RowT]):
    """One table of leased rows: its leases, and its module's functions."""

    leases: Leases
    due: Callable[..., Coroutine[Any, Any, Sequence[Due]]]
    """Called with `now_ms`, `exclude`, `share` and `window`; takes no lock."""
    claim: Callable[..., Coroutine[Any, Any, Sequence[RowT]]]
    """Called with ids, `owner`, `now_ms` and `lease_ms`."""
    cancelled: Callable[[Transaction, Sequence[RowT]], Awaitable[Collection[str]]] = _none
    """Which rows no longer need the step that is running for them here."""


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a look at the queue shows."""

    due_s: float
    """Seconds until a row is due; 0 or less if one is."""
    cancelled: Collection[str] = ()
    """Running steps that are to be cancelled."""
    due: Sequence[Due] = ()
    """Rows that may be claimed here, oldest first."""


class LeasedQueue(Generic[RowT]):
    """One table's rows and the step for each; every method but `step` raises StorageError."""

    def __init__(
        self,
        context: WorkerContext,
        table: LeasedTable[RowT],
        step: Callable[[RowT], Awaitable[object]],
    ) -> None:
        self._context = context
        self._table = table
        self._step = step

    async def give_way(self) -> None:
        """Wait for a moment while many members wait for an answer of this process."""
        await self._context.crowd.give_way(GIVE_WAY_S)

    async def outlook(
        self, running: Sequence[RowT], exclude: Collection[str], *, share: int, window: int
    ) -> Outlook:
        """What is due and which running steps are to be cancelled, in one look without a lock.

        No row is listed with a `window` of 0.
        """
        now_ms = self._context.clock()

        async def look(tx: Transaction) -> Outlook:
            due_ms = await self._table.leases.next_due_ms(tx)
            cancelled = await self._table.cancelled(tx, running)
            due_s = IDLE_S if due_ms is None else (due_ms - now_ms) / 1000
            if due_s > 0 or not window:
                return Outlook(due_s, cancelled)
            due = await self._table.due(
                tx, now_ms=now_ms, exclude=exclude, share=share, window=window
            )
            return Outlook(due_s, cancelled, due)

        return await self._context.database.read(look)

    @repeated
    async def claim(self, ids: Collection[str]) -> Sequence[RowT]:
        """Lease those rows that are still due."""
        settings = self._context.settings
        return await self._context.database.write(
            lambda tx: self._table.claim(
                tx,
                ids,
                owner=settings.owner,
                now_ms=self._context.clock(),
                lease_ms=settings.lease_ms,
            )
        )

    @repeated
    async def renew(self, ids: Collection[str]) -> None:
        """Extend the leases of rows whose step is still running."""
        settings = self._context.settings
        until_ms = self._context.clock() + settings.lease_ms
        await self._context.database.write(
            lambda tx: self._table.leases.renew(
                tx, owner=settings.owner, ids=ids, until_ms=until_ms
            )
        )

    async def step(self, row: RowT) -> None:
        """Run the step, which handles its own foreseen errors."""
        await self._step(row)
