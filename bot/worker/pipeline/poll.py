"""Poll step: queries a task and records what follows; no answer loses the task."""

import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any, Final

from bot.failpoints import point
from bot.provider.errors import FailureKind, ProviderError, ProviderKeyRefused, ProviderThrottled
from bot.provider.wire import TaskStatus, TaskView
from bot.services.operations.circuit_breaker import OutageReason, note_answered
from bot.services.quotas.costs import SaidCost
from bot.services.wakeup import Topic
from bot.worker.context import WorkerContext
from bot.worker.pipeline.owner_alerts import note_outage
from bot.worker.pipeline.poll_schedule import BACKOFF_MS, next_poll_ms
from bot.worker.pipeline.submit_results import THROTTLE_JITTER_MS
from bot.worker.pipeline.task_costs import book_cost, record_cost, said_by
from bot.worker.pipeline.transitions import fail, note, try_again, unschedule
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import Request, State
from storage.requests import requests

logger = logging.getLogger(__name__)

REMEMBERED: Final = 4096
"""Tasks whose progress is kept in memory for the forecast; losing it only costs accuracy."""
TAKEN_OVER_MS: Final = 60_000
"""A task first polled here later than this was another process's before."""
LINK_LIFE_MS: Final = 3 * 24 * 60 * 60 * 1000
"""How long the provider keeps a video; an unreachable task is polled this much longer."""


