"""First step: download a request's references, inspect their bytes and pin them by hash."""

import asyncio
import logging
import shutil
from pathlib import Path
from typing import Final

from bot.failpoints import point
from bot.media.errors import (
    FetchForbidden,
    FetchGone,
    FetchRefused,
    FetchTooLarge,
    FetchUnavailable,
    MediaError,
    NotAVideo,
    ReusedFileGone,
    StoreUnavailable,
)
from bot.rules.cast import worded
from bot.rules.check import violations
from bot.rules.media import MediaSource
from bot.rules.media_kinds import UPLOAD_MAX_BYTES
from bot.rules.model_spec import ModelSpec
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation
from bot.worker.context import WorkerContext
from bot.worker.inputs.convert import Found, encode_all, fetch_fault, gone, look_at_all
from bot.worker.inputs.pin import InputsChanged, NoRoom, pin_inputs, room_faults
from bot.worker.inputs.reuse import FileOnOtherHost, bring_cast, bring_kept, bring_shot
from bot.worker.pipeline.transitions import fail, note, try_again
from bot.worker.safety_check.step import check_inputs
from storage.errors import StorageUnavailable
from storage.records import Request, State

logger = logging.getLogger(__name__)

AT_ONCE: Final = 3
MOST_MOVES: Final = 2
"""How often a request may be handed to another machine for an earlier request's files."""
MAX_ATTEMPTS: Final = 6
"""About three minutes; after that the member is told that the link does not answer."""


async def fetch_inputs(context: WorkerContext, request: Request) -> Request:
    """Download every reference, validate the request by the bytes, and keep the files.

    Ends in `prepared_at_ms`, in a failure that lists every fault, or in a retry.
    Raises: StoreUnavailable, StorageError.
    """
    context.files.require()
    spec = context.catalogue.get(request.model)
    if spec is None:
        return await fail(context, request, "parameters", provider_text="the model is gone")
    before = video = VideoRequest.model_validate_json(request.spec)
    folder = context.path(f"inputs/{request.id}")
    try:
        found = await _fetch_all(context, request, video, folder)
        if not found.faults and not found.troubles and not found.elsewhere:
            async with context.member_locks.of(request.user_id):
                video = await look_at_all(context, video, found)
    except asyncio.CancelledError:
        # cancelled: partial downloads are useless
        await asyncio.shield(_remove(folder))
        raise
    video = _counted(spec, before, video)
    if found.elsewhere:
        await _remove(folder)
        return await _hand_over(context, request, found.elsewhere)
    if found.troubles:
        return await _later(context, request, found)
    if not found.faults:
        size_bytes = await asyncio.to_thread(_size_bytes, found)
        found.faults += await context.database.read(
            lambda tx: room_faults(context, tx, request, size_bytes)
        )
    faults = found.faults or list(violations(spec, video))
    if not faults and found.to_encode:
        # validate before the encode, which takes long
        video = await encode_all(context, video, found)
        if found.troubles:
            return await _later(context, request, found)
        faults = found.faults or list(violations(spec, video))
    if faults:
        await _remove(folder)
        return await _refuse(context, request, faults)
    point("inputs.fetched")
    await check_inputs(context, request, video, found.paths)
    await context.files.keep(*(context.files.key(path) for path in found.paths if path))
    return await _pinned(context, request, video, found)


async def _pinned(
    context: WorkerContext, request: Request, video: VideoRequest, found: Found
) -> Request:
    folder = context.path(f"inputs/{request.id}")
    try:
        pinned = await pin_inputs(context, request, video, found)
    except InputsChanged:
        await _remove(folder)
        # what was kept under the same names goes with the request, now that it fails
        return await fail(context, request, "changed")
    except NoRoom as full:
        await _remove(folder)
        return await _refuse(context, request, full.faults)
    point("inputs.recorded")
    context.wakeup()
    return pinned


def _size_bytes(found: Found) -> int:
    return sum(path.stat().st_size for path in found.paths if path is not None)


def _counted(spec: ModelSpec, before: VideoRequest, video: VideoRequest) -> VideoRequest:
    """The prompt by the pictures' places as they are now known, before anybody approves it."""
    is_first = any(media.kind is None for media in before.media)
    return worded(spec, video) if is_first else video


async def _remove(folder: Path) -> None:
    await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


async def _hand_over(context: WorkerContext, request: Request, host: str) -> Request:
    """Hand the request to the machine whose disk has the earlier request's files."""
    logger.info(
        "A request was handed to the machine that has its files",
        extra={"action": "request.handed-over", "request_id": request.id, "host": host},
    )
    return await note(
        context,
        request,
        host=host,
        attempt=request.attempt + 1,
        due_at_ms=context.clock(),
        lease_owner="",
    )


async def _later(context: WorkerContext, request: Request, found: Found) -> Request:
    """Retry; tell the member of an unresponsive link, and the owner of a full disk."""
    error = found.troubles[0]
    if isinstance(error, (StoreUnavailable, StorageUnavailable)):
        raise error
    if not isinstance(error, FetchUnavailable) or request.attempt + 1 < MAX_ATTEMPTS:
        return await try_again(context, request, why=repr(error))
    return await _refuse(context, request, [Violation(field="links", rule="link-unreachable")])


async def _refuse(context: WorkerContext, request: Request, faults: list[Violation]) -> Request:
    told = {"violations": [fault.model_dump(mode="json") for fault in faults]}
    return await fail(context, request, "refused-media", note=told)


async def _fetch_all(
    context: WorkerContext, request: Request, video: VideoRequest, folder: Path
) -> Found:
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    gate = asyncio.Semaphore(AT_ONCE)
    found = Found([None] * len(video.media))

    async def one(position: int, media: MediaRef) -> None:
        target = folder / str(position)
        async with gate:
            try:
                await _bring(context, request, media, target)
            except FileOnOtherHost as error:
                found.elsewhere = error.host
            except (ReusedFileGone, NotAVideo):
                rule = "cast-gone" if media.source is MediaSource.CAST else "kept-gone"
                found.faults.append(gone(media, rule))
            except (FetchForbidden, FetchGone, FetchRefused, FetchTooLarge) as error:
                found.faults.append(fetch_fault(media, error))
            except (MediaError, StorageUnavailable) as error:
                found.troubles.append(error)
        found.paths[position] = target

    async with asyncio.TaskGroup() as group:
        for position, media in enumerate(video.media):
            if media.source is not MediaSource.ASSET:
                group.create_task(one(position, media))
    return found


async def _bring(context: WorkerContext, request: Request, media: MediaRef, target: Path) -> None:
    if media.source is MediaSource.KEPT:
        may_move = request.attempt < MOST_MOVES
        user_id = request.user_id
        await bring_kept(context, media.url, target, user_id=user_id, may_move=may_move)
        return
    if media.source is MediaSource.SHOT:
        await bring_shot(context, media.url, target, may_move=request.attempt < MOST_MOVES)
        return
    if media.source is MediaSource.CAST:
        await bring_cast(context, media.url, target, may_move=request.attempt < MOST_MOVES)
        return
    await context.input_fetcher.fetch(
        media.url,
        target,
        max_bytes=UPLOAD_MAX_BYTES,
        https_only=media.source is MediaSource.LINK,
    )


def needs_inputs(request: Request) -> bool:
    """Whether a waiting request's references are not downloaded yet."""
    is_waiting = request.state in (State.HELD, State.AUDITING, State.QUEUED)
    return is_waiting and not request.prepared_at_ms
