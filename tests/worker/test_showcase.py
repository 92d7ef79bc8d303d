"""Vote buttons: a channel that takes long holds up those of no other."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.worker.maintenance.showcase import Showcase
from storage.records import MessageKind, OutboxMessage, OutboxState, State
from storage.requests import outbox
from storage.showcase import entries
from storage.showcase.entries import Entry
from tests.storage.make import added, make_request
from tests.worker.scripted_messenger import Sent
from tests.worker.worker_harness import WorkerHarness, open_worker_harness

THROTTLED, FREE = 20, 21


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def voted_for(harness: WorkerHarness, channel_id: int) -> Sent:
    """A posted video with a vote that its button does not show yet."""
    request = make_request(state=State.POSTED, ended_at_ms=1, channel_id=channel_id)
    await added(harness.context("a").database, request)
    result = OutboxMessage(
        id=f"{request.id}:result",
        kind=MessageKind.RESULT,
        request_id=request.id,
        guild_id=10,
        channel_id=channel_id,
        user_id=request.user_id,
        created_at_ms=1,
        state=OutboxState.SENT,
        message_id=500 + channel_id,
        sent_channel_id=channel_id,
    )
    place, number = (channel_id, 0), result.message_id
    sent = Sent(result.id, MessageKind.RESULT, request.id, place, "", harness.now_ms, number)
    harness.messenger.messages.append(sent)
    async with harness.database.transaction() as tx:
        await outbox.enqueue(tx, result)
        entry = Entry(request.id, 10, harness.now_ms, is_private=False, is_nsfw=False)
        await entries.open_entry(tx, entry)
        await tx.execute(
            "UPDATE showcase_entries SET votes = 1, due_at_ms = :due WHERE request_id = :id",
            {"id": request.id, "due": channel_id},
        )
    return sent


async def test_a_throttled_channel_holds_up_no_other(harness: WorkerHarness) -> None:
    first, second = [await voted_for(harness, each) for each in (THROTTLED, FREE)]
    harness.messenger.throttled[THROTTLED] = asyncio.Event()
    catching_up = asyncio.create_task(Showcase(harness.context("a")).catch_up())
    async with asyncio.timeout(10):
        while second.shows != "1":
            await asyncio.sleep(0.01)
        assert first.shows != "1"
        harness.messenger.throttled[THROTTLED].set()
        await catching_up
    assert first.shows == "1"
