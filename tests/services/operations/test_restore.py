"""What a restore parks, what it lets go on, and what it has looked for first; on both databases."""

import json

import pytest

from bot.services.moderation.review_lifecycle import OF_MODE, open_of, open_review
from bot.services.operations.restore import park_restored
from bot.services.outbox import enqueue_result
from bot.services.requests import lifecycle
from bot.services.server_settings import ServerSettings, change_settings, read_settings
from storage.engine.transaction import Database
from storage.moderation import reviews
from storage.moderation.reviews import ReviewState, Stage
from storage.operations import key_values, restored
from storage.quotas import ledger
from storage.records import NEVER_DUE, MessageKind, OutboxState, Request, State
from storage.requests import outbox, requests
from tests.storage.make import added, make_message, make_request, stored

NOW_MS = 1_790_000_000_000
DAY_MS = 24 * 60 * 60 * 1000
GUILD, LOG, OWNER = 10, 77, 99
NEWEST_ID = 1_500_000_000_000_000_000
PARKED = (State.HELD, State.AUDITING, State.QUEUED, State.SUBMITTING)
GOES_ON = (State.RUNNING, State.RENDERED, State.REVIEWING, State.UNCERTAIN)
OVER = (State.POSTED, State.FAILED, State.REJECTED, State.CANCELLED)


@pytest.fixture
async def copied(database: Database) -> dict[State, Request]:
    """One request of each state, as a copy has them."""
    made = {
        state: make_request(state=state, key_usage_id=5, intent_at_ms=7, task_id="", due_at_ms=1)
        for state in State
    }
    await added(database, *made.values())
    async with database.transaction() as tx:
        await change_settings(tx, GUILD, log_channel=LOG)
        for request in made.values():
            await ledger.reserve(tx, request, NOW_MS - DAY_MS)
    return made


async def park(database: Database, now_ms: int = NOW_MS) -> tuple[int, int]:
    async with database.transaction() as tx:
        found = await park_restored(tx, (OWNER,), now_ms)
    return found.requests, found.drafts


async def test_what_was_not_sent_is_parked_and_everything_else_goes_on(
    database: Database, copied: dict[State, Request]
) -> None:
    assert await park(database) == (4, 1)
    for state in PARKED:
        row = await stored(database, copied[state])
        assert row.state is State.UNCERTAIN
        assert row.parked_from == (State.QUEUED if state is State.SUBMITTING else state)
        assert (row.intent_at_ms, row.due_at_ms) == (NOW_MS, NOW_MS + DAY_MS)
        assert row.slot_until_ms == 0
    for state in (*GOES_ON, *OVER):
        assert (await stored(database, copied[state])).state is state
    assert (await stored(database, copied[State.DRAFT])).state is State.CANCELLED
    for state in (*PARKED, *GOES_ON):
        row = await stored(database, copied[state])
        assert row.restored_after_id
        # what the key has used since is no evidence of this one
        assert row.key_usage_id == 0
    for state in OVER:
        assert (await stored(database, copied[state])).restored_after_id == 0


async def test_nothing_is_booked_and_all_who_are_concerned_are_told(
    database: Database, copied: dict[State, Request]
) -> None:
    await park(database)
    async with database.reading() as tx:
        for state in PARKED:
            entries = await ledger.entries_of(tx, copied[state].id)
            assert [entry.kind for entry in entries] == ["reserve", "reserve"]
            messages = await outbox.of_request(tx, copied[state].id)
            notices = [each for each in messages if each.kind is MessageKind.NOTICE]
            assert [each.user_id for each in notices] == [copied[state].user_id]
            assert not notices[0].intent_at_ms
        line = await outbox.get(tx, f"restored:{NOW_MS}:{GUILD}")
        direct = await outbox.get(tx, f"restored:{NOW_MS}:owner:{OWNER}")
        assert line is not None
        assert line.channel_id == LOG
        assert direct is not None
        assert '"count": 4' in direct.body
        assert await key_values.get(tx, restored.RESTORED) == "4"
        assert await restored.count_parked(tx) == 4


