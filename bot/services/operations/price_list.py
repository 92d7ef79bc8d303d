"""The provider's price list as last read: kept in the database, in effect in the catalogue."""

import asyncio
import contextlib
import json
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from bot.provider.prices import ListedPrice
from bot.rules.catalogue import Catalogue
from bot.rules.price import Rate, billing_names, listed_price
from bot.services.log_lines import enqueue_direct
from bot.services.owners import read_owners
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageError
from storage.operations import key_values

logger = logging.getLogger(__name__)

PRICES: Final = "prices"
"""The key under which the list is stored; it was written when the list was last read."""
FOLLOW_S: Final = 60.0
MOST_LINES: Final = 20
"""Changes that one alert names."""


@dataclass(frozen=True, slots=True)
class StoredPrices:
    """Rates by billing name. What left the list keeps its last rate, and stands in `gone`."""

    rates: Mapping[str, Rate]
    gone: frozenset[str] = frozenset()


def names_of_all(catalogue: Catalogue) -> frozenset[str]:
    """Every billing name of every model."""
    return frozenset(name for spec in catalogue for name in billing_names(spec))


def listed_rates(catalogue: Catalogue, listed: Iterable[ListedPrice]) -> dict[str, Rate]:
    """The rows of a price list that are about models of the catalogue."""
    wanted = names_of_all(catalogue)
    return {
        price.model_name: Rate(price.price_mode, price.unit_price)
        for price in listed
        if price.model_name in wanted
    }


def put_in_effect(catalogue: Catalogue, rates: Mapping[str, Rate]) -> None:
    """Let each model cost what is listed, where `MODELS_FILE` has no price for it."""
    prices = {spec.name: listed_price(spec, rates) for spec in catalogue}
    catalogue.set_listed_prices({name: price for name, price in prices.items() if price})


async def read_prices(tx: Transaction) -> StoredPrices | None:
    """The list as last read; None before that."""
    text = await key_values.get(tx, PRICES)
    if not text:
        return None
    try:
        stored: dict[str, Any] = json.loads(text)
        rates = {
            str(name): Rate(str(mode), Decimal(amount))
            for name, (mode, amount) in stored["rates"].items()
        }
        return StoredPrices(rates, frozenset(map(str, stored["gone"])))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidOperation):
        return None


class PriceListService:
    """Keeps the catalogue's listed prices equal to the database's, and tells owners of changes."""

    def __init__(
        self,
        database: Database,
        catalogue: Catalogue,
        *,
        owner_ids: Sequence[int],
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._catalogue = catalogue
        self._owner_ids = tuple(owner_ids)
        self._clock = clock
        self._in_effect: StoredPrices | None = None

    async def load(self) -> int:
        """Put the stored list in effect; return when it was read (UTC ms), 0 for never."""
        async with self._database.reading() as tx:
            stored = await read_prices(tx)
            read_at_ms = await key_values.since_ms(tx, PRICES)
        if stored is None:
            return 0
        if stored != self._in_effect:
            put_in_effect(self._catalogue, stored.rates)
            self._in_effect = stored
        return read_at_ms or 0

    async def follow(self, stop: asyncio.Event) -> None:
        """Take over once a minute what workers have stored, until `stop` is set."""
        while not stop.is_set():
            try:
                await self.load()
            except StorageError as error:
                logger.warning(
                    "The prices could not be read from the database",
                    extra={"action": "prices.unknown", "error": repr(error)},
                )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), FOLLOW_S)

    async def record(self, listed: Iterable[ListedPrice]) -> bool:
        """Store a list that was read, tell the owners what has changed, and put it in effect.

        False for a list that names none of the models: it changes nothing.
        """
        rates = listed_rates(self._catalogue, listed)
        if not rates:
            logger.warning(
                "The provider's price list names none of the models",
                extra={"action": "prices.unknown"},
            )
            return False
        await self._store(rates)
        await self.load()
        return True

    @repeated
    async def _store(self, rates: Mapping[str, Rate]) -> None:
        now_ms, wanted = self._clock(), names_of_all(self._catalogue)
        async with self._database.transaction() as tx:
            # several workers may read the list at once: one of them tells
            await key_values.hold(tx, PRICES)
            before = await read_prices(tx) or StoredPrices({})
            # a name that is no model's by now is no loss
            known = {name: rate for name, rate in before.rates.items() if name in wanted}
            after = StoredPrices({**known, **rates}, frozenset(known.keys() - rates.keys()))
            await key_values.set(tx, PRICES, _as_text(after), now_ms)
            changed = [
                f"`{name}`: {_shown(before.rates[name])} → {_shown(rate)}"
                for name, rate in sorted(rates.items())
                if before.rates.get(name, rate) != rate
            ]
            gone = [
                f"`{name}`: {_shown(before.rates[name])}"
                for name in sorted(after.gone - before.gone)
            ]
            await self._tell(tx, "alarm-prices-changed", changed, now_ms)
            await self._tell(tx, "alarm-prices-gone", gone, now_ms)

    async def _tell(self, tx: Transaction, text: str, lines: Sequence[str], now_ms: int) -> None:
        if not lines:
            return
        logger.warning(
            "The provider's price list has changed", extra={"action": text, "count": len(lines)}
        )
        more = [f"… +{len(lines) - MOST_LINES}"] if len(lines) > MOST_LINES else []
        params = {"lines": "\n".join([*lines[:MOST_LINES], *more])}
        for owner_id in await read_owners(tx, self._owner_ids):
            outbox_id = f"{text}:{now_ms}:{owner_id}"
            await enqueue_direct(tx, owner_id, outbox_id, text, params, now_ms=now_ms)


def _as_text(prices: StoredPrices) -> str:
    rates = {name: [rate.mode, str(rate.amount)] for name, rate in prices.rates.items()}
    return json.dumps({"rates": rates, "gone": sorted(prices.gone)})


def _shown(rate: Rate) -> str:
    return f"{rate.amount.normalize():f} {rate.mode}"
