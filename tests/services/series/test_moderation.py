"""Review of a series: all shots at once before anything is paid, then the film."""

from dataclasses import replace
from typing import Any

import pytest

from bot.errors import NotAllowed
from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.review_lifecycle import after_rendering, inputs_are_ready
from bot.services.moderation.review_sheet import sheet_of
from bot.services.moderation.reviews import UNDO_MS, Verdict
from bot.services.moderation.safety import hold_checked_inputs
from storage.moderation import blocks, reviews, safety_checks
from storage.moderation.blocks import Block
from storage.moderation.reviews import Review, Stage
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.records import NEVER_DUE, MessageKind, Request, State
from storage.requests import outbox, requests
from storage.stats import daily_counts
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import DAY_MS, GUILD, PICTURE, Counter, caller, moderator
from tests.services.series.shooting import (
    DEAR,
    advanced,
    confirmed,
    drafted,
    failed,
    fetched,
    filmed,
    left,
    rendered,
    shots,
)

OTHER = 33
"""Another moderator than the one who rejects."""


async def reviewed(counter: Counter, **settings: Any) -> Request:
    await counter.configure(review_channel=5, **settings)
    return await confirmed(counter)


async def review_of(counter: Counter, request: Request) -> Review:
    async with counter.database.reading() as tx:
        return (await reviews.of_request(tx, request.id))[-1]


async def cards(counter: Counter, request: Request) -> int:
    async with counter.database.reading() as tx:
        found = await outbox.of_request(tx, request.id)
    return sum(message.kind is MessageKind.REVIEW for message in found)


async def reject(counter: Counter, request: Request) -> None:
    review = await review_of(counter, request)
    rejected = await counter.reviews.decide(
        moderator(), request.id, review.number, Verdict.REJECT, reason="rules"
    )
    counter.now_ms += UNDO_MS
    async with counter.database.transaction() as tx:
        await take_effect(tx, rejected, counter.now_ms)


