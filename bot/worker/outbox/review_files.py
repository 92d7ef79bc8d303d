"""Files of a review card: the video, a contact sheet of its frames, and the references."""

import asyncio
import logging
import shutil
from typing import Final

from bot.media.errors import FileMissing, MediaError, StoreUnavailable
from bot.rules.media import MediaKind
from bot.services.moderation.review_sheet import ReviewSheet, SheetFile
from bot.worker.context import WorkerContext
from bot.worker.outbox.attachments import Preparation, VideoFiles, is_link_only, result_video
from bot.worker.outbox.transitions import READY
from bot.worker.safety_check.verdict import MOST_FRAMES, MOST_OF_REFERENCE, frames_of
from storage.moderation.reviews import Stage
from storage.records import Input, OutboxMessage

logger = logging.getLogger(__name__)

MOST_FILES: Final = 10
"""Discord's limit of one message."""
ROOM: Final = MOST_FILES - 1
"""One attachment is reserved for a prompt that is too long for the message."""
HEAVY_BYTES: Final = 8 * 1024 * 1024
"""A larger picture is shown smaller: moderators use phones."""
CLIP_FRAMES: Final = 4
TRIES_FOR_A_REPORT: Final = 4
"""Attempts to get a reported video's file; then the card goes without it."""


class FilesOnOtherHost(Exception):
    """The files are on another machine, or must be downloaded again first."""


class VideoNotReady(Exception):
    """The video must be downloaded or re-encoded before the card can be sent."""


