"""Uploads a request's pinned inputs to where the provider can load them."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qs, urlsplit

from bot.media.errors import FileMissing
from bot.media.file_names import is_rewritten
from bot.provider.errors import UploadPathMissing
from bot.rules.media import MediaSource
from bot.services.moderation.review_history import is_pinned
from bot.worker.context import WorkerContext
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.errors import BotError
from storage.records import Input, Request
from storage.requests import inputs

FRESH_MS: Final = 48 * 60 * 60 * 1000
"""Age after which a file is uploaded again; the provider keeps it about three days."""
LINK_MARGIN_MS: Final = 30 * 60 * 1000
AT_ONCE: Final = 3

CONTENT_TYPES: Final = {
    "jpeg": "image/jpeg",
    "png": "image/png",
    "webp": "image/webp",
    "gif": "image/gif",
    "mp4": "video/mp4",
    "3gp": "video/3gpp",
    "mov": "video/quicktime",
    "webm": "video/webm",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "ogg": "audio/ogg",
    "flac": "audio/flac",
    "m4a": "audio/mp4",
    "aac": "audio/aac",
}


class InputsGone(BotError):
    """The pinned files are not to be had: they must be downloaded again."""


class InputsRefused(BotError):
    """The provider has no upload call and there is no link that it could load instead."""


@dataclass(frozen=True, slots=True)
class PinnedInputs:
    """A request's references in order; of those that a moderator saw, no link will do."""

    rows: Sequence[Input] = ()
    is_seen: bool = False


async def read_pinned(tx: Transaction, request: Request) -> PinnedInputs:
    """What is uploaded of a request."""
    rows = await inputs.of_request(tx, request.id)
    # a link may serve the provider other bytes than those a moderator saw
    return PinnedInputs(rows, bool(rows) and await is_pinned(tx, request))


async def upload_inputs(context: WorkerContext, pinned: PinnedInputs) -> list[str]:
    """Return a URL per reference, in order; at most three uploads at a time.

    Raises: InputsGone, InputsRefused, StoreUnavailable, ProviderError.
    """
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(row: Input) -> str:
        async with gate:
            return await input_address(context, row, is_seen=pinned.is_seen)

    tasks = [asyncio.create_task(one(row)) for row in pinned.rows]
    try:
        return list(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def input_address(context: WorkerContext, row: Input, *, is_seen: bool) -> str:
    """Where the provider can load an input from; `is_seen`: never the link it came by.

    Raises: InputsGone, InputsRefused, StoreUnavailable, ProviderError.
    """
    now_ms = context.clock()
    if row.source == MediaSource.ASSET:
        return row.url
    # a normalised file differs from the one that the link serves
    has_link = row.source == MediaSource.ATTACHMENT and not is_rewritten(context.path(row.path))
    is_by_link = has_link and context.settings.media_via == "discord" and not is_seen
    if is_by_link and is_fresh(row.url, now_ms):
        return row.url
    if row.provider_url and now_ms - row.provider_url_at_ms < FRESH_MS:
        return row.provider_url
    try:
        path = await context.files.bring(row.path, row.sha256)
    except FileMissing:
        raise InputsGone from None
    try:
        url = await context.provider.upload(
            path,
            filename=f"{row.sha256[:32]}.{row.format}",
            content_type=CONTENT_TYPES.get(row.format, "application/octet-stream"),
        )
    except UploadPathMissing:
        # Discord attachments are immutable
        if has_link and is_fresh(row.url, now_ms):
            return row.url
        raise InputsRefused("the provider has no upload call and the link is too old") from None
    await _remember(context, row, url)
    return url


@repeated
async def _remember(context: WorkerContext, row: Input, url: str) -> None:
    async with context.database.transaction() as tx:
        await inputs.note_uploaded(
            tx, row.request_id, row.position, provider_url=url, now_ms=context.clock()
        )


def is_fresh(url: str, now_ms: int) -> bool:
    """Whether a Discord link is valid long enough for the provider to load it.

    Discord signs its links: `ex` is the expiry in hexadecimal seconds. A link without it is valid.
    """
    expiry = parse_qs(urlsplit(url).query).get("ex", [""])[0]
    try:
        return int(expiry, 16) * 1000 - LINK_MARGIN_MS > now_ms
    except ValueError:
        return not expiry
