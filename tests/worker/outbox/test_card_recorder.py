"""A card that shows an end goes, even where the end's message arrives while it is edited."""

import asyncio
from dataclasses import replace

import pytest

from bot.services.outbox import notice_id
from bot.worker.outbox.card_editor import CardRecorder
from storage.engine.transaction import Database
from storage.records import MessageKind, OutboxMessage, OutboxState, Request, State
from storage.requests import outbox, requests
from tests.storage.make import make_message, make_request
from tests.support.dialects import on_postgres

NOW_MS = 1_800_000_000_000


async def late(database: Database, state: State) -> tuple[Request, OutboxMessage]:
    """An ended request with its card, whose notice failed at first and is still to come."""
    request = make_request(state=state)
    card = make_message(
        id=f"{request.id}:card",
        request_id=request.id,
        kind=MessageKind.CARD,
        state=OutboxState.SENT,
        message_id=5,
        sent_channel_id=20,
        shown="running",
    )
    notice = make_message(id=notice_id(request), request_id=request.id, attempt=1)
    async with database.transaction() as tx:
        assert await requests.add(tx, request)
        assert await outbox.enqueue(tx, card)
        assert await outbox.enqueue(tx, notice)
    return request, card


async def arrive(database: Database, request: Request) -> None:
    """Record that the notice has arrived, as its delivery does."""
    async with database.transaction() as tx:
        await outbox.settle(tx, notice_id(request), owner=None, state=OutboxState.SENT)
        await outbox.look_at_card(tx, request.id)


async def behind(database: Database) -> list[str]:
    async with database.reading() as tx:
        return [message.id for message, _ in await outbox.cards_behind(tx, NOW_MS, limit=9)]


@pytest.mark.parametrize("state", [State.FAILED, State.UNCERTAIN])
async def test_a_notice_that_arrives_during_an_edit_has_the_card_looked_at_again(
    database: Database, state: State
) -> None:
    request, card = await late(database, state)
    recorder = CardRecorder(database, lambda: NOW_MS)
    await arrive(database, request)
    # the edit began before that
    await recorder.shown(card, request, is_gone=False)
    assert await behind(database) == [card.id]
    await recorder.shown(card, request, is_gone=True)
    assert await behind(database) == []


async def test_a_card_that_shows_an_end_waits_for_its_notice(database: Database) -> None:
    request, card = await late(database, State.FAILED)
    await CardRecorder(database, lambda: NOW_MS).shown(card, request, is_gone=False)
    assert await behind(database) == []
    await arrive(database, request)
    assert await behind(database) == [card.id]


@on_postgres
async def test_of_an_edit_and_an_arrival_at_once_neither_is_forgotten(database: Database) -> None:
    for _ in range(20):
        request, card = await late(database, State.FAILED)
        recorder = CardRecorder(database, lambda: NOW_MS)
        await asyncio.gather(
            arrive(database, request), recorder.shown(card, replace(request), is_gone=False)
        )
        assert await behind(database) == [card.id]
        await recorder.shown(card, request, is_gone=True)


async def test_a_look_that_is_asked_for_during_an_edit_is_not_forgotten(database: Database) -> None:
    """As for a series, whose card changes although its state stays."""
    request, card = await late(database, State.RUNNING)
    recorder = CardRecorder(database, lambda: NOW_MS)
    for _ in range(3):
        async with database.transaction() as tx:
            await outbox.look_at_card(tx, request.id)
        # the edit began before that
        await recorder.shown(card, request, is_gone=False)
        assert await behind(database) == [card.id]
        async with database.reading() as tx:
            card = await outbox.get(tx, card.id) or card
    await recorder.shown(card, request, is_gone=False)
    assert await behind(database) == []
