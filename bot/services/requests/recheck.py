"""Rechecks server settings and blocks right before a request is submitted."""

from collections.abc import Collection
from dataclasses import dataclass

from bot.services.moderation.review_history import reviews_of
from bot.services.requests.failures import OwnFailure
from bot.services.server_settings import settings_of
from storage.engine.transaction import Transaction
from storage.moderation import blocks
from storage.moderation.reviews import ReviewState, Stage
from storage.records import Request
from storage.servers import servers


@dataclass(frozen=True, slots=True)
class TurnSettings:
    """What the owner allows; `new_server_models` is for servers whose managers named none."""

    allowed_guilds: frozenset[int] = frozenset()
    new_server_models: Collection[str] | None = None
    """None: every model."""


async def objection(
    tx: Transaction, request: Request, owners: TurnSettings, now_ms: int
) -> OwnFailure | None:
    """Why a request must not be submitted now, as its failure code; None if it may.

    Call it in the transaction that writes the intent: what was allowed at creation may not be
    any more.
    """
    if owners.allowed_guilds and request.guild_id not in owners.allowed_guilds:
        return "not-served"
    server = await servers.require(tx, request.guild_id)
    if server.left_at_ms:
        return "not-served"
    settings = settings_of(server)
    place = request.parent_channel_id or request.channel_id
    if settings.channels is not None and place not in settings.channels:
        return "channel-closed"
    models = settings.models if settings.models is not None else owners.new_server_models
    if models is not None and request.model not in models:
        return "model-closed"
    return "blocked" if await _is_blocked(tx, request, now_ms) else None


async def _is_blocked(tx: Transaction, request: Request, now_ms: int) -> bool:
    """Whether its member is blocked and no moderator approved it since the block."""
    block = await blocks.active(tx, request.guild_id, request.user_id, now_ms)
    if block is None:
        return False
    return not any(
        review.stage is Stage.PROMPT
        and review.state in (ReviewState.APPROVED, ReviewState.SPOILER)
        and review.decided_at_ms >= block.at_ms
        for review in await reviews_of(tx, request)
    )
