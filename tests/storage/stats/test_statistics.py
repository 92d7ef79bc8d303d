"""Figures by day, wait and model, added up by the database: on both the same."""

from storage.durations import DAY_MS
from storage.engine.transaction import Database
from storage.quotas import ledger
from storage.records import State
from storage.stats import daily_counts, statistics
from storage.stats.daily_counts import DayFigures
from storage.stats.statistics import DailyEnds, ModelUse, WaitTimes
from tests.storage.make import added, make_entry, make_request, renamed

FIRST = 40
SINCE_MS = FIRST * DAY_MS
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


async def figures(
    database: Database, guild_id: int = GUILD, user_id: int | None = None
) -> list[DayFigures]:
    """A server's days, or one member's."""
    async with database.reading() as tx:
        if user_id is not None:
            return await daily_counts.of_member(tx, guild_id, user_id, first=FIRST)
        return await daily_counts.of_server(tx, guild_id, first=FIRST, last=FIRST + 5)


async def test_requests_are_counted_by_day_and_by_how_they_stand(database: Database) -> None:
    await asked(database, day=0, waited_ms=1)
    await asked(database, day=0, waited_ms=1)
    await asked(database, day=2, state=State.FAILED)
    await asked(database, day=2, is_gone=True)
    await asked(database, day=-1)
    await asked(database, guild_id=11)
    await added(database, make_request(state=State.DRAFT, created_at_ms=SINCE_MS + 5))
    found = statistics.by_day(await figures(database), FIRST)
    assert found == [DailyEnds(0, "posted", 2), DailyEnds(2, "", 1), DailyEnds(2, "failed", 1)]


async def test_waits_are_the_middle_one_and_the_one_of_nine_tenths(database: Database) -> None:
    for waited_ms in (500, 100, 300, 200, 400, 1000, 700, 900, 600, 800):
        await asked(database, day=1, waited_ms=waited_ms)
    await asked(database, day=3, waited_ms=4000)
    await asked(database, day=3, waited_ms=5000)
    await asked(database, day=3, state=State.FAILED, waited_ms=9999)
    await asked(database, day=3, state=State.RUNNING)
    by_day = statistics.waits(await figures(database), FIRST)
    in_all = statistics.waits_in_all(await figures(database))
    none = statistics.waits_in_all(await figures(database, 11))
    assert by_day == [WaitTimes(1, 10, 500, 900), WaitTimes(3, 2, 4000, 5000)]
    assert in_all == WaitTimes(0, 12, 600, 4000)
    assert none is None


async def test_models_are_ranked_by_how_often_they_were_asked_for(database: Database) -> None:
    for model in ("b", "a", "c", "c"):
        await asked(database, model=model)
    found = statistics.models(await figures(database))
    assert found == [ModelUse("c", 2), ModelUse("a", 1), ModelUse("b", 1)]


async def test_what_was_deleted_stays_in_the_sums_and_is_nobodys_own(database: Database) -> None:
    await asked(database, waited_ms=7, user_id=ALICE)
    await asked(database, waited_ms=9, user_id=BOB)

    async def look(user_id: int | None) -> tuple[object, ...]:
        found = await figures(database, user_id=user_id)
        return (
            statistics.by_day(found, FIRST),
            statistics.waits(found, FIRST),
            statistics.waits_in_all(found),
            statistics.models(found),
        )

    before = await look(None)
    assert await look(ALICE) == (
        [DailyEnds(0, "posted", 1)],
        [WaitTimes(0, 1, 7, 7)],
        WaitTimes(0, 1, 7, 7),
        [ModelUse("m", 1)],
    )
    async with database.transaction() as tx:
        await renamed(tx, ALICE)
    assert await look(None) == before
    assert await look(ALICE) == ([], [], None, [])


async def test_a_day_that_is_over_is_counted_once_and_says_the_same(database: Database) -> None:
    await asked(database, day=0, waited_ms=700)
    await asked(database, day=0, waited_ms=500, model="n", user_id=BOB)
    await asked(database, day=0, state=State.FAILED, waited_ms=3)
    await asked(database, day=1, is_gone=True)
    await asked(database, day=3, state=State.UNCERTAIN)
    before = await figures(database)
    async with database.transaction() as tx:
        assert await daily_counts.servers_with_requests(tx) == [GUILD]
        open_days = await daily_counts.uncounted(tx, GUILD, first=FIRST, last=FIRST + 3)
        assert open_days == [FIRST, FIRST + 1, FIRST + 2, FIRST + 3]
        counted = [await daily_counts.count_day(tx, GUILD, day) for day in open_days]
    # what is uncertain may still end in either way: its day is asked of the rows
    assert counted == [True, True, True, False]
    async with database.transaction() as tx:
        assert await daily_counts.uncounted(tx, GUILD, first=FIRST, last=FIRST + 3) == [FIRST + 3]
        await tx.execute("DELETE FROM requests WHERE state = 'failed'")
    assert [each for each in await figures(database) if each.ended] == before
    async with database.transaction() as tx:
        await daily_counts.drop_old(tx, FIRST + 1)
    assert await figures(database) != before


async def test_ended_requests_are_counted_by_the_day_and_never_twice(database: Database) -> None:
    for day in (0, 0, 2):
        await asked(database, day=day, waited_ms=5)
    await asked(database, day=2, state=State.CANCELLED, waited_ms=5)
    await asked(database, day=4, state=State.REJECTED, waited_ms=5)
    await asked(database, state=State.RUNNING)
    by_state = {"posted": 3, "cancelled": 1, "rejected": 1, "running": 1}
    async with database.reading() as tx:
        assert await daily_counts.requests_by_state(tx) == by_state
    rounds = 0
    async with database.transaction() as tx:
        while await daily_counts.count_ended(tx, last=FIRST + 3):
            rounds += 1
    assert rounds == 2
    async with database.transaction() as tx:
        assert await daily_counts.requests_by_state(tx) == by_state
        # the days that are over are not read again
        await tx.execute("UPDATE requests SET state = 'failed' WHERE ended_at_ms > 0")
        by_state = {"posted": 3, "cancelled": 1, "failed": 1, "running": 1}
        assert await daily_counts.requests_by_state(tx) == by_state
