"""Enqueues messages that are a text's key with parameters: log lines, direct messages."""

import json
from collections.abc import Collection, Mapping

from bot.services.owners import read_owners
from bot.services.server_settings import ServerSettings
from storage.engine.transaction import Transaction
from storage.records import MessageKind, OutboxMessage, Request
from storage.requests.outbox import enqueue

Params = Mapping[str, str | int]


async def enqueue_log(
    tx: Transaction,
    settings: ServerSettings,
    guild_id: int,
    outbox_id: str,
    text: str,
    params: Params,
    *,
    now_ms: int,
    request_id: str = "",
    channel_id: int | None = None,
    locale: str = "",
) -> None:
    """Enqueue a line for a server's log channel; nothing where the server has none.

    `channel_id` takes the place of the log channel; 0 for none. `locale` is the server's own
    language, used where no setting chooses one and the line is about no request.
    """
    if channel_id is None:
        channel_id = settings.log_channel
    if not channel_id:
        return
    line = OutboxMessage(
        id=outbox_id,
        kind=MessageKind.LOG,
        request_id=request_id,
        guild_id=guild_id,
        channel_id=channel_id,
        user_id=0,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=_text_body(text, params, settings.language or locale),
    )
    await enqueue(tx, line)


async def enqueue_log_or_direct(
    tx: Transaction,
    settings: ServerSettings,
    request: Request,
    outbox_id: str,
    text: str,
    params: Params,
    *,
    now_ms: int,
    owner_ids: Collection[int],
) -> None:
    """Enqueue a line about a request that somebody must see: without a log channel for each owner.

    `owner_ids` from the settings; without any, those whom Discord names.
    """
    if settings.log_channel:
        await enqueue_log(
            tx,
            settings,
            request.guild_id,
            outbox_id,
            text,
            params,
            now_ms=now_ms,
            request_id=request.id,
        )
        return
    for owner_id in await read_owners(tx, owner_ids):
        await enqueue_direct(tx, owner_id, f"{outbox_id}:{owner_id}", text, params, now_ms=now_ms)


async def enqueue_direct(
    tx: Transaction,
    user_id: int,
    outbox_id: str,
    text: str,
    params: Params,
    *,
    now_ms: int,
    guild_id: int = 0,
    channel_id: int = 0,
    locale: str = "",
) -> None:
    """Enqueue a direct message, such as an owner's alert that the provider is down.

    With `channel_id` it is tried there first; the direct message follows if that fails for good.
    """
    message = OutboxMessage(
        id=outbox_id,
        kind=MessageKind.DIRECT,
        request_id="",
        guild_id=guild_id,
        channel_id=channel_id,
        user_id=user_id,
        created_at_ms=now_ms,
        due_at_ms=now_ms,
        body=_text_body(text, params, locale),
    )
    await enqueue(tx, message)


def _text_body(text: str, params: Params, locale: str) -> str:
    body = {"text": text, "params": dict(params), "locale": locale}
    return json.dumps(body, ensure_ascii=False)