async def test_one_card_shows_all_shots_before_any_is_paid(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await reviewed(counter, review="prompt")
    assert whole.state is State.HELD
    assert await cards(counter, whole) == 1
    async with counter.database.reading() as tx:
        sheet = await sheet_of(tx, await review_of(counter, whole))
    for prompt in ("a fox wakes", "the fox runs", "the fox sleeps"):
        assert prompt in sheet.request.spec
    assert {each.is_waiting_shot for each in await shots(counter, whole.id)} == {True}
    await counter.reviews.decide(moderator(), whole.id, 1, Verdict.APPROVE)
    assert (await advanced(counter, whole.id)).state is State.RUNNING
    assert [each.is_waiting_shot for each in await shots(counter, whole.id)] == [False, True, True]


async def test_the_card_waits_for_the_first_shots_files(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5, review="prompt")
    made = await drafted(counter, files=(PICTURE,))
    assert [each.due_at_ms == NEVER_DUE for each in made.group] == [False, True, True]
    await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    whole = await counter.request(made.request.id)
    assert (whole.state, await cards(counter, whole)) == (State.HELD, 0)
    await fetched(counter, made.group[0].id)
    async with counter.database.transaction() as tx:
        first = await requests.note(
            tx, made.group[0].id, source=State.QUEUED, owner=None, host="there"
        )
        await inputs_are_ready(tx, first, counter.now_ms)
    assert await cards(counter, whole) == 1
    # the card is sent from where the files are
    assert (await counter.request(whole.id)).host == "there"


async def test_a_rejection_can_be_undone_and_ends_all_shots(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await reviewed(counter, review="prompt")
    await counter.reviews.decide(moderator(), whole.id, 1, Verdict.REJECT)
    await counter.reviews.undo(moderator(), whole.id, 1)
    await reject(counter, whole)
    whole = await counter.request(whole.id)
    assert whole.state is State.REJECTED
    assert whole.appeal_until_ms > counter.now_ms
    assert {each.state for each in await shots(counter, whole.id)} == {State.REJECTED}
    assert await left(counter) == 3
    assert await counter.differences() == []


async def test_a_granted_appeal_lets_the_whole_series_go(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await reviewed(counter, review="prompt")
    await reject(counter, whole)
    await counter.appeals.appeal(caller(), whole.id, "it is only a fox")
    review = await review_of(counter, whole)
    await counter.reviews.decide(
        replace(moderator(), user_id=OTHER), whole.id, review.number, Verdict.APPROVE
    )
    assert (await counter.request(whole.id)).state is State.QUEUED
    assert {each.is_waiting_shot for each in await shots(counter, whole.id)} == {True}
    assert await left(counter) == 0
    assert await counter.differences() == []
    for place in range(3):
        await advanced(counter, whole.id)
        await rendered(counter, (await shots(counter, whole.id))[place])
    await advanced(counter, whole.id)
    await filmed(counter, whole.id)
    assert await counter.differences() == []
    assert await counter.count(State.POSTED) == 3
    assert await counter.count(State.REJECTED) == 0


async def test_the_film_is_reviewed_and_a_rejected_one_counts_as_its_shots(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await reviewed(counter, review="result")
    for place in range(3):
        await advanced(counter, whole.id)
        await rendered(counter, (await shots(counter, whole.id))[place])
        assert await cards(counter, whole) == 0
    await advanced(counter, whole.id)
    async with counter.database.transaction() as tx:
        whole = await requests.move(
            tx, whole.id, source=State.RUNNING, target=State.RENDERED, now_ms=counter.now_ms
        )
        whole = await after_rendering(tx, whole, counter.now_ms)
    assert (whole.state, await cards(counter, whole)) == (State.REVIEWING, 1)
    await reject(counter, whole)
    assert {each.state for each in await shots(counter, whole.id)} == {State.REJECTED}
    # of what was rejected after it was made the first two come back
    assert await left(counter) == 2
    assert await counter.differences() == []


async def test_a_rejected_retry_leaves_the_series_standing(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await reviewed(counter)
    await advanced(counter, whole.id)
    await failed(counter, (await shots(counter, whole.id))[0])
    await counter.configure(review="prompt")
    made = await counter.series.retry(caller(), whole.id, 1, "a wolf")
    held = made.group[0]
    assert held.state is State.HELD
    await reject(counter, held)
    held = await counter.request(held.id)
    assert (held.state, held.appeal_until_ms) == (State.REJECTED, 0)
    view = (await counter.service.show(caller(), whole.id)).series
    assert view is not None
    assert (view.can_retry, view.stands) == (1, True)
    assert await counter.differences() == []


async def test_the_same_words_again_are_not_held_once_a_moderator_has_passed_them(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await reviewed(counter, review="prompt")
    await counter.reviews.decide(moderator(), whole.id, 1, Verdict.APPROVE)
    await advanced(counter, whole.id)
    await failed(counter, (await shots(counter, whole.id))[0])
    made = await counter.series.retry(caller(), whole.id, 1)
    assert made.group[0].state is State.QUEUED
    await failed(counter, made.group[0])
    edited = await counter.series.retry(caller(), whole.id, 1, "a wolf")
    assert edited.group[0].state is State.HELD


async def test_a_blocked_member_tries_nothing_again(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole = await reviewed(counter, review="prompt")
    await counter.reviews.decide(moderator(), whole.id, 1, Verdict.APPROVE)
    await advanced(counter, whole.id)
    await failed(counter, (await shots(counter, whole.id))[0])
    async with counter.database.transaction() as tx:
        await blocks.put(tx, Block(GUILD, caller().user_id, 1, "", counter.now_ms, 0))
    with pytest.raises(NotAllowed) as refused:
        await counter.series.retry(caller(), whole.id, 1)
    assert refused.value.key == "refused-blocked"


async def flagged(counter: Counter, shot: Request) -> None:
    check = SafetyCheck(
        request_id=shot.id,
        stage=Stage.PROMPT,
        guild_id=GUILD,
        checker="test",
        digest="d",
        outcome=Outcome.FLAGGED,
        checked_at_ms=counter.now_ms,
    )
    async with counter.database.transaction() as tx:
        await safety_checks.put(tx, check)
        shot = await requests.require(tx, shot.id)
        await hold_checked_inputs(tx, shot, counter.now_ms)


async def test_a_flagged_picture_holds_the_series_before_anything_is_paid(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    await counter.configure(review_channel=5)
    made = await drafted(counter)
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    await flagged(counter, receipt.group[0])
    whole = await counter.request(receipt.request.id)
    assert whole.state is State.HELD
    assert (await review_of(counter, whole)).why == "flagged"
    assert (await shots(counter, whole.id))[0].is_waiting_shot


async def test_a_flagged_picture_ends_the_series_where_nobody_can_look(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    made = await drafted(counter)
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    await flagged(counter, receipt.group[0])
    whole = await counter.request(receipt.request.id)
    assert (whole.state, whole.failure) == (State.FAILED, "flagged")
    assert await left(counter) == 3
    assert await counter.differences() == []


async def test_figures_of_a_day_that_was_counted_follow_a_granted_appeal(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await reviewed(counter, review="prompt")
    await reject(counter, whole)
    async with counter.database.transaction() as tx:
        assert await daily_counts.count_ended(tx, last=counter.now_ms // DAY_MS)
    assert await counter.count(State.REJECTED) == 3
    await counter.appeals.appeal(caller(), whole.id, "it is only a fox")
    review = await review_of(counter, whole)
    other = replace(moderator(), user_id=OTHER)
    await counter.reviews.decide(other, whole.id, review.number, Verdict.APPROVE)
    assert await counter.count(State.REJECTED) == 0
