"""Confirming a series: its shots and their quota go together, whoever presses meanwhile."""

import asyncio

import pytest

from bot.errors import QuotaExceeded
from bot.services.caller import Receipt
from storage.records import MessageKind, State
from storage.requests import series
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter, caller
from tests.services.series.shooting import DEAR, drafted, kinds, left
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile


async def test_confirming_takes_the_quota_of_all_shots_or_of_none(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter(member_videos=5)
    first, second = await drafted(counter), await drafted(counter)
    outcomes = await asyncio.gather(
        *(
            counter.drafts.confirm(caller(), each.request.id, shown_micros=DEAR)
            for each in (first, second, first, second)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(each, QuotaExceeded) for each in outcomes) == 2
    assert await left(counter) == 2
    assert await counter.differences() == []
    with pytest.raises(QuotaExceeded):
        await drafted(open_counter(member_videos=2))


async def test_presses_at_once_confirm_once(open_counter: OpenCounter) -> None:
    counter = open_counter()
    made = await drafted(counter)
    done = await asyncio.gather(
        *(counter.drafts.confirm(caller(), made.request.id, shown_micros=DEAR) for _ in range(6))
    )
    assert sum(receipt.is_new for receipt in done) == 1
    assert {receipt.request.state for receipt in done} == {State.QUEUED}
    assert {len(receipt.group) for receipt in done} == {3}
    assert await kinds(counter, done[0].request) == [MessageKind.CARD]
    assert [await kinds(counter, each) for each in done[0].group] == [[], [], []]


@on_postgres
async def test_a_press_while_another_moves_the_shots_waits_for_it(
    open_counter: OpenCounter, open_another: OpenAnother, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter, elsewhere = open_counter(), open_counter(await open_another())
    made = await drafted(counter)

    async def confirm(by: Counter) -> Receipt:
        return await by.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)

    other = Meanwhile(
        monkeypatch, (series, "shots_of"), lambda: confirm(elsewhere), counter.database
    )
    mine = await confirm(counter)
    others = await other.outcome()
    assert (mine.is_new, others.is_new) == (True, False)
    assert {len(receipt.group) for receipt in (mine, others)} == {3}
