"""Votes: one a member, never one's own; enough of them forward the video exactly once."""

import asyncio

import pytest

from bot.errors import NotAllowed, UserError
from bot.services.moderation.reports import ReportService
from bot.services.operations.restore import park_restored
from bot.services.outbox import enqueue_result
from bot.services.privacy.erasure import forget_member, forget_server
from bot.services.privacy.my_data import MyDataService
from bot.services.server_settings import read_settings
from bot.services.showcase.forwards import forward_id
from bot.services.showcase.monthly import enqueue_monthly, month_before
from bot.services.showcase.service import VOTING_DAYS, ShowcaseService
from bot.services.showcase.standing import may_be_forwarded
from storage.durations import DAY_MS
from storage.moderation import audit_log
from storage.moderation.audit_log import Action
from storage.records import OutboxMessage, OutboxState, Request, State
from storage.requests import outbox, requests
from storage.showcase import entries, votes
from storage.showcase.entries import Entry
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, GUILD, Counter, caller, moderator
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile

SHOWCASE = 77
VOTER = 1_000


@pytest.fixture
async def counter(open_counter: OpenCounter) -> Counter:
    opened = open_counter()
    await opened.configure(showcase_channel=SHOWCASE, showcase_votes=3, report_threshold=1)
    return opened


def service(counter: Counter) -> ShowcaseService:
    return ShowcaseService(counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None)


async def posted(counter: Counter, *, message_id: int = 500, is_spoiler: bool = False) -> Request:
    """A posted video of Alice's."""
    request = (await counter.ask()).request
    async with counter.database.transaction() as tx:
        settings = await read_settings(tx, GUILD)
        await enqueue_result(tx, settings, request, counter.now_ms, is_spoiler=is_spoiler)
        about = {"id": request.id, "now_ms": counter.now_ms, "message_id": message_id}
        await tx.execute(
            "UPDATE requests SET state = 'posted', ended_at_ms = :now_ms WHERE id = :id",
            {"id": request.id, "now_ms": counter.now_ms},
        )
        await tx.execute(
            """UPDATE outbox SET state = 'sent', message_id = :message_id,
              sent_channel_id = channel_id, sent_at_ms = :now_ms
            WHERE id = :id || ':result'""",
            about,
        )
    return request


async def vote(counter: Counter, request: Request, *user_ids: int) -> None:
    for user_id in user_ids:
        await service(counter).vote(caller(user_id), request.id)


async def entry_of(counter: Counter, request: Request) -> Entry:
    async with counter.database.reading() as tx:
        found = await entries.get(tx, request.id)
    assert found is not None
    return found


async def forward_of(counter: Counter, request: Request) -> OutboxMessage | None:
    async with counter.database.reading() as tx:
        return await outbox.get(tx, forward_id(request.id))


async def may_be(counter: Counter, request: Request) -> bool:
    async with counter.database.reading() as tx:
        return await may_be_forwarded(tx, request.id)


@pytest.mark.usefixtures("patient_pool")
async def test_two_hundred_votes_at_once_count_two_hundred_and_forward_once(
    counter: Counter,
) -> None:
    request, showcase = await posted(counter), service(counter)
    pressed = [showcase.vote(caller(VOTER + n), request.id) for n in range(200)]
    receipts = await asyncio.gather(*pressed)
    assert sorted(receipt.votes for receipt in receipts) == list(range(1, 201))
    entry = await entry_of(counter, request)
    assert (entry.votes, entry.shown) == (200, 0)
    async with counter.database.reading() as tx:
        messages = await outbox.of_request(tx, request.id)
    (forward,) = [each for each in messages if each.kind == "forward"]
    assert (forward.channel_id, forward.user_id) == (SHOWCASE, ALICE)
    # all of them are shown by one edit
    assert entry.due_at_ms == counter.now_ms + 2_000


async def test_a_second_press_takes_the_vote_back_and_the_forward_stays(counter: Counter) -> None:
    request, showcase = await posted(counter), service(counter)
    await vote(counter, request, BOB, VOTER, VOTER + 1)
    assert await forward_of(counter, request) is not None
    receipt = await showcase.vote(caller(BOB), request.id)
    assert (receipt.is_given, receipt.votes) == (False, 2)
    assert (await showcase.vote(caller(BOB), request.id)).votes == 3
    assert await may_be(counter, request)


