"""When the price list is read: at start, daily, and soon again after a failure."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import cast

from bot.provider.client import SeedanceClient
from bot.provider.errors import ProviderUnavailable
from bot.provider.prices import ListedPrice
from bot.rules.catalogue import load_catalogue
from bot.rules.price import Rate
from bot.services.operations.price_list import PriceListService, put_in_effect
from bot.worker.maintenance.price_list import RETRY_MS, PriceListReader
from storage.durations import DAY_MS
from storage.requests import requests
from tests.worker.worker_harness import open_worker_harness


class ListingProvider:
    """Answers with a list, or not at all."""

    def __init__(self) -> None:
        self.asked = 0
        self.is_down = False

    async def price_list(self) -> Sequence[ListedPrice]:
        self.asked += 1
        if self.is_down:
            raise ProviderUnavailable("no answer")
        return [ListedPrice("seedance2.0-std", "per_task", Decimal(1))]


async def test_the_list_is_read_at_start_and_daily_and_soon_after_a_failure(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as harness:
        provider = ListingProvider()

        def reader() -> PriceListReader:
            context = harness.context("a")
            prices = PriceListService(
                context.database, load_catalogue(), owner_ids=(), clock=context.clock
            )
            client = cast("SeedanceClient", provider)
            return PriceListReader(replace(context, provider=client, prices=prices))

        async def passes(chosen: PriceListReader, after_ms: int = 0) -> int:
            harness.now_ms += after_ms
            before = provider.asked
            await chosen.refresh()
            await chosen.refresh()
            return provider.asked - before

        first = reader()
        assert await passes(first) == 1
        assert await passes(first, RETRY_MS + 1) == 0
        assert await passes(reader()) == 1
        # another process has read it since
        assert await passes(first, DAY_MS - RETRY_MS) == 0
        provider.is_down = True
        assert await passes(first, RETRY_MS + 1) == 1
        assert await passes(first, RETRY_MS - 1) == 0
        assert await passes(first, 1) == 1
        provider.is_down = False
        assert await passes(first, RETRY_MS) == 1
        assert await passes(first, DAY_MS - 1) == 0
        assert await passes(first, 1) == 1


async def test_a_price_that_changes_before_the_files_are_there_leaves_the_quote(
    empty_sqlite: Path, small_video: Path, tmp_path: Path
) -> None:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as harness:
        catalogue = load_catalogue()
        put_in_effect(catalogue, {"seedance2.0-fast-i2v": Rate("per_task", Decimal(9))})
        harness._context["a"] = replace(harness.context("a"), catalogue=catalogue)
        quoted = await harness.ask(0)
        assert await harness.step("a") == 1
        async with harness.database.reading() as tx:
            prepared = await requests.require(tx, quoted.id)
        assert prepared.prepared_at_ms
        assert prepared.cost_micros == quoted.cost_micros
