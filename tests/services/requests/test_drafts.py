"""Above the server's price a request waits for its member's word, and takes nothing until then."""

import asyncio

import pytest

from bot.errors import NotAllowed, QuotaExceeded, TooLate, UnknownVideo, UserError
from bot.services.requests.drafts import DRAFT_MS, MOST_DRAFTS
from storage.engine.transaction import Database
from storage.records import MessageKind, State
from storage.requests import outbox, requests
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import BOB, GUILD, NOW_MS, Counter, caller

DEAR = 500_000


async def drafted(counter: Counter, above: str = "0.49") -> str:
    await counter.configure(confirm_above=above)
    receipt = await counter.ask()
    assert receipt.request.state is State.DRAFT
    return receipt.request.id


async def has_card(database: Database, request_id: str) -> bool:
    async with database.reading() as tx:
        messages = await outbox.of_request(tx, request_id)
    return any(message.kind is MessageKind.CARD for message in messages)


@pytest.mark.parametrize(
    ("above", "state"),
    [("0.5", State.QUEUED), ("0.499999", State.DRAFT), ("0", State.DRAFT), ("", State.QUEUED)],
)
async def test_only_what_costs_more_than_the_servers_price_waits(
    open_counter: OpenCounter, above: str, state: State
) -> None:
    counter = open_counter()
    await counter.configure(confirm_above=above)
    assert (await counter.ask()).request.state is state
    assert (await counter.ask(model="seedance2.0-std")).request.state is State.QUEUED


async def test_a_draft_takes_no_quota_and_shows_no_card(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=1)
    request_id = await drafted(counter)
    assert (await counter.allowances.show(caller())).left.videos == 1
    assert not await has_card(counter.database, request_id)
    assert await counter.differences() == []


async def test_confirming_reserves_and_queues_once_however_often_it_is_pressed(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=2)
    request_id = await drafted(counter)
    counter.now_ms += 60_000
    receipts = await asyncio.gather(
        *(counter.drafts.confirm(caller(), request_id, shown_micros=DEAR) for _ in range(6))
    )
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert {receipt.request.state for receipt in receipts} == {State.QUEUED}
    shown = await counter.allowances.show(caller())
    assert (shown.left.videos, shown.under_way) == (1, 1)
    # it counts from the moment at which it was reserved
    assert shown.meters[0].frees_at_ms == counter.now_ms + 24 * 60 * 60_000
    assert await has_card(counter.database, request_id)
    assert (await counter.request(request_id)).due_at_ms == counter.now_ms
    assert await counter.differences() == []


async def test_drafts_confirmed_at_once_never_pass_the_limit(open_counter: OpenCounter) -> None:
    counter = open_counter(member_videos=2)
    ids = [await drafted(counter) for _ in range(MOST_DRAFTS)]
    outcomes = await asyncio.gather(
        *(counter.drafts.confirm(caller(), each, shown_micros=DEAR) for each in ids),
        return_exceptions=True,
    )
    assert sum(isinstance(outcome, QuotaExceeded) for outcome in outcomes) == MOST_DRAFTS - 2
    assert await counter.count(State.QUEUED) == 2
    assert await counter.count(State.DRAFT) == MOST_DRAFTS - 2


async def test_only_its_member_confirms_a_draft(open_counter: OpenCounter) -> None:
    counter = open_counter()
    request_id = await drafted(counter)
    with pytest.raises(NotAllowed):
        await counter.drafts.confirm(caller(BOB), request_id, shown_micros=DEAR)
    with pytest.raises(UnknownVideo):
        await counter.drafts.confirm(caller(guild_id=GUILD + 1), request_id, shown_micros=DEAR)
    with pytest.raises(UnknownVideo):
        await counter.drafts.confirm(caller(), "nothing2here", shown_micros=DEAR)


async def test_a_draft_is_over_after_a_quarter_of_an_hour(open_counter: OpenCounter) -> None:
    counter = open_counter()
    request_id = await drafted(counter)
    counter.now_ms = NOW_MS + DRAFT_MS
    with pytest.raises(TooLate):
        await counter.drafts.confirm(caller(), request_id, shown_micros=DEAR)


async def test_a_price_that_has_risen_is_shown_before_it_is_paid(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request_id = await drafted(counter)
    async with counter.database.transaction() as tx:
        await requests.note(tx, request_id, source=State.DRAFT, owner=None, cost_micros=DEAR + 1)
    receipt = await counter.drafts.confirm(caller(), request_id, shown_micros=DEAR)
    assert receipt.request.state is State.DRAFT
    receipt = await counter.drafts.confirm(caller(), request_id, shown_micros=DEAR + 1)
    assert receipt.request.state is State.QUEUED


async def test_a_draft_that_quota_would_refuse_is_refused_at_once(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=0)
    await counter.configure(confirm_above="0")
    with pytest.raises(QuotaExceeded):
        await counter.ask()
    assert await counter.count() == 0


async def test_what_the_server_no_longer_allows_is_not_confirmed(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    request_id = await drafted(counter)
    await counter.configure(models=["seedance2.0-std"])
    with pytest.raises(NotAllowed):
        await counter.drafts.confirm(caller(), request_id, shown_micros=DEAR)
    assert (await counter.request(request_id)).state is State.DRAFT


async def test_a_member_keeps_only_so_many_drafts(open_counter: OpenCounter) -> None:
    counter = open_counter()
    for _ in range(MOST_DRAFTS):
        await drafted(counter)
    with pytest.raises(UserError, match="refused-drafts"):
        await counter.ask()
    await counter.ask(caller(BOB))
