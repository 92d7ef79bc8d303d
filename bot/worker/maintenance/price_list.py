"""Reads the provider's price list at start and daily; a failure changes nothing."""

import logging
from typing import Final

from bot.provider.errors import ProviderError
from bot.services.operations.price_list import PriceListService
from bot.worker.context import WorkerContext
from storage.durations import DAY_MS

logger = logging.getLogger(__name__)

RETRY_MS: Final = 10 * 60 * 1000


class PriceListReader:
    """One pass takes over what other processes have stored, and asks when it is due."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._not_before_ms = 0
        self._has_read = False

    async def refresh(self) -> None:
        """Bring the prices up to date; nothing with `PRICES_FROM=file`."""
        prices = self._context.prices
        if prices is None:
            return
        read_at_ms = await prices.load()
        now_ms = self._context.clock()
        is_fresh = self._has_read and now_ms < read_at_ms + DAY_MS
        if now_ms < self._not_before_ms or is_fresh:
            return
        self._not_before_ms = now_ms + RETRY_MS
        self._has_read = await self._read(prices) or self._has_read

    async def _read(self, prices: PriceListService) -> bool:
        try:
            listed = await self._context.provider.price_list()
        except ProviderError as error:
            logger.warning(
                "The provider's price list could not be read; the prices stay as they are",
                extra={"action": "prices.unread", "error": repr(error)},
            )
            return False
        return await prices.record(listed)
