"""Dispatches a claimed request to the step that its record calls for."""

import logging
from typing import Any, Final

from bot.media.errors import OURS
from bot.services.quotas.reservations import give_count_back
from bot.worker.asset_review.step import review_assets
from bot.worker.context import STORE_AWAY_MS, WorkerContext
from bot.worker.inputs.fetch import fetch_inputs, needs_inputs
from bot.worker.pipeline.download import download
from bot.worker.pipeline.drafts import advance_draft
from bot.worker.pipeline.poll import Poller
from bot.worker.pipeline.poll_schedule import backoff_ms
from bot.worker.pipeline.slots import ready_again
from bot.worker.pipeline.submit import submit
from bot.worker.pipeline.submit_results import become_uncertain, return_to_queue
from bot.worker.pipeline.transitions import fail, note, try_again, unschedule
from bot.worker.series.lost_videos import download_lost
from bot.worker.series.step import advance_series
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)

MAX_UNFORESEEN: Final = 20
"""Unexpected errors before the submission after which the request fails."""


class Steps:
    """Runs the step of one claimed request; after any error the request stays due."""

    def __init__(self, context: WorkerContext, poller: Poller) -> None:
        self._context = context
        self._poller = poller

    async def run(self, request: Request) -> None:
        """Run one step; record foreseen errors, and leave a lost lease to its new owner."""
        try:
            with self._context.files.hold(request.id):
                await self._step(request)
        except LeaseLost:
            logger.info(
                "A request was moved concurrently",
                extra=_about(request, "request.lease"),
            )
        except StorageUnavailable as error:
            # The lease times out and the step runs again on the record as it is then.
            logger.warning(
                "The database is unavailable; the step will run again",
                extra={**_about(request, "request.storage"), "error": repr(error)},
            )
        except OURS as error:
            logger.warning(
                "The media store or the disk is unavailable; the step will run again",
                extra={**_about(request, "request.store"), "error": repr(error)},
            )
            await self._put_off(request.id, type(error).__name__, counts=False)
        except Exception as error:
            logger.exception(
                "A step failed with an unexpected error",
                extra={**_about(request, "request.error"), "error": repr(error)},
            )
            await self._put_off(request.id, type(error).__name__)

    async def _put_off(self, request_id: str, why: str, *, counts: bool = True) -> None:
        """Reschedule the request as its record stands now; else its lease times out.

        What is no fault of the request `counts` as no attempt.
        """
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
            elif not counts:
                await self._wait_for_store(request)
            elif is_before and request.attempt + 1 >= MAX_UNFORESEEN:
                await fail(context, request, "unknown", provider_text=why)
            elif request.state is State.SUBMITTING:
                await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))
            else:
                await try_again(context, request, why=why)
        except BotError as error:
            logger.warning(
                "Rescheduling a step failed; its lease times out",
                extra={"action": "request.lease", "request_id": request_id, "error": repr(error)},
            )

    async def _wait_for_store(self, request: Request) -> None:
        """Run the step again soon; a provider slot goes to others meanwhile."""
        context = self._context
        if request.state is State.SUBMITTING:
            await return_to_queue(context, request, wait_ms=STORE_AWAY_MS, attempt=request.attempt)
        else:
            await note(context, request, due_at_ms=context.clock() + STORE_AWAY_MS, lease_owner="")

    async def _step(self, request: Request) -> None:
        context = self._context
        if request.shots:
            await advance_series(context, request)
        elif request.state is State.DRAFT:
            await advance_draft(context, request)
        elif needs_inputs(request):
            await fetch_inputs(context, request)
        elif request.state is State.AUDITING:
            await review_assets(context, request)
        elif request.state in (State.QUEUED, State.HELD):
            await ready_again(context, request)
        elif request.state is State.SUBMITTING:
            await submit(context, request)
        elif request.state is State.UNCERTAIN:
            await self._uncertain_too_long(request)
        else:
            await self._follow_task(request)

    async def _follow_task(self, request: Request) -> None:
        """Get what the provider makes, or made, of a request that was submitted."""
        context = self._context
        if request.state is State.RUNNING and request.result_url:
            await download(context, request, request.result_url)
        elif request.state is State.RENDERED and request.series_of:
            await download_lost(context, request)
        elif request.state is State.RUNNING or (
            request.state is State.CANCELLED and request.task_id and request.slot_until_ms
        ):
            await self._poller.poll(request)
        else:
            await unschedule(context, request)

    @repeated
    async def _uncertain_too_long(self, request: Request) -> None:
        """Release the count after 24 h without an answer; the cost stays reserved."""
        async with self._context.database.transaction() as tx:
            # first, so that nothing comes back of a request that an owner has settled meanwhile
            await requests.note(
                tx,
                request.id,
                source=State.UNCERTAIN,
                owner=self._context.settings.owner,
                due_at_ms=NEVER_DUE,
                lease_owner="",
            )
            await give_count_back(tx, request, self._context.clock())


def _about(request: Request, action: str) -> dict[str, Any]:
    return {"action": action, "request_id": request.id, "state": request.state}
