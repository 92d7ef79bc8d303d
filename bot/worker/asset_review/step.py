"""Has the provider review a request's files before it is queued: models that take assets only."""

import logging
from collections.abc import Mapping, Sequence
from typing import Final

from bot.failpoints import point
from bot.media.errors import StoreUnavailable
from bot.provider.errors import (
    FailureKind,
    ProviderContract,
    ProviderError,
    ProviderRejected,
    SubmissionUncertain,
)
from bot.rules.media import MediaKind
from bot.rules.media_kinds import field_of, shown
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation
from bot.services.operations.circuit_breaker import is_paused, read_health
from bot.services.requests.recheck import objection
from bot.worker.asset_review.references import (
    file_key,
    files_of,
    forget_reviews_of,
    reviews_of,
    state_of,
)
from bot.worker.context import WorkerContext
from bot.worker.inputs.upload import (
    InputsGone,
    InputsRefused,
    input_address,
)
from bot.worker.pipeline.transitions import fail, note, try_again
from storage.engine.retry import repeated
from storage.records import NEVER_DUE, Input, Request, State
from storage.requests import asset_reviews, requests
from storage.requests.asset_reviews import AssetReview, AssetState, FileKey

logger = logging.getLogger(__name__)

MOST_TRIES: Final = 3
"""Submissions of one file: a review bills nothing, so a lost answer may be repeated."""
ANSWER_MS: Final = 120_000
"""A submission without an answer for so long is lost."""
RETRY_MS: Final = 10_000
FIRST_CHECK_MS: Final = 5_000
PAUSE_MS: Final = 15_000


async def review_assets(context: WorkerContext, request: Request) -> Request:
    """Submit files that were not reviewed yet, and queue the request once all are active.

    A refused file ends the request as content; a review that is not taken, or that takes longer
    than the owner's limit, is a technical failure. Nothing is billed until then.
    """
    async with context.database.reading() as tx:
        rows = await files_of(tx, request)
        word = await objection(tx, request, context.settings.turns, context.clock())
        is_halted = await is_paused(tx) or (await read_health(tx)).is_open
    if word is not None:
        return await fail(context, request, word)
    known = await reviews_of(context, rows)
    refused = [row for row in rows if state_of(known, row) is AssetState.REFUSED]
    if refused:
        return await _refuse(context, request, refused)
    if all(state_of(known, row) is AssetState.ACTIVE for row in rows):
        return await _queue(context, request, rows)
    now_ms = context.clock()
    missing = [row for row in rows if state_of(known, row) in (None, AssetState.SUBMITTING)]
    if missing and is_halted and not request.audit_since_ms:
        return await note(context, request, due_at_ms=now_ms + PAUSE_MS, lease_owner="")
    if not request.audit_since_ms:
        request = await note(context, request, audit_since_ms=now_ms)
    deadline_ms = request.audit_since_ms + context.settings.asset_review_ms
    if now_ms >= deadline_ms:
        return await fail(context, request, "audit-too-long")
    given_up = [row for row in rows if _is_given_up(known.get(file_key(row)), now_ms)]
    if given_up:
        # another request may try them anew
        await forget_reviews_of(context, given_up)
        return await fail(context, request, "audit-not-taken")
    if missing:
        failed = await _submit(context, request, missing)
        if failed is not None:
            return failed
    return await _wait(context, request, rows, deadline_ms)


def _is_given_up(review: AssetReview | None, now_ms: int) -> bool:
    """Whether a file was submitted as often as it may be, and the last answer is lost."""
    return (
        review is not None
        and review.state is AssetState.SUBMITTING
        and review.tries >= MOST_TRIES
        and review.submitted_at_ms <= now_ms - ANSWER_MS
    )


async def _submit(
    context: WorkerContext, request: Request, rows: Sequence[Input]
) -> Request | None:
    """Upload and submit files that nobody else is submitting; a request is returned if it ended."""
    mine = await _claim(context, {file_key(row): row for row in rows})
    if not mine:
        return None
    try:
        urls = {key: await input_address(context, row, is_seen=True) for key, row in mine.items()}
        batch = await context.provider.submit_assets(
            [(MediaKind(kind), urls[kind, sha256]) for kind, sha256 in mine]
        )
    except InputsGone:
        await _not_submitted(context, mine)
        return await note(
            context, request, prepared_at_ms=0, host="", due_at_ms=context.clock(), lease_owner=""
        )
    except StoreUnavailable:
        await _not_submitted(context, mine)
        raise
    except InputsRefused as error:
        await _not_submitted(context, mine)
        return await fail(context, request, "media", provider_text=str(error))
    except ProviderRejected as error:
        await _not_submitted(context, mine)
        if error.kind is FailureKind.BUSY:
            return await try_again(context, request, why=repr(error))
        return await fail(context, request, error.kind, provider_text=error.text)
    except ProviderError as error:
        may_have_arrived = isinstance(error, SubmissionUncertain | ProviderContract)
        await _not_submitted(context, mine, counts=may_have_arrived)
        return await try_again(context, request, why=repr(error))
    point("assets.submitted")
    await _record(context, {key: batch.ids.get(url, "") for key, url in urls.items()})
    logger.info(
        "Files were submitted to the provider's review",
        extra={
            "action": "assets.submitted",
            "request_id": request.id,
            "files": len(urls),
            "taken": len(batch.ids),
        },
    )
    context.wakeup()
    return None


