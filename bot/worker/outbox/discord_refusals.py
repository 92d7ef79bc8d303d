"""Fallbacks for a message whose content Discord refuses: reword, redirect, retry, give up."""

import json
from typing import Any, Final

from bot.services.outbox import enqueue_kept
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import is_link_only
from bot.worker.outbox.fallback import next_place
from storage.engine.retry import repeated
from storage.records import LINK_ONLY, MessageKind, OutboxMessage, Request
from storage.requests import outbox, outbox_retries, requests

LATER_MS: Final = (5 * 60_000, 15 * 60_000, 60 * 60_000, 6 * 60 * 60_000)
MOST_ROUNDS: Final = 32
"""Over a week, since the last wait repeats."""

_QUOTING: Final = frozenset(
    {MessageKind.CARD, MessageKind.RESULT, MessageKind.NOTICE, MessageKind.LOG, MessageKind.DIRECT}
)
"""Kinds that quote what somebody typed, and can leave it out."""
_KEPT: Final = _QUOTING - {MessageKind.CARD}


def was_refused(message: OutboxMessage) -> bool:
    """Whether a channel tried in this round exists but refused the message itself."""
    return bool(_body(message).get("refused"))


async def send_otherwise(
    context: WorkerContext, message: OutboxMessage, request: Request | None
) -> bool:
    """Leave out quoted text, then try the next channel, then start over later.

    False when nothing is left to try. A refused message certainly did not arrive, so each attempt
    starts with an intent of its own. Raises: LeaseLost.
    """
    body = _body(message)
    if message.kind in _QUOTING and not body.get("plain"):
        await _redirect(context, message, {"plain": True}, message.channel_id, after_ms=0)
        return True
    changes: dict[str, Any] = {"first": body.get("first", message.channel_id), "refused": True}
    place = next_place(message, request)
    if place is not None:
        await _redirect(context, message, changes, place, after_ms=0)
        return True
    rounds = int(body.get("rounds") or 0) + 1
    if message.kind not in _KEPT or rounds > MOST_ROUNDS:
        return False
    changes |= {"refused": False, "rounds": rounds}
    after_ms = later_ms(rounds)
    notified = request if message.kind is MessageKind.RESULT else None
    await _redirect(
        context, message, changes, int(changes["first"]), after_ms=after_ms, notified=notified
    )
    return True


async def send_elsewhere(context: WorkerContext, message: OutboxMessage, channel_id: int) -> None:
    """Redirect a message to another channel; 0 is a direct message. Raises: LeaseLost."""
    await _redirect(context, message, {}, channel_id, after_ms=0)


async def send_plainly(context: WorkerContext, message: OutboxMessage) -> bool:
    """Send a review card without quoted text, then without files; False if that was tried.

    Raises: LeaseLost.
    """
    body = _body(message)
    if body.get("plain") and is_link_only(message):
        return False
    if body.get("plain"):
        async with context.database.transaction() as tx:
            await outbox_retries.aim(
                tx, message.id, owner=context.settings.owner, aim_bytes=LINK_ONLY
            )
    await _redirect(context, message, {"plain": True}, message.channel_id, after_ms=0)
    return True


def later_ms(times: int) -> int:
    """How long to wait after a message was refused everywhere; `times` counts from 1."""
    return LATER_MS[min(times, len(LATER_MS)) - 1]


@repeated
async def _redirect(
    context: WorkerContext,
    message: OutboxMessage,
    changes: dict[str, Any],
    channel_id: int,
    *,
    after_ms: int,
    notified: Request | None = None,
) -> None:
    """Record where, how and when to try next; `notified`: whose member is told of the delay.

    `changes` to its body as it is now: the data of whom it names may have been deleted meanwhile.
    After a restore a video may have gone to that place since the copy was made.
    """
    owner, now_ms = context.settings.owner, context.clock()
    async with context.database.transaction() as tx:
        now = await outbox.locked(tx, message.id) or message
        restored_after_id = 0
        if message.kind is MessageKind.RESULT and channel_id != message.channel_id:
            request = await requests.get(tx, message.request_id)
            restored_after_id = request.restored_after_id if request is not None else 0
        await outbox.redirect(
            tx,
            message.id,
            owner=owner,
            channel_id=channel_id,
            user_id=0 if channel_id else now.user_id,
            body=json.dumps(_body(now) | changes, ensure_ascii=False),
            may_be_after_id=restored_after_id,
            now_ms=now_ms,
        )
        await outbox.retry(tx, message.id, owner=owner, due_at_ms=now_ms + after_ms)
        if notified is not None:
            await enqueue_kept(tx, notified, now_ms)
    context.wakeup()


def _body(message: OutboxMessage) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(message.body)
    return body
