"""What a series' member is told in messages while it is under way, once for each stop."""

import json
from typing import Any

from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.reviews import UNDO_MS, Verdict
from bot.services.operations.restore import park_restored
from bot.services.requests import lifecycle
from bot.services.series.standing import STANDS_MS
from storage.moderation import reviews
from storage.records import MessageKind, OutboxMessage, Request, State
from storage.requests import outbox, series
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter, caller, moderator
from tests.services.series.shooting import (
    advanced,
    confirmed,
    failed,
    rendered,
    shots,
    uncertain,
)


async def notices(counter: Counter, request: Request) -> list[OutboxMessage]:
    async with counter.database.reading() as tx:
        found = await outbox.of_request(tx, request.id)
    return [each for each in found if each.kind is MessageKind.NOTICE]


def body(message: OutboxMessage) -> dict[str, Any]:
    return dict(json.loads(message.body))


async def second_is_due(counter: Counter) -> tuple[Request, Request]:
    """A series with one shot made, and the shot whose turn it is."""
    whole = await confirmed(counter)
    await advanced(counter, whole.id)
    await rendered(counter, (await shots(counter, whole.id))[0])
    await advanced(counter, whole.id)
    return whole, (await shots(counter, whole.id))[1]


async def looked_at_again(counter: Counter, whole: Request) -> None:
    async with counter.database.transaction() as tx:
        await series.wake(tx, whole.id, counter.now_ms)
    await advanced(counter, whole.id)


async def test_each_stop_is_told_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole, second = await second_is_due(counter)
    await failed(counter, second, "too-long")
    await advanced(counter, whole.id)
    await looked_at_again(counter, whole)
    (told,) = await notices(counter, whole)
    assert (told.channel_id, told.user_id) == (whole.channel_id, whole.user_id)
    said = body(told)
    assert (said["state"], said["shot"], said["failure"]) == ("series-stopped", 2, "too-long")
    assert (said["can_retry"], said["can_finish"]) == (True, True)
    assert said["until_ms"] == counter.now_ms + STANDS_MS
    again = (await counter.series.retry(caller(), whole.id, 2)).group[0]
    await failed(counter, again)
    await advanced(counter, whole.id)
    told_of = sorted(body(each)["failure"] for each in await notices(counter, whole))
    assert told_of == ["busy", "too-long"]


async def test_an_uncertain_shot_is_told_with_that_word_and_again_once_it_is_settled(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole, second = await second_is_due(counter)
    lost = await uncertain(counter, second)
    await advanced(counter, whole.id)
    (told,) = await notices(counter, whole)
    assert (body(told)["state"], body(told)["can_retry"]) == ("series-uncertain", False)
    async with counter.database.transaction() as tx:
        await lifecycle.fail(tx, lost, "not-run", now_ms=counter.now_ms, intent_at_ms=0)
    await advanced(counter, whole.id)
    states = {body(each)["state"] for each in await notices(counter, whole)}
    assert states == {"series-uncertain", "series-stopped"}


async def test_a_rejected_shot_is_told_in_private(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5)
    whole, second = await second_is_due(counter)
    await failed(counter, second)
    await advanced(counter, whole.id)
    await counter.configure(review="prompt")
    held = (await counter.series.retry(caller(), whole.id, 2, "a wolf")).group[0]
    async with counter.database.reading() as tx:
        review = (await reviews.of_request(tx, held.id))[-1]
    rejected = await counter.reviews.decide(
        moderator(), held.id, review.number, Verdict.REJECT, reason="rules", note="no wolves"
    )
    counter.now_ms += UNDO_MS
    async with counter.database.transaction() as tx:
        await take_effect(tx, rejected, counter.now_ms)
    await advanced(counter, whole.id)
    (told,) = [each for each in await notices(counter, whole) if not each.channel_id]
    assert (body(told)["state"], body(told)["failure"]) == ("series-rejected", "rules")
    assert "no wolves" in body(told)["failure_note"]


async def test_a_series_that_is_finished_late_says_so(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole, second = await second_is_due(counter)
    await failed(counter, second)
    await advanced(counter, whole.id)
    counter.now_ms += STANDS_MS
    await advanced(counter, whole.id)
    told = {body(each)["state"]: body(each) for each in await notices(counter, whole)}
    assert set(told) == {"series-stopped", "series-late"}
    assert told["series-late"]["made"] == 1


async def test_a_restore_is_told_by_itself_and_what_an_owner_says_then(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole, second = await second_is_due(counter)
    async with counter.database.transaction() as tx:
        await park_restored(tx, (), counter.now_ms)
    await looked_at_again(counter, whole)
    parked = await counter.request(second.id)
    assert parked.state is State.UNCERTAIN
    (told,) = await notices(counter, whole)
    assert body(told)["restored"]
    async with counter.database.transaction() as tx:
        await lifecycle.fail(tx, parked, "not-run", now_ms=counter.now_ms, intent_at_ms=0)
    await advanced(counter, whole.id)
    states = {body(each)["state"] for each in await notices(counter, whole)}
    assert "series-stopped" in states
