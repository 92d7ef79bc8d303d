"""The progress card that a request owes its channel, from the moment its quota is taken."""

from storage.engine.database import Transaction
from storage.records import MessageKind, OutboxMessage, Request
from storage.requests import outbox


async def enqueue_card(tx: Transaction, request: Request, now_ms: int) -> None:
    """Owe the card; owing it twice is owing it once."""
    await outbox.enqueue(
        tx,
        OutboxMessage(
            id=f"{request.id}:card",
            kind=MessageKind.CARD,
            request_id=request.id,
            guild_id=request.guild_id,
            channel_id=request.channel_id,
            user_id=request.user_id,
            created_at_ms=now_ms,
            due_at_ms=now_ms,
        ),
    )
