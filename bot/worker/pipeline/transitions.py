"""Records the outcome of a request's step; every change is guarded by the lease."""

import logging
from typing import Any

from bot.failpoints import point
from bot.services.requests import lifecycle
from bot.services.requests.failures import Failure
from bot.worker.context import WorkerContext
from bot.worker.pipeline.poll_schedule import backoff_ms
from storage.engine.retry import repeated
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)


@repeated
async def note(context: WorkerContext, request: Request, **changes: Any) -> Request:
    """Update a request without changing its state. Raises: LeaseLost."""
    return await context.database.write(
        lambda tx: requests.note(
            tx, request.id, source=request.state, owner=context.settings.owner, **changes
        )
    )


@repeated
async def move(context: WorkerContext, request: Request, target: State, **changes: Any) -> Request:
    """Change a request's state. Raises: LeaseLost."""
    return await context.database.write(
        lambda tx: requests.move(
            tx,
            request.id,
            source=request.state,
            target=target,
            owner=context.settings.owner,
            now_ms=context.clock(),
            **changes,
        )
    )


@repeated
async def fail(
    context: WorkerContext, request: Request, failure: Failure, **changes: Any
) -> Request:
    """Fail a request; settle its accounts and enqueue its notice in the same transaction."""
    async with context.database.transaction() as tx:
        failed = await lifecycle.fail(
            tx, request, failure, now_ms=context.clock(), owner=context.settings.owner, **changes
        )
    point("failure.recorded")
    logger.info(
        "A request failed",
        extra={
            "action": "request.failed",
            "request_id": request.id,
            "failure": failure,
            "task_id": request.task_id,
            "provider_text": failed.provider_text,
        },
    )
    context.wakeup()
    return failed


async def try_again(
    context: WorkerContext,
    request: Request,
    *,
    why: str,
    after_ms: int | None = None,
    **changes: Any,
) -> Request:
    """Retry the request's step after 5, 10, 20, then 60 s, by the failures in a row."""
    attempt = request.attempt + 1
    wait_ms = backoff_ms(attempt) if after_ms is None else after_ms
    logger.warning(
        "A step will be tried again",
        extra={
            "action": "request.retry",
            "request_id": request.id,
            "state": request.state,
            "attempt": attempt,
            "wait_ms": wait_ms,
            "error": why,
        },
    )
    return await note(
        context,
        request,
        attempt=attempt,
        due_at_ms=context.clock() + wait_ms,
        lease_owner="",
        **changes,
    )


async def unschedule(context: WorkerContext, request: Request, **changes: Any) -> Request:
    """Make a request not due until somebody moves it."""
    return await note(context, request, due_at_ms=NEVER_DUE, lease_owner="", **changes)
