"""Parts of the worker harness: a failing database, an editor without pauses, default rows."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TypeVar

from bot import failpoints
from bot.services.caller import Progress
from bot.worker.outbox.card_editor import CardEditor
from bot.worker.pipeline import submit, submit_answer, submit_results
from storage.engine.transaction import Body, Database, Dialect, Transaction
from storage.errors import CommitUncertain, StorageUnavailable
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry
from storage.records import MessageKind, OutboxMessage, Request

ResultT = TypeVar("ResultT")


class ShakyDatabase:
    """A database that is away now and then, hangs, or loses the answer to a commit."""

    dialect: Dialect = "sqlite"

    def __init__(self, inner: Database) -> None:
        self._inner = inner
        self.plan: deque[str] = deque()
        self.reads: deque[str] = deque()
        self.hangs, self.goes_on = asyncio.Event(), asyncio.Event()
        """Set when a transaction hangs, and what ends that."""

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        outcome = self.plan.popleft() if self.plan else ""
        if outcome == "away":
            raise StorageUnavailable("away")
        if outcome == "hang":
            self.hangs.set()
            await self.goes_on.wait()
        async with self._inner.transaction() as tx:
            yield tx
        if outcome == "doubt":
            raise CommitUncertain("the connection broke")

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Transaction]:
        if self.reads and self.reads.popleft() == "away":
            raise StorageUnavailable("away")
        async with self._inner.reading() as tx:
            yield tx

    async def write(self, body: Body[ResultT]) -> ResultT:
        async with self.transaction() as tx:
            return await body(tx)

    async def read(self, body: Body[ResultT]) -> ResultT:
        return await self._inner.read(body)


class PlainEditor(CardEditor):
    """Edits cards when told to, one after the other."""

    def __init__(self) -> None:
        self.edits: list[tuple[OutboxMessage, Request, Progress]] = []

    def submit(
        self,
        message: OutboxMessage,
        request: Request,
        standing: Progress,
        urgency: int | None = None,
    ) -> None:
        self.edits.append((message, request, standing))

    async def close(self) -> None:
        return


def reserved(request: Request, account: Account) -> LedgerEntry:
    """What a request takes from an account."""
    return LedgerEntry(
        request_id=request.id,
        account=account,
        kind=EntryKind.RESERVE,
        guild_id=request.guild_id,
        user_id=request.user_id,
        videos=1,
        seconds=request.seconds,
        cost_micros=request.cost_micros or 0,
        reason="requested",
        counts_at_ms=request.created_at_ms,
        at_ms=request.created_at_ms,
    )


def card_of(request: Request) -> OutboxMessage:
    """The progress card that a request owes."""
    return OutboxMessage(
        id=f"{request.id}:card",
        kind=MessageKind.CARD,
        request_id=request.id,
        guild_id=request.guild_id,
        channel_id=request.channel_id,
        user_id=request.user_id,
        created_at_ms=request.created_at_ms,
        due_at_ms=request.created_at_ms,
    )


@contextmanager
def no_pauses() -> Iterator[None]:
    """While the database is away nobody waits for it in real time."""
    before = (
        submit_results.KEEP_ID_PAUSE_S,
        submit_answer.STORAGE_PAUSE_S,
        submit.INTENT_PAUSE_S,
    )
    _pause(0.0, 0.0, 0.0)
    try:
        yield
    finally:
        _pause(*before)
        failpoints._trigger = None


def _pause(keep_id_s: float, storage_s: float, intent_s: float) -> None:
    submit_results.KEEP_ID_PAUSE_S = keep_id_s  # type: ignore[misc]
    submit_answer.STORAGE_PAUSE_S = storage_s  # type: ignore[misc]
    submit.INTENT_PAUSE_S = intent_s  # type: ignore[misc]
