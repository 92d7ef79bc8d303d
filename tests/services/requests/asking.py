"""Another process that requests videos: `… -m tests.services.requests.asking URL DIR N MAX`."""

import asyncio
import sys
from pathlib import Path

from bot.errors import QuotaExceeded
from bot.services.quotas.usage import QuotaSettings
from storage.engine import postgres
from storage.engine.database import open_database
from tests.services.quotas.counter import Counter, caller, catalogue
from tests.support.patience import PATIENCE_S


async def ask_often(url: str, folder: Path, count: int, limit: int) -> int:
    """How many of so many requests at once were taken."""
    # it is the count that is asked about, however long the line for a connection
    postgres._POOL_TIMEOUT_S = PATIENCE_S  # type: ignore[misc]
    database = await open_database(url, migrate=True)
    try:
        counter = Counter(database, catalogue(folder), folder, QuotaSettings(member_videos=limit))
        first = int(sys.argv[5])
        tries = [counter.ask(caller(interaction_id=first + number)) for number in range(count)]
        outcomes = await asyncio.gather(*tries, return_exceptions=True)
    finally:
        await database.close()
    refused = sum(isinstance(outcome, QuotaExceeded) for outcome in outcomes)
    taken = sum(not isinstance(outcome, BaseException) for outcome in outcomes)
    if taken + refused < count:
        raise RuntimeError(str(outcomes))
    return taken


if __name__ == "__main__":
    print(asyncio.run(ask_often(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:5]))))
