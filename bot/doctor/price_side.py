"""Price check: where the models' prices come from, and which models have none."""

from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

from bot.doctor.findings import Finding, failed, ok, warning
from bot.provider.client import SeedanceClient, open_session
from bot.provider.errors import ProviderError
from bot.rules.catalogue import Catalogue, CatalogueError, load_catalogue
from bot.rules.price import Rate, billing_names, unpriced
from bot.services.operations.price_list import listed_rates, put_in_effect, read_prices
from bot.settings import Settings
from storage.engine.transaction import Database
from storage.errors import StorageError


async def check_prices(settings: Settings, database: Database | None) -> AsyncIterator[Finding]:
    """Read the list as the bot would at its start; stores nothing."""
    try:
        catalogue = load_catalogue(settings.models_file)
    except CatalogueError as error:
        yield failed("prices", str(error).rstrip("."), "correct MODELS_FILE")
        return
    rates: Mapping[str, Rate] = {}
    if settings.prices_from == "auto":
        try:
            rates = await _ask(settings, catalogue)
        except ProviderError:
            advice = "check SEEDANCE_BASE_URL, or put the prices into MODELS_FILE"
            yield warning("price list", "the provider's list can't be read", advice)
        rates = {**await _stored(database), **rates}
        put_in_effect(catalogue, rates)
    yield _described(settings, catalogue, rates)


async def _ask(settings: Settings, catalogue: Catalogue) -> Mapping[str, Rate]:
    key = settings.seedance_api_key.get_secret_value()
    async with open_session(settings.proxies) as session:
        client = SeedanceClient(session, settings.seedance_base_url, key)
        return listed_rates(catalogue, await client.price_list())


async def _stored(database: Database | None) -> Mapping[str, Rate]:
    """What an earlier run has stored; nothing where there is no database yet."""
    with suppress(StorageError):
        if database is not None and await database.is_current():
            async with database.reading() as tx:
                stored = await read_prices(tx)
            return stored.rates if stored else {}
    return {}


def _described(settings: Settings, catalogue: Catalogue, rates: Mapping[str, Rate]) -> Finding:
    own = sum(catalogue.has_own_price(spec.name) for spec in catalogue)
    listed = sum(spec.price is not None for spec in catalogue) - own
    found = f"{own} models are priced by MODELS_FILE"
    if settings.prices_from == "auto":
        found += f", {listed} by the provider's list"
    without = [name for spec in catalogue if (name := _without(spec.name, catalogue))]
    if not without:
        return ok("prices", f"{found}, none is without")
    odd = sorted(
        f"{name} ({rates[name].mode})"
        for spec in catalogue
        if not catalogue.has_own_price(spec.name)
        for name in billing_names(spec)
        if name in rates and not rates[name].is_for_requests
    )
    found += f"; without a price: {', '.join(without)}"
    if odd:
        found += f"; listed in units that price no request: {', '.join(dict.fromkeys(odd))}"
    budgets = (settings.bot_monthly_budget, settings.server_monthly_budget)
    if settings.currency or any(budget is not None for budget in budgets):
        advice = "put their prices into MODELS_FILE: without one a video costs nothing in budgets"
        return warning("prices", found, advice)
    return ok("prices", found)


def _without(name: str, catalogue: Catalogue) -> str:
    """The model's name if it has no price, and in brackets what of it has none."""
    spec = catalogue.require(name)
    parts = list(unpriced(spec, spec.price))
    if not parts:
        return ""
    return name if parts == [""] else f"{name} ({', '.join(parts)})"
