import asyncio
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.engine.rows import assignments
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict, IllegalMove, LeaseLost, UnknownRequest
from storage.records import ENDS, NEVER_DUE, Request, State
from storage.requests import acknowledgements, events, requests, search
from storage.requests.events import Event
from storage.requests.legal_moves import LEGAL_MOVES
from tests.conftest import OpenAnother
from tests.storage.make import added, make_request, stored


async def test_one_interaction_makes_one_request(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()
    twins = [make_request(interaction_id=77) for _ in range(8)]

    async def create(door: Database, request: Request) -> bool:
        async with door.transaction() as tx:
            return await requests.add(tx, request)

    doors = [database, other] * 4
    taken = await asyncio.gather(
        *(create(door, twin) for door, twin in zip(doors, twins, strict=True))
    )
    assert sum(taken) == 1
    async with database.reading() as tx:
        found = await requests.by_interaction(tx, 77)
        assert found == twins[taken.index(True)]
        assert await requests.by_interaction(tx, 78) is None


async def test_an_id_that_is_taken_is_a_conflict(database: Database) -> None:
    request = make_request()
    await added(database, request)
    with pytest.raises(Conflict):
        await added(database, make_request(id=request.id))


async def test_what_is_not_there_is_none_or_raises(database: Database) -> None:
    async with database.reading() as tx:
        assert await requests.get(tx, "nothing1") is None
        with pytest.raises(UnknownRequest):
            await requests.require(tx, "nothing1")


async def test_a_member_pages_through_their_own_newest_first(database: Database) -> None:
    mine = [make_request(created_at_ms=1_000 + number // 3) for number in range(8)]
    foreign = [make_request(user_id=31), make_request(guild_id=11)]
    await added(database, *mine, *foreign)
    seen: list[Request] = []
    before_ms, before_id = NEVER_DUE, ""
    async with database.reading() as tx:
        for _ in range(4):
            page = await requests.page_of_member(
                tx, 10, 30, before_ms=before_ms, before_id=before_id, limit=3
            )
            if not page:
                break
            seen += page
            before_ms, before_id = page[-1].created_at_ms, page[-1].id
    expected = sorted(mine, key=lambda request: (request.created_at_ms, request.id), reverse=True)
    assert seen == expected


async def _found(tx: Transaction, typed: str, limit: int) -> list[str]:
    return [row.id for row in await search.of_member(tx, 10, 30, typed, limit=limit)]


async def test_ids_are_found_by_their_beginning_taken_literally(database: Database) -> None:
    ours = [make_request(id=name) for name in ("abc111", "abc222", "xyz333")]
    await added(database, *ours, make_request(id="abc999", user_id=31))
    async with database.reading() as tx:
        assert await _found(tx, "abc", 25) == ["abc222", "abc111"]
        assert await _found(tx, "abc", 1) == ["abc222"]
        assert len(await _found(tx, "", 25)) == 3
        assert await _found(tx, "a%c_", 25) == []


async def test_a_move_changes_state_and_fields_and_is_remembered(database: Database) -> None:
    request = make_request(attempt=4, lease_owner="w1")
    await added(database, request)
    async with database.transaction() as tx:
        moved = await requests.move(
            tx,
            request.id,
            source=State.QUEUED,
            target=State.SUBMITTING,
            owner="w1",
            now_ms=500,
            intent_at_ms=499,
            slot_until_ms=9_000,
            is_nsfw=True,
        )
    assert (moved.state, moved.attempt, moved.intent_at_ms) == (State.SUBMITTING, 0, 499)
    assert moved.is_nsfw is True
    assert moved.updated_at_ms == 500
    assert moved.lease_owner == "w1"
    assert await stored(database, request) == moved
    async with database.reading() as tx:
        (event,) = await events.of_request(tx, request.id)
    assert (event.action, event.from_state, event.to_state) == ("moved", "queued", "submitting")


@pytest.mark.parametrize("end", sorted(ENDS))
async def test_an_end_is_parked_dated_and_without_a_lease(database: Database, end: State) -> None:
    source = next(state for state in State if end in LEGAL_MOVES[state])
    request = make_request(state=source, lease_owner="w1", due_at_ms=3, slot_until_ms=8_000)
    await added(database, request)
    async with database.transaction() as tx:
        ended = await requests.move(
            tx, request.id, source=source, target=end, now_ms=500, failure="busy"
        )
    assert (ended.due_at_ms, ended.lease_owner, ended.ended_at_ms) == (NEVER_DUE, "", 500)
    assert ended.slot_until_ms == 8_000
    assert ended.failure == "busy"


@pytest.mark.parametrize("source", list(State))
async def test_no_illegal_move_is_made(database: Database, source: State) -> None:
    request = make_request(state=source)
    await added(database, request)
    async with database.transaction() as tx:
        for target in set(State) - LEGAL_MOVES[source]:
            with pytest.raises(IllegalMove):
                await requests.move(tx, request.id, source=source, target=target, now_ms=1)
    assert await stored(database, request) == request


async def test_a_late_worker_cannot_move_a_reclaimed_request(database: Database) -> None:
    request = make_request(state=State.RUNNING, lease_owner="new")
    await added(database, request)
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await requests.move(
                tx,
                request.id,
                source=State.RUNNING,
                target=State.RENDERED,
                owner="old",
                now_ms=1,
            )
        with pytest.raises(LeaseLost):
            await requests.note(tx, request.id, source=State.RUNNING, owner="old", progress=5)
    assert await stored(database, request) == request


async def test_who_comes_after_a_move_is_told(database: Database) -> None:
    request = make_request(state=State.CANCELLED)
    await added(database, request)
    async with database.transaction() as tx:
        with pytest.raises(Conflict):
            await requests.move(
                tx, request.id, source=State.QUEUED, target=State.SUBMITTING, now_ms=1
            )


async def test_of_two_who_move_at_once_one_succeeds(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()
    request = make_request()
    await added(database, request)

    async def move(door: Database, target: State) -> str:
        try:
            async with door.transaction() as tx:
                await requests.move(tx, request.id, source=State.QUEUED, target=target, now_ms=1)
        except Conflict:
            return "late"
        return target

    results = await asyncio.gather(
        move(database, State.SUBMITTING), move(other, State.CANCELLED), move(database, State.HELD)
    )
    assert sorted(results).count("late") == 2
    assert (await stored(database, request)).state in results
    async with database.reading() as tx:
        assert len(await events.of_request(tx, request.id)) == 1


async def test_a_note_changes_fields_under_the_same_guard(database: Database) -> None:
    request = make_request(state=State.RUNNING, lease_owner="w1", attempt=3)
    await added(database, request)
    async with database.transaction() as tx:
        noted = await requests.note(
            tx, request.id, source=State.RUNNING, owner="w1", progress=25, attempt=4
        )
        unchanged = await requests.note(tx, request.id, source=State.RUNNING, owner=None)
        with pytest.raises(Conflict):
            await requests.note(tx, request.id, source=State.QUEUED, owner=None, progress=1)
    assert (noted.progress, noted.attempt, noted.state) == (25, 4, State.RUNNING)
    assert unchanged == noted
    async with database.reading() as tx:
        assert await events.of_request(tx, request.id) == []


@pytest.mark.parametrize("field", ["id", "state", "interaction_id", "no_such_column"])
async def test_some_fields_never_change(database: Database, field: str) -> None:
    request = make_request()
    await added(database, request)
    async with database.transaction() as tx:
        with pytest.raises(TypeError):
            await requests.note(tx, request.id, source=State.QUEUED, owner=None, **{field: "x"})


@given(st.dictionaries(st.text(), st.integers()))
def test_no_name_that_is_not_a_field_reaches_the_sql(changes: dict[str, int]) -> None:
    fields = set(Request.__dataclass_fields__)
    if set(changes) <= fields:
        clause, parameters = assignments(Request, changes, {"id"})
        assert clause.count(":") == len(parameters)
    else:
        with pytest.raises(TypeError):
            assignments(Request, changes, {"id"})


async def test_the_first_acknowledgement_stays(database: Database) -> None:
    request = make_request(acked_at_ms=0)
    await added(database, request)
    async with database.transaction() as tx:
        assert await acknowledgements.acknowledge(tx, request.id, 700)
        assert not await acknowledgements.acknowledge(tx, request.id, 900)
    assert (await stored(database, request)).acked_at_ms == 700


async def test_samples_are_like_videos_newest_first(database: Database) -> None:
    def done(took_ms: int, at_ms: int, **fields: object) -> Request:
        times = {"took_ms": took_ms, "rendered_at_ms": at_ms}
        return make_request(state=State.POSTED, **(times | fields))

    await added(
        database,
        done(40_000, 1_000_000),
        done(50_000, 2_000_000),
        done(60_000, 3_000_000, seconds=10),
        done(70_000, 3_000_000, model="other"),
        make_request(state=State.RUNNING, submitted_at_ms=5),
    )
    async with database.reading() as tx:
        found = await requests.samples(tx, "seedance2.0-fast-i2v", 5)
        assert found == [50_000, 40_000]
        assert await requests.samples(tx, "seedance2.0-fast-i2v", 5, limit=1) == [50_000]


async def test_states_are_counted_and_a_members_own_under_way(database: Database) -> None:
    # an end is always dated
    made = [make_request(state=state, ended_at_ms=int(state in ENDS)) for state in State]
    await added(database, *made, make_request(user_id=31), make_request(guild_id=11))
    async with database.reading() as tx:
        counts = await requests.count_by_state(tx)
        active = await requests.active_of_member(tx, 10, 30)
    assert counts == {state: 3 if state is State.QUEUED else 1 for state in State}
    assert active == len(State) - len(ENDS) - len({State.DRAFT, State.UNCERTAIN})


async def test_events_come_back_in_order(database: Database) -> None:
    written = [
        Event("r1", at_ms=5, action="approved", actor_id=9, note=json.dumps({"why": "ok"})),
        Event("r1", at_ms=5, action="moved", from_state="held", to_state="queued"),
        Event("r2", at_ms=1, action="moved"),
    ]
    async with database.transaction() as tx:
        for event in written:
            await events.add(tx, event)
        assert await events.of_request(tx, "r1") == written[:2]
