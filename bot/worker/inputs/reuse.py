"""Reuses files: pinned inputs of earlier requests, the last frame of a video, the cast."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.errors import DeliveryError, DiscordUnavailable
from bot.media.errors import (
    DiskUnavailable,
    FetchError,
    FetchUnavailable,
    FileMissing,
    ReusedFileGone,
)
from bot.media.store.local_files import owner_of
from bot.rules.media import MediaSource
from bot.rules.media_kinds import UPLOAD_MAX_BYTES
from bot.rules.reused_media import read_cast, read_kept, read_shot
from bot.worker.context import DEAD_AFTER_MS, WorkerContext
from bot.worker.series.videos import made_shots, shot_video
from storage.cast import entries
from storage.errors import BotError
from storage.operations import workers
from storage.records import UNPOSTED_ENDS, Input, MessageKind, OutboxMessage, OutboxState, Request
from storage.requests import inputs, outbox, requests


class FileOnOtherHost(BotError):
    """The file is on another live machine: `host`."""

    def __init__(self, host: str) -> None:
        super().__init__("the file lies on another machine")
        self.host = host


async def bring_kept(
    context: WorkerContext, url: str, target: Path, *, user_id: int, may_move: bool
) -> None:
    """Copy the file that a reused reference names to `target`, for a request of this member's.

    What is not on this machine is left to the one that has it if the request `may_move` there;
    else it is asked for again where it came from, as long as it is the same to the byte. So is what
    was removed since because the member's earlier request ended without a video.
    Raises: FileOnOtherHost, ReusedFileGone where it is not there any more, NotAVideo, FetchError,
    MediaUnavailable, DiskUnavailable, StoreUnavailable.
    """
    request_id, position = read_kept(url)
    if position is not None:
        row = await _input(context, request_id, position, user_id)
        if not row.path:
            await _fetch_again(context, row, target)
            return
        try:
            await _copy(context, row.path, row.sha256, target)
        except ReusedFileGone:
            if may_move and (host := await _other_host(context, request_id)):
                raise FileOnOtherHost(host) from None
            await _fetch_again(context, row, target)
        return
    async with film_of(context, request_id, target) as film:
        await context.media.last_frame(film, target)


async def bring_shot(context: WorkerContext, url: str, target: Path, *, may_move: bool) -> None:
    """Write the last frame of a shot's video to `target`, whichever try of it was made.

    A video that lies on another live machine is left to that one if the request `may_move` there;
    else it is downloaded again. Raises as `bring_kept` does.
    """
    series_id, number = read_shot(url)
    shots = await made_shots(context, series_id)
    shot = next((each for each in shots if each.shot == number), None)
    if shot is None:
        raise ReusedFileGone("the shot before has no video")
    is_here = await asyncio.to_thread(context.path(shot.result_path).is_file)
    if not is_here and may_move and await _is_alive(context, shot.result_host):
        raise FileOnOtherHost(shot.result_host)
    with context.files.hold(shot.id):
        await context.media.last_frame(await shot_video(context, shot), target)


async def _is_alive(context: WorkerContext, host: str) -> bool:
    """Whether another machine with a live worker has this name."""
    async with context.database.reading() as tx:
        alive = await workers.alive(tx, context.clock() - DEAD_AFTER_MS)
    return host != context.settings.host and host in {each.host for each in alive}


async def bring_cast(context: WorkerContext, url: str, target: Path, *, may_move: bool) -> None:
    """Copy a picture of the cast to `target`; raises as `bring_kept` does."""
    entry_id, position = read_cast(url)
    async with context.database.reading() as tx:
        entry = await entries.get(tx, entry_id)
        pictures = await entries.pictures_of(tx, [entry_id])
        alive = await workers.alive(tx, context.clock() - DEAD_AFTER_MS)
    picture = next((each for each in pictures[entry_id] if each.position == position), None)
    if entry is None or picture is None or not picture.path:
        raise ReusedFileGone("the name is gone")
    try:
        await _copy(context, picture.path, picture.sha256, target)
    except ReusedFileGone:
        is_elsewhere = entry.host != context.settings.host
        if may_move and is_elsewhere and entry.host in {each.host for each in alive}:
            raise FileOnOtherHost(entry.host) from None
        row = Input(
            request_id="",
            position=position,
            role="",
            kind="",
            source=picture.source,
            url=picture.url,
            sha256=picture.sha256,
        )
        await _fetch_again(context, row, target)


async def _input(context: WorkerContext, request_id: str, position: int, user_id: int) -> Input:
    """The file's row, without a path where the file was removed and may be fetched anew."""
    async with context.database.reading() as tx:
        earlier = await requests.get(tx, request_id)
        rows = await inputs.of_request(tx, request_id)
    row = next((row for row in rows if row.position == position), None)
    is_left = row is not None and (row.path or _may_be_fetched_anew(earlier, user_id))
    if row is None or not is_left:
        raise ReusedFileGone("its time is over")
    return row


