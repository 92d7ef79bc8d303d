import asyncio

import pytest

from storage.engine.database import Database
from storage.errors import Conflict, LeaseLost
from storage.records import PARKED, Post, PostKind, PostState, State
from storage.requests import outbox
from tests.conftest import OpenAnother
from tests.storage.make import added, claim_posts, make_post, make_request

LEASE_MS = 20_000


async def owed(database: Database, *made: Post) -> None:
    async with database.transaction() as tx:
        for post in made:
            assert await outbox.owe(tx, post)


async def found(database: Database, post: Post) -> Post:
    async with database.reading() as tx:
        stored = await outbox.get(tx, post.id)
    assert stored
    return stored


async def claimed(
    database: Database, owner: str = "w1", now_ms: int = 1_000, limit: int = 10
) -> list[Post]:
    async with database.transaction() as tx:
        return await claim_posts(
            tx, owner=owner, now_ms=now_ms, lease_ms=LEASE_MS, limit=limit, exclude=["post_x"]
        )


async def test_owing_twice_is_owing_once(database: Database) -> None:
    post = make_post(body='{"text": "猫"}')
    await owed(database, post)
    async with database.transaction() as tx:
        assert not await outbox.owe(tx, make_post(id=post.id, channel_id=99))
        assert await outbox.get(tx, "nothing") is None
    assert await found(database, post) == post


async def test_a_requests_messages_come_oldest_first_and_its_card_alone(
    database: Database,
) -> None:
    result = make_post(kind=PostKind.RESULT, created_at_ms=9)
    card = make_post(kind=PostKind.CARD, created_at_ms=3)
    await owed(database, result, card, make_post(request_id="another1"))
    async with database.reading() as tx:
        assert await outbox.of_request(tx, "request0") == [card, result]
        assert await outbox.card_of(tx, "request0") == card
        assert await outbox.card_of(tx, "another1") is None


async def test_only_what_is_owed_and_due_is_claimed(database: Database) -> None:
    due = make_post()
    others = [make_post(state=state) for state in PostState if state is not PostState.OWED]
    await owed(database, due, *others, make_post(due_at_ms=1_001))
    (mine,) = await claimed(database)
    assert (mine.id, mine.lease_owner, mine.due_at_ms) == (due.id, "w1", 1_000 + LEASE_MS)
    assert await claimed(database, "w2") == []


async def test_twelve_claimers_never_get_the_same_message(
    database: Database, open_another: OpenAnother
) -> None:
    doors = [database, await open_another()]
    made = [make_post() for _ in range(100)]
    await owed(database, *made)

    async def claim_all(owner: str, door: Database) -> list[str]:
        mine: list[str] = []
        while got := await claimed(door, owner, limit=3):
            mine += [post.id for post in got]
        return mine

    shares = await asyncio.gather(*(claim_all(f"w{n}", doors[n % 2]) for n in range(12)))
    ids = [post_id for share in shares for post_id in share]
    assert sorted(ids) == sorted(post.id for post in made)


async def test_an_intent_is_written_once_and_survives_a_retry(database: Database) -> None:
    post = make_post()
    await owed(database, post)
    await claimed(database)
    async with database.transaction() as tx:
        first = await outbox.intend(tx, post.id, owner="w1", nonce="n1", now_ms=1_100, after_id=7)
        retried = await outbox.retry(tx, post.id, owner="w1", due_at_ms=5_000)
    assert (first.intent_at_ms, first.nonce) == (1_100, "n1")
    assert (retried.attempt, retried.due_at_ms, retried.lease_owner) == (1, 5_000, "")
    await claimed(database, "w2", now_ms=5_000)
    async with database.transaction() as tx:
        again = await outbox.intend(tx, post.id, owner="w2", nonce="n2", now_ms=5_100, after_id=8)
    assert (again.intent_at_ms, again.nonce, again.after_id) == (1_100, "n1", 7)


async def test_a_sent_message_is_never_due_again(database: Database) -> None:
    post = make_post()
    await owed(database, post)
    await claimed(database)
    async with database.transaction() as tx:
        sent = await outbox.sent(
            tx, post.id, owner="w1", message_id=2**60, channel_id=21, now_ms=1_200
        )
    assert (sent.state, sent.message_id, sent.sent_channel_id) == (PostState.SENT, 2**60, 21)
    assert (sent.sent_at_ms, sent.due_at_ms, sent.lease_owner) == (1_200, PARKED, "")
    assert await claimed(database, now_ms=PARKED) == []


