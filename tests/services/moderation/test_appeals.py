"""Appeals on both databases: who may appeal and decide, and what comes of it for the accounts."""

import asyncio

import pytest

from bot.errors import AppealOverCeiling, NotAllowed, TooLate, UserError
from bot.services.caller import Caller
from bot.services.moderation.appeal_effects import APPEAL_MS
from bot.services.moderation.decision_effects import expire, take_effect
from bot.services.moderation.review_lifecycle import open_review
from bot.services.moderation.reviews import UNDO_MS, Verdict
from bot.services.privacy.erasure import forget_member
from bot.services.quotas.costs import SaidCost, note_cost
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from storage.engine.transaction import Database
from storage.moderation import audit_log, member_record, review_claims, reviews
from storage.moderation.reviews import Review, ReviewState, Stage
from storage.operations import restored
from storage.privacy import member_data, retention
from storage.quotas import ledger_sums
from storage.quotas.ledger_records import Account
from storage.records import MessageKind, Request, State
from storage.requests import outbox, requests
from storage.stats import daily_counts
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import (
    ALICE,
    BOB,
    DAY_MS,
    GUILD,
    MANAGERS,
    MODERATOR,
    MODERATORS,
    Counter,
    caller,
    moderator,
)

OTHER, THIRD = 41, 42
REVIEW_CHANNEL, LOG_CHANNEL = 77, 78
UNLIMITED = 100


def other(**fields: int) -> Caller:
    """A second moderator."""
    return caller(OTHER, **{"member_permissions": MODERATORS, **fields})


def in_private(user_id: int = ALICE) -> Caller:
    """Somebody who presses in a direct message, where there is no server."""
    return caller(user_id, guild_id=0, channel_id=5, member_permissions=0)


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter(member_videos=UNLIMITED)
    await opened.configure(review="prompt", review_channel=REVIEW_CHANNEL, log_channel=LOG_CHANNEL)
    return opened


async def held(counter: Counter, *, who: Caller | None = None) -> Request:
    request = (await counter.ask(who)).request
    async with counter.database.transaction() as tx:
        return await requests.note(
            tx, request.id, source=State.HELD, owner=None, prepared_at_ms=counter.now_ms
        )


async def rendered(counter: Counter) -> Request:
    """A request whose video waits for a moderator, and which the provider has billed."""
    request = await held(counter)
    now_ms = counter.now_ms
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.APPROVE)
    async with counter.database.transaction() as tx:
        for source, target in (
            (State.QUEUED, State.SUBMITTING),
            (State.SUBMITTING, State.RUNNING),
            (State.RUNNING, State.RENDERED),
            (State.RENDERED, State.REVIEWING),
        ):
            request = await requests.move(
                tx,
                request.id,
                source=source,
                target=target,
                now_ms=now_ms,
                intent_at_ms=now_ms,
                started_at_ms=now_ms,
            )
        settings = await read_settings(tx, GUILD)
        await open_review(tx, settings, request, Stage.RESULT, "mode", now_ms)
    return request


async def reject(counter: Counter, request: Request, by: Caller | None = None) -> Request:
    number = len(await reviews_of(counter, request))
    await counter.reviews.decide(
        by or moderator(), request.id, number, Verdict.REJECT, reason="rules", note="no"
    )
    await in_effect(counter)
    return await counter.request(request.id)


async def in_effect(counter: Counter) -> None:
    """What was rejected takes effect; the clock stands at that moment."""
    counter.now_ms += UNDO_MS
    async with counter.database.transaction() as tx:
        for each in await review_claims.taking_effect(tx, counter.now_ms, limit=5):
            await take_effect(tx, each, counter.now_ms)


async def appealed(counter: Counter, request: Request) -> Review:
    return await counter.appeals.appeal(in_private(), request.id, "it is a drawing")


async def reviews_of(counter: Counter, request: Request) -> list[Review]:
    async with counter.database.reading() as tx:
        return await reviews.of_request(tx, request.id)


