"""Videos of shots that are lost when their film is to be made: each is downloaded by a step.

The film waits meanwhile without a lease, so a slow link holds no slot of those who join.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from bot.media.errors import FileMissing, MediaError, StoreUnavailable
from bot.provider.errors import ProviderError
from bot.services.series.stopping import ANY_HOST
from bot.worker.context import WorkerContext
from bot.worker.pipeline.transitions import try_again
from bot.worker.series.videos import fetch_again
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request, State
from storage.requests import requests, series

logger = logging.getLogger(__name__)

MAX_ATTEMPTS: Final = 40
"""Attempts to download a lost video, over about forty minutes."""
LOOK_MS: Final = 60_000
"""How often a film that waits is looked at although no shot woke it: a host may have died."""


async def find_videos(
    context: WorkerContext, shots: Sequence[Request]
) -> tuple[list[Path], list[Request]]:
    """The shots' videos on this machine, and the shots whose video is not to be had.

    Raises: DiskUnavailable, StoreUnavailable.
    """
    found, lost = [], []
    for shot in shots:
        try:
            found.append(await context.files.bring(shot.result_path))
        except FileMissing:
            lost.append(shot)
    return found, lost


def are_gone(lost: Sequence[Request]) -> bool:
    """Whether one of the lost videos was tried for so often that it is given up."""
    return any(shot.attempt >= MAX_ATTEMPTS for shot in lost)


@repeated
async def wait_for_videos(
    context: WorkerContext, whole: Request, lost: Sequence[Request]
) -> Request:
    """Make the downloads of lost videos due, and the film once one of them has ended.

    They are for this host, which then has all that the film needs. Raises: LeaseLost.
    """
    now_ms, host = context.clock(), context.files.host

    async def wait(tx: Transaction) -> tuple[int, Request]:
        await requests.lock(tx, whole.id)
        ids = [shot.id for shot in lost]
        asked = await series.get_videos_again(tx, ids, host=host, now_ms=now_ms)
        waiting = await requests.note(
            tx,
            whole.id,
            source=State.RUNNING,
            owner=context.settings.owner,
            result_host=host or ANY_HOST,
            due_at_ms=now_ms + LOOK_MS,
            lease_owner="",
        )
        return asked, waiting

    asked, waiting = await context.database.write(wait)
    if asked:
        logger.warning(
            "Videos are lost before their film is made; they are downloaded again",
            extra={"action": "series.lost", "request_id": whole.id, "videos": asked},
        )
        context.wakeup()
    return waiting


async def download_lost(context: WorkerContext, shot: Request) -> None:
    """Download step of a shot whose video is lost, unless this machine has it after all.

    Nothing is paid: its task is asked for a fresh link. The count of attempts goes on until the
    film is made, so that files which are lost again and again end as well. Raises: LeaseLost;
    StoreUnavailable, which counts as no attempt.
    """
    context.files.require()
    try:
        try:
            await context.files.bring(shot.result_path)
        except FileMissing:
            await fetch_again(context, shot)
    except StoreUnavailable:
        raise
    except (ProviderError, MediaError, OSError) as error:
        if shot.attempt + 1 < MAX_ATTEMPTS:
            await try_again(context, shot, why=repr(error))
            return
        logger.error(
            "A video is missing and cannot be downloaded again",
            extra={"action": "result.lost", "request_id": shot.id, "error": repr(error)},
        )
        await _end_download(context, shot, attempt=MAX_ATTEMPTS)
        return
    await _end_download(context, shot, result_host=context.files.host)


@repeated
async def _end_download(context: WorkerContext, shot: Request, **changes: Any) -> None:
    """Record how it ended, and have the film looked at. Raises: LeaseLost."""
    now_ms = context.clock()

    async def end(tx: Transaction) -> None:
        await requests.note(
            tx,
            shot.id,
            source=State.RENDERED,
            owner=context.settings.owner,
            due_at_ms=NEVER_DUE,
            lease_owner="",
            **changes,
        )
        if "result_host" in changes:
            host = context.files.host or ANY_HOST
            await series.make_film_at(tx, shot.series_of, host)
        await series.wake(tx, shot.series_of, now_ms)

    await context.database.write(end)
    context.wakeup()
