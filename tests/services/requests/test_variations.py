"""Several requests of one prompt: one question, quota for all or for none, then each its own."""

import asyncio

import pytest

from bot.errors import InvalidRequest, NotAllowed, QuotaExceeded, TooLate, UserError
from bot.services.requests import lifecycle
from bot.services.requests.drafts import DRAFT_MS, EXPIRED, MOST_DRAFTS
from bot.services.requests.followups import Source, repeat
from bot.services.requests.prompt_preparation import as_typed
from bot.ui.messages import video_of
from storage.engine.transaction import Database
from storage.moderation import reviews, words
from storage.moderation.words import Word
from storage.records import MessageKind, Request, State
from storage.requests import outbox, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import GUILD, Counter, caller, moderator

THREE = "a {red|green|blue} fox"
DEAR = 1_500_000


async def drafted(counter: Counter, prompt: str = THREE) -> tuple[Request, ...]:
    receipt = await counter.ask(prompt=prompt)
    assert {request.state for request in receipt.group} == {State.DRAFT}
    return receipt.group


async def confirm(counter: Counter, group: tuple[Request, ...]) -> tuple[Request, ...]:
    receipt = await counter.drafts.confirm(caller(), group[0].id, shown_micros=DEAR)
    return receipt.group


async def notices(database: Database, group: tuple[Request, ...]) -> int:
    async with database.reading() as tx:
        found = [each for one in group for each in await outbox.of_request(tx, one.id)]
    return sum(message.kind is MessageKind.NOTICE for message in found)


async def test_each_choice_is_a_request_of_its_own_once_confirmed(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3)
    receipt = await counter.ask(prompt=THREE)
    group = receipt.group
    assert [video_of(each).prompt for each in group] == ["a red fox", "a green fox", "a blue fox"]
    assert [(each.variation, each.variations) for each in group] == [(1, 3), (2, 3), (3, 3)]
    assert (receipt.price_micros, receipt.left) == (DEAR, 0)
    assert (await counter.allowances.show(caller())).left.videos == 3
    # the button of any of them confirms all
    done = await counter.drafts.confirm(caller(), group[1].id, shown_micros=DEAR)
    assert [each.id for each in done.group] == [each.id for each in group]
    assert {each.state for each in done.group} == {State.QUEUED}
    assert (await counter.allowances.show(caller())).left.videos == 0
    async with counter.database.reading() as tx:
        cards = [await outbox.of_request(tx, each.id) for each in group]
    assert [[message.kind for message in each] for each in cards] == [[MessageKind.CARD]] * 3
    assert await counter.differences() == []


async def test_one_interaction_makes_its_variations_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    who = caller()
    receipts = await asyncio.gather(*(counter.ask(who, prompt=THREE) for _ in range(6)))
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert len({tuple(each.id for each in receipt.group) for receipt in receipts}) == 1
    assert await counter.count() == 3
    assert {each.state for each in await confirm(counter, receipts[0].group)} == {State.QUEUED}
    again = await counter.ask(who, prompt=THREE)
    assert (again.is_new, len(again.group), await counter.count()) == (False, 3, 3)


async def test_presses_at_once_confirm_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    group = await drafted(counter)
    done = await asyncio.gather(
        *(counter.drafts.confirm(caller(), group[0].id, shown_micros=DEAR) for _ in range(6))
    )
    assert sum(receipt.is_new for receipt in done) == 1
    assert {len(receipt.group) for receipt in done} == {3}
    assert await counter.count(State.QUEUED) == 3
    assert await counter.differences() == []


async def test_quota_is_for_all_or_for_none(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=5)
    with pytest.raises(QuotaExceeded) as refused:
        await open_counter(member_videos=2).ask(prompt=THREE)
    assert (refused.value.params["needed"], refused.value.params["limit"]) == ("3", "2")
    groups = [await drafted(counter) for _ in range(MOST_DRAFTS)]
    outcomes = await asyncio.gather(
        *(confirm(counter, group) for group in groups), return_exceptions=True
    )
    assert sum(isinstance(outcome, QuotaExceeded) for outcome in outcomes) == MOST_DRAFTS - 1
    assert await counter.count(State.QUEUED) == 3
    assert await counter.count(State.DRAFT) == 3 * (MOST_DRAFTS - 1)
    assert (await counter.allowances.show(caller())).left.videos == 2
    await drafted(counter, "{a|b}")
    with pytest.raises(UserError) as crowded:
        await counter.ask(prompt="{a|b}")
    assert crowded.value.key == "refused-drafts"
    assert await counter.differences() == []


