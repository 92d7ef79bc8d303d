"""What is due: every kind of step and every member is seen, whatever is stuck beside them."""

from collections import Counter
from dataclasses import replace

from storage.engine.transaction import Database
from storage.records import (
    LINK_ONLY,
    NEVER_DUE,
    MessageKind,
    OutboxMessage,
    OutboxState,
    Request,
    State,
)
from storage.requests import due_work, outbox, outbox_retries
from storage.requests.due_work import Due, StepKind
from tests.storage.make import added, make_message, make_request
from tests.storage.requests.test_outbox import messages


async def requests_due(database: Database, now_ms: int = 1_000, host: str = "h1") -> list[Due]:
    async with database.reading() as tx:
        return await due_work.requests_due(
            tx, host=host, now_ms=now_ms, expired_ms=500, exclude=("x",), share=3, window=10
        )


async def messages_due(database: Database, now_ms: int = 1_000, host: str = "h1") -> list[Due]:
    async with database.reading() as tx:
        return await due_work.messages_due(
            tx, host=host, now_ms=now_ms, exclude=(), share=3, window=10
        )


async def test_each_state_is_the_work_of_one_kind_of_step(database: Database) -> None:
    made = {
        StepKind.FETCH: [
            make_request(state=State.HELD, prepared_at_ms=0),
            make_request(state=State.QUEUED, prepared_at_ms=0),
            make_request(state=State.DRAFT, prepared_at_ms=0, created_at_ms=501),
        ],
        StepKind.SUBMIT: [make_request(state=State.SUBMITTING)],
        StepKind.POLL: [
            make_request(state=State.RUNNING, task_id="t"),
            make_request(state=State.CANCELLED, task_id="t"),
        ],
        StepKind.DOWNLOAD: [make_request(state=State.RUNNING, result_url="https://x")],
        StepKind.TEND: [
            make_request(state=State.QUEUED),
            make_request(state=State.UNCERTAIN),
            make_request(state=State.DRAFT, prepared_at_ms=0, created_at_ms=500),
        ],
    }
    everything = [request for requests in made.values() for request in requests]
    await added(database, *[_of(request, number) for number, request in enumerate(everything)])
    found = await requests_due(database)
    assert {each.id: each.kind for each in found} == {
        request.id: kind for kind, requests in made.items() for request in requests
    }


def _of(request: Request, user_id: int) -> Request:
    return replace(request, user_id=100 + user_id)


async def test_two_hundred_requests_of_one_member_hide_nobody(database: Database) -> None:
    hog = [make_request(user_id=1, prepared_at_ms=0, due_at_ms=0) for _ in range(200)]
    late = make_request(user_id=2, prepared_at_ms=0, due_at_ms=999)
    await added(database, *hog, late)
    found = await requests_due(database)
    assert Counter(each.whose for each in found) == {1: 3, 2: 1}


async def test_two_hundred_messages_of_one_channel_hide_no_other_channels(
    database: Database,
) -> None:
    stuck = [make_message(channel_id=1, due_at_ms=0) for _ in range(200)]
    late = [make_message(channel_id=2, due_at_ms=999), make_message(channel_id=0, user_id=7)]
    await messages(database, *stuck, *late)
    assert Counter(each.whose for each in await messages_due(database)) == {1: 3, 2: 1, 7: 1}


async def test_a_message_goes_through_its_kinds_of_step(database: Database) -> None:
    kinds = {
        MessageKind.CARD: StepKind.SEND,
        MessageKind.NOTICE: StepKind.SEND,
        MessageKind.LOG: StepKind.SEND,
        MessageKind.DIRECT: StepKind.SEND,
        MessageKind.RESULT: StepKind.UPLOAD,
        MessageKind.REVIEW: StepKind.SHEET,
        MessageKind.FILM: StepKind.JOIN,
    }
    rows = [make_message(kind=kind, channel_id=n) for n, kind in enumerate(kinds, 1)]
    await messages(database, *rows)
    found = {each.id: each.kind for each in await messages_due(database)}
    assert found == {row.id: kinds[row.kind] for row in rows}
    prepared = [
        make_message(kind=kind, needs="prepare", user_id=50 + n)
        for n, kind in enumerate((MessageKind.RESULT, MessageKind.REVIEW, MessageKind.FILM))
    ]
    film = make_message(kind=MessageKind.FILM, needs="ready", channel_id=99)
    await messages(database, *prepared, film)
    found = {each.id: each.kind for each in await messages_due(database)}
    assert {found[message.id] for message in prepared} == {StepKind.PREPARE}
    assert found[film.id] is StepKind.UPLOAD


