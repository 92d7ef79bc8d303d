"""`video-bot doctor`: check everything a running bot needs, with advice for each failure."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

from bot.client import point_discord_at
from bot.doctor.clock_side import check_clock
from bot.doctor.discord_side import check_discord, check_upload_limit
from bot.doctor.findings import Finding, Grade, failed
from bot.doctor.ledger_side import check_ledger
from bot.doctor.machine import check_disk, check_proxy, check_tls, open_for_checks
from bot.doctor.price_side import check_prices
from bot.doctor.provider_side import check_provider
from bot.doctor.safety_side import check_safety
from bot.doctor.storage_side import check_backup, check_shares
from bot.doctor.store_side import check_store
from bot.settings import Settings
from storage.errors import BotError

__all__ = ["Finding", "Grade", "examine", "examined"]


async def run_checks(settings: Settings) -> AsyncIterator[Finding]:
    """Run all checks in order; a failure does not stop the others. Changes nothing."""
    point_discord_at(settings.discord_api_url, settings.discord_gateway_url)
    async for finding in check_proxy(settings):
        yield finding
    async for finding in check_tls(settings):
        yield finding
    async with AsyncExitStack() as stack:
        database, finding = await open_for_checks(settings, stack)
        yield finding
        for checks in (
            check_clock(settings, database),
            check_ledger(database),
            check_backup(database),
            check_discord(settings, database),
            check_provider(settings, database),
            check_prices(settings, database),
            check_safety(settings),
            check_store(settings, database),
        ):
            async for finding in checks:
                yield finding
    yield check_upload_limit(settings)
    async for finding in check_disk(settings):
        yield finding
    async for finding in check_shares(settings):
        yield finding


async def report_lines(settings: Settings) -> AsyncIterator[tuple[str, Grade]]:
    """Yield each check's printed line and grade as it completes."""
    try:
        async for finding in run_checks(settings):
            yield finding.line(settings.secrets), finding.grade
    except (BotError, OSError) as error:
        found = failed("doctor", f"stopped at {type(error).__name__}", "see the log")
        yield found.line(settings.secrets), found.grade
