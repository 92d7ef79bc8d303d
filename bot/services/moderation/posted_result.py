"""A request's posted video: its message, and whether it is shown, hidden or gone."""

import json

from storage.engine.transaction import Transaction
from storage.moderation import visibility
from storage.moderation.visibility import Display
from storage.records import MessageKind, OutboxMessage, OutboxState
from storage.requests import outbox
from storage.showcase import entries as showcase


async def result_of(tx: Transaction, request_id: str) -> OutboxMessage | None:
    """The outbox message that carries a request's video, or None."""
    messages = await outbox.of_request(tx, request_id)
    return next((message for message in messages if message.kind is MessageKind.RESULT), None)


def posted_as(result: OutboxMessage) -> Display:
    """How a result was first sent."""
    return Display.SPOILER if json.loads(result.body).get("spoiler") else Display.PLAIN


async def show_as(tx: Transaction, request_id: str, wanted: Display, now_ms: int) -> None:
    """Request a posted video's visibility; does nothing where it was never sent."""
    result = await result_of(tx, request_id)
    if result is None or result.state is not OutboxState.SENT:
        return
    change = await visibility.get(tx, request_id)
    if change is None and posted_as(result) is wanted:
        return
    await visibility.want(tx, request_id, wanted, was=posted_as(result), now_ms=now_ms)
    # a forward is a copy: it does not change with the message
    await showcase.look_at(tx, request_id, now_ms)
