"""Ledger check: whether every request has exactly the ledger rows it must have."""

from collections.abc import AsyncIterator

from bot.doctor.findings import Finding, ok, warning
from storage.engine.transaction import Database
from storage.errors import StorageError
from storage.quotas import ledger_check


async def check_ledger(database: Database | None) -> AsyncIterator[Finding]:
    """Skipped if there is no database yet, or one that needs a migration."""
    if database is None:
        return
    try:
        if not await database.is_current():
            return
        async with database.reading() as tx:
            found = await ledger_check.differences(tx)
            hours = await ledger_check.hour_differences(tx)
    except StorageError:
        # the database check has already reported this
        return
    if hours:
        yield warning(
            "sums",
            f"{len(hours)} sums by the hour are not what they add up to, first {hours[0]}",
            "report it to this bot's developers",
        )
    if not found:
        yield ok("ledger", "every request is booked as it must be")
        return
    first = found[0]
    yield warning(
        "ledger",
        f"{len(found)} requests are not booked as they must be, first {first.request_id}:"
        f" {first.problem}",
        "compare with the provider's bill, and report it to this bot's developers",
    )
