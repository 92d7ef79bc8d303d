"""The step of a draft: its files are fetched and kept while its member thinks, then it goes."""

from bot.services.requests import lifecycle
from bot.services.requests.drafts import EXPIRED, draft_ends_ms
from bot.worker.context import Parts
from bot.worker.pipeline.fetch_inputs import fetch_inputs
from bot.worker.pipeline.transitions import note
from storage.engine.retry import repeated
from storage.records import Request, State


async def tend_draft(parts: Parts, request: Request) -> None:
    """Fetch what a draft needs; once its time is over, end it, and its files go with it."""
    if parts.clock() >= draft_ends_ms(request):
        await _let_go(parts, request)
    elif not request.prepared_at_ms:
        await fetch_inputs(parts, request)
    else:
        await note(parts, request, due_at_ms=draft_ends_ms(request), lease_owner="")


@repeated
async def _let_go(parts: Parts, request: Request) -> None:
    now_ms = parts.clock()
    async with parts.database.transaction() as tx:
        await lifecycle.end(
            tx,
            request,
            State.CANCELLED,
            now_ms=now_ms,
            owner=parts.settings.owner,
            failure=EXPIRED,
        )
    parts.nudge()
