"""The step of a claimed series: what comes next of it, in one transaction, then its strip."""

import logging

from bot.failpoints import point
from bot.services.series.advancing import advance
from bot.worker.context import WorkerContext
from bot.worker.pipeline.drafts import advance_draft
from bot.worker.pipeline.transitions import unschedule
from bot.worker.series.film import make_film
from bot.worker.series.strip import show_strip
from storage.engine.retry import repeated
from storage.errors import LeaseLost
from storage.records import Request, State
from storage.requests import requests
from storage.requests.series import UNDER_WAY

logger = logging.getLogger(__name__)


async def advance_series(context: WorkerContext, request: Request) -> None:
    """Do the one next thing of a series; whatever moves one of its shots makes it due again."""
    if request.state is State.DRAFT:
        await advance_draft(context, request)
    elif request.state not in UNDER_WAY:
        await unschedule(context, request)
    elif request.result_host:
        await make_film(context, request)
    else:
        advanced = await _advance(context, request)
        point("series.advanced")
        context.wakeup()
        if advanced.progress > request.progress:
            await show_strip(context, advanced)


@repeated
async def _advance(context: WorkerContext, request: Request) -> Request:
    owner = context.settings.owner
    async with context.database.transaction() as tx:
        await requests.lock(tx, request.id)
        whole = await requests.require(tx, request.id)
        if whole.lease_owner != owner or whole.state not in UNDER_WAY:
            raise LeaseLost(f"series {request.id} is not ours any more")
        return await advance(tx, whole, context.clock(), owner=owner)
