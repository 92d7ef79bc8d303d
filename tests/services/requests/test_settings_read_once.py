"""A transaction reads its server's settings once and hands them on."""

from pathlib import Path

import pytest

from bot.services.moderation.reports import ReportService
from bot.services.moderation.reviews import Verdict
from storage.engine.transaction import Database
from storage.records import State
from tests.services.quotas.counter import (
    ALICE,
    BOB,
    Counter,
    caller,
    catalogue,
    moderator,
)
from tests.support.statements import by_transaction

SETTINGS = {
    "review": "prompt",
    "review_channel": 5,
    "log_channel": 6,
    "moderator_role": 7,
    "default_model": "seedance2.0-fast-i2v",
    "cooldown": 1,
    "at_once": 9,
    "server_daily": 50,
    "hold_links": True,
    "report_threshold": 1,
}


@pytest.fixture
async def counter(database: Database, tmp_path: Path) -> Counter:
    counter = Counter(database, catalogue(tmp_path), tmp_path)
    await counter.configure(**SETTINGS)
    return counter


def settings_reads(transaction: list[str]) -> int:
    return sum("FROM servers" in sql for sql in transaction)


async def test_a_new_request_reads_the_settings_once_in_its_transaction(counter: Counter) -> None:
    with by_transaction(counter.database) as transactions:
        receipt = await counter.ask()
    (recording,) = [ran for ran in transactions if any("INSERT INTO requests" in s for s in ran)]
    assert receipt.request.state is State.HELD
    assert settings_reads(recording) == 1
    assert max(settings_reads(ran) for ran in transactions) == 1


async def test_no_other_transaction_reads_the_settings_twice(counter: Counter) -> None:
    database = counter.database
    reviews = counter.reviews
    reports = ReportService(database, clock=lambda: counter.now_ms, wakeup=lambda: None)
    with by_transaction(database) as transactions:
        request = (await counter.ask()).request
        await reviews.decide(moderator(), request.id, 1, Verdict.APPROVE)
        await counter.service.cancel(moderator(), request.id)
        await counter.allowances.show(moderator())
        await counter.configure(review="off", confirm_above="0.01")
        counter.now_ms += 60_000
        draft = (await counter.ask()).request
        assert draft.state is State.DRAFT
        await counter.drafts.confirm(caller(), draft.id, shown_micros=draft.cost_micros or 0)
        async with database.transaction() as tx:
            await tx.execute(
                "UPDATE requests SET state = 'posted' WHERE id = :id", {"id": draft.id}
            )
            await tx.execute("UPDATE outbox SET kind = 'result', state = 'sent', message_id = 9")
        await reports.report(caller(BOB), "spam", request_id=draft.id)
        await reports.delete(caller(ALICE), draft.id)
    assert len(transactions) > 10
    assert max(settings_reads(ran) for ran in transactions) == 1
