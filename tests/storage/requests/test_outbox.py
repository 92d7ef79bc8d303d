import asyncio

import pytest

from storage.engine.transaction import Database
from storage.errors import Conflict, LeaseLost
from storage.records import NEVER_DUE, MessageKind, OutboxMessage, OutboxState, State
from storage.requests import outbox
from tests.conftest import OpenAnother
from tests.storage.make import added, claim_messages, make_message, make_request

LEASE_MS = 20_000


async def messages(database: Database, *made: OutboxMessage) -> None:
    async with database.transaction() as tx:
        for message in made:
            assert await outbox.enqueue(tx, message)


async def found(database: Database, message: OutboxMessage) -> OutboxMessage:
    async with database.reading() as tx:
        stored = await outbox.get(tx, message.id)
    assert stored
    return stored


async def claimed(
    database: Database, owner: str = "w1", now_ms: int = 1_000, limit: int = 10
) -> list[OutboxMessage]:
    async with database.transaction() as tx:
        return await claim_messages(
            tx, owner=owner, now_ms=now_ms, lease_ms=LEASE_MS, limit=limit, exclude=["post_x"]
        )


async def test_owing_twice_is_owing_once(database: Database) -> None:
    message = make_message(body='{"text": "猫"}')
    await messages(database, message)
    async with database.transaction() as tx:
        assert not await outbox.enqueue(tx, make_message(id=message.id, channel_id=99))
        assert await outbox.get(tx, "nothing") is None
    assert await found(database, message) == message


async def test_a_requests_messages_come_oldest_first_and_its_card_alone(
    database: Database,
) -> None:
    result = make_message(kind=MessageKind.RESULT, created_at_ms=9)
    card = make_message(kind=MessageKind.CARD, created_at_ms=3)
    await messages(database, result, card, make_message(request_id="another1"))
    async with database.reading() as tx:
        assert await outbox.of_request(tx, "request0") == [card, result]
        assert await outbox.card_of(tx, "request0") == card
        assert await outbox.card_of(tx, "another1") is None


async def test_only_what_is_pending_and_due_is_claimed(database: Database) -> None:
    due = make_message()
    others = [
        make_message(state=state) for state in OutboxState if state is not OutboxState.PENDING
    ]
    await messages(database, due, *others, make_message(due_at_ms=1_001))
    (mine,) = await claimed(database)
    assert (mine.id, mine.lease_owner, mine.due_at_ms) == (due.id, "w1", 1_000 + LEASE_MS)
    assert await claimed(database, "w2") == []


async def test_twelve_claimers_never_get_the_same_message(
    database: Database, open_another: OpenAnother
) -> None:
    doors = [database, await open_another()]
    made = [make_message() for _ in range(100)]
    await messages(database, *made)

    async def claim_all(owner: str, door: Database) -> list[str]:
        mine: list[str] = []
        while got := await claimed(door, owner, limit=3):
            mine += [message.id for message in got]
        return mine

    shares = await asyncio.gather(*(claim_all(f"w{n}", doors[n % 2]) for n in range(12)))
    ids = [outbox_id for share in shares for outbox_id in share]
    assert sorted(ids) == sorted(message.id for message in made)


async def test_an_intent_is_written_once_and_survives_a_retry(database: Database) -> None:
    message = make_message()
    await messages(database, message)
    await claimed(database)
    async with database.transaction() as tx:
        first = await outbox.intend(
            tx, message.id, owner="w1", nonce="n1", now_ms=1_100, after_id=7
        )
        retried = await outbox.retry(tx, message.id, owner="w1", due_at_ms=5_000)
    assert (first.intent_at_ms, first.nonce) == (1_100, "n1")
    assert (retried.attempt, retried.due_at_ms, retried.lease_owner) == (1, 5_000, "")
    await claimed(database, "w2", now_ms=5_000)
    async with database.transaction() as tx:
        again = await outbox.intend(
            tx, message.id, owner="w2", nonce="n2", now_ms=5_100, after_id=8
        )
    assert (again.intent_at_ms, again.nonce, again.after_id) == (1_100, "n1", 7)


async def test_a_sent_message_is_never_due_again(database: Database) -> None:
    message = make_message()
    await messages(database, message)
    await claimed(database)
    async with database.transaction() as tx:
        sent = await outbox.sent(
            tx, message.id, owner="w1", message_id=2**60, channel_id=21, now_ms=1_200
        )
    assert (sent.state, sent.message_id, sent.sent_channel_id) == (OutboxState.SENT, 2**60, 21)
    assert (sent.sent_at_ms, sent.due_at_ms, sent.lease_owner) == (1_200, NEVER_DUE, "")
    assert await claimed(database, now_ms=NEVER_DUE) == []


async def test_who_lost_the_lease_records_nothing(database: Database) -> None:
    message = make_message(lease_owner="new", due_at_ms=9_000)
    await messages(database, message)
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await outbox.intend(tx, message.id, owner="old", nonce="n", now_ms=1, after_id=1)
        with pytest.raises(LeaseLost):
            await outbox.sent(tx, message.id, owner="old", message_id=1, channel_id=1, now_ms=1)
        with pytest.raises(LeaseLost):
            await outbox.retry(tx, message.id, owner="old", due_at_ms=1)
        with pytest.raises(LeaseLost):
            await outbox.redirect(tx, message.id, owner="old", channel_id=1)
        with pytest.raises(LeaseLost):
            await outbox.settle(tx, message.id, owner="old", state=OutboxState.DROPPED)
        assert await outbox.LEASES.renew(tx, owner="old", ids=[message.id], until_ms=99_000) == 0
        assert await outbox.LEASES.renew(tx, owner="new", ids=[message.id], until_ms=99_000) == 1
    assert (await found(database, message)).due_at_ms == 99_000


