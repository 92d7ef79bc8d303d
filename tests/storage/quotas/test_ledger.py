from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.engine.database import open_database
from storage.engine.transaction import Database
from storage.quotas import ledger, ledger_sums
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry, Usage
from tests.storage.make import make_entry
from tests.support.sqlite import new_sqlite

MOMENTS = st.integers(0, 20)
ENTRIES = st.lists(
    st.builds(
        make_entry,
        account=st.sampled_from(Account),
        guild_id=st.integers(1, 2),
        user_id=st.integers(1, 2),
        counts_at_ms=MOMENTS,
        videos=st.integers(0, 3),
        seconds=st.integers(0, 15),
        cost_micros=st.integers(0, 10**12),
    ),
    max_size=12,
)


async def write(database: Database, *entries: LedgerEntry) -> None:
    async with database.transaction() as tx:
        for entry in entries:
            assert await ledger.enter(tx, entry)


def turned(entry: LedgerEntry) -> LedgerEntry:
    """The release of a reservation."""
    return make_entry(
        request_id=entry.request_id,
        account=entry.account,
        kind=EntryKind.RELEASE,
        guild_id=entry.guild_id,
        user_id=entry.user_id,
        videos=-entry.videos,
        seconds=-entry.seconds,
        cost_micros=-entry.cost_micros,
        counts_at_ms=entry.counts_at_ms,
        at_ms=entry.at_ms + 5_000,
    )


async def test_an_entry_is_made_once_of_each_kind_and_account(database: Database) -> None:
    entry = make_entry()
    release = turned(entry)
    cost = make_entry(request_id=entry.request_id, account=Account.COST)
    await write(database, entry, release, cost)
    async with database.transaction() as tx:
        assert not await ledger.enter(tx, entry)
        assert not await ledger.enter(tx, release)
        assert await ledger.entries_of(tx, entry.request_id) == [entry, release, cost]


async def test_usage_is_of_a_member_a_server_or_the_bot(database: Database) -> None:
    await write(
        database,
        make_entry(),
        make_entry(user_id=31),
        make_entry(guild_id=11),
        make_entry(account=Account.COST),
    )
    async with database.reading() as tx:
        member = await ledger_sums.usage(tx, Account.COUNT, since_ms=0, guild_id=10, user_id=30)
        server = await ledger_sums.usage(tx, Account.COUNT, since_ms=0, guild_id=10)
        bot = await ledger_sums.usage(tx, Account.COUNT, since_ms=0)
        cost = await ledger_sums.usage(tx, Account.COST, since_ms=0)
    assert member == Usage(videos=1, seconds=5, cost_micros=250_000)
    assert [usage.videos for usage in (server, bot, cost)] == [2, 3, 1]


async def test_a_window_begins_with_its_first_millisecond(database: Database) -> None:
    await write(database, make_entry(counts_at_ms=999), make_entry(counts_at_ms=1_000))
    async with database.reading() as tx:
        assert (await ledger_sums.usage(tx, Account.COUNT, since_ms=1_000)).videos == 1
        assert await ledger_sums.usage(tx, Account.COUNT, since_ms=1_001) == Usage()


async def test_large_sums_are_exact_integers(database: Database) -> None:
    await write(database, *(make_entry(cost_micros=2**60) for _ in range(3)))
    async with database.reading() as tx:
        usage = await ledger_sums.usage(tx, Account.COUNT, since_ms=0)
    assert usage.cost_micros == 3 * 2**60
    assert type(usage.cost_micros) is int


async def test_a_reservation_and_its_release_leave_a_window_together(database: Database) -> None:
    entry = make_entry(counts_at_ms=1_000)
    await write(database, entry, turned(entry))
    async with database.reading() as tx:
        for since_ms in (0, 1_000, 1_001):
            assert await ledger_sums.usage(tx, Account.COUNT, since_ms=since_ms) == Usage()


async def test_what_counts_is_listed_by_request_oldest_first(database: Database) -> None:
    given_back = make_entry(counts_at_ms=1_500)
    counting = [
        make_entry(counts_at_ms=500),
        make_entry(counts_at_ms=1_000),
        make_entry(counts_at_ms=3_000),
    ]
    await write(
        database,
        counting[2],
        counting[0],
        given_back,
        turned(given_back),
        counting[1],
        make_entry(counts_at_ms=1_200, user_id=31),
    )
    one = Usage(videos=1, seconds=5, cost_micros=250_000)
    async with database.reading() as tx:
        member = await ledger_sums.counting(
            tx, Account.COUNT, since_ms=501, guild_id=10, user_id=30
        )
        server = await ledger_sums.counting(tx, Account.COUNT, since_ms=0, guild_id=10)
        bot = await ledger_sums.counting(tx, Account.COUNT, since_ms=0)
        last = await ledger.last_reserved_ms(tx, 10, 30)
        nobodys = await ledger.last_reserved_ms(tx, 10, 99)
    assert member == [(1_000, one), (3_000, one)]
    assert [at_ms for at_ms, _ in server] == [500, 1_000, 1_200, 3_000]
    assert server == bot
    assert (last, nobodys) == (3_000, 0)


@given(entries=ENTRIES, released=st.sets(st.integers(0, 11)), since_ms=MOMENTS)
async def test_sums_are_what_adding_up_says(
    tmp_path_factory: pytest.TempPathFactory,
    entries: Sequence[LedgerEntry],
    released: set[int],
    since_ms: int,
) -> None:
    rows = [*entries, *(turned(entries[n]) for n in released if n < len(entries))]
    path = tmp_path_factory.mktemp("ledger") / "sums.db"
    database = await open_database(new_sqlite(path), migrate=True)
    try:
        await write(database, *rows)
        async with database.reading() as tx:
            found = await ledger_sums.usage(
                tx, Account.COUNT, since_ms=since_ms, guild_id=1, user_id=2
            )
    finally:
        await database.close()
    counting = [
        row
        for row in rows
        if (row.account, row.guild_id, row.user_id) == (Account.COUNT, 1, 2)
        and row.counts_at_ms >= since_ms
    ]
    assert found == Usage(
        sum(row.videos for row in counting),
        sum(row.seconds for row in counting),
        sum(row.cost_micros for row in counting),
    )
