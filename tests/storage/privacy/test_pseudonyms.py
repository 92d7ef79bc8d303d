"""What goes on under a pseudonym still counts for its member, and ends when it has run out."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from storage.engine.transaction import Database
from storage.privacy import erasure, privacy_notices, pseudonyms
from storage.privacy.pseudonyms import is_pseudonym, known_as, pseudonym_of
from storage.quotas import ledger, ledger_sums, quotas
from storage.quotas.ledger_records import Account
from storage.quotas.quotas import Quota
from tests.conftest import OpenAnother
from tests.storage.make import make_entry, renamed
from tests.support.dialects import on_postgres

DAY_MS = 24 * 60 * 60 * 1000


async def test_a_pseudonym_is_one_for_each_member_and_says_nothing_of_them(
    database: Database,
) -> None:
    async with database.transaction() as tx:
        assert await known_as(tx, 30) == (30, 30)
        first, second = await pseudonym_of(tx, 30), await pseudonym_of(tx, 31)
        assert await pseudonym_of(tx, 30) == await pseudonym_of(tx, first) == first
        assert await known_as(tx, 30) == (30, first)
    assert first != second
    assert is_pseudonym(first)
    assert not is_pseudonym(30)
    # both databases' BIGINT holds it
    assert -(2**63) < first < 0


async def test_two_processes_agree_on_the_key(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()

    async def name(one: Database) -> int:
        async with one.transaction() as tx:
            return await pseudonym_of(tx, 30)

    first, second = await asyncio.gather(name(database), name(other))
    assert first == second


@given(st.integers(1, 2**62), st.integers(1, 2**62))
def test_another_key_gives_other_pseudonyms(user_id: int, key: int) -> None:
    one, other = f"{key:064x}", f"{key + 1:064x}"
    assert pseudonyms._hashed(one, user_id) != pseudonyms._hashed(other, user_id)


async def test_a_renamed_members_rows_are_found_under_both_names(database: Database) -> None:
    limit = Quota(10, "member", 30, "videos", "day", 5, 99, 1)
    async with database.transaction() as tx:
        await ledger.enter(tx, make_entry(guild_id=10, user_id=30, videos=2, counts_at_ms=50))
        await quotas.put(tx, limit)
        await privacy_notices.add(tx, 10, 30, 1)
        pseudonym = await renamed(tx, 30)
        await ledger.enter(tx, make_entry(guild_id=10, user_id=30, counts_at_ms=60))
        used = await ledger_sums.usage(tx, Account.COUNT, since_ms=0, guild_id=10, user_id=30)
        assert used.videos == 3
        assert await ledger.last_reserved_ms(tx, 10, 30) == 60
        (kept,) = await quotas.for_member(tx, 10, 30)
        assert (kept.subject_id, kept.amount) == (pseudonym, 5)
        assert await privacy_notices.given_ms(tx, 10, 30) is None
        # a new limit takes the place of the one under the pseudonym
        await quotas.put(tx, Quota(10, "member", 30, "videos", "day", 1, 99, 2))
        (only,) = await quotas.of_subject(tx, 10, "member", 30)
        assert only.amount == 1
        assert await quotas.remove(tx, 10, "member", 30, "videos", "day")
        assert not await quotas.for_member(tx, 10, 30)


async def test_a_pseudonym_goes_when_nothing_counts_it_any_more(database: Database) -> None:
    async with database.transaction() as tx:
        for counts_at_ms in (DAY_MS, 40 * DAY_MS):
            entry = make_entry(guild_id=10, user_id=30, counts_at_ms=counts_at_ms)
            await ledger.enter(tx, entry)
        await renamed(tx, 30)
        times = {"before_ms": 8 * DAY_MS, "now_ms": 40 * DAY_MS}
        while await erasure.end_pseudonyms(tx, **times, limit=1):
            pass
        everything = await ledger_sums.usage(tx, Account.COUNT, since_ms=0)
        theirs = await ledger_sums.usage(tx, Account.COUNT, since_ms=0, guild_id=10, user_id=30)
    assert (everything.videos, theirs.videos) == (2, 1)


@on_postgres
async def test_a_member_waits_for_the_same_account_under_either_name(database: Database) -> None:
    async with database.transaction() as tx:
        await ledger.lock_accounts(tx, 10, 30)
        pseudonym = await pseudonym_of(tx, 30)
    async with database.transaction() as tx:
        await ledger.lock_accounts(tx, 10, pseudonym)
        rows = await tx.fetch_all("SELECT key, touched FROM accounts WHERE scope = 'member'")
    assert [dict(row) for row in rows] == [{"key": f"10:{pseudonym}", "touched": 2}]
