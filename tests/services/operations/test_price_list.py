"""The stored price list: changes are told once, whoever reads it, and survive a restart."""

import asyncio
import json
from decimal import Decimal

import pytest

from bot.provider.prices import ListedPrice
from bot.rules.catalogue import Catalogue, load_catalogue
from bot.services.operations.price_list import MOST_LINES, PRICES, PriceListService
from storage.engine.transaction import Database
from storage.operations import key_values
from tests.conftest import OpenAnother

I2V, STD, SP = "seedance2.0-fast-i2v", "seedance2.0-std", "sd2_sp_720p"
NOW_MS = 1_790_000_000_000


def listing(mode: str = "per_task", **amounts: str) -> list[ListedPrice]:
    names = {"i2v": I2V, "std": STD, "sp": SP}
    return [
        ListedPrice(names.get(name, name), mode, Decimal(amount))
        for name, amount in amounts.items()
    ]


class Reading:
    """A process that reads the list, and a clock that moves at each reading."""

    def __init__(self, database: Database, owners: tuple[int, ...] = (1, 2)) -> None:
        self.database = database
        self.catalogue = load_catalogue()
        self.now_ms = NOW_MS
        self.service = PriceListService(
            database, self.catalogue, owner_ids=owners, clock=lambda: self.now_ms
        )

    async def reads(self, *listed: ListedPrice) -> bool:
        self.now_ms += 1000
        return await self.service.record(listed)

    async def told(self) -> list[str]:
        """The alerts of the first owner, in order."""
        async with self.database.reading() as tx:
            rows = await tx.fetch_all(
                "SELECT body FROM outbox WHERE user_id = 1 ORDER BY created_at_ms, id"
            )
        return [str(json.loads(row["body"])["params"]["lines"]) for row in rows]


def price_of(catalogue: Catalogue, name: str) -> Decimal | None:
    price = catalogue.require(name).price
    return price.per_task if price else None


async def test_a_change_is_told_once_to_each_owner_by_whoever_reads_it_first(
    open_another: OpenAnother,
) -> None:
    readers = [Reading(await open_another()) for _ in range(4)]
    await readers[0].reads(*listing(i2v="0.35", std="1"))
    await asyncio.gather(*(each.reads(*listing(i2v="0.4", std="1")) for each in readers))
    (body,) = await readers[0].told()
    assert body == f"`{I2V}`: 0.35 per_task → 0.4 per_task"
    async with readers[0].database.reading() as tx:
        row = await tx.fetch_one("SELECT COUNT(*) AS n FROM outbox")
    assert row is not None
    assert row["n"] == 2
    assert [price_of(each.catalogue, I2V) for each in readers] == [Decimal("0.4")] * 4


async def test_what_left_the_list_is_told_once_and_keeps_its_price(database: Database) -> None:
    reading = Reading(database)
    await reading.reads(*listing(i2v="0.35", std="1"))
    for _ in range(3):
        await reading.reads(*listing(i2v="0.35"))
    assert len(await reading.told()) == 1
    assert price_of(reading.catalogue, STD) == 1
    await reading.reads(*listing(i2v="0.35", std="1"))
    assert len(await reading.told()) == 1
    await reading.reads(*listing(i2v="0.35"))
    assert len(await reading.told()) == 2


async def test_a_list_of_other_models_or_of_none_changes_nothing(database: Database) -> None:
    reading = Reading(database)
    await reading.reads(*listing(i2v="0.35"))
    assert not await reading.reads()
    assert not await reading.reads(*listing(veo="1"))
    assert not await reading.told()
    assert price_of(reading.catalogue, I2V) == Decimal("0.35")


async def test_a_unit_that_prices_no_request_ends_the_price_and_is_told(database: Database) -> None:
    reading = Reading(database)
    await reading.reads(*listing(i2v="0.35"))
    await reading.reads(*listing("per_million_tokens", i2v="0.35"))
    assert price_of(reading.catalogue, I2V) is None
    assert "per_million_tokens" in "".join(await reading.told())


async def test_the_first_list_is_no_change_and_prices_outlive_the_process(
    database: Database,
) -> None:
    await Reading(database).reads(*listing(i2v="0.35"))
    later = Reading(database)
    assert await later.service.load() == NOW_MS + 1000
    assert price_of(later.catalogue, I2V) == Decimal("0.35")
    assert not await later.told()


async def test_many_changes_are_one_alert_of_bounded_length(database: Database) -> None:
    reading = Reading(database)
    names = [spec.name for spec in reading.catalogue]
    assert len(names) > MOST_LINES
    for amount in ("1", "2"):
        await reading.reads(*(ListedPrice(name, "per_task", Decimal(amount)) for name in names))
    (body,) = await reading.told()
    assert body.count("per_task") == 2 * MOST_LINES
    assert f"+{len(names) - MOST_LINES}" in body


@pytest.mark.parametrize("text", ["", "x", "[]", '{"rates": 1}', '{"rates": {"a": ["b"]}}'])
async def test_an_unreadable_stored_list_counts_as_none(database: Database, text: str) -> None:
    async with database.transaction() as tx:
        await key_values.set(tx, PRICES, text, NOW_MS)
    reading = Reading(database)
    assert await reading.service.load() == 0
    assert await reading.reads(*listing(i2v="0.35"))
    assert not await reading.told()