async def test_a_redirected_message_starts_anew_at_its_new_place(database: Database) -> None:
    message = make_message(lease_owner="w1", intent_at_ms=5, nonce="n1", attempt=3)
    await messages(database, message)
    async with database.transaction() as tx:
        moved = await outbox.redirect(tx, message.id, owner="w1", channel_id=22)
        assert (moved.channel_id, moved.user_id) == (22, 30)
        private = await outbox.redirect(tx, message.id, owner="w1", user_id=31)
        assert (private.channel_id, private.user_id) == (0, 31)
        for channel_id, user_id in ((0, 0), (1, 1)):
            with pytest.raises(TypeError):
                await outbox.redirect(
                    tx, message.id, owner="w1", channel_id=channel_id, user_id=user_id
                )
    assert (private.intent_at_ms, private.nonce, private.attempt) == (0, "", 0)
    assert private.lease_owner == "w1"


@pytest.mark.parametrize("state", [OutboxState.DROPPED, OutboxState.UNKNOWN, OutboxState.DELETED])
async def test_a_settled_message_is_never_due_again(database: Database, state: OutboxState) -> None:
    mine = make_message(lease_owner="w1")
    sent = make_message(state=OutboxState.SENT)
    await messages(database, mine, sent)
    async with database.transaction() as tx:
        settled = await outbox.settle(tx, mine.id, owner="w1", state=state)
        ended = await outbox.settle(tx, sent.id, owner=None, state=state)
        with pytest.raises(Conflict):
            await outbox.settle(tx, "nothing", owner=None, state=state)
    assert (settled.state, settled.due_at_ms, settled.lease_owner) == (state, NEVER_DUE, "")
    assert ended.state is state


async def test_cards_behind_are_those_that_show_another_state_ends_first(
    database: Database,
) -> None:
    running = make_request(state=State.RUNNING, updated_at_ms=1)
    posted = make_request(state=State.POSTED, updated_at_ms=9)
    current = make_request(state=State.QUEUED)
    await added(database, running, posted, current)

    def card(request_id: str, shown: str, **fields: object) -> OutboxMessage:
        usual = {"kind": MessageKind.CARD, "state": OutboxState.SENT, "message_id": 1}
        return make_message(request_id=request_id, shown=shown, **(usual | fields))

    behind = [card(posted.id, "running"), card(running.id, "queued")]
    await messages(
        database,
        *reversed(behind),
        card(current.id, "queued"),
        card(posted.id, "failed"),
        card(running.id, "", state=OutboxState.DELETED),
        card(running.id, "", kind=MessageKind.RESULT),
    )
    async with database.transaction() as tx:
        cards = await outbox.cards_behind(tx, 1_000, limit=10)
        assert [(message, request.state) for message, request in cards] == [
            (behind[0], State.POSTED),
            (behind[1], State.RUNNING),
        ]
        assert cards[0][1] == posted
        assert len(await outbox.cards_behind(tx, 1_000, limit=1)) == 1
        await outbox.shown(tx, behind[0].id, "posted")
        await outbox.shown(tx, behind[1].id, "running")
        assert await outbox.cards_behind(tx, 1_000, limit=10) == []


async def test_the_next_due_time_is_the_earliest_pending(database: Database) -> None:
    await messages(
        database,
        make_message(state=OutboxState.SENT, due_at_ms=1),
        make_message(due_at_ms=NEVER_DUE),
    )
    async with database.reading() as tx:
        assert await outbox.LEASES.next_due_ms(tx) is None
    await messages(database, make_message(due_at_ms=800), make_message(due_at_ms=400))
    async with database.reading() as tx:
        assert await outbox.LEASES.next_due_ms(tx) == 400


async def test_a_start_alone_takes_every_lease_over_at_once(database: Database) -> None:
    leased = make_message(lease_owner="dead", due_at_ms=90_000)
    put_off = make_message(due_at_ms=90_000)
    await messages(database, leased, put_off)
    async with database.transaction() as tx:
        assert await outbox.LEASES.release_all(tx, 5_000) == 1
    assert (await found(database, leased)).due_at_ms == 5_000
    assert await found(database, put_off) == put_off


@pytest.mark.parametrize("state", [State.SUBMITTING, State.RENDERED])
async def test_a_state_that_is_usually_left_at_once_is_shown_only_where_it_lasts(
    database: Database, state: State
) -> None:
    request = make_request(state=state, updated_at_ms=1_000)
    await added(database, request)
    card = make_message(
        kind=MessageKind.CARD,
        state=OutboxState.SENT,
        request_id=request.id,
        message_id=1,
        shown="queued",
    )
    await messages(database, card)
    async with database.reading() as tx:
        assert not await outbox.cards_behind(tx, 999 + outbox.PASSING_MS, limit=10)
        assert await outbox.cards_behind(tx, 1_000 + outbox.PASSING_MS, limit=10)
