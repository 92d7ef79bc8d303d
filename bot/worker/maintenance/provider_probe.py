"""Probes the provider with an unpaid call while the circuit breaker is open."""

import logging

from bot.provider.errors import ProviderError, ProviderKeyRefused, ProviderUnavailable
from bot.services.operations import circuit_breaker
from bot.services.operations.circuit_breaker import Health, OutageReason
from bot.worker.context import WorkerContext
from bot.worker.pipeline.owner_alerts import note_outage

logger = logging.getLogger(__name__)


async def probe(context: WorkerContext) -> None:
    """Query the balance if a probe is due; half-open the circuit breaker if it answers."""
    async with context.database.reading() as tx:
        state = await circuit_breaker.read_health(tx)
    if not state.is_open or context.clock() < state.probe_ms:
        return
    trouble = await _ask(context, state)
    if trouble is not None:
        return
    async with context.database.transaction() as tx:
        await circuit_breaker.note_probed(tx, context.clock())
    logger.info(
        "The provider answers again",
        extra={"action": "provider.answers", "trouble": state.trouble},
    )
    context.wakeup()


async def _ask(context: WorkerContext, state: Health) -> OutageReason | None:
    """Record and return what is still wrong; None when a request may be tried."""
    try:
        balance = await context.provider.balance()
    except ProviderKeyRefused as error:
        await note_outage(context, OutageReason.KEY, error)
        return OutageReason.KEY
    except ProviderUnavailable as error:
        await note_outage(context, OutageReason.DOWN, error)
        return OutageReason.DOWN
    except ProviderError:
        # It answers, though not this query: the next request shows whether it takes any.
        return None
    if (
        state.trouble == OutageReason.MONEY
        and balance.available is not None
        and balance.available <= 0
    ):
        await note_outage(context, OutageReason.MONEY, ProviderError("the balance is used up"))
        return OutageReason.MONEY
    return None
