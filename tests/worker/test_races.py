"""What two workers, or a worker and somebody else, do to one request at the same moment."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.provider.wire import CreatedTask
from bot.rules.request import VideoRequest
from bot.services.requests import lifecycle
from bot.worker.asset_review import step as asset_step
from bot.worker.asset_review import verdicts
from bot.worker.context import WorkerContext
from bot.worker.inputs import pin
from bot.worker.outbox import discord_refusals
from bot.worker.outbox.review_cards import ReviewCardStrategy
from bot.worker.pipeline import dispatch, drafts, slots, submit_results
from bot.worker.pipeline.poll import Poller
from storage.engine.transaction import Database
from storage.errors import LeaseLost
from storage.privacy import retention
from storage.quotas import ledger
from storage.quotas.ledger_records import Account, EntryKind
from storage.records import NEVER_DUE, MessageKind, Request, State
from storage.requests import asset_reviews, fair_queue, inputs, outbox, requests
from storage.requests.asset_reviews import AssetState
from tests.storage.make import added, make_input, make_message, make_request, renamed, stored
from tests.support.dialects import on_postgres
from tests.support.interleaving import Meanwhile
from tests.worker.fakes import ScriptedFetcher, ScriptedProvider
from tests.worker.harness_parts import ShakyDatabase, no_pauses
from tests.worker.scripted_messenger import ScriptedMessenger
from tests.worker.worker_harness import START_MS, WorkerHarness

ACCEPTED = CreatedTask("task-1")
VIDEO = VideoRequest(prompt="a fox", model="seedance2.0-fast-i2v", duration=5)
HOUR_MS = 3_600_000


@pytest.fixture
async def harness(database: Database, tmp_path: Path) -> AsyncIterator[WorkerHarness]:
    with no_pauses():
        yield WorkerHarness(
            database=ShakyDatabase(database),
            folder=tmp_path,
            provider=ScriptedProvider(),
            fetcher=ScriptedFetcher(tmp_path / "none.mp4"),
            messenger=ScriptedMessenger(lambda: START_MS),
        )


async def sent(database: Database, holder: WorkerContext, **fields: object) -> Request:
    """A request whose submission this worker has begun."""
    usual = {
        "state": State.SUBMITTING,
        "intent_at_ms": START_MS,
        "slot_until_ms": START_MS + HOUR_MS,
        "lease_owner": holder.settings.owner,
        "due_at_ms": START_MS + HOUR_MS,
    }
    request = make_request(**(usual | fields))
    await added(database, request)
    async with database.transaction() as tx:
        await ledger.reserve(tx, request, START_MS)
    return request


async def taken_over(database: Database, request: Request, by: WorkerContext) -> Request:
    """The same after its lease ran out and another worker claimed it."""
    async with database.transaction() as tx:
        return await requests.note(
            tx, request.id, source=request.state, owner=None, lease_owner=by.settings.owner
        )


@on_postgres
async def test_a_task_id_that_comes_as_another_worker_gives_up_is_recorded(
    harness: WorkerHarness, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = harness.context("a"), harness.context("b")
    request = await sent(database, mine)
    theirs = await taken_over(database, request, other)
    # the other worker declares it uncertain
    meanwhile = Meanwhile(
        monkeypatch,
        (requests, "locked"),
        lambda: submit_results.become_uncertain(other, theirs),
        database,
    )
    await submit_results.accepted(mine, request, ACCEPTED)
    now = await stored(database, request)
    assert (now.state, now.task_id) == (State.RUNNING, "task-1")
    assert isinstance(await meanwhile.outcome(), LeaseLost)


@on_postgres
async def test_a_refusal_that_comes_as_another_worker_gives_up_fails_the_request(
    harness: WorkerHarness, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    mine, other = harness.context("a"), harness.context("b")
    request = await sent(database, mine)
    theirs = await taken_over(database, request, other)
    # the other worker declares it uncertain
    meanwhile = Meanwhile(
        monkeypatch,
        (requests, "locked"),
        lambda: submit_results.become_uncertain(other, theirs),
        database,
    )
    await submit_results.never_taken(mine, request, "busy")
    assert isinstance(await meanwhile.outcome(), LeaseLost)
    now = await stored(database, request)
    assert (now.state, now.failure, now.intent_at_ms) == (State.FAILED, "busy", 0)


async def test_a_late_refusal_says_nothing_of_a_later_submission(
    harness: WorkerHarness, database: Database
) -> None:
    mine, other = harness.context("a"), harness.context("b")
    request = await sent(database, mine)
    async with database.transaction() as tx:
        await requests.note(
            tx, request.id, source=request.state, owner=None, intent_at_ms=START_MS + 1
        )
    again = await taken_over(database, request, other)
    await submit_results.become_uncertain(other, again)
    await submit_results.never_taken(mine, request, "busy")
    assert (await stored(database, request)).state is State.UNCERTAIN


async def test_nothing_comes_back_of_a_request_that_was_settled_since_it_was_claimed(
    harness: WorkerHarness, database: Database
) -> None:
    context = harness.context("a")
    request = await sent(database, context, state=State.UNCERTAIN)
    async with database.transaction() as tx:
        await requests.move(
            tx,
            request.id,
            source=State.UNCERTAIN,
            target=State.QUEUED,
            now_ms=START_MS,
            lease_owner="",
        )
    steps = dispatch.Steps(context, Poller(context, _nothing))
    await steps.run(request)
    async with database.reading() as tx:
        entries = await ledger.entries_of(tx, request.id)
    assert {entry.kind for entry in entries} == {EntryKind.RESERVE}


async def test_the_count_of_an_uncertain_request_comes_back_once_its_time_is_over(
    harness: WorkerHarness, database: Database
) -> None:
    context = harness.context("a")
    request = await sent(database, context, state=State.UNCERTAIN)
    await dispatch.Steps(context, Poller(context, _nothing)).run(request)
    now = await stored(database, request)
    assert (now.state, now.due_at_ms, now.lease_owner) == (State.UNCERTAIN, NEVER_DUE, "")
    async with database.reading() as tx:
        entries = await ledger.entries_of(tx, request.id)
    released = [entry.account for entry in entries if entry.kind is EntryKind.RELEASE]
    assert released == [Account.COUNT]


@on_postgres
async def test_slots_are_given_although_one_of_those_in_line_is_cancelled_just_then(
    harness: WorkerHarness, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    harness.max_active = 3
    line = [make_request(due_at_ms=NEVER_DUE, user_id=40 + number) for number in range(3)]
    await added(database, *line)

    async def cancel() -> None:
        async with database.transaction() as tx:
            await lifecycle.end(tx, line[1], State.CANCELLED, now_ms=START_MS, is_told=False)

    meanwhile = Meanwhile(monkeypatch, (fair_queue, "still_waiting"), cancel, database)
    given = await slots.take_slots(harness.context("a"))
    assert await meanwhile.outcome() is None
    assert [request.id for request in given] == [line[0].id, line[2].id]


@on_postgres
async def test_a_verdict_that_comes_as_a_request_begins_to_wait_wakes_it(
    harness: WorkerHarness, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, key, file = harness.context("a"), "key", ("image", "aa")
    request = make_request(
        state=State.AUDITING,
        needs_audit=True,
        lease_owner=context.settings.owner,
        due_at_ms=START_MS,
    )
    await added(database, request)
    async with database.transaction() as tx:
        await asset_reviews.claim(tx, key, file, now_ms=START_MS, lost_before_ms=0, most_tries=3)
        await asset_reviews.submitted(tx, key, file, "asset-1", due_at_ms=START_MS)
    meanwhile = Meanwhile(
        monkeypatch,
        (asset_reviews, "of_files"),
        lambda: verdicts._settle(harness.context("b"), {"asset-1": AssetState.ACTIVE}),
        database,
    )
    rows = [make_input(request, 0, sha256="aa")]
    await asset_step._wait(context, request, rows, START_MS + HOUR_MS)
    assert await meanwhile.outcome() is None
    assert (await stored(database, request)).due_at_ms == START_MS


@on_postgres
async def test_variations_that_expire_together_are_told_of_once(
    harness: WorkerHarness, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = harness.context("a")
    group = [
        make_request(
            id=f"v{number}",
            state=State.DRAFT,
            variation_of="v1",
            variation=number,
            lease_owner=context.settings.owner,
        )
        for number in (1, 2)
    ]
    await added(database, *group)
    meanwhile = Meanwhile(
        monkeypatch,
        (requests, "variations_of"),
        lambda: drafts._release_draft(context, group[1]),
        database,
    )
    await drafts._release_draft(context, group[0])
    assert await meanwhile.outcome() is None
    async with database.reading() as tx:
        told = [each for one in group for each in await outbox.of_request(tx, one.id)]
    assert [message.kind for message in told] == [MessageKind.NOTICE]


async def test_linked_files_that_are_fetched_together_stay_within_a_members_room(
    harness: WorkerHarness, database: Database
) -> None:
    """Both are found to fit before either is recorded."""
    context = harness.context("a")
    pair = [make_request(prepared_at_ms=0, lease_owner=context.settings.owner) for _ in range(2)]
    await added(database, *pair)
    size_bytes = context.settings.member_bytes * 2 // 3

    async def record(request: Request) -> Request:
        row = make_input(request, 0, path=f"inputs/{request.id}/0", size_bytes=size_bytes)
        return await pin.record_inputs(context, request, [row], VIDEO, None)

    outcomes = await asyncio.gather(*(record(request) for request in pair), return_exceptions=True)
    (refused,) = (each for each in outcomes if isinstance(each, pin.NoRoom))
    assert [fault.rule for fault in refused.faults] == ["member-room"]
    async with database.reading() as tx:
        assert await retention.stored_bytes(tx, 30) == size_bytes
        found = [await inputs.of_request(tx, request.id) for request in pair]
    assert sorted(len(rows) for rows in found) == [0, 1]


async def test_a_message_that_is_sent_elsewhere_stays_without_a_deleted_members_id(
    harness: WorkerHarness, database: Database
) -> None:
    context, member = harness.context("a"), 700_000_000_000_000_001
    body = f'{{"text": "log-quota", "params": {{"subject": "<@{member}>"}}}}'
    message = make_message(
        kind=MessageKind.LOG, user_id=0, body=body, lease_owner=context.settings.owner
    )
    async with database.transaction() as tx:
        await outbox.enqueue(tx, message)
    async with database.transaction() as tx:
        await renamed(tx, member)
    await discord_refusals.send_elsewhere(context, message, 77)
    async with database.reading() as tx:
        now = await outbox.get(tx, message.id)
    assert now is not None
    assert now.channel_id == 77
    assert str(member) not in now.body


async def test_inputs_of_a_request_that_a_moderator_has_passed_are_not_fetched_again(
    harness: WorkerHarness, database: Database
) -> None:
    context = harness.context("a")
    held = make_request(state=State.HELD)
    await added(database, held)
    async with database.transaction() as tx:
        await requests.move(tx, held.id, source=State.HELD, target=State.QUEUED, now_ms=START_MS)
    await ReviewCardStrategy(context)._fetch_again(held)
    assert (await stored(database, held)).prepared_at_ms == held.prepared_at_ms


async def _nothing(_: Request) -> None:
    return
