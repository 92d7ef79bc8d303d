"""How quota is reserved, for tests: as often as asked, never past the cap; also as a process."""

import asyncio
import sys

from storage.engine.database import open_database
from storage.engine.transaction import Database
from storage.operations import key_values
from storage.quotas import ledger, ledger_sums
from storage.quotas.ledger_records import Account
from tests.storage.make import make_entry

CAP = 10


async def reserve(database: Database, request_id: str, *, cap: int = CAP) -> bool:
    """One video for the usual member, if fewer than the cap count."""
    async with database.transaction() as tx:
        await ledger.lock_accounts(tx, 10, 30)
        used = await ledger_sums.usage(tx, Account.COUNT, since_ms=0, guild_id=10, user_id=30)
        if used.videos >= cap:
            return False
        return await ledger.enter(tx, make_entry(request_id=request_id))


async def reserve_many(url: str, prefix: str, count: int) -> int:
    """From a process of its own; returns how many were granted."""
    database = await open_database(url, migrate=True)
    try:
        tries = (reserve(database, f"{prefix}{number}") for number in range(count))
        return sum(await asyncio.gather(*tries))
    finally:
        await database.close()


async def write_until_killed(url: str) -> None:
    """Count on, telling each number only after its transaction is committed."""
    database = await open_database(url, migrate=True)
    number = 0
    while True:
        number += 1
        async with database.transaction() as tx:
            await key_values.set(tx, f"{number}-left", "x" * 2_000, number)
            await key_values.set(tx, f"{number}-right", "x" * 2_000, number)
        print(number, flush=True)


def main() -> None:
    match sys.argv[1:]:
        case ["reserve", url, prefix, count]:
            print(asyncio.run(reserve_many(url, prefix, int(count))))
        case ["write", url]:
            asyncio.run(write_until_killed(url))


if __name__ == "__main__":
    main()
