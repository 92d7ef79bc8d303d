"""Enqueues the forwards of posted videos to the showcase."""

import json

from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.records import MessageKind, OutboxMessage
from storage.requests.outbox import enqueue


def forward_id(request_id: str) -> str:
    """The id of the message that forwards a request's video to the showcase."""
    return f"{request_id}:showcase"


async def enqueue_forward(
    tx: Transaction,
    settings: ServerSettings,
    result: OutboxMessage,
    now_ms: int,
    *,
    may_be_there: bool = False,
) -> None:
    """Enqueue the forward of a posted video to the showcase, once for each video.

    `may_be_there`: it may have been forwarded since the copy that a restore put in place was made,
    so the showcase is searched first, behind the message that is forwarded.
    """
    source = {"channel_id": result.sent_channel_id, "message_id": result.message_id}
    forward = OutboxMessage(
        id=forward_id(result.request_id),
        kind=MessageKind.FORWARD,
        request_id=result.request_id,
        guild_id=result.guild_id,
        channel_id=settings.showcase_channel,
        user_id=result.user_id,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=json.dumps({"source": source}),
        intent_at_ms=now_ms if may_be_there else 0,
        after_id=result.message_id if may_be_there else 0,
    )
    await enqueue(tx, forward)
