"""Limits hold in the transaction that records; a refusal says which one, and until when."""

import asyncio
from typing import Any

import pytest

from bot.errors import NotAllowed, QuotaExceeded, UserError
from bot.services.quotas.admin import Member, Subject
from bot.services.quotas.limits import Period, Scope, Unit, next_month_ms
from storage.engine.transaction import Database
from storage.records import MessageKind, OutboxMessage, State
from storage.requests import outbox
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import (
    ALICE,
    BOB,
    DAY_MS,
    GUILD,
    MODERATOR,
    NOW_MS,
    Counter,
    caller,
    manager,
    moderator,
)

SP = "seedance2.0-sp"


async def refused(counter: Counter, *args: Any, **fields: Any) -> dict[str, str | int]:
    with pytest.raises(QuotaExceeded) as refusal:
        await counter.ask(*args, **fields)
    return refusal.value.params


async def limit(
    counter: Counter, subject: Subject, amount: str, unit: str = "videos", period: str = "day"
) -> None:
    await counter.allowances.set_limit(manager(), subject, amount, Unit(unit), Period(period))


async def messages(database: Database, kind: MessageKind) -> list[OutboxMessage]:
    async with database.reading() as tx:
        rows = await tx.fetch_all("SELECT id FROM outbox WHERE kind = :kind", {"kind": kind.value})
        found = [await outbox.get(tx, row["id"]) for row in rows]
    return sorted(
        (message for message in found if message is not None), key=lambda message: message.id
    )


@pytest.mark.usefixtures("patient_pool")
async def test_sixty_four_at_once_with_ten_left_make_exactly_ten(
    open_counter: OpenCounter, open_another: OpenAnother
) -> None:
    here = open_counter(member_videos=10)
    there = open_counter(on=await open_another(), member_videos=10)
    tries = [(here, there)[number % 2].ask() for number in range(64)]
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    taken = [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]
    assert len(taken) == 10
    assert await here.count() == 10
    assert all(isinstance(outcome, QuotaExceeded) for outcome in outcomes if outcome not in taken)
    assert sorted(receipt.left or 0 for receipt in taken) == list(range(10))
    assert await here.differences() == []


@pytest.mark.parametrize(
    ("limits", "scope"),
    [
        ({"member_videos": 2}, "default"),
        ({"server_videos": 2}, "server"),
        ({"bot_videos": 2}, "bot"),
    ],
)
async def test_a_refusal_names_limit_use_and_the_moment_of_the_next(
    open_counter: OpenCounter, limits: dict[str, int], scope: str
) -> None:
    counter = open_counter(**limits)
    await counter.ask()
    counter.now_ms += 1_000
    await counter.ask()
    counter.now_ms += 1_000
    told = await refused(counter)
    assert told == {
        "scope": scope,
        "unit": "videos",
        "period": "day",
        "limit": "2",
        "used": "2",
        "needed": "1",
        "role": "0",
        "frees_ms": NOW_MS + DAY_MS,
    }
    counter.now_ms = NOW_MS + DAY_MS - 1
    await refused(counter)
    counter.now_ms += 1
    await counter.ask()
    await refused(counter)


async def test_members_and_servers_have_counts_of_their_own(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=1, bot_videos=3)
    await counter.ask()
    await counter.ask(caller(BOB))
    await counter.ask(caller(guild_id=11))
    assert (await refused(counter, caller(guild_id=12)))["scope"] == "bot"


async def test_the_lower_of_the_servers_two_ceilings_holds(open_counter: OpenCounter) -> None:
    counter = open_counter(server_videos=2)
    await counter.configure(server_daily=1)
    await counter.ask()
    assert (await refused(counter, caller(BOB)))["limit"] == "1"
    await counter.configure(server_daily=5)
    await counter.ask(caller(BOB))
    assert (await refused(counter))["limit"] == "2"


