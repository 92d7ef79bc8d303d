"""Provider checks: whether the key is accepted, and the remaining balance."""

from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, failed, ok, warning
from bot.provider.client import SeedanceClient, open_session
from bot.services.operations.balance import BalanceView, ask_balance
from bot.settings import Settings
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.quotas import ledger


async def check_provider(settings: Settings, database: Database | None) -> AsyncIterator[Finding]:
    """Check that the provider responds and accepts the key, and report the balance."""
    key = settings.seedance_api_key.get_secret_value()
    async with open_session(settings.proxies) as session:
        client = SeedanceClient(session, settings.seedance_base_url, key)
        billed = await _billed_videos(database)
        balance = await ask_balance(client, billed_videos=billed, timeout_s=15)
    if balance.problem == "key":
        yield failed("provider key", "the provider refuses it", "check SEEDANCE_API_KEY")
    elif balance.problem == "down":
        advice = "check SEEDANCE_BASE_URL and the network"
        yield failed("provider", "it does not answer", advice)
    elif balance.problem:
        advice = "see that SEEDANCE_BASE_URL is the provider's origin, without any path"
        yield warning("provider", "it answers, but not with a balance", advice)
    else:
        yield ok("provider key", "the provider takes it")
        yield _describe_balance(balance)


async def _billed_videos(database: Database | None) -> int:
    if database is None:
        return 0
    try:
        async with database.reading() as tx:
            return await ledger.billed_videos(tx)
    except StorageError:
        return 0


def _describe_balance(balance: BalanceView) -> Finding:
    if balance.is_unlimited:
        return ok("balance", "the key has no limit of its own")
    if balance.available is None:
        return warning("balance", "the provider names none", "look at the provider's own page")
    left = "" if balance.videos_left is None else f", about {balance.videos_left} more videos"
    found = f"{balance.available}{left}"
    if balance.available <= 0:
        return failed("balance", f"used up ({found})", "top it up; requests wait until then")
    return warning("balance", found, "top it up soon") if balance.is_low else ok("balance", found)
