"""Which step a request needs now, by its record alone."""

import logging
from typing import Any, Final

from bot.services.quotas.reservations import give_count_back
from bot.worker.context import WorkerContext
from bot.worker.pipeline.download import download
from bot.worker.pipeline.drafts import advance_draft
from bot.worker.pipeline.fetch_inputs import fetch_inputs, needs_inputs, ready_again
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.poll_schedule import backoff_ms
from bot.worker.pipeline.review_assets import review_assets
from bot.worker.pipeline.submit import submit
from bot.worker.pipeline.submit_results import become_uncertain, return_to_queue
from bot.worker.pipeline.transitions import fail, try_again, unschedule
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.records import Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)

MAX_UNFORESEEN: Final = 20
"""Steps before the provider has it that fail in a way nobody foresaw, before the request does."""


class Steps:
    """Runs the step of one claimed request; whatever it meets, the request is looked at again."""

    def __init__(self, context: WorkerContext, poller: Poller) -> None:
        self._context = context
        self._poller = poller

    async def run(self, request: Request) -> None:
        """Do one step. Foreseen errors are recorded, a lost lease is left to its new owner."""
        try:
            await self._step(request)
        except LeaseLost:
            logger.info(
                "A request was moved by somebody else meanwhile",
                extra=_about(request, "request.lease"),
            )
        except StorageUnavailable as error:
            # The lease runs out and the step is done again, by the record as it stands then.
            logger.warning(
                "The database can't be asked; the step comes again",
                extra={**_about(request, "request.storage"), "error": repr(error)},
            )
        except Exception as error:
            logger.exception(
                "A step met an error that it does not know",
                extra={**_about(request, "request.error"), "error": repr(error)},
            )
            await self._put_off(request.id, type(error).__name__)

    async def _put_off(self, request_id: str, why: str) -> None:
        """Come back to it later, by its record as it stands now; its lease may run out instead."""
        context = self._context
        try:
            async with context.database.reading() as tx:
                request = await requests.get(tx, request_id)
            if request is None or request.lease_owner != context.settings.owner:
                return
            is_before = request.state in (
                State.HELD,
                State.AUDITING,
                State.QUEUED,
                State.SUBMITTING,
            )
            if request.intent_at_ms and request.state is State.SUBMITTING:
                await become_uncertain(context, request)
            elif is_before and request.attempt + 1 >= MAX_UNFORESEEN:
                await fail(context, request, "unknown", provider_text=why)
            elif request.state is State.SUBMITTING:
                await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))
            else:
                await try_again(context, request, why=why)
        except BotError as error:
            logger.warning(
                "Could not put the step off; its lease runs out",
                extra={"action": "request.lease", "request_id": request_id, "error": repr(error)},
            )

    async def _step(self, request: Request) -> None:
        context = self._context
        if request.state is State.DRAFT:
            await advance_draft(context, request)
        elif needs_inputs(request):
            await fetch_inputs(context, request)
        elif request.state is State.AUDITING:
            await review_assets(context, request)
        elif request.state is State.QUEUED:
            await ready_again(context, request)
        elif request.state is State.SUBMITTING:
            await submit(context, request)
        elif request.state is State.RUNNING and request.result_url:
            await download(context, request, request.result_url)
        elif request.state is State.RUNNING or (
            request.state is State.CANCELLED and request.task_id and request.slot_until_ms
        ):
            await self._poller.poll(request)
        elif request.state is State.UNCERTAIN:
            await self._uncertain_too_long(request)
        else:
            await unschedule(context, request)

    @repeated
    async def _uncertain_too_long(self, request: Request) -> None:
        """After 24 h without an answer the member may ask again; the cost stays reserved."""
        async with self._context.database.transaction() as tx:
            await give_count_back(tx, request, self._context.clock())
        await unschedule(self._context, request)


def _about(request: Request, action: str) -> dict[str, Any]:
    return {"action": action, "request_id": request.id, "state": request.state}