async def notices(counter: Counter, request: Request) -> list[str]:
    async with counter.database.reading() as tx:
        messages = await outbox.of_request(tx, request.id)
    ids = [each.id for each in messages if each.kind is MessageKind.NOTICE]
    # of one millisecond they have no order
    return sorted((each.partition(":")[2] for each in ids), reverse=True)


async def used(counter: Counter, account: Account, user_id: int | None = ALICE) -> int:
    async with counter.database.reading() as tx:
        usage = await ledger_sums.usage(
            tx, account, since_ms=counter.now_ms - DAY_MS, guild_id=GUILD, user_id=user_id
        )
    return usage.videos


async def cost_of(counter: Counter) -> int:
    """What the ledger has booked for the server, in millionths."""
    async with counter.database.reading() as tx:
        usage = await ledger_sums.usage(
            tx, Account.COST, since_ms=counter.now_ms - DAY_MS, guild_id=GUILD
        )
    return usage.cost_micros


async def history(counter: Counter, request: Request) -> list[str]:
    async with counter.database.reading() as tx:
        found = await audit_log.page(tx, GUILD, limit=20, request_id=request.id)
    return [each.action for each in reversed(found)]


async def test_a_granted_appeal_goes_on_as_if_it_had_been_approved_at_first(
    counter: Counter,
) -> None:
    request = await reject(counter, await held(counter))
    assert (request.state, await used(counter, Account.COUNT)) == (State.REJECTED, 0)
    counter.now_ms += 1000
    appeal = await appealed(counter, request)
    assert (appeal.appeal, appeal.stage, appeal.appeal_of) == (
        "it is a drawing",
        Stage.PROMPT,
        f"{request.id}:review:1",
    )
    await counter.reviews.decide(other(), request.id, 2, Verdict.APPROVE)
    now = await counter.request(request.id)
    assert (now.state, now.ended_at_ms, now.failure, now.appeal_until_ms) == (
        State.QUEUED,
        0,
        "",
        0,
    )
    assert await used(counter, Account.COUNT) == await used(counter, Account.COST) == 1
    assert await counter.differences() == []
    assert await history(counter, request) == ["rejected", "appealed", "appeal-granted"]
    assert await notices(counter, request) == ["notice:rejected", "notice:appeal"]
    async with counter.database.reading() as tx:
        card = await outbox.card_of(tx, request.id)
        assert card is not None
        assert card.id == f"{request.id}:card:2"
        assert (await member_record.read(tx, GUILD, ALICE)).rejected == 0


async def test_a_granted_appeal_for_a_video_posts_it_and_takes_no_room_of_the_server(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1, server_videos=1)
    await counter.configure(review="prompt", review_channel=REVIEW_CHANNEL)
    request = await reject(counter, await rendered(counter))
    assert await used(counter, Account.COUNT) == 0
    assert await used(counter, Account.COST) == 1
    await appealed(counter, request)
    await counter.reviews.decide(other(), request.id, 3, Verdict.APPROVE)
    now = await counter.request(request.id)
    assert now.state is State.RENDERED
    assert await used(counter, Account.COUNT) == await used(counter, Account.COST) == 1
    async with counter.database.transaction() as tx:
        messages = await outbox.of_request(tx, request.id)
        assert [each.kind for each in messages if each.kind is MessageKind.RESULT]
        await lifecycle.end(tx, now, State.POSTED, now_ms=counter.now_ms)
    assert await counter.differences() == []