async def test_a_held_prompt_is_repeated_neither_by_the_restore_nor_by_what_an_owner_says_then(
    database: Database, copied: dict[State, Request]
) -> None:
    await park(database)
    parked = await stored(database, copied[State.HELD])
    async with database.transaction() as tx:
        await lifecycle.fail(tx, parked, "not-run", now_ms=NOW_MS, intent_at_ms=0)
        messages = await outbox.of_request(tx, parked.id)
    told = [json.loads(each.body) for each in messages if each.kind is MessageKind.NOTICE]
    assert [each["is_held"] for each in told] == [True, True]


async def test_a_result_is_searched_for_behind_the_newest_id_of_the_copy(
    database: Database, copied: dict[State, Request]
) -> None:
    pending = make_message(
        kind=MessageKind.RESULT, request_id=copied[State.RENDERED].id, due_at_ms=1
    )
    tried = make_message(
        kind=MessageKind.CARD, request_id=copied[State.RUNNING].id, intent_at_ms=3, after_id=4
    )
    sent = make_message(
        kind=MessageKind.CARD,
        request_id=copied[State.RUNNING].id,
        state=OutboxState.SENT,
        message_id=NEWEST_ID,
        shown=State.RUNNING,
        due_at_ms=NEVER_DUE,
    )
    async with database.transaction() as tx:
        for message in (pending, tried, sent):
            await outbox.enqueue(tx, message)
    await park(database)
    async with database.transaction() as tx:
        found = await outbox.get(tx, pending.id)
        assert found is not None
        assert found.intent_at_ms == NOW_MS
        assert NEWEST_ID - (2 * restored.MARGIN_MS << 22) < found.after_id < NEWEST_ID
        earlier = await outbox.get(tx, tried.id)
        assert earlier is not None
        assert (earlier.intent_at_ms, earlier.after_id) == (3, 4)
        shown = await outbox.get(tx, sent.id)
        assert shown is not None
        assert shown.shown == ""
        # the result of what is polled again is made after the restore
        running = await requests.require(tx, copied[State.RUNNING].id)
        await enqueue_result(tx, ServerSettings(), running, NOW_MS + 1, is_spoiler=False)
        result = await outbox.get(tx, f"{running.id}:result")
        assert result is not None
        assert (result.intent_at_ms, result.after_id) == (NOW_MS + 1, found.after_id)
        # a request that was made since needs no search
        new = make_request(state=State.RENDERED)
        await requests.add(tx, new)
        await enqueue_result(tx, ServerSettings(), new, NOW_MS + 1, is_spoiler=False)
        fresh = await outbox.get(tx, f"{new.id}:result")
        assert fresh is not None
        assert fresh.intent_at_ms == 0
    # restored once more, from a copy of this: what the first search began behind still holds
    before = running.restored_after_id
    async with database.transaction() as tx:
        await outbox.enqueue(
            tx, make_message(state=OutboxState.SENT, message_id=NEWEST_ID * 2, due_at_ms=NEVER_DUE)
        )
    await park(database, NOW_MS + DAY_MS)
    assert (await stored(database, running)).restored_after_id == before


async def test_an_open_review_of_a_held_request_is_withdrawn_and_other_cards_are_edited_again(
    database: Database, copied: dict[State, Request]
) -> None:
    held, reviewing = copied[State.HELD], copied[State.REVIEWING]
    async with database.transaction() as tx:
        settings = await read_settings(tx, GUILD)
        first = await open_review(tx, settings, held, Stage.PROMPT, OF_MODE, 1)
        second = await open_review(tx, settings, reviewing, Stage.RESULT, OF_MODE, 1)
        for review in (first, second):
            card = make_message(
                id=review.id,
                kind=MessageKind.REVIEW,
                request_id=review.request_id,
                state=OutboxState.SENT,
                message_id=NEWEST_ID,
                shown=review.version,
                due_at_ms=NEVER_DUE,
            )
            await outbox.enqueue(tx, card)
    await park(database)
    async with database.reading() as tx:
        (withdrawn,) = await reviews.of_request(tx, held.id)
        assert withdrawn.state is ReviewState.WITHDRAWN
        still = await open_of(tx, reviewing.id)
        assert still is not None
        behind = await reviews.cards_behind(tx, NOW_MS, exclude=(), limit=9, of_channel=9)
        assert {review.id for _, review in behind} == {first.id, second.id}
