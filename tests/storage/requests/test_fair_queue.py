import random

import pytest

from storage.engine.transaction import Database
from storage.records import NEVER_DUE, Request, State
from storage.requests import fair_queue, requests
from tests.storage.make import added, make_request


async def line(database: Database, now_ms: int = 1_000, limit: int = 100) -> list[Request]:
    async with database.reading() as tx:
        return await fair_queue.next_in_queue(tx, now_ms, host="h1", limit=limit)


async def start(database: Database, request: Request, now_ms: int) -> None:
    async with database.transaction() as tx:
        await requests.move(
            tx,
            request.id,
            source=State.QUEUED,
            target=State.SUBMITTING,
            now_ms=now_ms,
            started_at_ms=now_ms,
            slot_until_ms=NEVER_DUE,
        )


async def finish(database: Database, request: Request, now_ms: int) -> None:
    async with database.transaction() as tx:
        await requests.move(
            tx,
            request.id,
            source=State.SUBMITTING,
            target=State.FAILED,
            now_ms=now_ms,
            slot_until_ms=0,
        )


@pytest.mark.parametrize(
    "fields",
    [
        {"state": State.HELD},
        {"prepared_at_ms": 0},
        {"acked_at_ms": 0},
        {"due_at_ms": 1_001},
        {"host": "h2"},
    ],
)
async def test_only_what_may_go_now_and_from_here_stands_in_line(
    database: Database, fields: dict[str, object]
) -> None:
    ready = [make_request(due_at_ms=NEVER_DUE), make_request(due_at_ms=1_000, host="h1")]
    await added(database, *ready, make_request(**fields))
    assert [request.id for request in await line(database)] == [r.id for r in ready]


async def test_slots_are_held_until_their_time(database: Database) -> None:
    await added(
        database,
        make_request(state=State.RUNNING, slot_until_ms=1_001),
        make_request(state=State.CANCELLED, slot_until_ms=5_000),
        make_request(state=State.RUNNING, slot_until_ms=1_000),
        make_request(),
    )
    async with database.reading() as tx:
        assert await fair_queue.slots_taken(tx, 1_000) == 2


async def test_a_server_with_fewer_active_goes_first_whatever_the_age(database: Database) -> None:
    busy = make_request(guild_id=1, created_at_ms=1)
    idle = make_request(guild_id=2, created_at_ms=2)
    running = make_request(guild_id=1, state=State.RUNNING, slot_until_ms=NEVER_DUE)
    await added(database, busy, idle, running)
    assert await line(database) == [idle, busy]


async def test_a_member_with_fewer_active_goes_first_within_a_server(database: Database) -> None:
    busy = make_request(user_id=1, created_at_ms=1)
    idle = make_request(user_id=2, created_at_ms=2)
    running = make_request(user_id=1, state=State.RUNNING, slot_until_ms=NEVER_DUE)
    await added(database, busy, idle, running)
    assert await line(database) == [idle, busy]


async def test_who_was_started_longest_ago_goes_first_among_equals(database: Database) -> None:
    recent = make_request(guild_id=1, created_at_ms=1)
    long_ago = make_request(guild_id=2, created_at_ms=2)
    never = make_request(guild_id=3, created_at_ms=3)
    ended = {"state": State.POSTED, "slot_until_ms": 0}
    await added(
        database,
        recent,
        long_ago,
        never,
        make_request(guild_id=1, started_at_ms=900, **ended),
        make_request(guild_id=2, started_at_ms=500, **ended),
    )
    assert await line(database) == [never, long_ago, recent]


async def test_two_slots_at_once_go_to_two_servers(database: Database) -> None:
    hogs = [make_request(guild_id=1) for _ in range(5)]
    newcomer = make_request(guild_id=2)
    await added(database, *hogs, newcomer)
    assert await line(database, limit=2) == [hogs[0], newcomer]


async def test_within_a_server_members_take_turns(database: Database) -> None:
    hogs = [make_request(user_id=1) for _ in range(3)]
    others = [make_request(user_id=2), make_request(user_id=3)]
    await added(database, *hogs, *others)
    assert await line(database) == [hogs[0], *others, hogs[1], hogs[2]]


@pytest.mark.parametrize("slots", [1, 3])
async def test_a_newcomer_is_next_or_next_but_one_whoever_queued_fifty_before(
    database: Database, slots: int
) -> None:
    await added(database, *(make_request(guild_id=1, user_id=n % 2) for n in range(50)))
    active: list[Request] = []
    now_ms = 10_000
    order: list[Request] = []
    newcomer = make_request(guild_id=2, created_at_ms=NEVER_DUE)
    for turn in range(12):
        now_ms += 1_000
        if len(active) == slots:
            await finish(database, active.pop(0), now_ms)
        if turn == 6:
            await added(database, newcomer)
        (chosen,) = await line(database, now_ms, limit=1)
        await start(database, chosen, now_ms)
        active.append(chosen)
        order.append(chosen)
    assert newcomer.id in [request.id for request in order[6:8]]
    assert abs(sum(r.user_id == 0 for r in order) - sum(r.user_id == 1 for r in order)) <= 1


async def test_slots_given_at_once_are_those_given_one_by_one(database: Database) -> None:
    chance = random.Random(7)
    made = [
        make_request(guild_id=chance.randrange(3), user_id=chance.randrange(3)) for _ in range(15)
    ]
    await added(database, *made)
    at_once = await line(database, 50_000, limit=6)
    one_by_one = []
    for turn in range(6):
        (chosen,) = await line(database, 50_000 + turn, limit=1)
        await start(database, chosen, 50_000 + turn)
        one_by_one.append(chosen)
    shape = [sorted(r.guild_id for r in chosen) for chosen in (at_once, one_by_one)]
    assert shape[0] == shape[1]
    assert at_once[:3] == one_by_one[:3]


async def test_places_count_who_stands_before(database: Database) -> None:
    hogs = [make_request(guild_id=1) for _ in range(3)]
    newcomer = make_request(guild_id=2, prepared_at_ms=0)
    held = make_request(state=State.HELD)
    await added(database, *hogs, newcomer, held)
    async with database.reading() as tx:
        places = await fair_queue.places(tx)
        assert [await fair_queue.waiting_before(tx, r) for r in (*hogs, newcomer)] == [0, 2, 3, 1]
        assert await fair_queue.waiting_before(tx, held) == 0
    assert places == {hogs[0].id: 0, newcomer.id: 1, hogs[1].id: 2, hogs[2].id: 3}
