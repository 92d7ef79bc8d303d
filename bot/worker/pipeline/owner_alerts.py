"""Alerts owners, once, to what only they can fix."""

import logging

from bot.services.log_lines import enqueue_direct
from bot.services.operations import circuit_breaker
from bot.services.operations.circuit_breaker import OutageReason
from bot.services.owners import read_owners
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated

logger = logging.getLogger(__name__)


@repeated
async def note_outage(
    context: WorkerContext, trouble: OutageReason, error: Exception, *, is_query: bool = False
) -> None:
    """Record a provider failure; alert the owners if it opens the circuit breaker."""
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        state, opened = await circuit_breaker.note_failure(tx, trouble, now_ms, is_query=is_query)
        if opened:
            for owner_id in await read_owners(tx, context.settings.owner_ids):
                outbox_id = f"alarm:{trouble}:{state.since_ms}:{owner_id}"
                await enqueue_direct(tx, owner_id, outbox_id, f"alarm-{trouble}", {}, now_ms=now_ms)
    if opened:
        logger.error(
            "The provider is unavailable: new requests wait",
            extra={"action": "provider.open", "trouble": trouble, "error": repr(error)},
        )
        context.wakeup()
