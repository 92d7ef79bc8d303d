"""What becomes of a series beside its way: deleted data, a restore, an owner's word, its files."""

import json
from typing import Any, cast

from bot.services.operations.restore import park_restored
from bot.services.operations.uncertain import UncertainService
from bot.services.privacy.erasure import forget_member, forget_server
from bot.services.requests import lifecycle
from storage.operations import health
from storage.privacy import retention
from storage.quotas import bill
from storage.records import NEVER_DUE, MessageKind, Request, State
from storage.requests import acknowledgements, fair_queue, outbox, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, GUILD, NOW_MS, Counter, caller
from tests.services.series.shooting import (
    advanced,
    confirmed,
    drafted,
    failed,
    filmed,
    rendered,
    sent,
    shots,
    uncertain,
    view,
)


async def shot_once(counter: Counter) -> Request:
    """A series with one shot made, the second one's turn begun."""
    whole = await confirmed(counter)
    await advanced(counter, whole.id)
    await rendered(counter, (await shots(counter, whole.id))[0])
    return await advanced(counter, whole.id)


async def notices(counter: Counter, request: Request) -> list[dict[str, Any]]:
    async with counter.database.reading() as tx:
        found = await outbox.of_request(tx, request.id)
    return [json.loads(each.body) for each in found if each.kind is MessageKind.NOTICE]


def owners(counter: Counter) -> UncertainService:
    return UncertainService(
        counter.database,
        cast("Any", None),
        counter.quotas,
        owner_ids=(1,),
        owner_guild_id=None,
        key_id="key",
        is_key_exclusive=False,
        clock=lambda: counter.now_ms,
        wakeup=lambda: None,
    )


async def may_go(counter: Counter, shot: Request) -> Request:
    async with counter.database.transaction() as tx:
        row = await requests.require(tx, shot.id)
        await owners(counter)._send_again(tx, row, counter.now_ms, 1)
    return await counter.request(shot.id)


