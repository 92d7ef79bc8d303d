import asyncio

import pytest

from storage.engine.transaction import Database
from storage.records import NEVER_DUE, Request, State
from storage.requests import leases, requests
from tests.conftest import OpenAnother
from tests.storage.make import added, claim_requests, make_request, stored

LEASE_MS = 20_000


async def claimed(
    database: Database, owner: str = "w1", now_ms: int = 1_000, **wanted: object
) -> list[Request]:
    usual: dict[str, object] = {"host": "h1", "lease_ms": LEASE_MS, "limit": 10, "exclude": ()}
    async with database.transaction() as tx:
        return await claim_requests(
            tx,
            owner=owner,
            now_ms=now_ms,
            **(usual | wanted),  # type: ignore[arg-type]
        )


async def test_claiming_is_also_rescheduling(database: Database) -> None:
    late, later = make_request(due_at_ms=900), make_request(due_at_ms=1_000)
    future, parked = make_request(due_at_ms=1_001), make_request(due_at_ms=NEVER_DUE)
    await added(database, parked, future, later, late)
    found = await claimed(database)
    assert [request.id for request in found] == [late.id, later.id]
    assert {request.due_at_ms for request in found} == {1_000 + LEASE_MS}
    assert {request.lease_owner for request in found} == {"w1"}
    assert await claimed(database, "w2") == []


async def test_the_longest_due_go_first_and_no_more_than_asked(database: Database) -> None:
    due = [make_request(due_at_ms=900 - number) for number in range(5)]
    await added(database, *due)
    found = await claimed(database, limit=2)
    assert {request.id for request in found} == {due[4].id, due[3].id}


async def test_a_dead_workers_lease_runs_out(database: Database) -> None:
    request = make_request(due_at_ms=1_000)
    await added(database, request)
    await claimed(database, "dead")
    (found,) = await claimed(database, "heir", now_ms=1_000 + LEASE_MS)
    assert found.lease_owner == "heir"


async def test_what_the_caller_is_at_work_on_is_left_out(database: Database) -> None:
    mine, other = make_request(), make_request()
    await added(database, mine, other)
    assert [r.id for r in await claimed(database, exclude={mine.id})] == [other.id]


@pytest.mark.parametrize("state", [State.HELD, State.QUEUED, State.SUBMITTING])
async def test_inputs_are_used_only_where_they_lie(database: Database, state: State) -> None:
    await added(database, make_request(state=state, host="h1"))
    assert await claimed(database, host="h2") == []
    assert len(await claimed(database, host="h1")) == 1


@pytest.mark.parametrize("state", [State.RUNNING, State.RENDERED, State.REVIEWING])
async def test_after_submission_anybody_goes_on(database: Database, state: State) -> None:
    await added(database, make_request(state=state, host="h1"))
    assert len(await claimed(database, host="h2")) == 1


async def test_twelve_claimers_never_get_the_same_request(
    database: Database, open_another: OpenAnother
) -> None:
    doors = [database, await open_another(), await open_another()]
    made = [make_request() for _ in range(150)]
    await added(database, *made)

    async def claim_all(owner: str, door: Database) -> list[str]:
        mine: list[str] = []
        while found := await claimed(door, owner, limit=4):
            mine += [request.id for request in found]
        return mine

    got = await asyncio.gather(*(claim_all(f"w{n}", doors[n % 3]) for n in range(12)))
    ids = [request_id for share in got for request_id in share]
    assert len(ids) == len(made)
    assert set(ids) == {request.id for request in made}


async def test_a_lease_is_renewed_by_its_owner_only_and_never_shortened(
    database: Database,
) -> None:
    mine, put_off = make_request(), make_request()
    foreign = make_request(lease_owner="w2", due_at_ms=30_000)
    await added(database, mine, put_off, foreign)
    await claimed(database)
    async with database.transaction() as tx:
        await requests.note(tx, put_off.id, source=State.QUEUED, owner="w1", due_at_ms=NEVER_DUE)
        ids = [mine.id, put_off.id, foreign.id]
        assert await leases.LEASES.renew(tx, owner="w1", ids=ids, until_ms=40_000) == 1
        assert await leases.LEASES.renew(tx, owner="w1", ids=[], until_ms=50_000) == 0
    assert (await stored(database, mine)).due_at_ms == 40_000
    assert (await stored(database, put_off)).due_at_ms == NEVER_DUE
    assert await stored(database, foreign) == foreign


async def test_a_start_alone_takes_every_lease_over_at_once(database: Database) -> None:
    leased = make_request(state=State.RUNNING, lease_owner="dead", due_at_ms=90_000)
    waiting = make_request(state=State.RUNNING, due_at_ms=90_000)
    parked = make_request(lease_owner="dead", due_at_ms=NEVER_DUE)
    await added(database, leased, waiting, parked)
    async with database.transaction() as tx:
        assert await leases.LEASES.release_all(tx, 5_000) == 1
    released = await stored(database, leased)
    assert (released.lease_owner, released.due_at_ms) == ("", 5_000)
    assert await stored(database, waiting) == waiting
    assert await stored(database, parked) == parked


async def test_the_next_due_time_is_the_earliest(database: Database) -> None:
    async with database.reading() as tx:
        assert await leases.LEASES.next_due_ms(tx) is None
    await added(database, make_request(due_at_ms=NEVER_DUE))
    async with database.reading() as tx:
        assert await leases.LEASES.next_due_ms(tx) is None
    await added(database, make_request(due_at_ms=700), make_request(due_at_ms=300))
    async with database.reading() as tx:
        assert await leases.LEASES.next_due_ms(tx) == 300


async def test_inputs_on_a_dead_host_are_asked_for_again(database: Database) -> None:
    lost = make_request(host="dead", due_at_ms=NEVER_DUE, prepared_at_ms=5)
    safe = make_request(host="alive", due_at_ms=NEVER_DUE)
    rendered = make_request(host="dead", state=State.RUNNING, due_at_ms=NEVER_DUE)
    await added(database, lost, safe, rendered)
    async with database.transaction() as tx:
        assert await leases.release_dead(tx, alive=["alive"], now_ms=600) == [lost.id]
    found = await stored(database, lost)
    assert (found.host, found.prepared_at_ms, found.due_at_ms) == ("", 0, 600)
    assert await stored(database, safe) == safe
    assert await stored(database, rendered) == rendered