async def test_pace_counts_them_all_and_the_wait_between_requests_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(at_once=2)
    with pytest.raises(NotAllowed) as refused:
        await counter.ask(prompt=THREE)
    assert refused.value.key == "refused-at-once-all"
    await counter.configure(at_once=3, cooldown=60)
    await confirm(counter, await drafted(counter))
    with pytest.raises(NotAllowed) as refused:
        await counter.ask()
    assert refused.value.key == "refused-at-once"
    await counter.configure(at_once=9)
    with pytest.raises(NotAllowed) as refused:
        await counter.ask()
    assert refused.value.key == "refused-cooldown"


async def test_a_listed_word_holds_the_variation_that_has_it(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5)
    async with counter.database.transaction() as tx:
        await words.add(tx, Word(GUILD, "green", "green", 1, 1))
    group = await confirm(counter, await drafted(counter))
    assert [each.state for each in group] == [State.QUEUED, State.HELD, State.QUEUED]
    async with counter.database.reading() as tx:
        (review,) = await reviews.of_request(tx, group[1].id)
    assert review.why == "words"
    await counter.configure(review_channel=0)
    with pytest.raises(NotAllowed):
        await counter.ask(prompt=THREE)
    assert await counter.count(State.DRAFT) == 0


async def test_what_is_wrong_with_the_choices_is_refused_with_the_other_faults(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    with pytest.raises(InvalidRequest) as refused:
        await counter.ask(prompt="{a|b|c|d|e}", ratio="7:1")
    assert [each.rule for each in refused.value.violations] == [
        "variations-too-many",
        "ratio-not-taken",
    ]
    assert await counter.count() == 0


async def test_one_that_was_cancelled_is_left_out_of_the_answer(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=2)
    with pytest.raises(QuotaExceeded):
        await drafted(counter)
    counter = open_counter(member_videos=3)
    group = await drafted(counter)
    await counter.service.cancel(caller(), group[0].id)
    done = await counter.drafts.confirm(caller(), group[0].id, shown_micros=DEAR)
    assert [each.id for each in done.group] == [each.id for each in group[1:]]
    assert (await counter.allowances.show(caller())).left.videos == 1
    again = await counter.drafts.confirm(caller(), group[0].id, shown_micros=DEAR)
    assert (again.is_new, len(again.group)) == (False, 2)


async def test_a_price_that_rose_is_that_of_all(open_counter: OpenCounter) -> None:
    counter = open_counter()
    group = await drafted(counter)
    async with counter.database.transaction() as tx:
        await requests.note(tx, group[2].id, source=State.DRAFT, owner=None, cost_micros=DEAR)
    receipt = await counter.drafts.confirm(caller(), group[0].id, shown_micros=DEAR)
    assert (receipt.price_micros, await counter.count(State.DRAFT)) == (DEAR + 1_000_000, 3)


async def test_their_end_without_an_answer_is_told_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    group = await drafted(counter)
    counter.now_ms += DRAFT_MS
    with pytest.raises(TooLate):
        await confirm(counter, group)
    for request in reversed(group):
        async with counter.database.transaction() as tx:
            await lifecycle.end(
                tx, request, State.CANCELLED, now_ms=counter.now_ms, failure=EXPIRED
            )
    assert await notices(counter.database, group) == 1


async def test_others_neither_confirm_nor_see_them(open_counter: OpenCounter) -> None:
    counter = open_counter()
    group = await drafted(counter)
    with pytest.raises(NotAllowed):
        await counter.drafts.confirm(moderator(), group[1].id, shown_micros=DEAR)


async def test_again_and_edit_use_the_prompt_that_was_sent(open_counter: OpenCounter) -> None:
    counter = open_counter()
    group = await drafted(counter, r"\{a|b} {c|d}")
    assert [video_of(each).prompt for each in group] == ["{a|b} c", "{a|b} d"]
    source = Source(group[0], video_of(group[0]), (), True, True, True)
    assert source.typed.prompt == r"\{a\|b\} c"
    again = await counter.service.create(repeat(source)[0], caller())
    assert [video_of(each).prompt for each in again.group] == ["{a|b} c"]
    edited = await counter.service.create(source.typed, caller())
    assert [video_of(each).prompt for each in edited.group] == ["{a|b} c"]
    assert again.request.state is State.QUEUED


async def test_a_form_after_a_refused_repetition_reads_its_braces_as_plain(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    (first, *_) = await drafted(counter, r"\{a|b} {c|d}")
    repeated, _ = repeat(Source(first, video_of(first), (), True, True, True))
    shown = as_typed(repeated)
    assert shown.typed is None
    made = await counter.service.create(shown, caller())
    assert [video_of(each).prompt for each in made.group] == ["{a|b} c"]
