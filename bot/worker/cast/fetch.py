"""Fetches the pictures of a new name, checks them as inputs are, and pins them by hash."""

import asyncio
import json
import logging
import shutil
from pathlib import Path
from typing import Final

from bot.media.errors import (
    FetchForbidden,
    FetchGone,
    FetchRefused,
    FetchTooLarge,
    FetchUnavailable,
    MediaError,
    StoreUnavailable,
)
from bot.media.store.local_files import sha256_of
from bot.rules.formats import format_not_taken, unsupported_format
from bot.rules.media import MediaKind, MediaSource
from bot.rules.media_kinds import UPLOAD_MAX_BYTES, field_of, wrong_kind
from bot.rules.request import MediaRef, VideoRequest
from bot.rules.violation import Violation, megabytes
from bot.worker.context import WorkerContext
from bot.worker.inputs.convert import Found, encode_all, fetch_fault, look_at_all
from bot.worker.pipeline.poll_schedule import backoff_ms
from storage.cast import entries
from storage.cast.entries import CastEntry, CastPicture
from storage.engine.retry import repeated
from storage.errors import BotError, LeaseLost, StorageUnavailable
from storage.privacy import retention

logger = logging.getLogger(__name__)

FOLDER: Final = "cast"
MAX_ATTEMPTS: Final = 6
"""About three minutes; after that the member is told that the link does not answer."""


