"""Brings files of earlier requests to a new one: pinned inputs, the last frame of a video."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import DeliveryError, DiscordUnavailable
from bot.media.errors import DiskUnavailable, FetchError, FetchUnavailable, KeptGone
from bot.rules.media import MediaSource
from bot.rules.media_kinds import UPLOAD_MAX_BYTES
from bot.rules.reused_media import read_kept
from bot.worker.context import DEAD_AFTER_MS, Parts
from storage.errors import BotError
from storage.operations import workers
from storage.records import Input, Post, PostKind, PostState
from storage.requests import inputs, origins, outbox, requests


class KeptElsewhere(BotError):
    """The file lies on another machine that works: `host`."""

    def __init__(self, host: str) -> None:
        super().__init__("the file lies on another machine")
        self.host = host


async def bring_kept(parts: Parts, url: str, target: Path, *, may_move: bool) -> None:
    """Copy the file that a kept reference names to `target`.

    What is not on this machine is left to the one that has it if the request `may_move` there;
    else it is asked for again where it came from, as long as it is the same to the byte.
    Raises: KeptElsewhere, KeptGone where it is not there any more, NotAVideo, FetchError,
    MediaUnavailable, DiskUnavailable.
    """
    request_id, position = read_kept(url)
    if position is not None:
        row = await _input(parts, request_id, position)
        try:
            await _copy(parts.path(row.path), target)
        except KeptGone:
            if may_move and (host := await _other_host(parts, request_id)):
                raise KeptElsewhere(host) from None
            await _fetch_again(parts, row, target)
        return
    async with film_of(parts, request_id, target) as film:
        await parts.media.last_frame(film, target)


async def _input(parts: Parts, request_id: str, position: int) -> Input:
    async with parts.database.reading() as tx:
        rows = await inputs.of_request(tx, request_id)
    row = next((row for row in rows if row.position == position and row.path), None)
    if row is None:
        raise KeptGone("its time is over")
    return row


async def _other_host(parts: Parts, request_id: str) -> str:
    """A machine that works and may have the file, first of all the one that is said to."""
    async with parts.database.reading() as tx:
        said = await origins.host_of(tx, request_id)
        alive = await workers.alive(tx, parts.clock() - DEAD_AFTER_MS)
    others = {each.host for each in alive if each.role == "worker"} - {parts.settings.host}
    return said if said in others else min(others, default="")


async def _fetch_again(parts: Parts, row: Input, target: Path) -> None:
    """From where the provider has it, then from where it first came from. Raises: KeptGone."""
    for url in filter(None, (row.provider_url, row.url)):
        try:
            fetched = await parts.input_fetcher.fetch(
                url,
                target,
                max_bytes=UPLOAD_MAX_BYTES,
                https_only=row.source == MediaSource.LINK,
            )
        except FetchError:
            continue
        if fetched.sha256 == row.sha256:
            return
        await asyncio.to_thread(target.unlink, missing_ok=True)
    raise KeptGone("not on this machine")


async def _copy(source: Path, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    try:
        await asyncio.to_thread(shutil.copyfile, source, part)
        await asyncio.to_thread(part.replace, target)
    except FileNotFoundError as error:
        raise KeptGone("not on this machine") from error
    except OSError as error:
        raise DiskUnavailable(repr(error)) from error


@asynccontextmanager
async def film_of(parts: Parts, request_id: str, target: Path) -> AsyncIterator[Path]:
    """The request's video: as the provider made it, or once that is gone, as Discord has it.

    What has to be fetched lies beside `target` as long as it is used. Raises: KeptGone, FetchError.
    """
    async with parts.database.reading() as tx:
        request = await requests.get(tx, request_id)
        owed = await outbox.of_request(tx, request_id) if request is not None else []
    if request is not None and request.result_path:
        film = parts.path(request.result_path)
        if await asyncio.to_thread(film.is_file):
            yield film
            return
    result = next((post for post in owed if post.kind is PostKind.RESULT), None)
    if result is None or result.state is not PostState.SENT or not result.message_id:
        raise KeptGone("its video is gone")
    film = target.with_name(target.name + ".film")
    try:
        await parts.input_fetcher.fetch(
            await _link(parts, result), film, max_bytes=parts.settings.result_cap_bytes
        )
        yield film
    finally:
        await asyncio.to_thread(film.unlink, missing_ok=True)


async def _link(parts: Parts, result: Post) -> str:
    try:
        link = await parts.messenger.file_link(result.sent_channel_id, result.message_id)
    except DiscordUnavailable as error:
        raise FetchUnavailable("discord", "it does not answer") from error
    except DeliveryError as error:
        raise KeptGone("its message is gone") from error
    if not link:
        raise KeptGone("its message has no file")
    return link
