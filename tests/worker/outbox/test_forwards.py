"""A video that is taken out of the showcase at the last moment is not forwarded."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.server_settings import ServerSettings
from bot.services.showcase.forwards import enqueue_forward, forward_id
from storage.records import MessageKind, OutboxMessage, OutboxState, State
from storage.requests import outbox
from storage.showcase import entries
from storage.showcase.entries import Entry
from tests.storage.make import added, make_request
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def voted_for(harness: WorkerHarness) -> str:
    """A posted video whose forward is to be sent."""
    request = make_request(state=State.POSTED, ended_at_ms=1)
    await added(harness.context("a").database, request)
    result = OutboxMessage(
        id=f"{request.id}:result",
        kind=MessageKind.RESULT,
        request_id=request.id,
        guild_id=10,
        channel_id=20,
        user_id=request.user_id,
        created_at_ms=1,
        state=OutboxState.SENT,
        message_id=5,
        sent_channel_id=20,
    )
    settings = ServerSettings(showcase_channel=77)
    async with harness.database.transaction() as tx:
        await outbox.enqueue(tx, result)
        entry = Entry(request.id, 10, harness.now_ms, is_private=False, is_nsfw=False)
        await entries.open_entry(tx, entry)
        await enqueue_forward(tx, settings, result, harness.now_ms)
    return request.id


@pytest.mark.parametrize("is_removed", [False, True])
async def test_what_is_taken_out_while_its_place_is_looked_at_is_not_sent(
    harness: WorkerHarness, is_removed: bool
) -> None:
    request_id = await voted_for(harness)

    async def remove() -> None:
        async with harness.database.transaction() as tx:
            await entries.remove(tx, request_id, harness.now_ms)

    if is_removed:
        harness.messenger.happen = remove
    await harness.message("a")
    async with harness.database.reading() as tx:
        forward = await outbox.get(tx, forward_id(request_id))
        entry = await entries.get(tx, request_id)
    assert forward is not None
    # from now on it is looked at whether the video may still stand there
    assert entry is not None
    assert entry.due_at_ms == harness.now_ms
    wanted = (OutboxState.DROPPED, 0) if is_removed else (OutboxState.SENT, 1)
    assert (forward.state, len(harness.messenger.messages)) == wanted
