"""What a card may promise: a moment to come, or that it takes longer; never one in the past."""

import pytest

from bot.services.caller import EndNotice
from bot.services.requests.status import SOON_MS, progress_of
from storage.engine.transaction import Database
from storage.records import MessageKind, OutboxState, Request, State
from storage.requests import outbox, requests
from tests.storage.make import make_message, make_request

NOW_MS = 1_800_000_000_000


async def _added(database: Database, *rows: Request) -> None:
    async with database.transaction() as tx:
        for row in rows:
            await requests.add(tx, row)


def _sample(took_ms: int) -> Request:
    return make_request(state=State.POSTED, took_ms=took_ms, rendered_at_ms=NOW_MS)


def _running(elapsed_ms: int, **fields: object) -> Request:
    return make_request(state=State.RUNNING, submitted_at_ms=NOW_MS - elapsed_ms, **fields)


@pytest.mark.parametrize(
    ("elapsed_ms", "is_named", "is_overdue"),
    [
        (10_000, True, False),
        (60_000 - SOON_MS // 2, False, False),
        (61_000, False, True),
        (600_000, False, True),
    ],
)
async def test_what_takes_longer_than_any_before_is_overdue(
    database: Database, elapsed_ms: int, is_named: bool, is_overdue: bool
) -> None:
    running = _running(elapsed_ms)
    await _added(database, _sample(60_000), running)
    async with database.reading() as tx:
        standing = await progress_of(tx, running, now_ms=NOW_MS, max_active=3)
    assert (standing.ready_at_ms > NOW_MS, standing.is_overdue) == (is_named, is_overdue)


async def test_progress_that_stopped_promises_nothing_past(database: Database) -> None:
    # 34 % after 10 s, and nothing since
    running = _running(120_000, progress=34, polled_at_ms=NOW_MS - 110_000)
    await _added(database, running)
    async with database.reading() as tx:
        standing = await progress_of(tx, running, now_ms=NOW_MS, max_active=3)
    assert (standing.ready_at_ms, standing.is_overdue) == (0, True)


@pytest.mark.parametrize(
    ("state", "attempt", "news"),
    [
        (OutboxState.PENDING, 0, EndNotice.COMING),
        (OutboxState.PENDING, 1, EndNotice.LATE),
        (OutboxState.SENT, 0, EndNotice.TOLD),
        (OutboxState.DROPPED, 0, EndNotice.NONE),
        (OutboxState.UNKNOWN, 0, EndNotice.NONE),
    ],
)
async def test_a_card_waits_for_the_news_and_goes_after_it(
    database: Database, state: OutboxState, attempt: int, news: EndNotice
) -> None:
    failed = make_request(state=State.FAILED)
    await _added(database, failed)
    async with database.transaction() as tx:
        notice = make_message(
            id=f"{failed.id}:notice:failed",
            kind=MessageKind.NOTICE,
            request_id=failed.id,
            state=state,
            attempt=attempt,
        )
        await outbox.enqueue(tx, notice)
    async with database.reading() as tx:
        standing = await progress_of(tx, failed, now_ms=NOW_MS, max_active=3)
    assert standing.news is news
