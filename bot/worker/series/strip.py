"""Shows on the card of a series what is made so far: one picture with a frame of each shot."""

import asyncio
import logging
from collections.abc import Sequence

from bot.errors import DeliveryError, DiscordUnavailable
from bot.media.errors import MediaError
from bot.services.moderation.review_lifecycle import is_behind_spoiler
from bot.services.server_settings import read_settings
from bot.worker.context import WorkerContext
from bot.worker.outbox.throttled_channels import throttle
from bot.worker.series.videos import held, made_shots, shot_video
from storage.engine.transaction import Transaction
from storage.moderation import blocks, safety_checks
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import Outcome
from storage.records import OutboxState, Request
from storage.requests import outbox

logger = logging.getLogger(__name__)


async def show_strip(context: WorkerContext, whole: Request) -> None:
    """Draw the strip and put it on the card that stands; a card without one is no failure."""
    shots = await made_shots(context, whole.id)
    async with context.database.reading() as tx:
        card = await outbox.card_of(tx, whole.id)
        if not await _may_be_seen(context, tx, whole, shots):
            return
    if card is None or card.state is not OutboxState.SENT or not card.message_id:
        return
    if context.throttled_until.get(card.sent_channel_id, 0) > context.clock():
        return
    target = context.path(f"results/{whole.id}.strip.jpg")
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        with held(context, shots):
            files = [await shot_video(context, shot) for shot in shots]
            if files and await context.media.strip(files, target):
                await context.messenger.edit_strip(card, whole, target)
    except (MediaError, DeliveryError, OSError) as error:
        logger.warning(
            "The strip of a series is not shown",
            extra={"action": "series.strip", "request_id": whole.id, "error": repr(error)},
        )
        if isinstance(error, DiscordUnavailable) and error.retry_after_s:
            until_ms = context.clock() + round(error.retry_after_s * 1000)
            await throttle(context, card.sent_channel_id, until_ms)


async def _may_be_seen(
    context: WorkerContext, tx: Transaction, whole: Request, shots: Sequence[Request]
) -> bool:
    """Whether the film would be posted without anybody looking first: nothing of it goes before it.

    Nor does anything show openly that goes behind a spoiler, or that the safety check has not
    cleared.
    """
    settings = await read_settings(tx, whole.guild_id)
    if settings.review == "result" or await is_behind_spoiler(tx, whole.id):
        return False
    if context.checker is not None and settings.hold_flagged:
        checks = [await safety_checks.get(tx, shot.id, Stage.RESULT) for shot in shots]
        if not all(check is not None and check.outcome is Outcome.CLEAR for check in checks):
            return False
    blocked = await blocks.active(tx, whole.guild_id, whole.user_id, context.clock())
    return blocked is None