async def test_who_lost_the_lease_records_nothing(database: Database) -> None:
    post = make_post(lease_owner="new", due_at_ms=9_000)
    await owed(database, post)
    async with database.transaction() as tx:
        with pytest.raises(LeaseLost):
            await outbox.intend(tx, post.id, owner="old", nonce="n", now_ms=1, after_id=1)
        with pytest.raises(LeaseLost):
            await outbox.sent(tx, post.id, owner="old", message_id=1, channel_id=1, now_ms=1)
        with pytest.raises(LeaseLost):
            await outbox.retry(tx, post.id, owner="old", due_at_ms=1)
        with pytest.raises(LeaseLost):
            await outbox.redirect(tx, post.id, owner="old", channel_id=1)
        with pytest.raises(LeaseLost):
            await outbox.settle(tx, post.id, owner="old", state=PostState.DROPPED)
        assert await outbox.renew(tx, owner="old", ids=[post.id], until_ms=99_000) == 0
        assert await outbox.renew(tx, owner="new", ids=[post.id], until_ms=99_000) == 1
    assert (await found(database, post)).due_at_ms == 99_000


async def test_a_redirected_message_starts_anew_at_its_new_place(database: Database) -> None:
    post = make_post(lease_owner="w1", intent_at_ms=5, nonce="n1", attempt=3)
    await owed(database, post)
    async with database.transaction() as tx:
        moved = await outbox.redirect(tx, post.id, owner="w1", channel_id=22)
        assert (moved.channel_id, moved.user_id) == (22, 30)
        private = await outbox.redirect(tx, post.id, owner="w1", user_id=31)
        assert (private.channel_id, private.user_id) == (0, 31)
        for channel_id, user_id in ((0, 0), (1, 1)):
            with pytest.raises(TypeError):
                await outbox.redirect(
                    tx, post.id, owner="w1", channel_id=channel_id, user_id=user_id
                )
    assert (private.intent_at_ms, private.nonce, private.attempt) == (0, "", 0)
    assert private.lease_owner == "w1"


@pytest.mark.parametrize("state", [PostState.DROPPED, PostState.UNKNOWN, PostState.DELETED])
async def test_a_settled_message_is_never_due_again(database: Database, state: PostState) -> None:
    mine = make_post(lease_owner="w1")
    sent = make_post(state=PostState.SENT)
    await owed(database, mine, sent)
    async with database.transaction() as tx:
        settled = await outbox.settle(tx, mine.id, owner="w1", state=state)
        ended = await outbox.settle(tx, sent.id, owner=None, state=state)
        with pytest.raises(Conflict):
            await outbox.settle(tx, "nothing", owner=None, state=state)
    assert (settled.state, settled.due_at_ms, settled.lease_owner) == (state, PARKED, "")
    assert ended.state is state


async def test_cards_behind_are_those_that_show_another_state_ends_first(
    database: Database,
) -> None:
    running = make_request(state=State.RUNNING, updated_at_ms=1)
    posted = make_request(state=State.POSTED, updated_at_ms=9)
    current = make_request(state=State.QUEUED)
    await added(database, running, posted, current)

    def card(request_id: str, shown: str, **fields: object) -> Post:
        usual = {"kind": PostKind.CARD, "state": PostState.SENT, "message_id": 1}
        return make_post(request_id=request_id, shown=shown, **(usual | fields))

    behind = [card(posted.id, "running"), card(running.id, "queued")]
    await owed(
        database,
        *reversed(behind),
        card(current.id, "queued"),
        card(posted.id, "failed"),
        card(running.id, "", state=PostState.DELETED),
        card(running.id, "", kind=PostKind.RESULT),
    )
    async with database.transaction() as tx:
        cards = await outbox.cards_behind(tx, 1_000, limit=10)
        assert [(post, request.state) for post, request in cards] == [
            (behind[0], State.POSTED),
            (behind[1], State.RUNNING),
        ]
        assert cards[0][1] == posted
        assert len(await outbox.cards_behind(tx, 1_000, limit=1)) == 1
        await outbox.shown(tx, behind[0].id, "posted")
        await outbox.shown(tx, behind[1].id, "running")
        assert await outbox.cards_behind(tx, 1_000, limit=10) == []


async def test_the_next_due_time_is_the_earliest_owed(database: Database) -> None:
    await owed(database, make_post(state=PostState.SENT, due_at_ms=1), make_post(due_at_ms=PARKED))
    async with database.reading() as tx:
        assert await outbox.next_due_ms(tx) is None
    await owed(database, make_post(due_at_ms=800), make_post(due_at_ms=400))
    async with database.reading() as tx:
        assert await outbox.next_due_ms(tx) == 400


async def test_a_start_alone_takes_every_lease_over_at_once(database: Database) -> None:
    leased = make_post(lease_owner="dead", due_at_ms=90_000)
    put_off = make_post(due_at_ms=90_000)
    await owed(database, leased, put_off)
    async with database.transaction() as tx:
        assert await outbox.release_leases(tx, 5_000) == 1
    assert (await found(database, leased)).due_at_ms == 5_000
    assert await found(database, put_off) == put_off
