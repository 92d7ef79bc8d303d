"""One item that fails unexpectedly keeps no other of its pass from its turn."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.services.operations.evidence import WAIT_MS
from bot.worker.maintenance.cost_checks import check_costs
from bot.worker.maintenance.evidence import EvidenceGatherer
from bot.worker.maintenance.panels import Panels
from storage.quotas import cost_checks
from storage.records import MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox
from storage.templates import panels, templates
from storage.templates.panels import Panel
from storage.templates.templates import Template
from tests.storage.make import added, make_request, stored
from tests.worker.test_evidence import MINUTE_MS, exclusive, lost, noted
from tests.worker.worker_harness import WorkerHarness, open_worker_harness


@pytest.fixture
async def harness(
    empty_sqlite: Path, tmp_path: Path, small_video: Path
) -> AsyncIterator[WorkerHarness]:
    async with open_worker_harness(empty_sqlite, tmp_path, small_video) as opened:
        yield opened


async def test_a_panel_that_cannot_be_read_keeps_no_other_from_changing(
    harness: WorkerHarness,
) -> None:
    async with harness.database.transaction() as tx:
        for number, picture in enumerate(("a word of a later version", "none")):
            name = f"t{number}"
            await templates.put(
                tx,
                Template(
                    id=name,
                    guild_id=10,
                    folded=name,
                    name=name,
                    prompt="a fox",
                    picture=picture,
                    model="seedance2.0-fast-i2v",
                    by_id=1,
                    changed_at_ms=1,
                ),
            )
            message = OutboxMessage(
                id=f"panel:{name}",
                kind=MessageKind.PANEL,
                request_id="",
                guild_id=10,
                channel_id=20,
                user_id=0,
                created_at_ms=1,
                state=OutboxState.SENT,
                message_id=5,
                sent_channel_id=20,
            )
            await outbox.enqueue(tx, message)
            await panels.add(tx, Panel(message.id, name, 10, due_at_ms=number + 1))
    worker = Panels(harness.context("a"))
    await worker.catch_up()
    assert [edited[0] for edited in harness.messenger.edited_panels] == ["panel:t1"]


async def broken(harness: WorkerHarness, request: Request, column: str) -> None:
    """Put a word of a later version where this one knows none."""
    async with harness.database.transaction() as tx:
        await tx.execute(
            f"UPDATE requests SET {column} = 'a later word' WHERE id = :id",
            {"id": request.id},
        )


async def test_a_task_that_cannot_be_read_keeps_no_other_from_being_asked(
    harness: WorkerHarness,
) -> None:
    ended = [
        make_request(state=State.FAILED, task_id=f"task-{n}", intent_at_ms=1, ended_at_ms=2)
        for n in range(2)
    ]
    await added(harness.context("a").database, *ended)
    async with harness.database.transaction() as tx:
        for number, request in enumerate(ended):
            await cost_checks.expect(tx, request.id, number + 1)
    await broken(harness, ended[0], "state")
    await check_costs(harness.context("a"))
    assert harness.provider.queries == 1


async def test_an_uncertain_request_that_breaks_something_keeps_no_other_from_its_turn(
    harness: WorkerHarness,
) -> None:
    first = lost(harness, ago_ms=90 * MINUTE_MS, parked_from="queued")
    second = lost(harness, ago_ms=20 * MINUTE_MS)
    await added(exclusive(harness).database, first, second)
    await broken(harness, first, "updated_at_ms")
    await noted(harness, 21 * MINUTE_MS, 20 * MINUTE_MS - WAIT_MS - 1)
    await EvidenceGatherer(exclusive(harness)).gather()
    assert (await stored(harness.context("a").database, second)).state is State.FAILED