async def test_seconds_are_counted_and_a_video_longer_than_all_of_them_is_told_so(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await limit(counter, Subject(Scope.EVERYONE), "12", "seconds")
    receipt = await counter.ask(duration=8)
    assert receipt.left_seconds == 4
    told = await refused(counter, duration=5)
    assert (told["used"], told["needed"], told["frees_ms"]) == ("8", "5", NOW_MS + DAY_MS)
    assert (await refused(counter, duration=13))["frees_ms"] == 0
    await counter.ask(duration=4)


async def test_cost_is_counted_by_the_calendar_month(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await limit(counter, Subject(Scope.MEMBER, ALICE), "1.20", "cost", "month")
    assert (await counter.ask(model=SP, duration=8, resolution="720p")).left_micros == 400_000
    told = await refused(counter)
    assert told == {
        "scope": "member",
        "unit": "cost",
        "period": "month",
        "limit": "1.2",
        "used": "0.8",
        "needed": "0.5",
        "role": "0",
        "frees_ms": next_month_ms(NOW_MS),
    }
    await counter.ask(model=SP, duration=4, resolution="720p")
    counter.now_ms = next_month_ms(NOW_MS)
    await counter.ask()


async def test_the_best_role_counts_and_the_refusal_names_it(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=10)
    await limit(counter, Subject(Scope.ROLE, 71), "1")
    await limit(counter, Subject(Scope.ROLE, 72), "2")
    both: dict[str, Any] = {"role_ids": (GUILD, 71, 72)}
    await counter.ask(caller(**both))
    await counter.ask(caller(**both))
    told = await refused(counter, caller(**both))
    assert (told["scope"], told["role"], told["limit"]) == ("role", "72", "2")
    assert (await refused(counter, caller(role_ids=(71,))))["role"] == "71"
    await limit(counter, Subject(Scope.ROLE, 71), "unlimited")
    await counter.ask(caller(**both))


async def test_none_takes_nothing_and_default_brings_the_usual_limit_back(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1)
    alice = Subject(Scope.MEMBER, ALICE)
    await limit(counter, alice, "0")
    assert (await refused(counter))["limit"] == "0"
    await limit(counter, alice, "default")
    await counter.ask()
    await refused(counter)
    await limit(counter, alice, "unlimited")
    await counter.ask()


async def test_a_limit_of_no_cost_takes_not_even_what_has_no_price(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await limit(counter, Subject(Scope.EVERYONE), "0", "cost")
    await refused(counter, model="seedance2.0-std")


async def test_only_managers_set_limits(open_counter: OpenCounter) -> None:
    counter = open_counter()
    for who in (caller(), moderator()):
        with pytest.raises(NotAllowed):
            await counter.allowances.set_limit(
                who, Subject(Scope.EVERYONE), "5", Unit.VIDEOS, Period.DAY
            )


async def test_extra_videos_are_for_a_day_and_say_when_they_end(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1, server_videos=100)
    await counter.ask()
    given = await counter.allowances.grant(moderator(), Member(ALICE), 2)
    assert given.grant.until_ms == NOW_MS + DAY_MS
    await counter.ask()
    await counter.ask()
    told = await refused(counter)
    assert (told["limit"], told["used"]) == ("3", "3")
    # by then the first three are over, and so are the extra ones
    assert told["frees_ms"] == NOW_MS + DAY_MS
    counter.now_ms = NOW_MS + DAY_MS
    await counter.ask()
    assert (await refused(counter))["limit"] == "1"


async def test_nobody_gives_to_themselves_and_only_moderators_give(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1)
    with pytest.raises(NotAllowed, match="refused-grant-self"):
        await counter.allowances.grant(moderator(), Member(MODERATOR), 1)
    with pytest.raises(NotAllowed, match="refused-moderators-only"):
        await counter.allowances.grant(caller(), Member(BOB), 1)
    with pytest.raises(NotAllowed, match="refused-reset-self"):
        await counter.allowances.reset(moderator(), MODERATOR)
    with pytest.raises(NotAllowed, match="refused-moderators-only"):
        await counter.allowances.reset(caller(), BOB)
    with pytest.raises(NotAllowed, match="refused-moderators-only"):
        await counter.allowances.show(caller(), Member(BOB))
    await counter.configure(moderator_role=77)
    await counter.allowances.grant(caller(role_ids=(77,)), Member(BOB), 1)


async def test_no_grant_goes_past_the_servers_ceiling(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=2, server_videos=5)
    given = await counter.allowances.grant(moderator(), Member(ALICE), 50)
    assert (given.grant.videos, given.asked, given.ceiling) == (3, 50, 5)
    with pytest.raises(UserError, match="refused-grant-ceiling") as refusal:
        await counter.allowances.grant(moderator(), Member(ALICE), 1)
    assert (refusal.value.params["limit"], refusal.value.params["may"]) == (5, 5)
    for _ in range(5):
        await counter.ask()
    assert (await refused(counter))["scope"] == "default"
    assert (await refused(counter, caller(BOB)))["scope"] == "server"


async def test_a_doubled_event_gives_once(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=1, server_videos=100)
    who = moderator()
    both = await asyncio.gather(
        *(counter.allowances.grant(who, Member(ALICE), 2) for _ in range(2))
    )
    assert both[0] == both[1]
    assert (await counter.allowances.show(moderator(), Member(ALICE))).left.videos == 3


async def test_a_reset_starts_the_count_anew_and_takes_nothing_out_of_the_ledger(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1, server_videos=3)
    await limit(counter, Subject(Scope.EVERYONE), "10", "seconds", "month")
    await counter.ask()
    await refused(counter)
    assert await counter.allowances.reset(moderator(), ALICE)
    counter.now_ms += 1
    await counter.ask()
    assert (await refused(counter))["scope"] == "default"
    await counter.allowances.reset(moderator(), ALICE)
    counter.now_ms += 1
    await counter.ask()
    await counter.allowances.reset(moderator(), ALICE)
    counter.now_ms += 1
    assert (await refused(counter))["scope"] == "server"
    assert await counter.differences() == []


async def test_so_many_at_once_and_no_more(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(at_once=2)
    outcomes = await asyncio.gather(*(counter.ask() for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(outcome, NotAllowed) for outcome in outcomes) == 6
    first = next(each for each in outcomes if not isinstance(each, BaseException))
    await counter.service.cancel(caller(), first.request.id)
    await counter.ask()
    await counter.ask(caller(BOB))
    with pytest.raises(NotAllowed) as refusal:
        await counter.ask()
    assert refusal.value.params == {"active": 2, "limit": 2}


async def test_a_cool_down_runs_from_one_request_to_the_next(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await counter.configure(cooldown=60)
    await counter.ask()
    counter.now_ms += 59_999
    with pytest.raises(NotAllowed) as refusal:
        await counter.ask()
    assert refusal.value.params == {"seconds": 60, "frees_ms": NOW_MS + 60_000}
    await counter.ask(caller(BOB))
    counter.now_ms += 1
    await counter.ask()


async def test_a_budget_warns_once_at_eighty_percent_and_refuses_at_a_hundred(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(
        server_budget=2_500_000, bot_budget=3_000_000, currency="USD", owner_ids=(5, 6)
    )
    await counter.configure(log_channel=44)
    for _ in range(3):
        await counter.ask()
    assert await messages(counter.database, MessageKind.LOG) == []
    await counter.ask()
    warned = await messages(counter.database, MessageKind.LOG)
    assert len(warned) == 1
    assert '"used_micros": 2000000' in warned[0].body
    await counter.ask()
    told = await refused(counter)
    assert (told["scope"], told["unit"], told["period"]) == ("server", "cost", "month")
    assert told["frees_ms"] == next_month_ms(NOW_MS)
    assert len(await messages(counter.database, MessageKind.LOG)) == 2
    assert [
        message.user_id for message in await messages(counter.database, MessageKind.DIRECT)
    ] == [5, 6]
    await counter.ask(caller(guild_id=11))
    assert (await refused(counter, caller(guild_id=12)))["scope"] == "bot"
    assert len(await messages(counter.database, MessageKind.DIRECT)) == 2
    counter.now_ms = next_month_ms(NOW_MS)
    await counter.ask()


async def test_a_database_that_cannot_be_asked_never_means_yes(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=1)
    await counter.database.close()
    with pytest.raises(UserError, match="refused-try-again"):
        await counter.ask()


async def test_an_allowance_shows_use_source_and_what_is_under_way(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=3, server_videos=100)
    await counter.configure(cooldown=10, at_once=4)
    await limit(counter, Subject(Scope.ROLE, 71), "5")
    await counter.allowances.grant(moderator(), Member(ALICE, (71,)), 1)
    await counter.ask(caller(role_ids=(71,)))
    shown = await counter.allowances.show(caller(role_ids=(71,)))
    meter = shown.meters[0]
    assert (meter.used, meter.left, meter.limit.total) == (1, 5, 6)
    assert (meter.limit.scope, meter.limit.subject_id) == (Scope.ROLE, 71)
    assert meter.frees_at_ms == NOW_MS + DAY_MS
    assert (shown.under_way, shown.at_once, shown.ready_ms) == (1, 4, NOW_MS + 10_000)
    assert [grant.videos for grant in shown.grants] == [1]
    assert shown.left.videos == 5
    assert await counter.count(State.QUEUED) == 1
