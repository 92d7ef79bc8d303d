"""Ends a request whose result could not be delivered, or may not have been."""

from collections.abc import Collection

from bot.services.log_lines import enqueue_log, enqueue_log_or_direct
from bot.services.outbox import enqueue_unverified
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request, State


async def undeliverable(
    tx: Transaction, message: OutboxMessage, request: Request, now_ms: int
) -> None:
    """Tell the log channel and fail the request, which its member is told."""
    await enqueue_log(
        tx,
        await read_settings(tx, request.guild_id),
        request.guild_id,
        f"{message.id}:log",
        "log-undeliverable",
        _params(message, request),
        now_ms=now_ms,
        request_id=request.id,
    )
    if request.state is State.RENDERED:
        await lifecycle.fail(tx, request, "undeliverable", now_ms=now_ms)


async def unverified(
    tx: Transaction,
    message: OutboxMessage,
    request: Request,
    now_ms: int,
    *,
    owner_ids: Collection[int] = (),
) -> None:
    """Tell the log channel, or the owners, and the member; end the request as posted."""
    await enqueue_log_or_direct(
        tx,
        await read_settings(tx, request.guild_id),
        request,
        f"{message.id}:log",
        "log-unverified",
        _params(message, request),
        now_ms=now_ms,
        owner_ids=owner_ids,
    )
    if request.state is State.RENDERED:
        posted = await lifecycle.end(tx, request, State.POSTED, now_ms=now_ms)
        await enqueue_unverified(tx, posted, now_ms)


def _params(message: OutboxMessage, request: Request) -> dict[str, str | int]:
    return {"id": request.id, "user": str(request.user_id), "channel": str(message.channel_id)}