class Poller:
    """The poll step, with the progress seen so far in memory."""

    def __init__(
        self, context: WorkerContext, show_progress: Callable[[Request], Awaitable[None]]
    ) -> None:
        self._context = context
        self._show_progress = show_progress
        self._seen: OrderedDict[str, list[tuple[int, int]]] = OrderedDict()
        self._had_trouble = False
        self._silent_until_ms = 0

    async def poll(self, request: Request) -> Request | None:
        """Query once and record the video's URL, a failure, or when to poll again."""
        if self._context.clock() < self._silent_until_ms:
            # the key was refused a moment ago: keep all tasks, query none
            return await note(
                self._context, request, due_at_ms=self._silent_until_ms, lease_owner=""
            )
        asked_at_ms = self._context.clock()
        try:
            view = await self._context.provider.query(request.task_id)
        except ProviderError as error:
            return await self._unanswered(request, error)
        point("task.asked")
        await self._answered()
        logger.debug(
            "A task was polled",
            extra={
                "action": "task.polled",
                "request_id": request.id,
                "task_id": request.task_id,
                "status": view.status,
                "progress": view.progress,
            },
        )
        said = said_by(view, asked_at_ms)
        if view.status is TaskStatus.COMPLETED and view.video_url:
            return await self._completed(request, view, view.video_url, said)
        request = await record_cost(self._context, request, said)
        if view.status is TaskStatus.FAILED:
            return await self._failed(request, view)
        # query before giving up: the video may have been made while the bot was down
        if self._is_over(request, self._context.settings.give_up_ms):
            return await self._give_up(request)
        return await self._going_on(request, view)

    def _is_over(self, request: Request, patience_ms: int) -> bool:
        return self._context.clock() - request.submitted_at_ms >= patience_ms

    @repeated
    async def _answered(self) -> None:
        """Reset the circuit breaker's count of failures: the provider answered."""
        if not self._had_trouble:
            return
        now_ms = self._context.clock()
        await self._context.database.write(lambda tx: note_answered(tx, now_ms))
        self._had_trouble = False

    async def _completed(
        self, request: Request, view: TaskView, url: str, said: SaidCost
    ) -> Request | None:
        if request.state is not State.RUNNING:
            request = await record_cost(self._context, request, said)
            kept = {} if is_pseudonym(request.user_id) else {"result_url": url}
            return await unschedule(self._context, request, slot_until_ms=0, **kept)
        took_ms = request.took_ms or self._took_ms(request, view)
        self._seen.pop(request.id, None)
        self._context.metrics.seen_ready(request.id)
        # downloads have slots of their own, so that slow ones do not delay polls
        ready = await self._ready(request, said, {"took_ms": took_ms, "result_url": url})
        self._context.wakeup(Topic.REQUESTS)
        return ready

    @repeated
    async def _ready(self, request: Request, said: SaidCost, found: dict[str, Any]) -> Request:
        """Record in one transaction what the task cost and where its video is."""
        now_ms, owner = self._context.clock(), self._context.settings.owner

        async def record(tx: Transaction) -> Request:
            # books it by the request as it is; the lease of the claimed row guards both
            await book_cost(tx, request, said, now_ms)
            return await requests.note(
                tx,
                request.id,
                source=request.state,
                owner=owner,
                due_at_ms=now_ms,
                lease_owner="",
                **found,
            )

        return await self._context.database.write(record)

    def _took_ms(self, request: Request, view: TaskView) -> int:
        """The duration of the task: it ended after the last poll that found it unready.

        Within that range the provider's figure, else the middle.
        """
        longest_ms = max(1, self._context.clock() - request.submitted_at_ms)
        looks = self._seen.get(request.id)
        shortest_ms = max(0, looks[-1][0] - request.submitted_at_ms) if looks else 0
        if view.took_s is not None:
            # whole seconds by its clock; 0 here would mean that nobody knows
            return round(min(max(view.took_s * 1000, shortest_ms, 1), longest_ms))
        return (shortest_ms + longest_ms) // 2 if shortest_ms else longest_ms

    async def _failed(self, request: Request, view: TaskView) -> Request:
        self._seen.pop(request.id, None)
        if request.state is not State.RUNNING:
            told = {} if is_pseudonym(request.user_id) else {"provider_text": view.text}
            return await unschedule(self._context, request, slot_until_ms=0, **told)
        failure = view.failure or FailureKind.UNKNOWN
        return await fail(self._context, request, failure, provider_text=view.text)

    async def _give_up(self, request: Request) -> Request:
        if request.state is not State.RUNNING:
            return await unschedule(self._context, request, slot_until_ms=0)
        return await fail(self._context, request, "too-long")

    async def _unanswered(self, request: Request, error: ProviderError) -> Request:
        """Retry a failed query; pause all polls while the key is refused."""
        context = self._context
        if isinstance(error, ProviderThrottled):
            # busy, not down: retry when it asks to
            wait_ms = round(error.retry_after_s * 1000 + context.jitter() * THROTTLE_JITTER_MS)
            return await try_again(context, request, why=repr(error), after_ms=wait_ms)
        self._had_trouble = True
        trouble = OutageReason.KEY if isinstance(error, ProviderKeyRefused) else OutageReason.DOWN
        await note_outage(context, trouble, error, is_query=True)
        if self._is_over(request, context.settings.give_up_ms + LINK_LIFE_MS):
            return await self._give_up(request)
        after_ms = None
        if trouble is OutageReason.KEY:
            after_ms = BACKOFF_MS[-1]
            self._silent_until_ms = context.clock() + after_ms
        return await try_again(context, request, why=repr(error), after_ms=after_ms)

    async def _going_on(self, request: Request, view: TaskView) -> Request:
        context = self._context
        now_ms = context.clock()
        changes: dict[str, Any] = {
            "attempt": 0,
            "lease_owner": "",
            "billed_at_ms": request.billed_at_ms,
        }
        progress = view.progress or 0
        if view.status is TaskStatus.RUNNING and progress > request.progress:
            changes |= {"progress": min(progress, 100), "polled_at_ms": now_ms}
        is_first_poll = request.id not in self._seen
        self._remember(request.id, now_ms, progress)
        changes["due_at_ms"] = now_ms + await self._wait_ms(request, now_ms)
        noted = await note(context, request, **changes)
        # first polled by this process: the completion time on its card may have passed
        is_taken_over = is_first_poll and now_ms - request.submitted_at_ms > TAKEN_OVER_MS
        if noted.progress != request.progress or is_taken_over:
            await self._show_progress(noted)
        return noted

    async def _wait_ms(self, request: Request, now_ms: int) -> int:
        if self._context.settings.fixed_poll_ms:
            return self._context.settings.fixed_poll_ms
        samples = await self._context.database.read(
            lambda tx: requests.samples(tx, request.model, request.seconds)
        )
        seen = self._seen.get(request.id, ())
        return next_poll_ms(samples, request.submitted_at_ms, now_ms, seen)

    def _remember(self, request_id: str, now_ms: int, progress: int) -> None:
        seen = self._seen.setdefault(request_id, [])
        seen.append((now_ms, progress))
        del seen[:-8]
        self._seen.move_to_end(request_id)
        while len(self._seen) > REMEMBERED:
            self._seen.popitem(last=False)