@pytest.mark.parametrize("is_posted", [True, False])
async def test_a_cost_that_was_said_after_the_rejection_is_booked_once(
    open_counter: OpenCounter, is_posted: bool
) -> None:
    counter = open_counter()
    await counter.configure(review="prompt", review_channel=REVIEW_CHANNEL)
    request = await reject(counter, await rendered(counter))
    said_micros = (request.cost_micros or 0) + 150_000
    said = SaidCost(said_micros, "query", counter.now_ms, has_ended=True)
    async with counter.database.transaction() as tx:
        await note_cost(tx, request.id, said, counter.now_ms)
    assert await cost_of(counter) == said_micros
    await appealed(counter, request)
    await counter.reviews.decide(other(), request.id, 3, Verdict.APPROVE)
    assert await counter.differences() == []
    async with counter.database.transaction() as tx:
        now = await requests.require(tx, request.id)
        target = State.POSTED if is_posted else State.CANCELLED
        await lifecycle.end(tx, now, target, now_ms=counter.now_ms)
    assert await cost_of(counter) == said_micros
    assert await counter.differences() == []


async def test_the_members_own_limit_is_no_obstacle_the_servers_ceiling_is(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1, server_videos=2)
    await counter.configure(review="prompt", review_channel=REVIEW_CHANNEL)
    request = await reject(counter, await held(counter))
    # what came back is used up by the member, and then by another one the server's last
    await held(counter)
    last = await held(counter, who=caller(BOB))
    await appealed(counter, request)
    before = await notices(counter, request)
    with pytest.raises(AppealOverCeiling) as refused:
        await counter.reviews.decide(other(), request.id, 2, Verdict.APPROVE)
    assert refused.value.quota.params["scope"] == "server"
    assert (await reviews_of(counter, request))[-1].state is ReviewState.OPEN
    assert (await counter.request(request.id)).state is State.REJECTED
    assert await notices(counter, request) == before
    assert await counter.differences() == []
    await counter.service.cancel(caller(BOB), last.id)
    await counter.reviews.decide(other(), request.id, 2, Verdict.APPROVE)
    assert await used(counter, Account.COUNT) == 2
    assert await counter.differences() == []


async def test_a_denied_appeal_leaves_the_rejection_and_tells_the_member(counter: Counter) -> None:
    request = await reject(counter, await held(counter))
    await appealed(counter, request)
    await counter.reviews.decide(other(), request.id, 2, Verdict.REJECT, reason="brand")
    await in_effect(counter)
    now = await counter.request(request.id)
    assert (now.state, now.failure, now.appeal_until_ms) == (State.REJECTED, "rules", 0)
    assert await history(counter, request) == ["rejected", "appealed", "appeal-denied"]
    assert await notices(counter, request) == ["notice:rejected", "notice:appeal"]
    with pytest.raises(TooLate) as refused:
        await appealed(counter, request)
    assert refused.value.key == "refused-appealed-already"
    assert await counter.differences() == []


async def test_an_appeal_that_nobody_decides_leaves_the_rejection(counter: Counter) -> None:
    request = await reject(counter, await held(counter))
    appeal = await appealed(counter, request)
    assert appeal.ends_at_ms == counter.now_ms + DAY_MS
    async with counter.database.transaction() as tx:
        assert await expire(tx, appeal, appeal.ends_at_ms)
    assert (await counter.request(request.id)).state is State.REJECTED
    assert (await history(counter, request))[-1] == "appeal-timed-out"
    assert "notice:appeal" in await notices(counter, request)


async def test_only_the_requester_appeals_once_in_time_with_words(counter: Counter) -> None:
    waiting = await held(counter)
    request = await reject(counter, await held(counter))

    async def refusal(who: Caller, request_id: str = request.id, said: str = "why") -> str:
        with pytest.raises(UserError) as refused:
            await counter.appeals.appeal(who, request_id, said)
        return refused.value.key

    assert await refusal(in_private(BOB)) == "refused-appeal-others"
    assert await refusal(moderator()) == "refused-appeal-others"
    assert await refusal(caller(guild_id=GUILD + 1)) == "refused-no-appeal"
    assert await refusal(in_private(), "zzzzzz9") == "refused-no-appeal"
    assert await refusal(in_private(), waiting.id) == "refused-no-appeal"
    assert await refusal(in_private(), said="  \n ") == "refused-appeal-empty"
    await counter.configure(review_channel=0)
    assert await refusal(in_private()) == "refused-appeal-no-channel"
    await counter.configure(review_channel=REVIEW_CHANNEL)
    counter.now_ms += APPEAL_MS
    assert await refusal(in_private()) == "refused-appeal-late"
    counter.now_ms -= 1
    await appealed(counter, request)
    assert await refusal(in_private()) == "refused-appealed-already"


