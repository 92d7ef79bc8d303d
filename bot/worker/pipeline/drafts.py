"""Draft step: fetch the files while the member decides, and end the draft when it expires."""

from bot.services.requests import lifecycle
from bot.services.requests.drafts import EXPIRED, draft_ends_ms
from bot.worker.context import WorkerContext
from bot.worker.inputs.fetch import fetch_inputs
from bot.worker.pipeline.transitions import note, unschedule
from storage.engine.retry import repeated
from storage.records import Request, State


async def advance_draft(context: WorkerContext, request: Request) -> None:
    """Fetch a draft's files; end an expired draft, and with it its files.

    A shot ends with its series, which has no files of its own.
    """
    if request.series_of and (request.shot > 1 or request.prepared_at_ms):
        await unschedule(context, request)
    elif context.clock() >= draft_ends_ms(request) and not request.series_of:
        await _release_draft(context, request)
    elif not request.prepared_at_ms and not request.shots:
        await fetch_inputs(context, request)
    else:
        await note(context, request, due_at_ms=draft_ends_ms(request), lease_owner="")


@repeated
async def _release_draft(context: WorkerContext, request: Request) -> None:
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        await lifecycle.end(
            tx,
            request,
            State.CANCELLED,
            now_ms=now_ms,
            owner=context.settings.owner,
            failure=EXPIRED,
        )
    context.wakeup()
