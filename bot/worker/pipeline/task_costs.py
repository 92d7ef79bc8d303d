"""Records what an answer about a task says of its cost."""

from dataclasses import replace

from bot.provider.wire import TaskStatus, TaskView
from bot.services.quotas.costs import COST_CHECK_MS, SaidCost, micros_of, note_cost
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.quotas import cost_checks
from storage.records import Request


def said_by(view: TaskView, asked_at_ms: int) -> SaidCost:
    """The cost in the answer to a query that was made at this moment."""
    return SaidCost(
        micros=micros_of(view.cost),
        source="query",
        asked_at_ms=asked_at_ms,
        has_ended=view.status in (TaskStatus.COMPLETED, TaskStatus.FAILED),
        has_failed=view.status is TaskStatus.FAILED,
    )


async def record_cost(context: WorkerContext, request: Request, said: SaidCost) -> Request:
    """Record a polled task's cost where it is new; the request as it is then.

    The same cost again is no write of its own: the step records when it was asked.
    """
    if not said.is_known:
        if said.has_ended and request.billed_micros is None:
            await _booked(context, request, said)
        return request
    is_same = said.micros == request.billed_micros and not said.has_ended
    if is_same and not request.is_unbilled:
        return replace(request, billed_at_ms=said.asked_at_ms)
    return await _booked(context, request, said)


@repeated
async def _booked(context: WorkerContext, request: Request, said: SaidCost) -> Request:
    now_ms = context.clock()
    return await context.database.write(lambda tx: book_cost(tx, request, said, now_ms))


async def book_cost(tx: Transaction, request: Request, said: SaidCost, now_ms: int) -> Request:
    """Record what was said of a task's cost; one that is over and says none is asked again later.

    The request as it is then.
    """
    if not said.is_known:
        if said.has_ended and request.billed_micros is None:
            await cost_checks.expect(tx, request.id, now_ms + COST_CHECK_MS)
        return request
    noted = await note_cost(tx, request.id, said, now_ms)
    # state and lease stay those of the claimed row, which guard what the step writes next
    return replace(
        request,
        billed_micros=noted.billed_micros,
        billed_at_ms=noted.billed_at_ms,
        is_unbilled=noted.is_unbilled,
        intent_at_ms=noted.intent_at_ms,
    )
