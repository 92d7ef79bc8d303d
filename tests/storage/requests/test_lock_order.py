"""A series is locked before its shots, whoever writes: two orders would end in a deadlock."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict
from storage.records import Request, State
from storage.requests import leases, requests
from tests.conftest import OpenAnother
from tests.storage.make import added, make_request, stored
from tests.support.dialects import on_postgres
from tests.support.interleaving import ended_or_waits

OWNER = "w1"
NOW_MS = 1_000
Act = Callable[[Transaction, Request], Awaitable[object]]


async def move(tx: Transaction, shot: Request) -> None:
    await requests.move(
        tx, shot.id, source=State.QUEUED, target=State.SUBMITTING, now_ms=NOW_MS, owner=OWNER
    )


async def note(tx: Transaction, shot: Request) -> None:
    await requests.note(tx, shot.id, source=State.QUEUED, owner=OWNER, progress=1)
    await move(tx, shot)


async def lock(tx: Transaction, shot: Request) -> None:
    await requests.lock(tx, shot.id)
    await move(tx, shot)


async def locked(tx: Transaction, shot: Request) -> None:
    assert await requests.locked(tx, shot.id)
    await move(tx, shot)


async def renew(tx: Transaction, shot: Request) -> None:
    await leases.LEASES.renew(tx, owner=OWNER, ids=[shot.id, shot.series_of], until_ms=2 * NOW_MS)


async def make_shot(database: Database) -> Request:
    """A shot that lies before its series in the table and in its index."""
    shot = make_request(id="a", series_of="b", shot=1, lease_owner=OWNER, due_at_ms=NOW_MS)
    whole = make_request(id="b", shots=1, state=State.RUNNING, lease_owner=OWNER, due_at_ms=NOW_MS)
    await added(database, shot, whole)
    return shot


@on_postgres
@pytest.mark.parametrize("act", [move, note, lock, locked, renew])
async def test_whoever_writes_a_shot_waits_for_its_series_first(
    database: Database, open_another: OpenAnother, act: Act
) -> None:
    other = await open_another()
    shot = await make_shot(database)

    async def elsewhere() -> None:
        async with other.transaction() as tx:
            await act(tx, shot)

    async with database.transaction() as tx:
        await requests.lock(tx, shot.series_of)
        task = asyncio.create_task(elsewhere())
        await ended_or_waits(task, database)
        # it holds nothing that whoever has the series needs
        await requests.move(tx, shot.id, source=State.QUEUED, target=State.CANCELLED, now_ms=NOW_MS)
    (outcome,) = await asyncio.gather(task, return_exceptions=True)
    assert outcome is None or isinstance(outcome, Conflict), outcome
    assert (await stored(database, shot)).state is State.CANCELLED


@on_postgres
async def test_a_lease_is_renewed_beside_a_row_that_is_being_changed(
    database: Database, open_another: OpenAnother
) -> None:
    other = await open_another()
    shot = await make_shot(database)
    async with database.transaction() as tx:
        await requests.lock(tx, shot.series_of)
        async with other.transaction() as beside:
            await renew(beside, shot)
        assert (await stored(other, shot)).due_at_ms == 2 * NOW_MS
