"""The report adds up what the ledger has, and its file is harmless to spreadsheets."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import NotAllowed
from bot.provider.errors import FailureKind
from bot.services.requests import lifecycle
from bot.services.stats.spreadsheet import harmless
from bot.services.stats.usage_report import UsageReportService, as_csv, last_days
from storage.records import State
from storage.requests import requests
from storage.stats.usage_report import UsageRow
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, DAY_MS, NOW_MS, Counter, caller, moderator


def spending(counter: Counter) -> UsageReportService:
    return UsageReportService(
        counter.database, clock=lambda: counter.now_ms, currency="USD", has_prices=lambda: True
    )


async def failed(counter: Counter, user_id: int) -> None:
    receipt = await counter.ask(caller(user_id))
    async with counter.database.transaction() as tx:
        await lifecycle.fail(tx, receipt.request, FailureKind.CONTENT_INPUT, now_ms=counter.now_ms)


async def posted(counter: Counter, user_id: int) -> None:
    request = (await counter.ask(caller(user_id))).request
    async with counter.database.transaction() as tx:
        for target in (State.SUBMITTING, State.RUNNING, State.RENDERED):
            request = await requests.move(
                tx,
                request.id,
                source=request.state,
                target=target,
                now_ms=counter.now_ms,
                intent_at_ms=1,
            )
        await lifecycle.end(tx, request, State.POSTED, now_ms=counter.now_ms)


async def test_members_days_failures_and_cost_are_added_up(open_counter: OpenCounter) -> None:
    counter = open_counter()
    await posted(counter, BOB)
    counter.now_ms += DAY_MS
    await posted(counter, BOB)
    await failed(counter, ALICE)
    await counter.ask()
    await counter.ask(caller(guild_id=11))
    report = await spending(counter).report(moderator(), 2)
    assert [user_id for user_id, _ in report.members] == [BOB, ALICE]
    assert (report.total.posted, report.total.failed, report.total.other) == (2, 1, 1)
    # what waits is reserved, what failed before it was sent is released
    assert report.total.cost_micros == 3 * 500_000
    assert [day.asked for day in report.by_day] == [1, 3]
    assert report.failures == (("content_input", 1),)
    assert report.under_way == 1
    rows = list(csv.DictReader(io.StringIO(report.file.decode("utf-8-sig"))))
    assert sorted(row["state"] for row in rows) == ["failed", "posted", "posted", "queued"]
    assert {row["cost"] for row in rows} == {"0.5", "0"}
    assert {row["currency"] for row in rows} == {"USD"}


async def test_the_report_is_for_moderators_and_of_their_server(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.ask()
    with pytest.raises(NotAllowed):
        await spending(counter).report(caller(), 7)
    elsewhere = await spending(counter).report(moderator(guild_id=11), 7)
    assert elsewhere.total.asked == 0
    assert len(elsewhere.days) == 7


async def test_a_draft_and_what_became_of_it_is_not_in_the_report(
    open_counter: OpenCounter,
) -> None:
    counter = open_counter()
    await counter.configure(confirm_above="0")
    await counter.ask()
    assert (await spending(counter).report(moderator(), 1)).total.asked == 0


def test_the_last_days_end_today_in_utc() -> None:
    days = last_days(NOW_MS, 30)
    assert (len(days), days[-1].isoformat()) == (30, "2026-09-21")
    assert (days[-1] - days[0]).days == 29


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", " =1", "\n@x"]
)
def test_no_cell_is_a_formula(cell: str) -> None:
    assert harmless(cell).startswith("'")


@given(st.text(max_size=40))
def test_whatever_stands_in_a_cell_it_is_read_back_as_text(text: str) -> None:
    row = UsageRow("r2", 1, NOW_MS, text, 5, "posted", "", text, 1, 500_000)
    table = as_csv([row], "USD").decode("utf-8-sig")
    (read,) = csv.DictReader(io.StringIO(table))
    for cell in read.values():
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert read["task_id"].lstrip("'").strip() in text or not text.isprintable()
