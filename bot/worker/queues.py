"""The worker's four queues, and how many steps of each kind run at once."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import Final

from bot.services.requests.drafts import DRAFT_MS
from bot.worker.leased_queue import LeasedTable
from bot.worker.step_slots import Slots
from storage.cast import leases as cast_leases
from storage.cast.entries import CastEntry
from storage.engine.transaction import Transaction
from storage.moderation import visibility
from storage.moderation.visibility import VisibilityChange
from storage.records import ENDS, MessageKind, OutboxMessage, Request, State
from storage.requests import due_work, leases, outbox, outbox_retries
from storage.requests.due_work import Due, StepKind

REQUEST_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {
        StepKind.FETCH: Slots(24, 3),
        StepKind.AUDIT: Slots(8, 2),
        StepKind.SUBMIT: Slots(24, 8),
        StepKind.POLL: Slots(24, 8),
        StepKind.DOWNLOAD: Slots(6, 2),
        StepKind.SERIES: Slots(6, 2),
        StepKind.MONTAGE: Slots(2, 1),
        StepKind.TEND: Slots(8, 4),
    }
)
OUTBOX_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {
        StepKind.SEND: Slots(12, 1),
        StepKind.UPLOAD: Slots(8, 2),
        StepKind.PREPARE: Slots(2, 1),
        StepKind.SHEET: Slots(4, 1),
        StepKind.JOIN: Slots(1, 1),
    }
)
"""Words go to a channel one after the other: two at once would both run into its limit.

An encode keeps a core busy: two at once, and never both of one member.
"""
VISIBILITY_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType(
    {StepKind.SHOW: Slots(8, 2), StepKind.RESHOW: Slots(2, 1)}
)
"""Hiding by an edit never waits for an upload, nor one channel for another."""

CAST_SLOTS: Final[Mapping[StepKind, Slots]] = MappingProxyType({StepKind.CAST: Slots(8, 2)})


def cast_table(host: str) -> LeasedTable[CastEntry]:
    """Names whose pictures this host may fetch."""
    return LeasedTable(
        leases=cast_leases.LEASES,
        due=partial(cast_leases.due, host=host),
        claim=cast_leases.claim,
    )


def requests_table(host: str) -> LeasedTable[Request]:
    """Requests whose next step this host may do."""
    return LeasedTable(
        leases=leases.LEASES,
        due=partial(_requests_due, host=host),
        claim=partial(leases.claim, host=host),
        cancelled=_ended_requests,
    )


def outbox_table(host: str) -> LeasedTable[OutboxMessage]:
    """Messages that this host may prepare or send."""
    return LeasedTable(
        leases=outbox.LEASES,
        due=partial(due_work.messages_due, host=host),
        claim=outbox.claim,
        cancelled=_withdrawn_messages,
    )


def visibility_table() -> LeasedTable[VisibilityChange]:
    """Posted videos to hide, show or delete; a newer change follows the one in progress."""
    return LeasedTable(
        leases=visibility.LEASES,
        due=due_work.visibility_due,
        claim=visibility.claim,
    )


async def _requests_due(
    tx: Transaction, *, host: str, now_ms: int, exclude: Collection[str], share: int, window: int
) -> Sequence[Due]:
    return await due_work.requests_due(
        tx,
        host=host,
        now_ms=now_ms,
        expired_ms=now_ms - DRAFT_MS,
        exclude=exclude,
        share=share,
        window=window,
    )


async def _ended_requests(tx: Transaction, running: Sequence[Request]) -> Collection[str]:
    """Requests that ended during their step, unless it may have submitted them.

    A submission is never cancelled: the provider bills for its answer.
    """
    begun = {row.id: row for row in running if row.state not in ENDS}
    ended = await leases.ended(tx, begun) if begun else {}
    return [
        row_id
        for row_id, was_sent in ended.items()
        if not (was_sent and begun[row_id].state is State.SUBMITTING)
    ]


async def _withdrawn_messages(tx: Transaction, running: Sequence[OutboxMessage]) -> Collection[str]:
    """Withdrawn messages whose file is being made; one being sent is removed after its arrival."""
    prepared = [message.id for message in running if _is_preparation(message)]
    return await outbox_retries.withdrawn(tx, prepared) if prepared else ()


def _is_preparation(message: OutboxMessage) -> bool:
    return message.needs == "prepare" or (message.kind is MessageKind.FILM and not message.needs)