@repeated
async def _claim(context: WorkerContext, rows: Mapping[FileKey, Input]) -> dict[FileKey, Input]:
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        return {
            key: row
            # in one order, so that two requests with the same files don't wait for each other
            for key, row in sorted(rows.items(), key=lambda item: item[0])
            if await asset_reviews.claim(
                tx,
                context.settings.key_id,
                key,
                now_ms=now_ms,
                lost_before_ms=now_ms - ANSWER_MS,
                most_tries=MOST_TRIES,
            )
        }


@repeated
async def _not_submitted(
    context: WorkerContext, files: Mapping[FileKey, Input], *, counts: bool = False
) -> None:
    await _record(context, dict.fromkeys(files, ""), counts=counts)


@repeated
async def _record(
    context: WorkerContext, ids: Mapping[FileKey, str], *, counts: bool = True
) -> None:
    """Record the ids; a file without one was not taken and may be submitted again soon."""
    now_ms = context.clock()
    key_id = context.settings.key_id
    async with context.database.transaction() as tx:
        for file, asset_id in sorted(ids.items()):
            if asset_id:
                await asset_reviews.submitted(
                    tx, key_id, file, asset_id, due_at_ms=now_ms + FIRST_CHECK_MS
                )
            else:
                await asset_reviews.not_submitted(
                    tx, key_id, file, retry_from_ms=now_ms - ANSWER_MS, counts=counts
                )
    point("assets.recorded")


@repeated
async def _wait(
    context: WorkerContext, request: Request, rows: Sequence[Input], deadline_ms: int
) -> Request:
    """Until the verdicts come, or the deadline; files that somebody else submits are soon seen."""
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        # locked: a verdict that comes now wakes this request only once it waits
        known = await asset_reviews.of_files(
            tx, context.settings.key_id, [file_key(row) for row in rows], locks=True
        )
        states = {state_of(known, row) for row in rows}
        if states <= {AssetState.ACTIVE, AssetState.PENDING} and AssetState.PENDING in states:
            due_at_ms = deadline_ms
        elif AssetState.REFUSED in states or states == {AssetState.ACTIVE}:
            due_at_ms = now_ms
        else:
            due_at_ms = min(deadline_ms, now_ms + RETRY_MS)
        return await requests.note(
            tx,
            request.id,
            source=request.state,
            owner=context.settings.owner,
            due_at_ms=due_at_ms,
            lease_owner="",
            attempt=0,
        )


@repeated
async def _queue(context: WorkerContext, request: Request, rows: Sequence[Input]) -> Request:
    now_ms = context.clock()
    async with context.database.transaction() as tx:
        for key in sorted({file_key(row) for row in rows}):
            await asset_reviews.used(tx, context.settings.key_id, key, now_ms)
        queued = await requests.move(
            tx,
            request.id,
            source=State.AUDITING,
            target=State.QUEUED,
            owner=context.settings.owner,
            now_ms=now_ms,
            due_at_ms=NEVER_DUE,
            lease_owner="",
        )
    logger.info(
        "Every file passed the provider's review",
        extra={"action": "assets.active", "request_id": request.id},
    )
    context.wakeup()
    return queued


async def _refuse(context: WorkerContext, request: Request, refused: Sequence[Input]) -> Request:
    """End the request, naming each refused file as the member knows it."""
    video = VideoRequest.model_validate_json(request.spec)
    faults = [
        Violation(
            field=field_of(video.media[row.position]),
            rule="asset-refused",
            value=shown(video.media[row.position]),
            params={"name": shown(video.media[row.position])},
        )
        for row in refused
    ]
    return await fail(
        context,
        request,
        "assets-refused",
        note={"violations": [fault.model_dump(mode="json") for fault in faults]},
    )
