"""How a step writes down what came of it: every change guarded by the lease."""

import logging
from typing import Any

from bot.failpoints import point
from bot.services.requests import lifecycle
from bot.services.requests.failures import Failure
from bot.worker.context import Parts
from bot.worker.pipeline.poll_schedule import backoff_ms
from storage.engine.retry import repeated
from storage.records import PARKED, Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)


@repeated
async def note(parts: Parts, request: Request, **changes: Any) -> Request:
    """Record something about a request without moving it. Raises: LeaseLost."""
    async with parts.database.transaction() as tx:
        return await requests.note(
            tx, request.id, source=request.state, owner=parts.settings.owner, **changes
        )


@repeated
async def move(parts: Parts, request: Request, target: State, **changes: Any) -> Request:
    """Record one move. Raises: LeaseLost."""
    async with parts.database.transaction() as tx:
        return await requests.move(
            tx,
            request.id,
            source=request.state,
            target=target,
            owner=parts.settings.owner,
            now_ms=parts.clock(),
            **changes,
        )


@repeated
async def fail(parts: Parts, request: Request, failure: Failure, **changes: Any) -> Request:
    """End a request badly, its accounts and its notice in the same transaction."""
    async with parts.database.transaction() as tx:
        failed = await lifecycle.fail(
            tx, request, failure, now_ms=parts.clock(), owner=parts.settings.owner, **changes
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
    parts.nudge()
    return failed


async def try_again(
    parts: Parts, request: Request, *, why: str, after_ms: int | None = None, **changes: Any
) -> Request:
    """Put a request's present step off: 5, 10, 20, then 60 s by the failures in a row."""
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
        parts,
        request,
        attempt=attempt,
        due_at_ms=parts.clock() + wait_ms,
        lease_owner="",
        **changes,
    )


async def park(parts: Parts, request: Request, **changes: Any) -> Request:
    """Nothing more to do for a request until somebody moves it."""
    return await note(parts, request, due_at_ms=PARKED, lease_owner="", **changes)
