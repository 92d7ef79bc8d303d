"""A series as one request: one question, one budget, its shots one after the other, one end."""

import asyncio

import pytest

from bot.errors import InvalidRequest, NotAllowed, QuotaExceeded, TooLate, UnknownVideo, UserError
from bot.provider.errors import FailureKind
from bot.rules.media import MediaRole, MediaSource
from bot.rules.request import MediaRef
from bot.services.outbox import notice_id
from bot.services.requests import lifecycle
from bot.services.requests.drafts import DRAFT_MS, EXPIRED
from bot.services.series.standing import STANDS_MS
from bot.ui.messages import video_of
from storage.moderation import reviews, words
from storage.moderation.words import Word
from storage.records import NEVER_DUE, MessageKind, Request, State
from storage.requests import outbox, requests, series
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import GUILD, Counter, caller, moderator
from tests.services.series.shooting import (
    DEAR,
    PROMPTS,
    advanced,
    confirmed,
    drafted,
    failed,
    fetched,
    filmed,
    kinds,
    left,
    rendered,
    sent,
    shots,
    uncertain,
    view,
    wish,
)

PICTURE = MediaRef(
    source=MediaSource.ATTACHMENT, url="https://cdn.example/fox.png", field="image1", name="fox.png"
)


async def to_shot(counter: Counter, number: int) -> Request:
    """A series whose shot of this number has its turn."""
    whole = await confirmed(counter)
    for place in range(number):
        await advanced(counter, whole.id)
        if place + 1 < number:
            await rendered(counter, (await shots(counter, whole.id))[place])
    return await counter.request(whole.id)


