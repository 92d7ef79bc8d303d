"""Has the operator's check look at a request's pictures, and at its video before it is posted."""

import asyncio
import hashlib
import logging
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bot.media.errors import MediaError
from bot.media.safety.checker import CheckAnswer, CheckCall, Checker, Item, NoAnswer
from bot.rules.media import MediaKind, MediaSource
from bot.rules.request import VideoRequest
from bot.services.moderation.safety import record_check
from bot.services.server_settings import ServerSettings, read_settings
from bot.worker.context import WorkerContext
from bot.worker.safety_check.verdict import (
    MOST_FRAMES,
    MOST_OF_REFERENCE,
    Places,
    frames_of,
    judged,
)
from storage.engine.retry import repeated
from storage.moderation import safety_checks
from storage.moderation.reviews import Stage
from storage.moderation.safety_checks import Outcome, SafetyCheck
from storage.records import Request

logger = logging.getLogger(__name__)

RESULT: Final = -1
"""The position of what is no input."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to look at: `frames` moments of a clip, 1 for a picture."""

    position: int
    path: Path
    frames: int
    prefix: str
    """How its items begin: `image1`, `video2`, `frame`."""


async def check_inputs(
    context: WorkerContext, request: Request, video: VideoRequest, paths: Sequence[Path | None]
) -> None:
    """Check a request's pictures and clips, and store what was seen. Raises: StorageError."""
    sources = []
    for position, (media, path) in enumerate(zip(video.media, paths, strict=True)):
        if path is None or media.kind not in (MediaKind.IMAGE, MediaKind.VIDEO):
            continue
        if media.source is MediaSource.SHOT:
            # the bot's own, of a video that is checked as a part of its film
            continue
        is_clip = media.kind is MediaKind.VIDEO
        frames = frames_of(media.duration_s or 0, most=MOST_OF_REFERENCE) if is_clip else 1
        sources.append(Source(position, path, frames, f"{media.kind}{position + 1}"))
    await _check(context, request, video.prompt, Stage.PROMPT, sources)


async def check_video(context: WorkerContext, request: Request, film: Path) -> None:
    """Check frames of a rendered video, and store what was seen. Raises: StorageError."""
    prompt = VideoRequest.model_validate_json(request.spec).prompt
    source = Source(RESULT, film, frames_of(request.seconds, most=MOST_FRAMES), "frame")
    await _check(context, request, prompt, Stage.RESULT, [source])


async def _check(
    context: WorkerContext, request: Request, prompt: str, stage: Stage, sources: Sequence[Source]
) -> None:
    checker = context.checker
    if checker is None or not sources:
        return
    async with context.database.reading() as tx:
        settings = await read_settings(tx, request.guild_id)
        known = await safety_checks.get(tx, request.id, stage)
    if not settings.hold_flagged:
        return
    digest = await asyncio.to_thread(_digest, sources)
    if known is not None and known.is_answer_to(digest, checker.name):
        return
    began_s = time.monotonic()
    answer, places = await _ask(context, checker, request, prompt, sources)
    now_ms = context.clock()
    check = judged(
        SafetyCheck(
            request_id=request.id,
            stage=stage,
            guild_id=request.guild_id,
            checker=checker.name,
            digest=digest,
            outcome=Outcome.CLEAR,
            checked_at_ms=now_ms,
        ),
        answer,
        places,
        threshold=settings.safety_threshold,
    )
    context.metrics.safety_check(check.outcome, time.monotonic() - began_s)
    logger.info(
        "The safety check has looked",
        extra={
            "action": "safety.checked",
            "request_id": request.id,
            "stage": stage,
            "outcome": check.outcome,
        },
    )
    await _record(context, settings, check)


@repeated
async def _record(context: WorkerContext, settings: ServerSettings, check: SafetyCheck) -> None:
    async with context.database.transaction() as tx:
        await record_check(tx, settings, check, check.checked_at_ms)


async def _ask(
    context: WorkerContext,
    checker: Checker,
    request: Request,
    prompt: str,
    sources: Sequence[Source],
) -> tuple[CheckAnswer, Places]:
    """What the checker says; what can't be shown to it counts as not answered."""
    folder = context.path(f"results/{request.id}.stills")
    places: dict[str, tuple[int, int]] = {}
    items: list[Item] = []
    is_whole = True
    try:
        for source in sources:
            room = folder / str(source.position)
            await asyncio.to_thread(room.mkdir, parents=True, exist_ok=True)
            stills = await context.media.stills(source.path, room, frames=source.frames)
            is_whole = is_whole and bool(stills)
            for still in stills:
                second = "" if still.at_ms < 0 else f"@{still.at_ms / 1000:g}"
                item = Item(f"{source.prefix}{second}", still.path)
                items.append(item)
                places[item.id] = (source.position, still.at_ms)
        if not items:
            return CheckAnswer(is_whole=False), places
        answer = await checker.check(CheckCall(request.id, prompt, items))
    except (NoAnswer, MediaError) as error:
        logger.warning(
            "Something could not be checked",
            extra={"action": "safety.unchecked", "request_id": request.id, "error": repr(error)},
        )
        return CheckAnswer(is_whole=False), places
    finally:
        await asyncio.shield(asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True))
    return CheckAnswer(answer.labels, answer.is_whole and is_whole), places


def _digest(sources: Sequence[Source]) -> str:
    """A hash of the files; of the same ones it is the same."""
    whole = hashlib.sha256()
    for source in sources:
        with source.path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        whole.update(f"{source.position}:{sha256};".encode())
    return whole.hexdigest()
