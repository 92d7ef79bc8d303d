"""Figures by day, wait and model, added up by the database: on both the same."""

from typing import Any

from storage import erasure, ledger, statistics
from storage.database import Database
from storage.records import State
from storage.statistics import DAY_MS, Ended, Used, Waited
from tests.storage.make import added, make_entry, make_request

SINCE_MS = 40 * DAY_MS
GUILD = 10
ALICE, BOB = 30, 31


async def asked(
    database: Database,
    *,
    day: int = 0,
    state: State = State.POSTED,
    waited_ms: int = 0,
    user_id: int = ALICE,
    model: str = "m",
    guild_id: int = GUILD,
    is_gone: bool = False,
) -> None:
    """A request that took quota at noon, and ended so much later."""
    at_ms = SINCE_MS + day * DAY_MS + DAY_MS // 2
    request = make_request(
        guild_id=guild_id,
        user_id=user_id,
        state=state,
        model=model,
        created_at_ms=at_ms,
        ended_at_ms=at_ms + waited_ms if waited_ms else 0,
    )
    if not is_gone:
        await added(database, request)
    entry = make_entry(
        request_id=request.id, guild_id=guild_id, user_id=user_id, counts_at_ms=at_ms
    )
    async with database.transaction() as tx:
        await ledger.enter(tx, entry)


async def test_requests_are_counted_by_day_and_by_how_they_stand(database: Database) -> None:
    await asked(database, day=0, waited_ms=1)
    await asked(database, day=0, waited_ms=1)
    await asked(database, day=2, state=State.FAILED)
    await asked(database, day=2, is_gone=True)
    await asked(database, day=-1)
    await asked(database, guild_id=11)
    await added(database, make_request(state=State.DRAFT, created_at_ms=SINCE_MS + 5))
    async with database.reading() as tx:
        found = await statistics.by_day(tx, GUILD, since_ms=SINCE_MS)
    assert found == [Ended(0, "posted", 2), Ended(2, "", 1), Ended(2, "failed", 1)]


async def test_waits_are_the_middle_one_and_the_one_of_nine_tenths(database: Database) -> None:
    for waited_ms in (500, 100, 300, 200, 400, 1000, 700, 900, 600, 800):
        await asked(database, day=1, waited_ms=waited_ms)
    await asked(database, day=3, waited_ms=4000)
    await asked(database, day=3, waited_ms=5000)
    await asked(database, day=3, state=State.FAILED, waited_ms=9999)
    await asked(database, day=3, state=State.RUNNING)
    async with database.reading() as tx:
        by_day = await statistics.waits(tx, GUILD, since_ms=SINCE_MS)
        in_all = await statistics.waits_in_all(tx, GUILD, since_ms=SINCE_MS)
        none = await statistics.waits_in_all(tx, 11, since_ms=SINCE_MS)
    assert by_day == [Waited(1, 10, 500, 900), Waited(3, 2, 4000, 5000)]
    assert in_all == Waited(0, 12, 600, 4000)
    assert none is None


async def test_models_are_ranked_by_how_often_they_were_asked_for(database: Database) -> None:
    for model in ("b", "a", "c", "c"):
        await asked(database, model=model)
    async with database.reading() as tx:
        found = await statistics.models(tx, GUILD, since_ms=SINCE_MS)
    assert found == [Used("c", 2), Used("a", 1), Used("b", 1)]


async def test_what_was_deleted_stays_in_the_sums_and_is_nobodys_own(database: Database) -> None:
    await asked(database, waited_ms=7, user_id=ALICE)
    await asked(database, waited_ms=9, user_id=BOB)

    async def look(user_id: int | None) -> tuple[object, ...]:
        asked_of: Any = {"since_ms": SINCE_MS, "user_id": user_id}
        async with database.reading() as tx:
            return (
                await statistics.by_day(tx, GUILD, **asked_of),
                await statistics.waits(tx, GUILD, **asked_of),
                await statistics.waits_in_all(tx, GUILD, **asked_of),
                await statistics.models(tx, GUILD, **asked_of),
            )

    before = await look(None)
    assert await look(ALICE) == (
        [Ended(0, "posted", 1)],
        [Waited(0, 1, 7, 7)],
        Waited(0, 1, 7, 7),
        [Used("m", 1)],
    )
    async with database.transaction() as tx:
        await erasure.rename_member(tx, ALICE)
    assert await look(None) == before
    assert await look(ALICE) == ([], [], None, [])
