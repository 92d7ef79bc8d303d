"""While the breaker is open: a gentle, unpaid question now and then, until the provider answers."""

import logging

from bot.provider.errors import ProviderError, ProviderKeyRefused, ProviderUnavailable
from bot.services.operations import circuit_breaker
from bot.services.operations.circuit_breaker import Health, Trouble
from bot.worker.context import Parts
from bot.worker.pipeline.owner_alerts import note_trouble

logger = logging.getLogger(__name__)


async def probe(parts: Parts) -> None:
    """Ask for the balance if the breaker's next probe is due; let one request try if it answers."""
    async with parts.database.reading() as tx:
        state = await circuit_breaker.read_health(tx)
    if not state.is_open or parts.clock() < state.probe_ms:
        return
    trouble = await _ask(parts, state)
    if trouble is not None:
        return
    async with parts.database.transaction() as tx:
        await circuit_breaker.note_probed(tx, parts.clock())
    logger.info(
        "The provider answers again",
        extra={"action": "provider.answers", "trouble": state.trouble},
    )
    parts.nudge()


async def _ask(parts: Parts, state: Health) -> Trouble | None:
    """What is still wrong, noted; None when a request may try."""
    try:
        balance = await parts.provider.balance()
    except ProviderKeyRefused as error:
        await note_trouble(parts, Trouble.KEY, error)
        return Trouble.KEY
    except ProviderUnavailable as error:
        await note_trouble(parts, Trouble.DOWN, error)
        return Trouble.DOWN
    except ProviderError:
        # It answers, if not this question: whether it takes requests again, one of them will show.
        return None
    if state.trouble == Trouble.MONEY and balance.available is not None and balance.available <= 0:
        await note_trouble(parts, Trouble.MONEY, ProviderError("the balance is used up"))
        return Trouble.MONEY
    return None
