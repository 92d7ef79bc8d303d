"""Deletions in batches: others get their turn in between, and a crash does not end them."""

import asyncio

import pytest

from bot.services.privacy import erasure
from bot.services.privacy.erasure import LEFT_MS, forget_member, forget_server, go_on
from storage.engine.transaction import Database
from storage.operations import key_values
from storage.privacy import pseudonymize, server_erasure
from storage.records import State
from storage.requests import events, outbox, requests
from storage.requests.events import Event
from tests.services.conftest import OpenCounter
from tests.services.quotas.counter import ALICE, BOB, GUILD, NOW_MS, Counter, caller
from tests.storage.make import make_message


class Crash(Exception):
    """The process is gone."""


async def past(counter: Counter) -> list[str]:
    """Requests of two members that have ended, each with its history and a message."""
    ids = []
    for number in range(12):
        who = caller(ALICE if number % 2 else BOB)
        receipt = await counter.ask(who)
        await counter.service.cancel(who, receipt.request.id)
        async with counter.database.transaction() as tx:
            await events.add(tx, Event(receipt.request.id, NOW_MS, "seen", actor_id=who.user_id))
            await outbox.enqueue(
                tx, make_message(request_id=receipt.request.id, guild_id=GUILD, user_id=who.user_id)
            )
        ids.append(receipt.request.id)
    return ids


async def left_of(database: Database, user_id: int) -> int:
    """In how many rows of the large tables a member's id still stands."""
    number = 0
    async with database.reading() as tx:
        for table in ("requests", "outbox", "ledger"):
            row = await tx.fetch_one(
                f"SELECT COUNT(*) AS number FROM {table} WHERE user_id = :user_id",
                {"user_id": user_id},
            )
            number += row["number"] if row else 0
    return number


@pytest.mark.parametrize("what", ["member", "server"])
async def test_a_deletion_that_died_is_finished_by_the_sweep(
    what: str, database: Database, open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    ids = await past(counter)
    monkeypatch.setattr(erasure, "ROWS", 3)
    module, name = (
        (pseudonymize, "rename_some") if what == "member" else (server_erasure, "clear_some")
    )
    real = getattr(module, name)
    calls: list[int] = []

    async def dying(*args: object, **kwargs: object) -> bool:
        calls.append(1)
        if len(calls) > 3:
            raise Crash
        return bool(await real(*args, **kwargs))

    monkeypatch.setattr(module, name, dying)
    begun = (
        forget_member(database, ALICE, lambda: NOW_MS)
        if what == "member"
        else forget_server(database, GUILD, lambda: NOW_MS)
    )
    with pytest.raises(Crash):
        await begun
    monkeypatch.setattr(module, name, real)
    assert await left_of(database, ALICE) > 0
    # another process may still be at it
    await go_on(database, lambda: NOW_MS + 1000)
    assert await left_of(database, ALICE) > 0
    await go_on(database, lambda: NOW_MS + 2 * LEFT_MS)
    assert await left_of(database, ALICE) == 0
    assert (await left_of(database, BOB) == 0) == (what == "server")
    async with database.reading() as tx:
        assert await key_values.begun(tx, "forgetting:member:", before_ms=2**60) == []
        assert await key_values.begun(tx, "forgetting:server:", before_ms=2**60) == []
        for request_id in ids:
            assert (await requests.require(tx, request_id)).state is State.CANCELLED
            assert bool(await events.of_request(tx, request_id)) == (what == "member")
    assert await counter.differences() == []


async def test_others_write_while_a_server_is_deleted(
    database: Database, open_counter: OpenCounter, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = open_counter()
    await past(counter)
    monkeypatch.setattr(erasure, "ROWS", 1)
    deleting = asyncio.ensure_future(forget_server(database, GUILD, lambda: NOW_MS))
    written = 0
    while not deleting.done():
        async with asyncio.timeout(20), database.transaction() as tx:
            await key_values.set(tx, "elsewhere", str(written), NOW_MS)
        written += 1
        await asyncio.sleep(0)
    await deleting
    # one turn at least between most batches, of which there are dozens
    assert written > 10