class CastFetcher:
    """The step of a new entry; after any error it stays due."""

    def __init__(self, context: WorkerContext) -> None:
        self._context = context

    async def run(self, entry: CastEntry) -> None:
        """Fetch, check and pin an entry's pictures, or remove it with the reasons."""
        try:
            with self._context.files.hold(entry.id):
                await self._step(entry)
        except LeaseLost:
            logger.info("A name was removed concurrently", extra=_about(entry, "cast.lease"))
        except StorageUnavailable as error:
            logger.warning(
                "The database is unavailable; the step will run again",
                extra={**_about(entry, "cast.storage"), "error": repr(error)},
            )
        except StoreUnavailable as error:
            logger.warning(
                "The media store is unavailable; the step will run again",
                extra={**_about(entry, "cast.store"), "error": repr(error)},
            )
            await self._after_error(entry, counts=False)
        except Exception as error:
            logger.exception(
                "A step failed with an unexpected error",
                extra={**_about(entry, "cast.error"), "error": repr(error)},
            )
            await self._after_error(entry)

    async def _after_error(self, entry: CastEntry, *, counts: bool = True) -> None:
        try:
            if counts:
                await self._put_off(entry, [], _unreachable(is_remote=False))
            else:
                await self._later(entry, counts=False)
        except BotError as error:
            logger.warning(
                "Rescheduling a step failed; its lease times out",
                extra={**_about(entry, "cast.lease"), "error": repr(error)},
            )

    async def _step(self, entry: CastEntry) -> None:
        context = self._context
        context.files.require()
        async with context.database.reading() as tx:
            rows = (await entries.pictures_of(tx, [entry.id]))[entry.id]
        folder = context.path(f"{FOLDER}/{entry.id}")
        found = Found([None] * len(rows))
        media = tuple(_reference(row) for row in rows)
        await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
        for place, each in enumerate(media):
            await self._fetch(each, folder / str(place), found)
            found.paths[place] = folder / str(place)
        if not found.faults and not found.troubles:
            async with context.member_locks.of(entry.user_id or entry.guild_id):
                media = await self._look(entry, media, found)
        if found.troubles:
            is_remote = isinstance(found.troubles[0], FetchUnavailable)
            await self._put_off(entry, found.troubles, _unreachable(is_remote=is_remote))
        elif found.faults:
            await self._fail(entry, found.faults)
        else:
            pictures = await asyncio.to_thread(self._pinned, rows, media, found)
            await context.files.keep(*(picture.path for picture in pictures))
            await self._ready(entry, pictures)

    async def _fetch(self, media: MediaRef, target: Path, found: Found) -> None:
        try:
            await self._context.input_fetcher.fetch(
                media.url,
                target,
                max_bytes=UPLOAD_MAX_BYTES,
                https_only=media.source is MediaSource.LINK,
            )
        except (FetchForbidden, FetchGone, FetchRefused, FetchTooLarge) as error:
            found.faults.append(fetch_fault(media, error))
        except MediaError as error:
            found.troubles.append(error)

    async def _look(
        self, entry: CastEntry, media: tuple[MediaRef, ...], found: Found
    ) -> tuple[MediaRef, ...]:
        """The pictures with what their bytes say; faults of what is no picture, or too large."""
        context = self._context
        looked = VideoRequest(prompt="", model="", media=media)
        looked = await look_at_all(context, looked, found)
        if not found.faults and not found.troubles:
            found.faults += [fault for each in looked.media if (fault := _fault(each)) is not None]
        if not found.faults and found.to_encode:
            looked = await encode_all(context, looked, found)
        if not found.faults and not found.troubles:
            found.faults += await self._over_share(entry, looked.media)
        return looked.media

    async def _over_share(self, entry: CastEntry, media: tuple[MediaRef, ...]) -> list[Violation]:
        """A fault where these pictures exceed the member's room; links do not tell sizes."""
        if not entry.user_id:
            return []
        needed = sum(each.size_bytes or 0 for each in media)
        async with self._context.database.reading() as tx:
            used = await retention.stored_bytes(tx, entry.user_id) - entry.stored_bytes
        left = max(0, self._context.settings.member_bytes - used)
        if needed <= left:
            return []
        return [
            Violation(
                field="files",
                rule="member-room",
                value=megabytes(needed),
                allowed=megabytes(left),
            )
        ]

    def _pinned(
        self, rows: list[CastPicture], media: tuple[MediaRef, ...], found: Found
    ) -> list[CastPicture]:
        pinned = []
        for row, each, path in zip(rows, media, found.paths, strict=True):
            if path is None:
                continue
            pinned.append(
                CastPicture(
                    cast_id=row.cast_id,
                    position=row.position,
                    source=row.source,
                    url=row.url,
                    name=row.name,
                    path=self._context.files.key(path),
                    sha256=sha256_of(path),
                    size_bytes=path.stat().st_size,
                    format=each.format or "",
                    width=each.width or 0,
                    height=each.height or 0,
                )
            )
        return pinned

    @repeated
    async def _ready(self, entry: CastEntry, pictures: list[CastPicture]) -> None:
        async with self._context.database.transaction() as tx:
            await entries.ready(tx, entry, pictures, self._context.files.host)
        logger.info("Pictures of a name are there", extra=_about(entry, "cast.ready"))

    async def _put_off(
        self, entry: CastEntry, troubles: list[MediaError | StorageUnavailable], last: Violation
    ) -> None:
        if entry.attempt + 1 >= MAX_ATTEMPTS:
            await self._fail(entry, [last])
            return
        logger.warning(
            "Pictures of a name can't be fetched now; they are tried again",
            extra={**_about(entry, "cast.retry"), "error": repr(troubles[:1])},
        )
        await self._later(entry)

    @repeated
    async def _later(self, entry: CastEntry, *, counts: bool = True) -> None:
        due_at_ms = self._context.clock() + backoff_ms(entry.attempt + 1)
        async with self._context.database.transaction() as tx:
            await entries.put_off(tx, entry, due_at_ms, counts=counts)

    @repeated
    async def _fail(self, entry: CastEntry, faults: list[Violation]) -> None:
        note = json.dumps([fault.model_dump(mode="json") for fault in faults], ensure_ascii=False)
        folder = self._context.path(f"{FOLDER}/{entry.id}")
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
        async with self._context.database.transaction() as tx:
            await entries.fail(tx, entry, note, self._context.clock())
        logger.info("Pictures of a name were refused", extra=_about(entry, "cast.refused"))


def _reference(row: CastPicture) -> MediaRef:
    source = MediaSource(row.source)
    is_link = source is MediaSource.LINK
    return MediaRef(
        source=source,
        url=row.url,
        field="links" if is_link else f"image{row.position + 1}",
        name=row.name,
    )


def _fault(media: MediaRef) -> Violation | None:
    """Only pictures are taken, in formats that some model takes."""
    if media.kind is not MediaKind.IMAGE:
        as_picture = media.model_copy(update={"field": f"image{media.field[5:] or 1}"})
        is_option = media.field.startswith("image")
        fault = wrong_kind(as_picture, media.kind or "")
        return fault if is_option else fault.model_copy(update={"field": media.field})
    unsupported = unsupported_format(media)
    return format_not_taken(media, field_of(media), unsupported) if unsupported else None


def _unreachable(*, is_remote: bool = True) -> Violation:
    rule = "link-unreachable" if is_remote else "cast-not-stored"
    return Violation(field="files", rule=rule)


def _about(entry: CastEntry, action: str) -> dict[str, str]:
    return {"action": action, "cast_id": entry.id}