async def test_deleting_ones_data_ends_the_series_and_all_its_shots(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await shot_once(counter)
    running = await sent(counter, (await shots(counter, whole.id))[1])
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    async with counter.database.reading() as tx:
        rows = [await requests.require(tx, each) for each in (whole.id, running.id)]
        left = await tx.fetch_all("SELECT id FROM requests WHERE user_id = :id", {"id": ALICE})
        prompts = await tx.fetch_all("SELECT spec FROM requests")
    assert [row.state for row in rows] == [State.CANCELLED, State.CANCELLED]
    assert not left
    assert not any("fox" in row["spec"] for row in prompts if "task-" not in row["spec"])
    assert await notices(counter, whole) == []
    assert await counter.differences() == []


async def test_deleting_the_servers_data_does_so_too(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole = await shot_once(counter)
    await forget_server(counter.database, GUILD, lambda: counter.now_ms)
    assert (await counter.request(whole.id)).state is State.CANCELLED
    assert {each.state for each in await shots(counter, whole.id)} == {State.CANCELLED}


async def test_a_restore_parks_each_shot_and_tells_of_the_series_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole, draft = await shot_once(counter), (await drafted(counter)).request
    async with counter.database.transaction() as tx:
        parked = await park_restored(tx, (1,), counter.now_ms)
    assert (parked.requests, parked.drafts) == (2, 1)
    assert [each.state for each in await shots(counter, whole.id)] == [
        State.RENDERED,
        State.UNCERTAIN,
        State.UNCERTAIN,
    ]
    assert (await counter.request(whole.id)).state is State.RUNNING
    assert (await counter.request(draft.id)).state is State.CANCELLED
    assert [each.get("restored") for each in await notices(counter, whole)] == [True]
    await advanced(counter, whole.id)
    assert (await view(counter, whole.id)).can_retry == 0
    second, third = (await shots(counter, whole.id))[1:]
    # let go in the wrong order, the last one still waits for its turn
    third = await may_go(counter, third)
    assert (third.is_waiting_shot, third.due_at_ms) == (True, NEVER_DUE)
    second = await may_go(counter, second)
    assert (second.state, bool(second.acked_at_ms)) == (State.QUEUED, True)
    for place in (1, 2):
        await rendered(counter, (await shots(counter, whole.id))[place])
        await advanced(counter, whole.id)
    await filmed(counter, whole.id)
    assert await counter.differences() == []


async def test_a_restore_tells_of_a_held_series_without_its_prompts(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5, review="prompt")
    whole = await confirmed(counter)
    assert whole.state is State.HELD
    for _ in range(2):
        async with counter.database.transaction() as tx:
            await park_restored(tx, (1,), counter.now_ms)
        for shot in await shots(counter, whole.id):
            await may_go(counter, shot)
        counter.now_ms += 1
    # of each restore anew
    told = await notices(counter, whole)
    assert [(each["restored"], each["is_held"]) for each in told] == [(True, True)] * 2
    assert (await counter.request(whole.id)).state is State.HELD


async def test_an_uncertain_shot_of_a_series_that_is_over_is_never_sent_again(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await shot_once(counter)
    lost = await uncertain(counter, (await shots(counter, whole.id))[1])
    await counter.series.finish(caller(), whole.id)
    await filmed(counter, whole.id)
    settled = await may_go(counter, lost)
    assert (settled.state, settled.intent_at_ms) == (State.CANCELLED, 0)
    assert (await counter.allowances.show(caller())).left.videos == 2
    assert await counter.differences() == []


async def test_a_late_video_of_a_series_that_is_over_is_discarded(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await shot_once(counter)
    lost = await uncertain(counter, (await shots(counter, whole.id))[1])
    await counter.series.finish(caller(), whole.id)
    async with counter.database.transaction() as tx:
        await requests.move(
            tx, lost.id, source=State.UNCERTAIN, target=State.RUNNING, now_ms=counter.now_ms
        )
    late = await rendered(counter, await counter.request(lost.id))
    assert late.state is State.CANCELLED
    assert [each.shot for each in await shots(counter, whole.id) if each.result_path] == [1, 2]
    await filmed(counter, whole.id)
    assert [each.state for each in await shots(counter, whole.id)] == [
        State.POSTED,
        State.CANCELLED,
        State.CANCELLED,
    ]
    assert await counter.differences() == []


async def test_files_of_a_shot_stay_while_its_series_may_need_them(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await confirmed(counter)
    await advanced(counter, whole.id)
    stopped = await failed(counter, (await shots(counter, whole.id))[0])
    async with counter.database.transaction() as tx:
        await requests.note(tx, stopped.id, source=State.FAILED, owner=None, stored_bytes=9)
    wanted: dict[str, Any] = {"now_ms": counter.now_ms + 120_000, "exclude": (), "limit": 9}
    async with counter.database.reading() as tx:
        assert await retention.left_over(tx, "here", **wanted) == []
        assert await retention.removable(tx, [stopped.id], counter.now_ms + 120_000) == set()
    await counter.service.cancel(caller(), whole.id)
    async with counter.database.reading() as tx:
        assert await retention.left_over(tx, "here", **wanted) == [stopped.id]
        assert await retention.removable(tx, [stopped.id], counter.now_ms + 120_000) == {stopped.id}


async def test_of_a_posted_film_only_the_first_shots_files_stay_and_go_with_it(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await shot_once(counter)
    for place in (1, 2):
        await rendered(counter, (await shots(counter, whole.id))[place])
        await advanced(counter, whole.id)
    await filmed(counter, whole.id)
    assert [bool(each.result_path) for each in await shots(counter, whole.id)] == [
        True,
        False,
        False,
    ]
    async with counter.database.transaction() as tx:
        await retention.forget_files(tx, whole.id)
    assert not any(each.result_path for each in await shots(counter, whole.id))


async def test_queue_and_figures_know_no_shot_whose_turn_has_not_come(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await confirmed(counter)
    async with counter.database.reading() as tx:
        assert await fair_queue.places(tx) == {}
        assert await fair_queue.next_in_queue(tx, counter.now_ms, host="", limit=9) == []
        assert await health.oldest_queued_ms(tx) is None
    assert await counter.count(State.QUEUED) == 0
    counter.now_ms += 5_000
    await advanced(counter, whole.id)
    first = (await shots(counter, whole.id))[0]
    async with counter.database.reading() as tx:
        assert await fair_queue.places(tx) == {first.id: 0}
        (chosen,) = await fair_queue.next_in_queue(tx, counter.now_ms, host="", limit=9)
        assert await health.oldest_queued_ms(tx) == counter.now_ms
    assert chosen.id == first.id


async def test_the_bill_names_the_shots_and_not_the_series(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole = await shot_once(counter)
    async with counter.database.reading() as tx:
        rows = await bill.rows(tx, 0, NOW_MS * 2, said_ms=(0, NOW_MS * 2), limit=99)
    assert {row.id for row in rows} == {each.id for each in await shots(counter, whole.id)}


async def test_a_series_that_nobody_saw_ends_with_all_it_took(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await confirmed(counter)
    async with counter.database.transaction() as tx:
        unseen = await acknowledgements.unacknowledged(
            tx, before_ms=counter.now_ms + 1, exclude=(), limit=9
        )
        assert unseen == []
        await lifecycle.fail(tx, whole, "unseen", now_ms=counter.now_ms)
    assert {each.state for each in await shots(counter, whole.id)} == {State.CANCELLED}
    assert (await counter.allowances.show(caller())).left.videos == 3
    assert await counter.differences() == []
