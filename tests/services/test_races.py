"""What two members, moderators or processes do at the same moment, one interleaving each."""

import asyncio
from functools import partial

import pytest

from bot.errors import UserError
from bot.services.moderation.decision_effects import take_effect
from bot.services.moderation.reviews import Verdict
from bot.services.privacy import erasure as privacy
from bot.services.quotas.admin import Member
from bot.services.requests.drafts import MOST_DRAFTS
from bot.services.stats.daily_counts import count_days
from storage.durations import DAY_MS
from storage.engine.transaction import Database
from storage.moderation import reviews
from storage.privacy import erasure, message_mentions, typed_text
from storage.privacy.pseudonyms import pseudonym_of
from storage.quotas import ledger, quotas
from storage.quotas.ledger_records import Account
from storage.records import Request, State
from storage.requests import outbox, requests
from storage.stats import daily_counts
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, GUILD, Counter, caller, moderator
from tests.storage.make import make_message
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile, ended_or_waits

VARIATIONS = "a {red|green|blue} fox"


async def queued(counter: Counter) -> Request:
    made = (await counter.ask()).request
    await counter.service.answered(made.id, is_seen=True)
    return await counter.request(made.id)


async def spec_of(counter: Counter, request: Request) -> str:
    return (await counter.request(request.id)).spec