async def test_the_time_to_appeal_ends_with_the_servers_retention(counter: Counter) -> None:
    await counter.configure(retention_days=1)
    request = await reject(counter, await held(counter))
    assert request.appeal_until_ms == counter.now_ms + DAY_MS


async def test_of_two_appeals_at_once_one_is_taken(
    counter: Counter, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    request = await reject(counter, await held(counter))
    there = open_counter(await open_another())
    found = await asyncio.gather(
        *(appealed(each, request) for each in (counter, there) * 4), return_exceptions=True
    )
    assert sum(isinstance(each, Review) for each in found) == 1
    assert len(await reviews_of(counter, request)) == 2
    assert await history(counter, request) == ["rejected", "appealed"]


def managing(user_id: int) -> Caller:
    """A moderator who may manage the server as well."""
    return caller(user_id, member_permissions=MANAGERS | MODERATORS)


async def test_who_rejected_does_not_decide_the_appeal_nor_does_its_requester(
    counter: Counter,
) -> None:
    request = await reject(counter, await held(counter))
    await appealed(counter, request)

    async def refusal(who: Caller) -> str:
        with pytest.raises(NotAllowed) as refused:
            await counter.reviews.check(who, request.id, 2)
        return refused.value.key

    assert await refusal(moderator()) == "refused-appeal-own-decision"
    assert await refusal(caller(BOB)) == "refused-moderators-only"
    requester = caller(ALICE, member_permissions=MODERATORS)
    assert await refusal(requester) == "refused-own-review"
    await counter.reviews.check(other(), request.id, 2)


async def test_a_manager_decides_an_appeal_where_nobody_else_moderates(counter: Counter) -> None:
    request = await reject(counter, await held(counter), managing(MODERATOR))
    await appealed(counter, request)
    await counter.reviews.check(managing(MODERATOR), request.id, 2)
    # a manager who is no moderator as well
    only_manager = caller(THIRD, member_permissions=MANAGERS)
    await counter.reviews.check(only_manager, request.id, 2)
    # once another moderator has decided anything, it is theirs to decide
    await reject(counter, await held(counter), other())
    with pytest.raises(NotAllowed) as refused:
        await counter.reviews.check(managing(MODERATOR), request.id, 2)
    assert refused.value.key == "refused-appeal-own-decision"
    with pytest.raises(NotAllowed):
        await counter.reviews.check(only_manager, request.id, 2)
    # and who has decided nothing for a month is none any more
    counter.now_ms += 31 * DAY_MS
    await counter.reviews.check(managing(MODERATOR), request.id, 2)


async def test_of_many_who_decide_an_appeal_at_once_one_does(
    counter: Counter, open_another: OpenAnother, open_counter: OpenCounter
) -> None:
    request = await reject(counter, await held(counter))
    await appealed(counter, request)
    there = open_counter(await open_another(), member_videos=UNLIMITED)
    acts = [
        each.reviews.decide(other(), request.id, 2, verdict)
        for each in (counter, there)
        for verdict in (Verdict.APPROVE, Verdict.REJECT)
    ]
    found = await asyncio.gather(*acts, return_exceptions=True)
    assert sum(isinstance(each, Review) for each in found) == 1
    assert all(isinstance(each, Review | TooLate) for each in found)
    assert await counter.differences() == []


async def test_files_are_kept_as_long_as_an_appeal_can_be_made_or_decided(
    counter: Counter,
) -> None:
    request = await held(counter)
    async with counter.database.transaction() as tx:
        await requests.note(tx, request.id, source=State.HELD, owner=None, stored_bytes=9)
    request = await reject(counter, request)

    async def left_over(now_ms: int) -> list[str]:
        async with counter.database.reading() as tx:
            found = await retention.left_over(tx, "", now_ms=now_ms, exclude=(), limit=5)
            assert found == sorted(await retention.removable(tx, [request.id], now_ms))
            return found

    until_ms = request.appeal_until_ms
    assert not await left_over(until_ms)
    async with counter.database.reading() as tx:
        assert await retention.stored_bytes(tx, ALICE) == 9
    assert await left_over(until_ms + DAY_MS) == [request.id]
    await appealed(counter, request)
    assert not await left_over(until_ms + 30 * DAY_MS)
    await counter.reviews.decide(other(), request.id, 2, Verdict.REJECT)
    await in_effect(counter)
    assert await left_over(counter.now_ms) == [request.id]


async def test_after_a_granted_appeal_a_second_rejection_is_told_and_final(
    counter: Counter,
) -> None:
    request = await reject(counter, await rendered(counter))
    await appealed(counter, request)
    await counter.reviews.decide(other(), request.id, 3, Verdict.APPROVE)
    counter.now_ms += 1000
    async with counter.database.transaction() as tx:
        now = await requests.require(tx, request.id)
        now = await requests.move(
            tx, now.id, source=State.RENDERED, target=State.REVIEWING, now_ms=counter.now_ms
        )
        settings = await read_settings(tx, GUILD)
        await open_review(tx, settings, now, Stage.RESULT, "mode", counter.now_ms)
    now = await reject(counter, now)
    assert (now.state, now.appeal_until_ms) == (State.REJECTED, 0)
    told = await notices(counter, request)
    assert len(told) == len(set(told)) == 2
    assert await counter.differences() == []


async def test_a_deleted_members_appeal_is_withdrawn_and_their_words_are_gone(
    counter: Counter,
) -> None:
    request = await reject(counter, await held(counter))
    await appealed(counter, request)
    async with counter.database.reading() as tx:
        (exported,) = (await member_data.everything(tx, ALICE)).appeals
    assert (exported.appeal, exported.request_id) == ("it is a drawing", request.id)
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    appeal = (await reviews_of(counter, request))[-1]
    assert (appeal.state, appeal.appeal) == (ReviewState.WITHDRAWN, "")
    assert (await counter.request(request.id)).appeal_until_ms == 0


async def test_after_a_restore_nobody_can_be_granted_what_may_have_been_made(
    counter: Counter,
) -> None:
    appeal_of = await reject(counter, await held(counter))
    rejected = await reject(counter, await held(counter))
    await appealed(counter, appeal_of)
    async with counter.database.transaction() as tx:
        await restored.mark(tx, counter.now_ms)
    with pytest.raises(UserError):
        await appealed(counter, rejected)
    with pytest.raises(TooLate):
        await counter.reviews.decide(other(), appeal_of.id, 2, Verdict.APPROVE)


async def test_the_figures_of_a_counted_day_follow_a_request_that_goes_on(
    counter: Counter, database: Database
) -> None:
    await counter.configure(review_timeout_hours=720, retention_days=365)
    request = await reject(counter, await held(counter))
    await appealed(counter, request)
    day = counter.now_ms // DAY_MS
    async with database.transaction() as tx:
        while await daily_counts.count_ended(tx, last=day):
            pass
        assert await daily_counts.count_day(tx, GUILD, day)
    counter.now_ms += 5 * DAY_MS
    await counter.reviews.decide(other(), request.id, 2, Verdict.APPROVE)
    async with database.reading() as tx:
        counts = await requests.count_by_state(tx)
        assert (counts[State.REJECTED], counts[State.QUEUED]) == (0, 1)
        found = await daily_counts.of_server(tx, GUILD, first=day, last=day)
    assert [(each.day, each.ended) for each in found] == [(day + 5, {"queued": 1})]