class SheetFiles:
    """Finds or makes the files of a card; a file that can't be made is left out."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context
        self._videos = VideoFiles(context)

    async def prepare(self, message: OutboxMessage, sheet: ReviewSheet) -> Preparation:
        """Download or encode the video for the card.

        A report's card links the posted message, so it does not wait long for the file.
        """
        outcome = await self._videos.prepare(result_video(sheet.request), message)
        if outcome is Preparation.LATER and await self._goes_without(message, sheet):
            return Preparation.READY
        return outcome

    async def _goes_without(self, message: OutboxMessage, sheet: ReviewSheet) -> bool:
        if sheet.review.stage is not Stage.REPORT or message.attempt < TRIES_FOR_A_REPORT:
            return False
        return not await self._is_there(sheet.request.result_path)

    async def _is_there(self, *keys: str) -> bool:
        """Whether files are to be had; they lie on this machine then. Raises: StoreUnavailable."""
        try:
            for key in keys:
                await self._context.files.bring(key)
        except FileMissing:
            return False
        return True

    async def of(self, message: OutboxMessage, sheet: ReviewSheet) -> list[SheetFile]:
        """All files of a card, smaller ones where Discord refused them.

        Raises: FilesOnOtherHost, VideoNotReady, StoreUnavailable.
        """
        if is_link_only(message):
            return []
        found = [*await self._flagged(sheet), *await self._video(message, sheet)]
        rows = [row for row in sheet.inputs if row.path]
        if not await self._is_there(*(row.path for row in rows)):
            if sheet.review.stage is Stage.PROMPT and not _is_lost(message, sheet):
                raise FilesOnOtherHost
            rows = []
        files = [*found, *await self._inputs(message, sheet, rows, ROOM - len(found))]
        return files if not message.aim_bytes else await asyncio.to_thread(_within, files, message)

    async def _flagged(self, sheet: ReviewSheet) -> list[SheetFile]:
        """The moment that the safety check flagged most surely, if it is none of the pictures."""
        if not sheet.flagged:
            return []
        finding, request = sheet.flagged[0], sheet.request
        rows = [row for row in sheet.inputs if row.path]
        if finding.position >= 0 and finding.at_ms < 0 and len(rows) < ROOM:
            # the picture itself comes first, see _inputs
            return []
        row = next((row for row in rows if row.position == finding.position), None)
        source = row.path if row is not None else request.result_path
        if not source or (finding.position >= 0 and row is None):
            return []
        target = f"results/{request.id}.flagged.jpg"
        seconds = request.seconds if row is None else row.duration_ms / 1000
        most = MOST_FRAMES if row is None else MOST_OF_REFERENCE
        frames = 1 if finding.at_ms < 0 else frames_of(seconds, most=most)
        if not await self._still(source, target, finding.at_ms, frames):
            return []
        path = self._context.path(target)
        return [SheetFile(path, f"{request.id}-flagged.jpg", "flagged")]

    async def _still(self, source: str, target: str, at_ms: int, frames: int) -> bool:
        """Make the JPEG of the moment nearest to `at_ms`, as the check was shown it."""
        if await self._is_there(target):
            return True
        files = self._context.files
        folder = files.path(target).with_suffix(".stills")
        try:
            await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
            film = await files.bring(source)
            stills = await self._context.media.stills(film, folder, frames=frames)
            if not stills:
                return False
            nearest = min(stills, key=lambda still: abs(still.at_ms - at_ms))
            await asyncio.to_thread(nearest.path.replace, files.path(target))
            await files.keep(target)
        except StoreUnavailable:
            raise
        except MediaError as error:
            logger.warning(
                "What was flagged could not be shown",
                extra={"action": "review.flagged", "error": repr(error)},
            )
            return False
        finally:
            await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        return True

    async def _video(self, message: OutboxMessage, sheet: ReviewSheet) -> list[SheetFile]:
        request = sheet.request
        if sheet.review.stage is Stage.PROMPT or not request.result_path:
            return []
        path = await self._videos.for_posting(result_video(request), message)
        if path is None:
            if message.needs == READY and await self._goes_without(message, sheet):
                return []
            raise VideoNotReady
        # not the file name that serves as a posted result's marker
        files = [SheetFile(path, f"{request.id}-review.mp4", "video")]
        target = f"results/{request.id}.sheet.jpg"
        if await self._sheet([request.result_path], target, frames=9):
            path = self._context.path(target)
            files.append(SheetFile(path, f"{request.id}-frames.jpg", "frames"))
        return files

    async def _inputs(
        self, message: OutboxMessage, sheet: ReviewSheet, rows: list[Input], room: int
    ) -> list[SheetFile]:
        pictures = [row for row in rows if row.kind == MediaKind.IMAGE]
        others = [row for row in rows if row.kind != MediaKind.IMAGE]
        files: list[SheetFile] = []
        if len(rows) > room:
            files += await self._side_by_side(sheet, pictures)
            pictures = []
        seen = sheet.flagged[0].position if sheet.flagged else -1
        for row in sorted((*pictures, *others), key=lambda each: each.position != seen):
            shown = await self._one(message, sheet, row)
            if shown is not None:
                files.append(shown)
        return files[:room]

    async def _side_by_side(self, sheet: ReviewSheet, rows: list[Input]) -> list[SheetFile]:
        target = f"inputs/{sheet.request.id}/all.sheet.jpg"
        if not await self._sheet([row.path for row in rows], target, frames=1):
            return []
        path = self._context.path(target)
        return [SheetFile(path, f"{sheet.request.id}-pictures.jpg", "inputs")]

    async def _one(
        self, message: OutboxMessage, sheet: ReviewSheet, row: Input
    ) -> SheetFile | None:
        request = sheet.request
        limit = request.upload_limit_bytes or self._context.settings.upload_limit_bytes
        if message.aim_bytes:
            limit = min(limit, message.aim_bytes)
        is_picture = row.kind == MediaKind.IMAGE
        name = f"{request.id}-{row.position + 1}"
        path = self._context.path(row.path)
        if row.size_bytes <= (min(limit, HEAVY_BYTES) if is_picture else limit):
            return SheetFile(path, f"{name}.{row.format}", "input", row.position)
        target = f"inputs/{request.id}/{row.position}.sheet.jpg"
        if not await self._sheet([row.path], target, frames=1 if is_picture else CLIP_FRAMES):
            return None
        about = "preview" if is_picture else "clip"
        return SheetFile(self._context.path(target), f"{name}.jpg", about, row.position)

    async def _sheet(self, sources: list[str], target: str, *, frames: int) -> bool:
        if await self._is_there(target):
            return True
        files = self._context.files
        try:
            paths = [await files.bring(source) for source in sources]
            place = files.path(target)
            if not await self._context.media.contact_sheet(paths, place, frames=frames):
                return False
            await files.keep(target)
        except StoreUnavailable:
            raise
        except MediaError as error:
            logger.warning(
                "A contact sheet could not be made",
                extra={"action": "review.sheet", "error": repr(error)},
            )
            return False
        return True


def _is_lost(message: OutboxMessage, sheet: ReviewSheet) -> bool:
    """Whether files are gone for good: those of a rejected request are not fetched again."""
    return bool(sheet.review.appeal_of) and message.attempt >= TRIES_FOR_A_REPORT


def _within(files: list[SheetFile], message: OutboxMessage) -> list[SheetFile]:
    """The first files that together stay within the size to try now."""
    taken, room = [], message.aim_bytes
    for file in files:
        room -= file.path.stat().st_size
        if room >= 0:
            taken.append(file)
    return taken
