"""What is tried when Discord refuses a message for what it says, before it is given up."""

import json
from typing import Any, Final

from bot.services.requests import lifecycle
from bot.worker.context import Parts
from bot.worker.outbox.attachments import is_link_only
from bot.worker.outbox.fallback import next_place
from storage.engine.retry import repeated
from storage.records import LINK_ONLY, Post, PostKind, Request
from storage.requests import outbox, outbox_retries

LATER_MS: Final = (5 * 60_000, 15 * 60_000, 60 * 60_000, 6 * 60 * 60_000)
MOST_ROUNDS: Final = 32
"""Over a week, counting the last wait again and again."""

_QUOTING: Final = frozenset(
    {PostKind.CARD, PostKind.RESULT, PostKind.NOTICE, PostKind.LOG, PostKind.DIRECT}
)
"""They repeat what somebody typed, and can do without."""
_KEPT: Final = _QUOTING - {PostKind.CARD}


def was_refused(post: Post) -> bool:
    """Whether a place of this round exists but refused the message itself."""
    return bool(_body(post).get("refused"))


async def send_otherwise(parts: Parts, post: Post, request: Request | None) -> bool:
    """Without what somebody typed, then in the next place, then later from the beginning.

    False where nothing of it is left: then the message is given up. What was refused surely did
    not arrive, so that each try begins with an intent of its own. Raises: LeaseLost.
    """
    body = _body(post)
    if post.kind in _QUOTING and not body.get("plain"):
        await _redirect(parts, post, body | {"plain": True}, post.channel_id, after_ms=0)
        return True
    body.setdefault("first", post.channel_id)
    body["refused"] = True
    place = next_place(post, request)
    if place is not None:
        await _redirect(parts, post, body, place, after_ms=0)
        return True
    rounds = int(body.get("rounds") or 0) + 1
    if post.kind not in _KEPT or rounds > MOST_ROUNDS:
        return False
    body |= {"refused": False, "rounds": rounds}
    after_ms = later_ms(rounds)
    told = request if post.kind is PostKind.RESULT else None
    await _redirect(parts, post, body, int(body["first"]), after_ms=after_ms, told=told)
    return True


async def send_elsewhere(parts: Parts, post: Post, channel_id: int) -> None:
    """To another place, at once; 0 is a direct message. Raises: LeaseLost."""
    await _redirect(parts, post, _body(post), channel_id, after_ms=0)


async def send_plainly(parts: Parts, post: Post) -> bool:
    """A review card without what people typed, then without files; False where that was tried.

    Raises: LeaseLost.
    """
    body = _body(post)
    if body.get("plain") and is_link_only(post):
        return False
    if body.get("plain"):
        async with parts.database.transaction() as tx:
            await outbox_retries.aim(tx, post.id, owner=parts.settings.owner, aim_bytes=LINK_ONLY)
    await _redirect(parts, post, body | {"plain": True}, post.channel_id, after_ms=0)
    return True


def later_ms(times: int) -> int:
    """How long what was refused in every way is left alone; `times` counts from 1."""
    return LATER_MS[min(times, len(LATER_MS)) - 1]


@repeated
async def _redirect(
    parts: Parts,
    post: Post,
    body: dict[str, Any],
    channel_id: int,
    *,
    after_ms: int,
    told: Request | None = None,
) -> None:
    """Write down where, how and when it is tried next; `told`: whose member hears of it."""
    owner, now_ms = parts.settings.owner, parts.clock()
    async with parts.database.transaction() as tx:
        await outbox.redirect(
            tx,
            post.id,
            owner=owner,
            channel_id=channel_id,
            user_id=0 if channel_id else post.user_id,
            body=json.dumps(body, ensure_ascii=False),
        )
        await outbox.retry(tx, post.id, owner=owner, due_at_ms=now_ms + after_ms)
        if told is not None:
            await lifecycle.owe_kept(tx, told, now_ms)
    parts.nudge()


def _body(post: Post) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(post.body)
    return body