async def test_a_message_with_a_file_is_first_for_the_host_that_has_it(
    database: Database,
) -> None:
    request = make_request(
        state=State.RENDERED, host="h1", result_host="h2", result_path="x", due_at_ms=NEVER_DUE
    )
    await added(database, request)
    result = make_message(kind=MessageKind.RESULT, request_id=request.id, due_at_ms=1_000)
    await messages(database, result)
    assert [each.id for each in await messages_due(database, host="h2")] == [result.id]
    assert await messages_due(database, host="h1") == []
    later_ms = 1_000 + due_work.PATIENCE_MS
    assert len(await messages_due(database, later_ms, host="h1")) == 1, "nobody waits for ever"
    async with database.transaction() as tx:
        await tx.execute("UPDATE outbox SET attempt = 3")
    assert len(await messages_due(database, host="h1")) == 1, "nor for a host that fails"


async def test_what_was_learnt_of_a_message_stays_with_it(database: Database) -> None:
    message = make_message(kind=MessageKind.RESULT, lease_owner="w", attempt=3)
    await messages(database, message)
    async with database.transaction() as tx:
        await outbox_retries.aim(tx, message.id, owner="w", aim_bytes=LINK_ONLY)
        await outbox_retries.hand_on(tx, message.id, owner="w", needs="ready", host="h", now_ms=7)
        after = await outbox.get(tx, message.id)
    assert after is not None
    assert (after.aim_bytes, after.needs, after.host) == (LINK_ONLY, "ready", "h")
    assert (after.due_at_ms, after.lease_owner, after.attempt) == (7, "", 3)


async def test_a_throttled_channel_rests_with_all_that_is_pending_to_it(database: Database) -> None:
    waiting = make_message(channel_id=1)
    at_work = make_message(channel_id=1, lease_owner="w", due_at_ms=5)
    elsewhere = make_message(channel_id=2)
    await messages(database, waiting, at_work, elsewhere)
    async with database.transaction() as tx:
        await outbox_retries.rest(tx, 1, 900)
        after = [await outbox.get(tx, message.id) for message in (waiting, at_work, elsewhere)]
    assert [message.due_at_ms for message in after if message] == [900, 5, 0]


async def test_a_channel_that_had_to_wait_goes_on_in_the_order_of_age(database: Database) -> None:
    ids = [f"r{n}:card" for n in (3, 1, 2)]
    await messages(
        database,
        *(make_message(id=each, channel_id=1, created_at_ms=n) for n, each in enumerate(ids)),
    )
    async with database.transaction() as tx:
        await outbox_retries.rest(tx, 1, 900)
    assert [each.id for each in await messages_due(database)] == ids


async def test_cards_of_one_channel_that_takes_no_edit_hide_no_other_channels(
    database: Database,
) -> None:
    request = make_request(state=State.RUNNING)
    await added(database, request)

    def card(channel_id: int, **fields: object) -> OutboxMessage:
        usual = {"kind": MessageKind.CARD, "state": OutboxState.SENT, "message_id": 1}
        return make_message(request_id=request.id, sent_channel_id=channel_id, **(usual | fields))

    stuck = [card(1) for _ in range(250)]
    other, resting = card(2), card(3)
    await messages(database, *stuck, other, resting)
    async with database.transaction() as tx:
        await outbox_retries.change_later(tx, resting.id, 2_000)
        found = await outbox.cards_behind(tx, 1_000, limit=200)
        shown = Counter(message.sent_channel_id for message, _ in found)
        assert shown == {1: 20, 2: 1}
        assert {message.sent_channel_id for message, _ in found[:2]} == {1, 2}
        again = await outbox.cards_behind(tx, 2_000, limit=200)
        assert 3 in {message.sent_channel_id for message, _ in again}