async def test_after_a_restore_a_forward_that_may_stand_already_is_searched_for_first(
    counter: Counter,
) -> None:
    before, unfinished = await posted(counter), await posted(counter, message_id=501)
    await vote(counter, before, BOB, VOTER)
    counter.now_ms += 1_000
    async with counter.database.transaction() as tx:
        await park_restored(tx, (), counter.now_ms)
        # posted since the copy, and found in its channel after the restore
        await requests.note(tx, unfinished.id, source=State.POSTED, owner=None, restored_after_id=7)
    counter.now_ms += 1_000
    since = await posted(counter, message_id=502)
    for request in (before, unfinished, since):
        await vote(counter, request, VOTER + 2, VOTER + 3, VOTER + 4)
    found = [await forward_of(counter, request) for request in (before, unfinished, since)]
    # the forward can only stand behind what it forwards
    assert [(each.intent_at_ms, each.after_id) for each in found if each] == [
        (counter.now_ms, 500),
        (counter.now_ms, 501),
        (0, 0),
    ]


async def test_nobody_votes_for_their_own_or_what_is_no_video_here(counter: Counter) -> None:
    request, showcase = await posted(counter), service(counter)
    with pytest.raises(NotAllowed, match="refused-vote-own"):
        await showcase.vote(caller(ALICE), request.id)
    for who, request_id in (
        (caller(BOB), "forged"),
        (caller(BOB, guild_id=GUILD + 1), request.id),
        (caller(BOB), (await counter.ask(caller(BOB))).request.id),
        (caller(BOB, channel_id=99), request.id),
    ):
        if who.guild_id != GUILD:
            async with counter.database.transaction() as tx:
                await tx.execute(
                    "INSERT INTO servers (guild_id, settings, joined_at_ms) VALUES (:id, :set, 0)",
                    {"id": who.guild_id, "set": '{"showcase_channel": 5}'},
                )
        with pytest.raises(UserError, match="refused-not-a-video"):
            await showcase.vote(who, request_id)
    counter.now_ms += VOTING_DAYS * DAY_MS + 1
    with pytest.raises(UserError, match="refused-vote-late"):
        await showcase.vote(caller(BOB), request.id)
    await counter.configure(showcase_channel=None)
    with pytest.raises(UserError, match="refused-no-showcase"):
        await showcase.vote(caller(BOB), request.id)


async def test_what_is_in_private_or_hidden_is_not_forwarded(counter: Counter) -> None:
    private, hidden = await posted(counter), await posted(counter, message_id=501)
    spoiler = await posted(counter, message_id=502, is_spoiler=True)
    reports = ReportService(counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None)
    await reports.report(caller(BOB), "spam", request_id=hidden.id)
    for number in range(3):
        who = caller(VOTER + number, is_private_thread=True)
        await service(counter).vote(who, private.id)
        await vote(counter, hidden, VOTER + number)
        await vote(counter, spoiler, VOTER + number)
    for request in (private, hidden, spoiler):
        assert await forward_of(counter, request) is None
        assert not await may_be(counter, request)
    assert [each.request_id for each in await service(counter).top(caller(), 30)] == [spoiler.id]


async def test_hiding_a_video_has_its_forward_looked_at_and_ends_its_standing(
    counter: Counter,
) -> None:
    request = await posted(counter)
    await vote(counter, request, BOB, VOTER, VOTER + 1)
    assert await may_be(counter, request)
    reports = ReportService(counter.database, clock=lambda: counter.now_ms, wakeup=lambda: None)
    counter.now_ms += 1
    await reports.report(caller(BOB), "spam", request_id=request.id)
    assert not await may_be(counter, request)
    assert (await entry_of(counter, request)).due_at_ms == counter.now_ms


async def test_a_moderator_takes_a_video_out_for_good(counter: Counter) -> None:
    request, showcase = await posted(counter), service(counter)
    await vote(counter, request, BOB, VOTER)
    assert not await showcase.may_take_out(moderator(), request)
    with pytest.raises(UserError, match="refused-not-in-showcase"):
        await showcase.take_out(moderator(), request.id)
    await vote(counter, request, VOTER + 1)
    assert not await showcase.may_take_out(caller(BOB), request)
    with pytest.raises(NotAllowed, match="refused-moderators-only"):
        await showcase.take_out(caller(BOB), request.id)
    assert await showcase.may_take_out(moderator(), request)
    await showcase.take_out(moderator(), request.id)
    assert not await may_be(counter, request)
    assert await showcase.top(caller(), 30) == []
    async with counter.database.reading() as tx:
        (decision,) = await audit_log.page(tx, GUILD, limit=9)
    assert (decision.action, decision.user_id) == (Action.SHOWCASE_REMOVED, ALICE)
    with pytest.raises(UserError, match="refused-not-in-showcase"):
        await showcase.take_out(moderator(), request.id)