@on_postgres
async def test_a_price_that_rises_as_it_is_confirmed_waits_for_the_confirmation(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    group = (await counter.ask(prompt=VARIATIONS)).group
    shown = sum(each.cost_micros or 0 for each in group)

    async def rise() -> None:
        async with counter.database.transaction() as tx:
            await requests.note(
                tx, group[2].id, source=State.DRAFT, owner=None, cost_micros=9 * shown
            )

    meanwhile = Meanwhile(monkeypatch, (requests, "variations_of"), rise, counter.database)
    receipt = await counter.drafts.confirm(caller(), group[0].id, shown_micros=shown)
    assert receipt.is_new
    # it is a draft no more
    assert "no longer" in str(await meanwhile.outcome())
    async with counter.database.reading() as tx:
        taken = [entry for each in group for entry in await ledger.entries_of(tx, each.id)]
    assert sum(each.cost_micros for each in taken if each.account is Account.COST) == shown


@on_postgres
async def test_no_more_drafts_are_kept_than_a_member_may_have(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    for _ in range(MOST_DRAFTS - 1):
        await counter.ask(prompt=VARIATIONS)
    ask = partial(counter.ask, prompt=VARIATIONS)
    meanwhile = Meanwhile(monkeypatch, (requests, "count_drafts"), ask, counter.database)
    assert (await ask()).is_new
    outcome = await meanwhile.outcome()
    assert isinstance(outcome, UserError)
    assert outcome.key == "refused-drafts"
    async with counter.database.reading() as tx:
        assert await requests.count_drafts(tx, GUILD, ALICE) == MOST_DRAFTS


@pytest.mark.parametrize("whose", ["member", "server"])
async def test_a_request_made_while_the_data_is_deleted_is_cancelled_and_erased(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch, whose: str
) -> None:
    counter, made = open_counter(), list[Request]()
    name = "_rename" if whose == "member" else "_clear"
    goes_on = getattr(privacy, name)

    async def after_one_more(*given: object) -> None:
        """What is on its way has been cancelled, and the rows are about to be renamed."""
        made.append(await queued(counter))
        await goes_on(*given)

    monkeypatch.setattr(privacy, name, after_one_more)
    if whose == "member":
        await privacy.forget_member(counter.database, ALICE, lambda: counter.now_ms)
    else:
        await privacy.forget_server(counter.database, GUILD, lambda: counter.now_ms)
    now = await counter.request(made[0].id)
    assert (now.state, now.user_id < 0) == (State.CANCELLED, True)
    assert "a fox" not in now.spec
    assert await counter.differences() == []
    async with counter.database.reading() as tx:
        entries_left = await ledger.entries_of(tx, now.id)
    assert sum(entry.videos for entry in entries_left if entry.account is Account.COUNT) == 0


@on_postgres
async def test_what_is_appealed_against_as_it_grows_too_old_keeps_its_prompt(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    await counter.configure(review_channel=5, review="prompt", retention_days=30)
    request = (await counter.ask()).request
    await counter.reviews.decide(moderator(), request.id, 1, Verdict.REJECT)
    counter.now_ms += 40_000
    async with counter.database.transaction() as tx:
        (review,) = await reviews.of_request(tx, request.id)
        await take_effect(tx, review, counter.now_ms)
    counter.now_ms += 2 * DAY_MS
    meanwhile = Meanwhile(
        monkeypatch,
        (erasure, "ended_before"),
        lambda: counter.appeals.appeal(caller(), request.id, "please"),
        counter.database,
    )
    await privacy.erase_old(
        counter.database, GUILD, before_ms=counter.now_ms - DAY_MS, clock=lambda: counter.now_ms
    )
    assert (await meanwhile.outcome()).appeal == "please"
    assert "a fox" in await spec_of(counter, request)


@on_postgres
async def test_a_message_that_names_two_members_loses_both_when_both_are_deleted(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, first, second = open_counter(), 700_000_000_000_000_001, 700_000_000_000_000_002
    body = f'{{"text": "log-quota", "params": {{"subject": "<@{first}>", "by": "{second}"}}}}'
    async with counter.database.transaction() as tx:
        # the first one of all is waited for
        await pseudonym_of(tx, ALICE)
        await outbox.enqueue(tx, make_message(id="line", user_id=0, body=body))

    async def rename(user_id: int) -> None:
        async with counter.database.transaction() as tx:
            pseudonym = await pseudonym_of(tx, user_id)
            await message_mentions.rename(tx, user_id, pseudonym, limit=9)

    meanwhile = Meanwhile(
        monkeypatch, (typed_text, "withdraw_notices"), lambda: rename(second), counter.database
    )
    await rename(first)
    assert await meanwhile.outcome() is None
    async with counter.database.reading() as tx:
        line = await outbox.get(tx, "line")
    assert line is not None
    assert str(first) not in line.body
    assert str(second) not in line.body


async def ended(counter: Counter) -> Request:
    request = await queued(counter)
    await counter.service.cancel(caller(), request.id)
    return await counter.request(request.id)


async def ends(database: Database) -> int:
    async with database.reading() as tx:
        return (await daily_counts.requests_by_state(tx)).get("cancelled", 0)


@on_postgres
async def test_two_workers_count_a_day_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await ended(counter)
    counter.now_ms += 5 * DAY_MS
    await asyncio.gather(*(count_days(counter.database, counter.now_ms) for _ in range(4)))
    assert await ends(counter.database) == 1


@on_postgres
async def test_what_goes_on_as_its_day_is_counted_is_taken_out_of_it(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request = await ended(counter)

    async def go_on() -> None:
        async with counter.database.transaction() as tx:
            await requests.lock(tx, request.id)
            await daily_counts.take_out(tx, request)

    async with counter.database.transaction() as tx:
        assert await daily_counts.count_ended(tx, last=request.ended_at_ms // DAY_MS)
        task = asyncio.create_task(go_on())
        await ended_or_waits(task, counter.database)
    await task
    assert await ends(counter.database) == 0


@on_postgres
async def test_a_grant_that_two_processes_give_is_given_once_and_says_so_twice(
    open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, who = open_counter(member_videos=3, server_videos=5), moderator()
    grant = partial(counter.allowances.grant, who, Member(BOB), 2)
    meanwhile = Meanwhile(monkeypatch, (quotas, "grant_of"), grant, counter.database)
    mine, others = await grant(), await meanwhile.outcome()
    assert mine.grant == others.grant
    assert mine.grant.videos == 2
