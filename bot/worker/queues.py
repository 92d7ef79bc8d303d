"""The worker's two queues: requests and owed messages, and how many steps of each kind at once."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from bot.services.requests.drafts import DRAFT_MS
from bot.worker.claim_loop import IDLE_S, Outlook
from bot.worker.context import WorkerContext
from bot.worker.moderation import ReviewTasks
from bot.worker.outbox.deliver import Deliverer
from bot.worker.outbox.joined_films import JoinedFilmDeliverer
from bot.worker.pipeline.dispatch import Steps
from bot.worker.step_slots import Slots
from storage.engine.retry import repeated
from storage.records import ENDS, MessageKind, OutboxMessage, Request, State
from storage.requests import due_work, leases, outbox, outbox_retries
from storage.requests.due_work import Due, StepKind

REQUEST_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {
        StepKind.FETCH: Slots(24, 3),
        StepKind.SUBMIT: Slots(24, 8),
        StepKind.POLL: Slots(24, 8),
        StepKind.DOWNLOAD: Slots(6, 2),
        StepKind.TEND: Slots(8, 4),
    }
)
OUTBOX_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {
        StepKind.SEND: Slots(12, 2),
        StepKind.UPLOAD: Slots(8, 2),
        StepKind.PREPARE: Slots(2, 1),
        StepKind.SHEET: Slots(4, 1),
        StepKind.JOIN: Slots(1, 1),
    }
)
"""An encode keeps a core busy: two at once, and never both of one member."""


class RequestQueue:
    """See `bot.worker.claim_loop.Queue`."""

    def __init__(self, context: WorkerContext, steps: Steps) -> None:
        self._context = context
        self._steps = steps

    async def look(self, at_work: Sequence[Request]) -> Outlook:
        """What ended while it was fetched, put up or downloaded needs that no more.

        What was sent to the provider is never broken off: its answer is being paid for.
        """
        async with self._context.database.reading() as tx:
            next_ms = await leases.next_due_ms(tx)
            begun = {row.id: row for row in at_work if row.state not in ENDS}
            ended = await leases.ended(tx, begun) if begun else {}
        withdrawn = [
            row_id
            for row_id, was_sent in ended.items()
            if not (was_sent and begun[row_id].state is State.SUBMITTING)
        ]
        return Outlook(_seconds_until(self._context, next_ms), withdrawn)

    async def due(self, exclude: Collection[str], *, share: int, window: int) -> Sequence[Due]:
        """See `bot.worker.claim_loop.Queue`."""
        now_ms = self._context.clock()
        async with self._context.database.reading() as tx:
            return await due_work.requests_due(
                tx,
                host=self._context.settings.host,
                now_ms=now_ms,
                expired_ms=now_ms - DRAFT_MS,
                exclude=exclude,
                share=share,
                window=window,
            )

    @repeated
    async def claim(self, ids: Collection[str]) -> Sequence[Request]:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        async with self._context.database.transaction() as tx:
            return await leases.claim(
                tx,
                ids,
                owner=settings.owner,
                host=settings.host,
                now_ms=self._context.clock(),
                lease_ms=settings.lease_ms,
            )

    @repeated
    async def renew(self, ids: Collection[str]) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        until_ms = self._context.clock() + settings.lease_ms
        async with self._context.database.transaction() as tx:
            await leases.renew(tx, owner=settings.owner, ids=ids, until_ms=until_ms)

    async def step(self, row: Request) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        await self._steps.run(row)


class OutboxQueue:
    """See `bot.worker.claim_loop.Queue`."""

    def __init__(self, context: WorkerContext, reviews: ReviewTasks) -> None:
        self._context = context
        self._reviews = reviews
        self._deliverer = Deliverer(context)
        self._films = JoinedFilmDeliverer(context)

    async def look(self, at_work: Sequence[OutboxMessage]) -> Outlook:
        """Only what is being made is broken off: a message on its way is looked after once sent."""
        async with self._context.database.reading() as tx:
            next_ms = await outbox.next_due_ms(tx)
            made = [message.id for message in at_work if _is_made(message)]
            withdrawn = await outbox_retries.withdrawn(tx, made) if made else ()
        return Outlook(_seconds_until(self._context, next_ms), withdrawn)

    async def due(self, exclude: Collection[str], *, share: int, window: int) -> Sequence[Due]:
        """See `bot.worker.claim_loop.Queue`."""
        async with self._context.database.reading() as tx:
            return await due_work.messages_due(
                tx,
                host=self._context.settings.host,
                now_ms=self._context.clock(),
                exclude=exclude,
                share=share,
                window=window,
            )

    @repeated
    async def claim(self, ids: Collection[str]) -> Sequence[OutboxMessage]:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        async with self._context.database.transaction() as tx:
            return await outbox.claim(
                tx,
                ids,
                owner=settings.owner,
                now_ms=self._context.clock(),
                lease_ms=settings.lease_ms,
            )

    @repeated
    async def renew(self, ids: Collection[str]) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        settings = self._context.settings
        until_ms = self._context.clock() + settings.lease_ms
        async with self._context.database.transaction() as tx:
            await outbox.renew(tx, owner=settings.owner, ids=ids, until_ms=until_ms)

    async def step(self, row: OutboxMessage) -> None:
        """See `bot.worker.claim_loop.Queue`."""
        if row.kind is MessageKind.REVIEW:
            await self._reviews.deliver(row)
        elif row.kind is MessageKind.FILM:
            await self._films.deliver(row)
        else:
            await self._deliverer.deliver(row)


def _is_made(message: OutboxMessage) -> bool:
    return message.needs == "prepare" or (message.kind is MessageKind.FILM and not message.needs)


def _seconds_until(context: WorkerContext, due_ms: int | None) -> float:
    return IDLE_S if due_ms is None else (due_ms - context.clock()) / 1000
