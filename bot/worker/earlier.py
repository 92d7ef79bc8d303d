"""Brings files of earlier requests to a new one: pinned inputs, the last frame of a video."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.desk.errors import DeliveryError, DiscordUnavailable
from bot.media.errors import DiskUnavailable, FetchUnavailable, KeptGone
from bot.rules.kept import read_kept
from bot.worker.parts import Parts
from storage import inputs, posts, requests
from storage.records import Post, PostKind, PostState


async def bring_kept(parts: Parts, url: str, target: Path) -> None:
    """Copy the file that a kept reference names to `target`.

    Raises: KeptGone where it is not there any more, NotAVideo, FetchError, MediaUnavailable,
    DiskUnavailable.
    """
    request_id, position = read_kept(url)
    if position is not None:
        await _copy(await _input(parts, request_id, position), target)
        return
    async with film_of(parts, request_id, target) as film:
        await parts.media.last_frame(film, target)


async def _input(parts: Parts, request_id: str, position: int) -> Path:
    async with parts.database.reading() as tx:
        rows = await inputs.of_request(tx, request_id)
    row = next((row for row in rows if row.position == position and row.path), None)
    if row is None:
        raise KeptGone("its time is over")
    return parts.path(row.path)


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
        owed = await posts.of_request(tx, request_id) if request is not None else []
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
