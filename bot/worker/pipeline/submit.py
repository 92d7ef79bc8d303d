"""The paid step: upload the inputs, record the intent, submit once, record the answer."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from bot.failpoints import point
from bot.media.errors import FetchForbidden
from bot.provider.assets import names_unknown_asset
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderKeyRefused,
    ProviderOutOfMoney,
    ProviderRejected,
    ProviderThrottled,
    ProviderUnavailable,
    SubmissionUncertain,
)
from bot.provider.wire import CreatedTask, create_body
from bot.rules.request import VideoRequest
from bot.services.operations.circuit_breaker import OutageReason, is_paused
from bot.services.requests.failures import Failure, OwnFailure
from bot.services.requests.recheck import objection
from bot.worker.asset_review.references import asset_urls, review_again
from bot.worker.context import WorkerContext
from bot.worker.pipeline.owner_alerts import note_outage
from bot.worker.pipeline.poll_schedule import backoff_ms
from bot.worker.pipeline.submit_results import (
    accepted,
    become_uncertain,
    never_taken,
    return_to_queue,
    throttled,
)
from bot.worker.pipeline.transitions import fail
from bot.worker.pipeline.upload_inputs import (
    InputsGone,
    InputsRefused,
    PinnedInputs,
    read_pinned,
    upload_inputs,
)
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import CommitUncertain, LeaseLost, StorageUnavailable
from storage.operations import key_usage
from storage.records import Request
from storage.requests import requests

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 20
"""About 15 minutes of "try later" answers; outages are left to the circuit breaker."""
RESCUE_S: Final = 4.0
"""How long a shutdown waits for the answer of a billed call."""
STORAGE_PAUSE_S: Final = 1.0
INTENT_TRIES: Final = 5

ResultT = TypeVar("ResultT")


class _NotAllowed(Exception):
    """Something has forbidden the request since its creation; `word` names it."""

    def __init__(self, word: OwnFailure) -> None:
        super().__init__(word)
        self.word = word


class _Paused(Exception):
    """An owner has paused the bot."""


async def submit(context: WorkerContext, request: Request) -> Request | None:
    """Submit a request that has a slot, at most once.

    A row that already has an intent was submitted, or nearly, by a process that died: its answer
    is lost and it becomes `uncertain`. Everything before the intent may be done again.
    """
    if request.intent_at_ms:
        return await become_uncertain(context, request)
    spec = context.catalogue.get(request.model)
    if spec is None:
        return await fail(context, request, "parameters", provider_text="the model is gone")
    video, pinned = VideoRequest.model_validate_json(request.spec), PinnedInputs()
    if video.media:
        word, pinned = await context.database.read(lambda tx: _look(context, tx, request))
        if word is not None:
            return await fail(context, request, word)
    urls = await _addresses(context, request, pinned)
    if isinstance(urls, Request):
        return urls
    point("inputs.put-up")
    # evidence of whether it was billed, should its answer get lost
    await context.key_usage.ensure()
    body = create_body(spec, video, urls)
    # From this commit on the request counts as submitted, even after a crash.
    try:
        request = await _intend(context, request)
    except _NotAllowed as refusal:
        return await fail(context, request, refusal.word)
    except _Paused:
        # it got its slot before the owner paused the bot
        return await return_to_queue(context, request, wait_ms=0)
    point("submit.intended")
    return await _send(context, request, body)


async def _look(
    context: WorkerContext, tx: Transaction, request: Request
) -> tuple[OwnFailure | None, PinnedInputs]:
    """Why it must not be submitted, before anything is uploaded; else what is to be uploaded."""
    word = await objection(tx, request, context.settings.turns, context.clock())
    if word is not None or request.needs_audit:
        return word, PinnedInputs()
    return None, await read_pinned(tx, request)


async def _addresses(
    context: WorkerContext, request: Request, pinned: PinnedInputs
) -> list[str] | Request:
    """Where the provider finds each input; without that, the request as it was moved on."""
    if request.needs_audit:
        assets = await asset_urls(context, request)
        if assets is None:
            return await review_again(context, request, forget=False)
        return assets
    try:
        return await upload_inputs(context, pinned)
    except InputsGone:
        return await return_to_queue(context, request, wait_ms=0, prepared_at_ms=0, host="")
    except (InputsRefused, FetchForbidden) as error:
        return await fail(context, request, "media", provider_text=str(error))
    except ProviderError as error:
        return await _not_uploaded(context, request, error)


async def _not_uploaded(context: WorkerContext, request: Request, error: ProviderError) -> Request:
    """Retry a failed upload, which bills nothing, or fail the request if it was refused."""
    if isinstance(error, ProviderRejected):
        is_busy = error.kind is FailureKind.BUSY
        if is_busy or error.kind.is_content:
            return await _rejected(context, request, error)
        return await fail(context, request, "media", provider_text=error.text)
    if isinstance(error, ProviderContract) and request.attempt + 1 >= MAX_ATTEMPTS:
        return await fail(context, request, "media", provider_text=str(error))
    return await give_slot_back(context, request, error)


async def _intend(context: WorkerContext, request: Request) -> Request:
    """Record the intent; after an uncertain commit again, since nothing was sent yet.

    Raises: LeaseLost, StorageUnavailable, _NotAllowed, _Paused: nothing may be sent then.
    """
    for _ in range(INTENT_TRIES):
        try:
            return await _intend_once(context, request)
        except CommitUncertain:
            await asyncio.sleep(STORAGE_PAUSE_S)
    return await _intend_once(context, request)


@repeated
async def _intend_once(context: WorkerContext, request: Request) -> Request:
    """Check permission in the same transaction by which the request counts as submitted."""
    now_ms = context.clock()

    async def intend(tx: Transaction) -> Request:
        word = await objection(tx, request, context.settings.turns, now_ms)
        if word is not None:
            raise _NotAllowed(word)
        if await is_paused(tx):
            raise _Paused
        return await requests.note(
            tx,
            request.id,
            source=request.state,
            owner=context.settings.owner,
            intent_at_ms=now_ms,
            key_usage_id=await key_usage.newest_id(tx),
        )

    return await context.database.write(intend)


async def _send(
    context: WorkerContext, request: Request, body: dict[str, object]
) -> Request | None:
    sending = asyncio.ensure_future(context.provider.create(body))
    try:
        # not `await sending`: a cancellation must not lose the answer of a billed call
        await asyncio.wait({sending})
    except asyncio.CancelledError:
        await asyncio.wait({sending}, timeout=RESCUE_S)
        if sending.done():
            await _record(context, request, sending)
        else:
            sending.cancel()
        raise
    return await _record(context, request, sending)


async def _record(
    context: WorkerContext, request: Request, sent: asyncio.Future[CreatedTask]
) -> Request | None:
    """Record the outcome of the one create call; wait while the database is unavailable."""
    point("submit.answered")
    try:
        created = sent.result()
    except ProviderRejected as error:
        refusal = error
        return await _refused(
            context, request, lambda: _rejected(context, request, refusal), failure=refusal.kind
        )
    except (
        ProviderThrottled,
        ProviderKeyRefused,
        ProviderOutOfMoney,
        ProviderUnavailable,
    ) as error:
        trouble = error
        return await _refused(
            context, request, lambda: give_slot_back(context, request, trouble), failure="busy"
        )
    except ProviderError as error:
        return await _lost(context, request, error)
    return await accepted(context, request, created)


async def _refused(
    context: WorkerContext,
    request: Request,
    record: Callable[[], Awaitable[Request]],
    *,
    failure: Failure,
) -> Request | None:
    """Record an answer that certainly started no task."""
    try:
        return await _written(request, record)
    except LeaseLost:
        # Cancelled, or declared uncertain, before the refusal arrived: it costs nothing.
        return await _written(request, lambda: never_taken(context, request, failure))


async def _lost(context: WorkerContext, request: Request, error: ProviderError) -> Request:
    task_id = error.task_id if isinstance(error, SubmissionUncertain) else ""
    logger.error(
        "The provider's answer to a submission was lost",
        extra={
            "action": "submit.uncertain",
            "request_id": request.id,
            "task_id": task_id,
            "error": repr(error),
            "provider_text": error.text,
        },
    )
    moved = await _written(
        request, lambda: become_uncertain(context, request, task_id=task_id, text=error.text)
    )
    await note_outage(context, OutageReason.DOWN, error)
    return moved


async def _written(request: Request, record: Callable[[], Awaitable[ResultT]]) -> ResultT:
    """Repeat until the database accepts it: this is the only copy of the answer.

    Raises: LeaseLost, also when an uncertain commit had succeeded.
    """
    while True:
        try:
            return await record()
        except StorageUnavailable as error:
            logger.warning(
                "An answer of the provider cannot be recorded yet",
                extra={
                    "action": "submit.journal",
                    "request_id": request.id,
                    "error": repr(error),
                },
            )
        await asyncio.sleep(STORAGE_PAUSE_S)


async def give_slot_back(context: WorkerContext, request: Request, error: ProviderError) -> Request:
    """Return to the queue after a failure that started nothing; the circuit breaker counts it."""
    if isinstance(error, ProviderThrottled):
        return await throttled(context, request, error)
    trouble = OutageReason.DOWN
    if isinstance(error, ProviderKeyRefused):
        trouble = OutageReason.KEY
    elif isinstance(error, ProviderOutOfMoney):
        trouble = OutageReason.MONEY
    await note_outage(context, trouble, error)
    return await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))


async def _rejected(context: WorkerContext, request: Request, error: ProviderRejected) -> Request:
    """Fail a rejected request: no task was started, so nothing was billed."""
    if request.needs_audit and not request.audits and names_unknown_asset(error.text):
        return await review_again(context, request, forget=True)
    if error.kind is FailureKind.BUSY and request.attempt + 1 < MAX_ATTEMPTS:
        return await return_to_queue(context, request, wait_ms=backoff_ms(request.attempt + 1))
    return await fail(context, request, error.kind, provider_text=error.text, intent_at_ms=0)