def _may_be_fetched_anew(earlier: Request | None, user_id: int) -> bool:
    """Whether a member may have the files of this request again, though they were removed."""
    if earlier is None or earlier.user_id != user_id:
        return False
    return earlier.state in UNPOSTED_ENDS


async def _other_host(context: WorkerContext, request_id: str) -> str:
    """A live machine that may have the file, preferably the recorded one."""
    async with context.database.reading() as tx:
        said = await requests.host_of(tx, request_id)
        if not said and not context.files.host:
            # it was in the store, where every machine looks
            return ""
        alive = await workers.alive(tx, context.clock() - DEAD_AFTER_MS)
    others = {each.host for each in alive if each.role == "worker"} - {context.settings.host}
    return said if said in others else min(others, default="")


async def _fetch_again(context: WorkerContext, row: Input, target: Path) -> None:
    """Download from the provider, else from the original link. Raises: ReusedFileGone."""
    for url in filter(None, (row.provider_url, row.url)):
        try:
            fetched = await context.input_fetcher.fetch(
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
    raise ReusedFileGone("not on this machine")


async def _copy(context: WorkerContext, key: str, sha256: str, target: Path) -> None:
    part = target.with_name(target.name + ".part")
    try:
        with context.files.hold(owner_of(key)):
            source = await context.files.bring(key, sha256)
            await asyncio.to_thread(shutil.copyfile, source, part)
        await asyncio.to_thread(part.replace, target)
    except (FileMissing, FileNotFoundError) as error:
        raise ReusedFileGone("not on this machine") from error
    except OSError as error:
        raise DiskUnavailable(repr(error)) from error


@asynccontextmanager
async def film_of(context: WorkerContext, request_id: str, target: Path) -> AsyncIterator[Path]:
    """The request's video: the provider's original, or if that is gone, the one in Discord.

    A download lies beside `target` while it is used. Raises: ReusedFileGone, FetchError,
    StoreUnavailable.
    """
    async with context.database.reading() as tx:
        request = await requests.get(tx, request_id)
        messages = await outbox.of_request(tx, request_id) if request is not None else []
    if request is not None and request.result_path:
        with context.files.hold(request_id):
            film = await _stored(context, request.result_path)
            if film is not None:
                yield film
                return
    result = next((message for message in messages if message.kind is MessageKind.RESULT), None)
    if result is None or result.state is not OutboxState.SENT or not result.message_id:
        raise ReusedFileGone("its video is gone")
    film = target.with_name(target.name + ".film")
    try:
        await context.input_fetcher.fetch(
            await _link(context, result), film, max_bytes=context.settings.result_cap_bytes
        )
        yield film
    finally:
        await asyncio.to_thread(film.unlink, missing_ok=True)


async def _stored(context: WorkerContext, key: str) -> Path | None:
    try:
        return await context.files.bring(key)
    except FileMissing:
        return None


async def _link(context: WorkerContext, result: OutboxMessage) -> str:
    try:
        link = await context.messenger.file_link(result.sent_channel_id, result.message_id)
    except DiscordUnavailable as error:
        raise FetchUnavailable("discord", "it does not answer") from error
    except DeliveryError as error:
        raise ReusedFileGone("its message is gone") from error
    if not link:
        raise ReusedFileGone("its message has no file")
    return link
