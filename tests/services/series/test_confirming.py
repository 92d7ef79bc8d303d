"""Confirming a series: its shots and their quota go together, whoever presses meanwhile."""

import asyncio

import pytest

from bot.errors import QuotaExceeded
from bot.services.caller import Receipt
from storage.engine.transaction import Transaction
from storage.records import MessageKind, Request, State
from storage.requests import series
from tests.conftest import OpenAnother
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import Counter, caller
from tests.services.series.shooting import DEAR, drafted, kinds, left
from tests.support.dialects import on_postgres
from tests.support.row_locks import ended_or_waits


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
    shots_of, others = series.shots_of, list[asyncio.Task[Receipt]]()

    async def interrupted(tx: Transaction, series_id: str) -> list[Request]:
        """The shots as they are read after another press had its time."""
        found = await tx.fetch_one("SHOW transaction_read_only") or {}
        if not others and found["transaction_read_only"] == "off":
            others.append(asyncio.create_task(confirm(elsewhere)))
            await ended_or_waits(others[0], counter.database)
        return await shots_of(tx, series_id)

    async def confirm(by: Counter) -> Receipt:
        return await by.drafts.confirm(caller(), made.request.id, shown_micros=DEAR)

    monkeypatch.setattr(series, "shots_of", interrupted)
    mine = await confirm(counter)
    others_receipt = await others[0]
    assert (mine.is_new, others_receipt.is_new) == (True, False)
    assert {len(receipt.group) for receipt in (mine, others_receipt)} == {3}
