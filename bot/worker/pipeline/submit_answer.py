"""The answer to the one paid call: what it means, recorded however long the database is away."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.failpoints import point
from bot.provider.assets import names_unknown_asset
from bot.provider.errors import (
    FailureKind,
    ProviderError,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
)
from bot.provider.wire import CreatedTask
from bot.services.operations.circuit_breaker import OutageReason
from bot.services.requests.failures import Failure
from bot.worker.asset_review.references import review_again
from bot.worker.context import WorkerContext
from bot.worker.pipeline.owner_alerts import note_outage
from bot.worker.pipeline.poll_schedule import backoff_ms
from bot.worker.pipeline.submit_results import (
    accepted,
    become_uncertain,
    never_taken,
    return_to_queue,
    throttled,
)
from bot.worker.pipeline.transitions import fail
from storage.errors import LeaseLost, StorageUnavailable
from storage.records import Request

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 20
"""About 15 minutes of "try later" answers; outages are left to the circuit breaker."""
STORAGE_PAUSE_S: Final = 1.0

ResultT = TypeVar("ResultT")


async def record_answer(
    context: WorkerContext, request: Request, sent: asyncio.Future[CreatedTask]
) -> Request | None:
    """Record the outcome of the one create call; wait while the database is unavailable."""
    point("submit.answered")
    try:
        created = sent.result()
    except ProviderRejected as error:
        refusal = error
        return await _refused(
            context, request, lambda: rejected(context, request, refusal), failure=refusal.kind
        )
    except (
        ProviderThrottled,
        ProviderKeyRefused,
        ProviderOutOfMoney,
        ProviderUnavailable,
    ) as error:
        trouble = error
        return await _refused(
            context, request, lambda: give_slot_back(context, request, trouble), failure="busy"
        )
    except ProviderError as error:
        return await _lost(context, request, error)
    return await accepted(context, request, created)


async def _refused(
    context: WorkerContext,
    request: Request,
    record: Callable[[], Awaitable[Request]],
    *,
    failure: Failure,
) -> Request | None:
    """Record an answer that certainly started no task."""
    try:
        return await _written(request, record)
    except LeaseLost:
        # Cancelled, or declared uncertain, before the refusal arrived: it costs nothing.
        return await _written(request, lambda: never_taken(context, request, failure))


async def _lost(context: WorkerContext, request: Request, error: ProviderError) -> Request:
    task_id = error.task_id if isinstance(error, SubmissionUncertain) else ""
    logger.error(
        "The provider's answer to a submission was lost",
        extra={
            "action": "submit.uncertain",
            "request_id": request.id,
            "task_id": task_id,
            "error": repr(error),
            "provider_text": error.text,
        },
    )
    moved = await _written(
        request, lambda: become_uncertain(context, request, task_id=task_id, text=error.text)
    )
    await note_outage(context, OutageReason.DOWN, error)
    return moved


async def _written(request: Request, record: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Repeat until the database accepts it: this is the only copy of the answer.

    Raises: LeaseLost, also when an uncertain commit had succeeded.
    """
    while True:
        try:
            return await record()
        except StorageUnavailable as error:
            logger.warning(
                "An answer of the provider cannot be recorded yet",
                extra={
                    "action": "submit.journal",
                    "request_id": request.id,
                    "error": repr(error),
                },
            )
        await asyncio.sleep(STORAGE_PAUSE_S)


async def give_slot_back(context: WorkerContext, request: Request, error: ProviderError) -> Request:
    """Return to the queue after a failure that started nothing; the circuit breaker counts it."""
    if isinstance(error, ProviderThrottled):
        return await throttled(context, request, error)
    trouble = OutageReason.DOWN
    if isinstance(error, ProviderKeyRefused):
        trouble = OutageReason.KEY
    elif isinstance(error, ProviderOutOfMoney):
        trouble = OutageReason.MONEY
    await note_outage(context, trouble, error)
    return await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))


async def rejected(context: WorkerContext, request: Request, error: ProviderRejected) -> Request:
    """Fail a rejected request: no task was started, so nothing was billed."""
    if request.needs_audit and not request.audits and names_unknown_asset(error.text):
        return await review_again(context, request, forget=True)
    if error.kind is FailureKind.BUSY and request.attempt + 1 < MAX_ATTEMPTS:
        return await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))
    return await fail(context, request, error.kind, provider_text=error.text, intent_at_ms=0)
