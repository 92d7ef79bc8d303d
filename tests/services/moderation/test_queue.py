"""The queue and taking rejections back, on both databases."""

import asyncio

import pytest

from bot.errors import NotAllowed, TooLate, UserError
from bot.services.caller import Caller
from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.queue import CLAIM_MS, QueueService
from bot.services.moderation.review_lifecycle import inputs_are_ready
from bot.services.moderation.reviews import UNDO_MS, Verdict
from storage.engine.transaction import Database
from storage.moderation import audit_log, review_claims, reviews
from storage.moderation.reviews import Review, ReviewState, review_id
from storage.privacy.pseudonymize import rename_some
from storage.privacy.pseudonyms import pseudonym_of
from storage.records import MessageKind, Request, State
from storage.requests import outbox, requests
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import (
    ALICE,
    GUILD,
    MODERATOR,
    MODERATORS,
    PICTURE,
    Counter,
    caller,
    moderator,
)

CAROL = 41


def carol() -> Caller:
    """A second moderator."""
    return caller(CAROL, member_permissions=MODERATORS)


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(review="prompt", review_channel=77)
    return opened


def queue_of(counter: Counter) -> QueueService:
    return QueueService(counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None)


async def unready(counter: Counter, who: Caller | None = None) -> Request:
    """A held request whose files are still being fetched."""
    counter.now_ms += 1
    return (await counter.ask(who, media=(PICTURE,))).request


async def held(counter: Counter, who: Caller | None = None) -> Request:
    """A held request whose card is due."""
    request = await unready(counter, who)
    await make_ready(counter, request)
    return request


async def make_ready(counter: Counter, request: Request) -> None:
    async with counter.database.transaction() as tx:
        ready = await requests.note(
            tx, request.id, source=State.HELD, owner=None, prepared_at_ms=counter.now_ms
        )
        await inputs_are_ready(tx, ready, counter.now_ms)


async def shown(counter: Counter, who: Caller, after: Request | None = None) -> str:
    """The id of the request that a moderator gets, or nothing."""
    passed = (after.id, 1) if after is not None else None
    card = await queue_of(counter).next(who, after=passed)
    return card.sheet.request.id if card.sheet is not None else ""


async def review_of(counter: Counter, request: Request) -> Review:
    async with counter.database.reading() as tx:
        found = await reviews.get(tx, review_id(request.id, 1))
    assert found is not None
    return found


async def pass_time(counter: Counter, by_ms: int) -> list[bool]:
    """What is rejected and not taken back by then takes effect."""
    counter.now_ms += by_ms
    async with counter.database.transaction() as tx:
        due = await review_claims.taking_effect(tx, counter.now_ms, limit=9)
        return [await take_effect(tx, each, counter.now_ms) for each in due]


async def test_cards_come_oldest_first_and_no_two_moderators_get_the_same(
    counter: Counter,
) -> None:
    first, second, third = [await held(counter) for _ in range(3)]
    assert await shown(counter, moderator()) == first.id
    assert await shown(counter, carol()) == second.id
    # one's own stays until it is decided or passed over
    assert await shown(counter, moderator()) == first.id
    assert await shown(counter, moderator(), after=first) == third.id
    # what was passed over is free at once
    assert await shown(counter, carol(), after=second) == first.id
    # behind the last one it begins anew
    assert await shown(counter, moderator(), after=third) == second.id


async def test_nobody_gets_a_request_whose_files_are_not_fetched_yet(counter: Counter) -> None:
    # what a moderator approves is what they have seen, and what a safety check has looked at
    request = await unready(counter)
    card = await queue_of(counter).next(moderator())
    assert (card.sheet, card.total) == (None, 0)
    assert not await queue_of(counter).renew(moderator(), request.id, 1)
    await make_ready(counter, request)
    card = await queue_of(counter).next(moderator())
    assert card.sheet is not None
    assert (card.sheet.request.id, card.total) == (request.id, 1)


async def test_a_request_without_files_can_be_decided_on_at_once(counter: Counter) -> None:
    request = (await counter.ask()).request
    card = await queue_of(counter).next(moderator())
    assert card.sheet is not None
    assert card.sheet.request.id == request.id
    async with counter.database.reading() as tx:
        found = await outbox.of_request(tx, request.id)
    assert [message.kind for message in found if message.kind is MessageKind.REVIEW]


