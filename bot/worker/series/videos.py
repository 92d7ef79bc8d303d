"""The videos of shots on this machine, and the film that is made of them."""

import asyncio
import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from bot.media.errors import (
    DiskUnavailable,
    FileMissing,
    MediaError,
    ReusedFileGone,
    StoreUnavailable,
)
from bot.provider.errors import ProviderError
from bot.services.series.standing import MADE
from bot.worker.context import WorkerContext
from bot.worker.pipeline.check_result import settle_result
from storage.errors import Conflict
from storage.records import Request
from storage.requests import requests, series

logger = logging.getLogger(__name__)


async def download_again(context: WorkerContext, request: Request) -> bool:
    """Download a result that is not to be had; False when that fails. Raises: StoreUnavailable."""
    try:
        await fetch_again(context, request)
    except StoreUnavailable:
        raise
    except (ProviderError, MediaError, OSError) as error:
        logger.error(
            "A video is missing and cannot be downloaded again",
            extra={"action": "result.lost", "request_id": request.id, "error": repr(error)},
        )
        return False
    await _record_host(context, request)
    return True


async def fetch_again(context: WorkerContext, request: Request) -> None:
    """Download a result once more, by the link that its task gives now, and keep it.

    Raises: ProviderError, MediaError, OSError.
    """
    target = context.path(request.result_path)
    # a review card and a visibility change may download the same video at once
    download = target.with_suffix(f".{uuid4().hex}.again.mp4")
    try:
        view = await context.provider.query(request.task_id)
        url = view.video_url or request.result_url
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        # under another name, so that an invalid file is never taken for a result
        fetched = await context.result_fetcher.fetch(
            url, download, max_bytes=context.settings.result_cap_bytes
        )
        # as at its first download, so that every client can play it
        await settle_result(context, request, download, fetched.size_bytes)
        await asyncio.to_thread(download.replace, target)
        await context.files.keep(request.result_path)
    finally:
        with suppress(OSError):
            await asyncio.to_thread(download.unlink, missing_ok=True)


async def _record_host(context: WorkerContext, request: Request) -> None:
    """Record which machine has the result, unless the request has moved."""
    host = context.files.host
    with suppress(Conflict):
        async with context.database.transaction() as tx:
            await requests.note(tx, request.id, source=request.state, owner=None, result_host=host)


async def shot_video(context: WorkerContext, shot: Request) -> Path:
    """A shot's video on this machine; one that is not to be had is downloaded again.

    Raises: ReusedFileGone, StoreUnavailable.
    """
    if not shot.result_path:
        # a posted film's shots are forgotten, but may be needed to make it again
        shot = replace(shot, result_path=f"results/{shot.id}.mp4")
    try:
        return await context.files.bring(shot.result_path)
    except FileMissing as error:
        if not (shot.task_id and await download_again(context, shot)):
            raise ReusedFileGone(f"the video of shot {shot.shot} is gone") from error
    return context.path(shot.result_path)


@contextmanager
def held(context: WorkerContext, shots: Sequence[Request]) -> Iterator[None]:
    """Keep the shots' local files while the block runs."""
    with ExitStack() as stack:
        for shot in shots:
            stack.enter_context(context.files.hold(shot.id))
        yield


async def made_shots(context: WorkerContext, series_id: str) -> list[Request]:
    """The shots of a series that have a video, in order."""
    async with context.database.reading() as tx:
        return [shot for shot in await series.shots_of(tx, series_id) if shot.state in MADE]


async def join_videos(context: WorkerContext, sources: Sequence[Path], target: Path) -> int:
    """Join videos into one film at `target`; returns its bytes. A single one is the film itself.

    Raises: ReusedFileGone, JoinImpossible, MediaUnavailable, FileMissing, DiskUnavailable.
    """
    if not sources:
        raise ReusedFileGone("no shot has a video")
    # a review card and a visibility change may need the same film at once
    made = target.with_suffix(f".{uuid4().hex}.film.mp4")
    try:
        if len(sources) > 1:
            await context.media.join(sources, made)
        else:
            await asyncio.to_thread(shutil.copyfile, sources[0], made)
        size_bytes = (await asyncio.to_thread(made.stat)).st_size
        await asyncio.to_thread(made.replace, target)
    except OSError as error:
        raise DiskUnavailable(repr(error)) from error
    finally:
        with suppress(OSError):
            await asyncio.to_thread(made.unlink, missing_ok=True)
    return size_bytes


async def rebuild_film(context: WorkerContext, whole: Request) -> bool:
    """Make the film of a series again that is not to be had; False when that fails.

    Raises: StoreUnavailable.
    """
    target = context.path(whole.result_path)
    try:
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        shots = await made_shots(context, whole.id)
        with held(context, shots):
            sources = [await shot_video(context, shot) for shot in shots]
            await join_videos(context, sources, target)
        await context.files.keep(whole.result_path)
    except StoreUnavailable:
        raise
    except (MediaError, OSError) as error:
        logger.error(
            "A film is missing and cannot be made again",
            extra={"action": "film.lost", "request_id": whole.id, "error": repr(error)},
        )
        return False
    await _record_host(context, whole)
    return True
