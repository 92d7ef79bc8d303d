"""The paid step: upload the inputs, record the intent, submit once."""

import asyncio
import logging
from typing import Final

from bot.failpoints import point
from bot.media.errors import FetchForbidden
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderRejected,
)
from bot.provider.wire import create_body
from bot.rules.request import VideoRequest
from bot.services.operations.circuit_breaker import is_paused
from bot.services.requests.failures import OwnFailure
from bot.services.requests.recheck import objection
from bot.worker.asset_review.references import asset_urls, review_again
from bot.worker.context import WorkerContext
from bot.worker.inputs.upload import (
    InputsGone,
    InputsRefused,
    PinnedInputs,
    read_pinned,
    upload_inputs,
)
from bot.worker.pipeline.submit_answer import MAX_ATTEMPTS, give_slot_back, record_answer, rejected
from bot.worker.pipeline.submit_results import (
    become_uncertain,
    return_to_queue,
)
from bot.worker.pipeline.transitions import fail
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import CommitUncertain
from storage.operations import key_usage
from storage.records import Request
from storage.requests import requests

logger = logging.getLogger(__name__)

RESCUE_S: Final = 4.0
"""How long a shutdown waits for the answer of a billed call."""
INTENT_TRIES: Final = 5
INTENT_PAUSE_S: Final = 1.0


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
            return await rejected(context, request, error)
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
            await asyncio.sleep(INTENT_PAUSE_S)
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
            await record_answer(context, request, sending)
        else:
            sending.cancel()
        raise
    return await record_answer(context, request, sending)