async def test_a_series_is_one_draft_with_its_shots_and_one_price(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    made = await drafted(counter, "a fox wakes", "", "  ", "the fox runs", "it sleeps {a|b}")
    assert (made.request.state, made.request.shots, made.request.cost_micros) == (
        State.DRAFT,
        3,
        None,
    )
    assert [(each.shot, each.series_of, each.state) for each in made.group] == [
        (number, made.request.id, State.DRAFT) for number in (1, 2, 3)
    ]
    assert [video_of(each).prompt for each in made.group][-1] == "it sleeps {a|b}"
    assert (made.price_micros, made.left) == (1_500_000, 0)
    (frame,) = video_of(made.group[1]).media
    assert (frame.url, frame.role) == (f"shot:{made.request.id}/1", MediaRole.FIRST)
    # there are no files to fetch, and nothing is taken yet
    assert {each.due_at_ms for each in made.group} == {NEVER_DUE}
    assert await left(counter) == 3
    assert await counter.differences() == []


async def test_one_interaction_makes_one_series(open_counter: OpenCounter) -> None:
    counter = open_counter()
    who = caller()
    receipts = await asyncio.gather(*(counter.series.create(who, wish()) for _ in range(6)))
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert len({receipt.request.id for receipt in receipts}) == 1
    assert {len(receipt.group) for receipt in receipts} == {3}


async def test_what_is_wrong_is_said_of_each_shot_and_once_of_all(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    with pytest.raises(InvalidRequest) as refused:
        await drafted(counter, "a fox", "x" * 6000, ratio="7:1")
    found = [(each.rule, each.params.get("shot")) for each in refused.value.violations]
    assert found == [("ratio-not-taken", None), ("prompt-too-long", 2)]
    with pytest.raises(InvalidRequest) as refused:
        await drafted(counter, "alone")
    assert [(each.rule, each.value) for each in refused.value.violations] == [("series-shots", "1")]
    with pytest.raises(InvalidRequest) as refused:
        await drafted(counter, *"abcdefg")
    assert refused.value.violations[0].value == "7"
    assert await counter.count() == 0


async def test_a_model_without_first_frame_is_refused_with_those_that_take_one(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    with pytest.raises(InvalidRequest) as refused:
        await drafted(counter, model="seedance2.0-md")
    (wrong,) = refused.value.violations
    assert wrong.rule == "series-no-frame"
    assert "seedance2.0-fast-i2v" in wrong.allowed
    assert "seedance2.0-md" not in wrong.allowed.split(", ")
    assert refused.value.suggestion == "seedance2.0-fast-i2v"


async def test_it_counts_as_one_at_once_and_shots_wait_for_their_turn(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(at_once=1)
    whole = await confirmed(counter)
    assert [each.is_waiting_shot for each in await shots(counter, whole.id)] == [True] * 3
    with pytest.raises(NotAllowed) as refused:
        await counter.ask()
    assert refused.value.key == "refused-at-once"
    whole = await advanced(counter, whole.id)
    assert whole.state is State.RUNNING
    assert [each.is_waiting_shot for each in await shots(counter, whole.id)] == [False, True, True]
    assert await counter.count(State.QUEUED) == 1


async def test_each_shot_follows_the_one_before_and_the_film_ends_them_all(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await confirmed(counter)
    for place in range(3):
        whole = await advanced(counter, whole.id)
        present = await shots(counter, whole.id)
        assert [bool(each.acked_at_ms) for each in present] == [n <= place for n in range(3)]
        assert (await view(counter, whole.id)).made == place
        await rendered(counter, present[place])
    whole = await advanced(counter, whole.id)
    assert (whole.result_host, whole.due_at_ms) == ("here", counter.now_ms)
    assert (await view(counter, whole.id)).is_film_due
    await filmed(counter, whole.id)
    assert {each.state for each in await shots(counter, whole.id)} == {State.POSTED}
    assert await left(counter) == 0
    assert await counter.differences() == []
    assert await counter.count(State.POSTED) == 3


async def test_a_series_whose_member_saw_no_answer_does_not_begin(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    made = await drafted(counter)
    await fetched(counter, made.group[0].id)
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    whole = await advanced(counter, receipt.request.id)
    assert (whole.state, whole.due_at_ms) == (State.QUEUED, NEVER_DUE)
    # a shot's own acknowledgement lets nothing go
    await counter.service.answered(receipt.group[0].id, is_seen=True)
    assert (await shots(counter, whole.id))[0].is_waiting_shot
    await counter.service.answered(whole.id, is_seen=True)
    assert (await advanced(counter, whole.id)).state is State.RUNNING


async def test_the_first_shot_waits_for_its_files_and_their_pin_wakes_the_series(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    made = await drafted(counter, files=(PICTURE,))
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    await counter.service.answered(receipt.request.id, is_seen=True)
    whole = await advanced(counter, receipt.request.id)
    assert (whole.state, whole.due_at_ms) == (State.QUEUED, NEVER_DUE)
    assert (await shots(counter, whole.id))[0].is_waiting_shot
    await fetched(counter, made.group[0].id)
    async with counter.database.transaction() as tx:
        await series.wake(tx, whole.id, counter.now_ms)
    assert (await advanced(counter, whole.id)).state is State.RUNNING


async def test_a_shot_that_fails_stops_it_and_may_be_tried_again_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 2)
    stopped = await failed(counter, (await shots(counter, whole.id))[1], FailureKind.CONTENT)
    assert await kinds(counter, stopped) == []
    whole = await advanced(counter, whole.id)
    assert whole.due_at_ms == counter.now_ms + STANDS_MS
    seen = await view(counter, whole.id)
    assert (seen.can_retry, seen.can_finish, seen.can_cancel, seen.stands) == (2, True, True, True)
    for other in (1, 3):
        with pytest.raises(TooLate):
            await counter.series.retry(caller(), whole.id, other)
    presses = await asyncio.gather(
        *(counter.series.retry(caller(), whole.id, 2) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(each, BaseException) for each in presses) == 1
    assert sum(isinstance(each, TooLate) for each in presses) == 3
    again = (await shots(counter, whole.id))[1]
    assert (again.id != stopped.id, again.state, bool(again.acked_at_ms)) == (
        True,
        State.QUEUED,
        True,
    )
    assert await left(counter) == 0
    for place in (1, 2):
        await advanced(counter, whole.id)
        await rendered(counter, (await shots(counter, whole.id))[place])
    await advanced(counter, whole.id)
    await filmed(counter, whole.id)
    assert await counter.differences() == []


async def test_one_press_delivered_twice_is_one_shot(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole = await to_shot(counter, 1)
    await failed(counter, (await shots(counter, whole.id))[0])
    who = caller()
    receipts = await asyncio.gather(
        *(counter.series.retry(who, whole.id, 1, "a wolf") for _ in range(3))
    )
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert len({receipt.group[0].id for receipt in receipts}) == 1
    assert video_of(receipts[0].group[0]).prompt == "a wolf"
    # the film says what it shows
    await rendered(counter, receipts[0].group[0])
    await advanced(counter, whole.id)
    await failed(counter, (await shots(counter, whole.id))[1])
    await counter.series.finish(caller(), whole.id)
    whole = await counter.request(whole.id)
    assert (video_of(whole).prompt, whole.seconds) == ("a wolf", 5)


async def test_a_retry_takes_quota_anew_and_keeps_every_rule(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    await counter.configure(cooldown=600, at_once=1, review_channel=5)
    whole = await to_shot(counter, 2)
    await failed(counter, (await shots(counter, whole.id))[1])
    with pytest.raises(InvalidRequest) as refused:
        await counter.series.retry(caller(), whole.id, 2, "x" * 6000)
    assert [(each.rule, each.params["shot"]) for each in refused.value.violations] == [
        ("prompt-too-long", 2)
    ]
    await counter.configure(cooldown=0, at_once=None)
    await counter.ask()
    with pytest.raises(QuotaExceeded):
        await counter.series.retry(caller(), whole.id, 2)
    await counter.configure(models=["seedance2.0-sp"])
    with pytest.raises(NotAllowed):
        await counter.series.retry(caller(), whole.id, 2)
    assert [each.state for each in await shots(counter, whole.id)] == [
        State.RENDERED,
        State.FAILED,
        State.QUEUED,
    ]
    assert await counter.differences() == []


async def test_pace_does_not_hold_up_a_retry(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(cooldown=600, at_once=1)
    whole = await to_shot(counter, 1)
    await failed(counter, (await shots(counter, whole.id))[0])
    assert (await counter.series.retry(caller(), whole.id, 1)).is_new


async def test_an_edited_shot_with_a_listed_word_is_held_by_itself(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5)
    async with counter.database.transaction() as tx:
        await words.add(tx, Word(GUILD, "wolf", "wolf", 1, 1))
    whole = await to_shot(counter, 2)
    await failed(counter, (await shots(counter, whole.id))[1])
    made = await counter.series.retry(caller(), whole.id, 2, "a wolf")
    assert made.group[0].state is State.HELD
    async with counter.database.reading() as tx:
        (review,) = await reviews.of_request(tx, made.group[0].id)
    assert review.why == "words"
    # it waits for a moderator, and nobody can try it again meanwhile
    assert not (await view(counter, whole.id)).stands
    with pytest.raises(TooLate):
        await counter.series.retry(caller(), whole.id, 2)


async def test_finishing_makes_the_film_of_what_there_is(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 2)
    with pytest.raises(TooLate):
        await counter.series.finish(caller(), whole.id)
    await failed(counter, (await shots(counter, whole.id))[1])
    with pytest.raises(NotAllowed):
        await counter.series.finish(moderator(), whole.id)
    seen = await counter.series.finish(caller(), whole.id)
    assert (seen.is_film_due, seen.made) == (True, 1)
    assert (await counter.series.finish(caller(), whole.id)).is_film_due
    assert [each.state for each in await shots(counter, whole.id)] == [
        State.RENDERED,
        State.FAILED,
        State.CANCELLED,
    ]
    assert await left(counter) == 2
    with pytest.raises(TooLate):
        await counter.series.retry(caller(), whole.id, 2)
    await filmed(counter, whole.id)
    assert await counter.differences() == []


async def test_with_nothing_made_there_is_nothing_to_finish(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 1)
    await failed(counter, (await shots(counter, whole.id))[0])
    with pytest.raises(UserError) as refused:
        await counter.series.finish(caller(), whole.id)
    assert refused.value.key == "refused-series-nothing"
    cancelled, was_running = await counter.service.cancel(caller(), whole.id)
    assert (cancelled.state, was_running) == (State.CANCELLED, False)
    assert await left(counter) == 3
    assert await counter.differences() == []


async def test_after_a_day_it_is_finished_with_what_there_is(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 2)
    await failed(counter, (await shots(counter, whole.id))[1])
    await advanced(counter, whole.id)
    counter.now_ms += STANDS_MS
    whole = await advanced(counter, whole.id)
    assert (whole.state, whole.result_host) == (State.RUNNING, "here")
    assert (await shots(counter, whole.id))[2].state is State.CANCELLED


async def test_after_a_day_without_anything_it_fails_and_all_comes_back(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 1)
    await failed(counter, (await shots(counter, whole.id))[0])
    await advanced(counter, whole.id)
    counter.now_ms += STANDS_MS
    whole = await advanced(counter, whole.id)
    assert (whole.state, whole.failure) == (State.FAILED, "series-ended")
    assert await left(counter) == 3
    # of its stop and of its end
    told = [MessageKind.CARD, MessageKind.NOTICE, MessageKind.NOTICE]
    assert await kinds(counter, whole) == told
    async with counter.database.reading() as tx:
        notice = await outbox.get(tx, notice_id(whole))
    assert notice is not None
    assert '"count_came_back": true' in notice.body
    assert await counter.differences() == []


async def test_cancelling_gives_back_what_was_not_submitted(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=3)
    whole = await to_shot(counter, 2)
    running = await sent(counter, (await shots(counter, whole.id))[1])
    cancelled, was_running = await counter.service.cancel(caller(), whole.id)
    assert (cancelled.state, was_running) == (State.CANCELLED, True)
    ended = await shots(counter, whole.id)
    assert {each.state for each in ended} == {State.CANCELLED}
    # the task that runs on is watched until its end
    assert ended[1].due_at_ms == counter.now_ms
    assert await left(counter) == 1
    assert await counter.differences() == []
    with pytest.raises(UnknownVideo):
        await counter.service.cancel(caller(), running.id)


async def test_an_uncertain_shot_stops_it_and_is_not_tried_again(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    whole = await to_shot(counter, 2)
    lost = await uncertain(counter, (await shots(counter, whole.id))[1])
    await advanced(counter, whole.id)
    seen = await view(counter, whole.id)
    assert (seen.stands, seen.can_retry, seen.can_finish) == (True, 0, True)
    with pytest.raises(TooLate) as refused:
        await counter.series.retry(caller(), whole.id, 2)
    assert refused.value.key == "refused-series-uncertain"
    assert MessageKind.NOTICE not in await kinds(counter, lost)


async def test_a_draft_nobody_confirms_ends_with_its_shots_and_is_told_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    made = await drafted(counter)
    counter.now_ms += DRAFT_MS
    with pytest.raises(TooLate):
        await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    async with counter.database.transaction() as tx:
        whole = await requests.require(tx, made.request.id)
        await lifecycle.end(tx, whole, State.CANCELLED, now_ms=counter.now_ms, failure=EXPIRED)
    assert {each.state for each in await shots(counter, whole.id)} == {State.CANCELLED}
    assert await kinds(counter, whole) == [MessageKind.NOTICE]


async def test_a_first_shot_whose_files_are_refused_ends_the_series(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    made = await drafted(counter, files=(PICTURE,))
    receipt = await counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)
    first = (await shots(counter, receipt.request.id))[0]
    async with counter.database.transaction() as tx:
        await lifecycle.fail(tx, first, "refused-media", now_ms=counter.now_ms)
    whole = await counter.request(receipt.request.id)
    assert (whole.state, whole.failure) == (State.FAILED, "refused-media")
    assert await left(counter) == 3
    assert await counter.differences() == []


async def test_others_neither_see_nor_touch_shots(open_counter: OpenCounter) -> None:
    counter = open_counter()
    whole = await confirmed(counter)
    page = await counter.service.page(caller())
    assert [each.request.id for each in page.views] == [whole.id]
    shown = await counter.service.show(caller(), whole.id)
    assert shown.series is not None
    assert [each.prompt for each in shown.series.shots] == list(PROMPTS)
    first = (await shots(counter, whole.id))[0]
    with pytest.raises(UnknownVideo):
        await counter.service.show(caller(), first.id)
    with pytest.raises(UnknownVideo):
        await counter.series.retry(caller(31), first.id, 1)
    with pytest.raises(NotAllowed):
        await counter.series.retry(moderator(), whole.id, 1)
    cancelled, _ = await counter.service.cancel(moderator(), whole.id)
    assert cancelled.state is State.CANCELLED