async def test_many_moderators_at_once_get_different_cards(
    counter: Counter, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    ids = {(await held(counter)).id for _ in range(4)}
    there = open_counter(await open_another())
    there.now_ms = counter.now_ms
    who = [caller(100 + number, member_permissions=MODERATORS) for number in range(8)]
    found = await asyncio.gather(
        *(shown((counter, there)[number % 2], each) for number, each in enumerate(who))
    )
    got = [each for each in found if each]
    assert len(got) == len(set(got))
    assert set(got) <= ids
    # whoever came too early for a free one gets it now
    rest = [await shown(counter, who[n]) for n, each in enumerate(found) if not each]
    assert {*got, *filter(None, rest)} == ids


async def test_a_claim_holds_two_minutes_and_keeps_others_from_deciding(counter: Counter) -> None:
    request = await held(counter)
    await shown(counter, moderator())
    claimed = await review_of(counter, request)
    assert (claimed.claimed_by, claimed.claimed_until_ms) == (
        MODERATOR,
        counter.now_ms + CLAIM_MS,
    )
    assert claimed.version == f"open:0:0:{claimed.claimed_until_ms}"
    with pytest.raises(TooLate) as refused:
        await counter.reviews.decide(carol(), request.id, 1, Verdict.APPROVE)
    assert refused.value.params["by"] == str(MODERATOR)
    assert not await shown(counter, carol())
    assert not await queue_of(counter).renew(carol(), request.id, 1)
    counter.now_ms += CLAIM_MS - 1
    assert await queue_of(counter).renew(moderator(), request.id, 1)
    counter.now_ms += CLAIM_MS - 1
    assert not await shown(counter, carol())
    counter.now_ms += 1
    assert await shown(counter, carol()) == request.id
    with pytest.raises(TooLate):
        await counter.reviews.decide(moderator(), request.id, 1, Verdict.APPROVE)
    await counter.reviews.decide(carol(), request.id, 1, Verdict.APPROVE)
    assert (await counter.request(request.id)).state is State.QUEUED


async def test_a_lapsed_claim_leaves_the_card(counter: Counter) -> None:
    request = await held(counter)
    await shown(counter, moderator())
    async with counter.database.transaction() as tx:
        assert not await review_claims.has_lapsed(tx, counter.now_ms)
        later_ms = counter.now_ms + CLAIM_MS
        assert await review_claims.has_lapsed(tx, later_ms)
        await review_claims.end_lapsed(tx, later_ms)
    assert (await review_of(counter, request)).version == "open:0:0"


async def test_nobody_gets_their_own_request_or_an_appeal_against_their_rejection(
    counter: Counter,
) -> None:
    request = await held(counter, caller(CAROL))
    assert not await shown(counter, carol())
    assert await shown(counter, moderator()) == request.id
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
    assert await pass_time(counter, UNDO_MS) == [True]
    await counter.appeals.appeal(caller(CAROL), request.id, "why")
    assert not await shown(counter, moderator())
    assert await shown(counter, caller(55, member_permissions=MODERATORS)) == request.id
    with pytest.raises(NotAllowed):
        await shown(counter, caller())


async def test_a_rejection_takes_effect_after_half_a_minute_and_not_before(
    counter: Counter,
) -> None:
    request = await held(counter)
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT, reason="rules")
    assert not await pass_time(counter, UNDO_MS - 1)
    assert (await counter.request(request.id)).state is State.HELD
    async with counter.database.reading() as tx:
        assert not await audit_log.page(tx, GUILD, limit=5)
    counter.now_ms += 1
    with pytest.raises(TooLate):
        # the time is over, although no worker has seen to it yet
        await counter.reviews.undo(moderator(), request.id, 1)
    assert await pass_time(counter, 0) == [True]
    now = await counter.request(request.id)
    assert (now.state, now.failure) == (State.REJECTED, "rules")
    assert not await pass_time(counter, UNDO_MS)
    with pytest.raises(TooLate) as refused:
        await counter.reviews.undo(moderator(), request.id, 1)
    assert refused.value.key == "refused-undo-late"
    assert await counter.differences() == []


async def test_a_rejection_is_taken_back_by_who_made_it_and_decided_anew(
    counter: Counter,
) -> None:
    request = await held(counter)
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT, note="oops")
    with pytest.raises(NotAllowed) as refused:
        await counter.reviews.undo(carol(), request.id, 1)
    assert refused.value.key == "refused-undo-others"
    with pytest.raises(NotAllowed):
        await counter.reviews.undo(caller(MODERATOR), request.id, 1)
    with pytest.raises(UserError):
        await counter.reviews.undo(moderator(), request.id, 2)
    counter.now_ms += UNDO_MS - 1
    opened = await counter.reviews.undo(moderator(), request.id, 1)
    half_ms = opened.opened_at_ms + (opened.ends_at_ms - opened.opened_at_ms) // 2
    assert (opened.state, opened.decided_by, opened.note) == (ReviewState.OPEN, 0, "")
    assert opened.due_at_ms == half_ms
    assert not await pass_time(counter, UNDO_MS)
    await counter.reviews.decide(carol(), request.id, 1, Verdict.APPROVE)
    async with counter.database.reading() as tx:
        log = await audit_log.page(tx, GUILD, limit=5)
    assert [each.action for each in log] == ["approved"]


async def test_of_undo_and_taking_effect_at_once_one_wins(
    counter: Counter, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    there = open_counter(await open_another())
    for _ in range(6):
        request = await held(counter)
        there.now_ms = counter.now_ms
        await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
        there.now_ms += UNDO_MS
        undone, took = await asyncio.gather(
            counter.reviews.undo(moderator(), request.id, 1),
            pass_time(there, 0),
            return_exceptions=True,
        )
        state = (await counter.request(request.id)).state
        assert isinstance(undone, Review) == (state is State.HELD), (undone, took)
        assert (took == [True]) == (state is State.REJECTED)
    assert await counter.differences() == []


async def test_a_cancelled_request_is_not_rejected_any_more(counter: Counter) -> None:
    request = await held(counter)
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
    await counter.service.cancel(caller(), request.id)
    assert not await pass_time(counter, UNDO_MS)
    assert (await counter.request(request.id)).state is State.CANCELLED
    assert (await review_of(counter, request)).state is ReviewState.WITHDRAWN
    assert await counter.differences() == []


async def test_a_deleted_moderators_claim_has_their_pseudonym(
    counter: Counter, database: Database
) -> None:
    request = await held(counter)
    await shown(counter, moderator())
    async with database.transaction() as tx:
        pseudonym = await pseudonym_of(tx, MODERATOR)
        while await rename_some(tx, MODERATOR, pseudonym, limit=50):
            pass
    assert (await review_of(counter, request)).claimed_by == pseudonym
    assert request.user_id == ALICE