async def test_the_best_are_listed_by_votes_within_the_days(counter: Counter) -> None:
    old = await posted(counter, message_id=1)
    await vote(counter, old, BOB, VOTER, VOTER + 1)
    counter.now_ms += 10 * DAY_MS
    first, second = await posted(counter, message_id=2), await posted(counter, message_id=3)
    restricted = await posted(counter, message_id=4)
    await vote(counter, second, BOB, VOTER)
    await vote(counter, first, BOB)
    await service(counter).vote(caller(BOB, is_nsfw=True), restricted.id)
    showcase = service(counter)
    found = await showcase.top(caller(), 7)
    assert [(each.request_id, each.votes) for each in found] == [(second.id, 2), (first.id, 1)]
    assert found[0].url == f"https://discord.com/channels/{GUILD}/20/3"
    assert [each.votes for each in await showcase.top(caller(), 30)] == [3, 2, 1]
    assert len(await showcase.top(caller(is_nsfw=True), 7)) == 3
    assert await showcase.top(caller(guild_id=GUILD + 1), 30) == []


async def test_the_best_of_a_month_are_enqueued_once(counter: Counter) -> None:
    requests = [await posted(counter, message_id=n + 1) for n in range(6)]
    for number, request in enumerate(requests):
        await vote(counter, request, *range(VOTER, VOTER + number + 1))
    since, until = month_before(counter.now_ms)
    assert (since.day, until.day) == (1, 1)
    counter.now_ms += 40 * DAY_MS
    await counter.configure(showcase_monthly=True)
    for _ in range(2):
        async with counter.database.transaction() as tx:
            await enqueue_monthly(tx, GUILD, counter.now_ms)
    async with counter.database.reading() as tx:
        rows = await tx.fetch_all("SELECT * FROM outbox WHERE id LIKE 'showcase:%'")
    month = f"{month_before(counter.now_ms)[0]:%Y-%m}"
    ((row),) = rows
    assert (row["id"], row["channel_id"]) == (f"showcase:{GUILD}:{month}", SHOWCASE)
    assert row["body"].count("⭐") == 5
    assert "/20/1" not in row["body"]


async def test_a_deleted_members_votes_go_and_counts_stay_right(counter: Counter) -> None:
    request = await posted(counter)
    await vote(counter, request, BOB, VOTER)
    mine = MyDataService(
        counter.database,
        clock=lambda: counter.now_ms,
        wakeup=lambda: None,
        erased=lambda: None,
    )
    exported = (await mine.export(caller(BOB))).data.decode()
    assert '"votes"' in exported
    assert request.id in exported
    await mine.delete(caller(BOB))
    assert '"votes"' not in (await mine.export(caller(BOB))).data.decode()
    entry = await entry_of(counter, request)
    assert (entry.votes, entry.due_at_ms) == (1, 0)
    # the requester's own deletion takes the whole entry with it
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    async with counter.database.reading() as tx:
        assert await entries.get(tx, request.id) is None
        assert await votes.voted_for(tx, VOTER, limit=9) == []


async def test_a_deleted_requesters_forward_is_taken_down_like_their_messages(
    counter: Counter,
) -> None:
    request = await posted(counter)
    await vote(counter, request, BOB, VOTER, VOTER + 1)
    forward = await forward_of(counter, request)
    assert forward is not None
    await forget_member(counter.database, ALICE, lambda: counter.now_ms)
    forward = await forward_of(counter, request)
    assert forward is not None
    assert forward.state is OutboxState.DROPPED
    assert forward.user_id < 0


async def test_votes_go_with_their_server_and_after_the_time_for_voting(counter: Counter) -> None:
    request = await posted(counter)
    await vote(counter, request, BOB, VOTER)
    async with counter.database.transaction() as tx:
        assert not await votes.drop_old(tx, counter.now_ms, limit=9)
        assert await votes.drop_old(tx, counter.now_ms + 1, limit=9)
        assert not await votes.drop_old(tx, counter.now_ms + 1, limit=9)
    assert (await entry_of(counter, request)).votes == 2
    await vote(counter, request, BOB)
    await forget_server(counter.database, GUILD, lambda: counter.now_ms)
    async with counter.database.reading() as tx:
        assert await entries.get(tx, request.id) is None
        assert await votes.voted_for(tx, BOB, limit=9) == []


@on_postgres
async def test_a_vote_that_goes_with_its_members_data_is_taken_back_once(
    counter: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = await posted(counter)
    await vote(counter, request, BOB, VOTER, VOTER + 1)

    async def withdraw() -> None:
        async with counter.database.transaction() as tx:
            await entries.withdraw_votes(tx, BOB, limit=9)

    meanwhile = Meanwhile(monkeypatch, (votes, "add"), withdraw, counter.database)
    await service(counter).vote(caller(BOB), request.id)
    assert await meanwhile.outcome() is None
    assert (await entry_of(counter, request)).votes == 2
