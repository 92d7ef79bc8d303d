"""One worker has an entry at a time, and what a late one writes is refused; on both databases."""

import pytest

from storage.cast import entries, leases
from storage.cast.entries import CastEntry, CastState
from storage.engine.transaction import Database
from storage.errors import LeaseLost

NOW_MS = 1_790_000_000_000


async def add(database: Database, entry_id: str, *, host: str = "", user_id: int = 7) -> None:
    entry = CastEntry(
        entry_id, 0, user_id, entry_id, entry_id, CastState.NEW, NOW_MS, host, due_at_ms=NOW_MS
    )
    async with database.transaction() as tx:
        assert await entries.add(tx, entry, [])


async def due(database: Database, host: str, now_ms: int = NOW_MS) -> list[str]:
    async with database.reading() as tx:
        found = await leases.due(tx, host=host, now_ms=now_ms, exclude=(), share=2, window=9)
    return [each.id for each in found]


async def claim(database: Database, entry_id: str, owner: str, now_ms: int) -> list[CastEntry]:
    async with database.transaction() as tx:
        return await leases.claim(tx, [entry_id], owner=owner, now_ms=now_ms, lease_ms=1000)


async def test_an_entry_is_claimed_once_and_again_when_its_lease_is_over(
    database: Database,
) -> None:
    await add(database, "entry2")
    (first,) = await claim(database, "entry2", "a", NOW_MS)
    assert await claim(database, "entry2", "b", NOW_MS) == []
    assert await due(database, "here") == []
    (second,) = await claim(database, "entry2", "b", NOW_MS + 1000)
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await entries.ready(tx, first, [], "here")
        await entries.ready(tx, second, [], "here")
        assert await leases.LEASES.next_due_ms(tx) is None


async def test_a_removed_entry_is_not_fetched_any_more(database: Database) -> None:
    await add(database, "entry2")
    (held,) = await claim(database, "entry2", "a", NOW_MS)
    async with database.transaction() as tx:
        await entries.erase(tx, ["entry2"], NOW_MS)
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await entries.put_off(tx, held, NOW_MS)
        with pytest.raises(LeaseLost):
            await entries.fail(tx, held, "[]", NOW_MS)
        with pytest.raises(LeaseLost):
            await entries.ready(tx, held, [], "here")
    assert await due(database, "here", NOW_MS + 10**6) == []


async def test_an_entry_waits_for_the_host_with_its_owners_pictures_but_not_for_long(
    database: Database,
) -> None:
    await add(database, "entry2", host="there")
    assert await due(database, "there") == ["entry2"]
    assert await due(database, "here") == []
    assert await due(database, "here", NOW_MS + leases.PATIENCE_MS) == ["entry2"]


async def test_no_member_hides_the_others(database: Database) -> None:
    for number in range(4):
        await add(database, f"entry{number}", user_id=7)
    await add(database, "other2", user_id=8)
    assert await due(database, "here") == ["entry0", "other2", "entry1"]
