"""Migration 0014 rewrites the ledger: every row stays, in its order, and is found as before."""

from storage.engine.database import open_database
from storage.quotas import ledger, ledger_sums
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry
from tests.storage.make import make_entry
from tests.support.migrations import migrate_to

_OLD_ROW = """
INSERT INTO ledger (request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros,
  reason, counts_at_ms, at_ms)
VALUES (:request_id, :account, :kind, 10, 30, :videos, 5, :cost, 'posted', 7, :at_ms)"""


async def test_every_row_of_the_ledger_survives_its_rewriting(empty_database_url: str) -> None:
    database = await open_database(empty_database_url, migrate=False, check=False)
    try:
        await migrate_to(database, 13)
        async with database.transaction() as tx:
            for number, kind in enumerate(("reserve", "settle")):
                for account in Account:
                    row = {"request_id": "old001", "account": account.value, "kind": kind}
                    amounts = {"videos": 1 - number, "cost": 250 * number, "at_ms": number}
                    await tx.execute(_OLD_ROW, row | amounts)
        await migrate_to(database, 14)
        async with database.transaction() as tx:
            found = await ledger.entries_of(tx, "old001")
            assert [(row.kind, row.account, row.cost_micros) for row in found] == [
                ("reserve", "count", 0),
                ("reserve", "cost", 0),
                ("settle", "count", 250),
                ("settle", "cost", 250),
            ]
            settle = found[3]
            assert not await ledger.enter(tx, settle)
            # several adjustments are possible, each of them once
            for cost_id, is_new in ((1, True), (2, True), (1, False)):
                entry = adjustment(settle, cost_id)
                assert await ledger.enter(tx, entry) is is_new
            assert (
                await ledger_sums.usage(tx, Account.COST, since_ms=0, guild_id=10, user_id=30)
            ).videos == 1
    finally:
        await database.close()


def adjustment(of: LedgerEntry, cost_id: int) -> LedgerEntry:
    return make_entry(
        request_id=of.request_id,
        account=of.account,
        kind=EntryKind.ADJUST,
        videos=0,
        seconds=0,
        cost_micros=10,
        cost_id=cost_id,
    )
