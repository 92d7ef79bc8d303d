"""Asks the provider again what ended tasks cost, until that is final or was asked often enough."""

import logging
from typing import Final

from bot.provider.errors import ProviderError, ProviderKeyRefused, ProviderThrottled
from bot.services.operations.circuit_breaker import read_health
from bot.services.quotas.costs import SaidCost, note_cost
from bot.worker.context import WorkerContext
from bot.worker.pipeline.task_costs import said_by
from storage.durations import DAY_MS, HOUR_MS, MINUTE_MS
from storage.engine.retry import repeated
from storage.errors import StorageError
from storage.quotas import cost_checks
from storage.quotas.cost_checks import CostCheck
from storage.records import Request
from storage.requests import requests

logger = logging.getLogger(__name__)

WAITS_MS: Final = (HOUR_MS, DAY_MS)
"""Until the second and the third time; the first is due with the row. After that it is left."""
LEASE_MS: Final = 15 * MINUTE_MS
"""No other process asks meanwhile, and after a failure that says nothing of the task no one does.
Such a failure is no try."""
KEPT_MS: Final = 3 * DAY_MS
"""A check that was left stays so long: until it was, its task may have been billed or refunded."""
AT_ONCE: Final = 10


async def check_costs(context: WorkerContext) -> None:
    """Ask about some of the tasks that are due. Raises: StorageError."""
    async with context.database.reading() as tx:
        if (await read_health(tx)).is_open:
            return
        if not await cost_checks.any_due(tx, context.clock()):
            return
    for check in await _claim(context):
        try:
            await _check(context, check)
        except (ProviderKeyRefused, ProviderThrottled) as error:
            # the others would be refused as well
            _postponed(check, error)
            return
        except ProviderError as error:
            _postponed(check, error)
        except StorageError:
            raise
        except Exception:
            # it is asked again when its lease is over; the others have their turn
            logger.exception(
                "The cost of an ended task can't be checked",
                extra={"action": "cost.failed", "request_id": check.request_id},
            )


def _postponed(check: CostCheck, error: ProviderError) -> None:
    logger.info(
        "What an ended task cost is asked later",
        extra={
            "action": "cost.postponed",
            "request_id": check.request_id,
            "error": repr(error),
        },
    )


@repeated
async def _claim(context: WorkerContext) -> list[CostCheck]:
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        await cost_checks.forget(tx, now_ms - KEPT_MS)
        return await cost_checks.claim(tx, now_ms=now_ms, until_ms=now_ms + LEASE_MS, limit=AT_ONCE)


async def _check(context: WorkerContext, check: CostCheck) -> None:
    async with context.database.reading() as tx:
        request = await requests.get(tx, check.request_id)
    # without a task id nobody can be asked
    said = SaidCost(None, "query", context.clock())
    if request is not None and request.task_id:
        said = await ask_cost(context, request)
    await _record(context, check, said)


async def ask_cost(context: WorkerContext, request: Request) -> SaidCost:
    """What the provider says now of a request's task. Raises: ProviderError."""
    asked_at_ms = context.clock()
    return said_by(await context.provider.query(request.task_id), asked_at_ms)


@repeated
async def _record(context: WorkerContext, check: CostCheck, said: SaidCost) -> None:
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        await note_cost(tx, check.request_id, said, now_ms)
        if said.is_final:
            return
        tries = check.tries + 1
        if tries > len(WAITS_MS):
            await cost_checks.leave(tx, check.request_id, now_ms)
            return
        due_ms = now_ms + WAITS_MS[tries - 1]
        await cost_checks.postpone(tx, check.request_id, due_ms=due_ms, tries=tries)
