"""Ends a request whose result could not be delivered, or may not have been."""

from bot.services.log_lines import enqueue_log
from bot.services.requests import lifecycle
from bot.services.server_settings import read_settings
from storage.engine.transaction import Transaction
from storage.records import OutboxMessage, Request, State


async def undeliverable(
    tx: Transaction, message: OutboxMessage, request: Request, now_ms: int, *, known: bool = True
) -> None:
    """Tell the log channel and end the request: failed, or posted if that is not `known`."""
    text = "log-undeliverable" if known else "log-unverified"
    params = {"id": request.id, "user": str(request.user_id), "channel": str(message.channel_id)}
    await enqueue_log(
        tx,
        await read_settings(tx, request.guild_id),
        request.guild_id,
        f"{message.id}:log",
        text,
        params,
        now_ms=now_ms,
        request_id=request.id,
    )
    if request.state is not State.RENDERED:
        return
    if known:
        await lifecycle.fail(tx, request, "undeliverable", now_ms=now_ms)
    else:
        await lifecycle.end(tx, request, State.POSTED, now_ms=now_ms)
