"""Asks the provider for the verdicts of its asset review: one call for all that is pending."""

import logging
from typing import Final

from bot.failpoints import point
from bot.provider.assets import Verdict
from bot.provider.errors import ProviderError
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.operations import key_values
from storage.requests import asset_reviews
from storage.requests.asset_reviews import AssetState

logger = logging.getLogger(__name__)

CHECK_EVERY_MS: Final = 15_000
"""Over all processes: the provider asks for no bursts."""
MOST_IDS: Final = 500
BATCH: Final = 500
LAST_CHECK: Final = "asset-verdicts"
KEPT_MS: Final = 90 * 24 * 60 * 60 * 1000
"""A review that no request has needed for so long is forgotten."""

_STATES: Final = {Verdict.ACTIVE: AssetState.ACTIVE, Verdict.REFUSED: AssetState.REFUSED}


async def check_verdicts(context: WorkerContext) -> None:
    """Look up all pending ids if a look is due, and wake the requests that wait for them."""
    key_id = context.settings.key_id
    now_ms = context.clock()
    async with context.database.reading() as tx:
        next_ms = await asset_reviews.next_check_ms(tx, key_id)
        last_ms = await key_values.since_ms(tx, LAST_CHECK)
    if next_ms is None or now_ms < max(next_ms, (last_ms or 0) + CHECK_EVERY_MS):
        return
    ids = await _claim_check(context)
    if not ids:
        return
    try:
        verdicts = await context.provider.asset_verdicts(ids)
    except ProviderError as error:
        # a look that fails says nothing of the files
        logger.warning(
            "The provider's asset review can't be asked; it is asked again",
            extra={"action": "assets.check", "ids": len(ids), "error": repr(error)},
        )
        return
    point("assets.checked")
    await _settle(context, {each: _STATES[v] for each, v in verdicts.items() if v in _STATES})


@repeated
async def _claim_check(context: WorkerContext) -> list[str]:
    """The ids to ask for; empty if another process has asked meanwhile."""
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        await key_values.hold(tx, LAST_CHECK)
        last_ms = await key_values.since_ms(tx, LAST_CHECK)
        if last_ms and now_ms < last_ms + CHECK_EVERY_MS:
            return []
        await key_values.set(tx, LAST_CHECK, context.settings.owner, now_ms)
        return await asset_reviews.pending(tx, context.settings.key_id, limit=MOST_IDS)


@repeated
async def _settle(context: WorkerContext, states: dict[str, AssetState]) -> None:
    if not states:
        return
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        for asset_id, state in sorted(states.items()):
            await asset_reviews.settle(tx, context.settings.key_id, asset_id, state, now_ms)
        await asset_reviews.wake_requests(tx, now_ms)
    logger.info(
        "The provider has reviewed files",
        extra={
            "action": "assets.reviewed",
            "active": sum(state is AssetState.ACTIVE for state in states.values()),
            "refused": sum(state is AssetState.REFUSED for state in states.values()),
        },
    )
    context.wakeup()


async def forget_reviews(context: WorkerContext) -> None:
    """Delete the ids of other keys, and reviews that no request has needed for long."""
    while await _forget_some(context):
        pass


@repeated
async def _forget_some(context: WorkerContext) -> int:
    async with context.database.transaction() as tx:
        return await asset_reviews.forget_some(
            tx, context.settings.key_id, context.clock() - KEPT_MS, limit=BATCH
        )
