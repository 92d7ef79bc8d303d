"""Pins a request's fetched files: by hash, within its member's room, in one transaction."""

import asyncio
from collections.abc import Sequence

from bot.media.store.local_files import sha256_of
from bot.rules.price import requoted_micros
from bot.rules.request import VideoRequest
from bot.rules.violation import Violation, megabytes
from bot.services.moderation.review_history import is_pinned
from bot.services.moderation.review_lifecycle import inputs_are_ready
from bot.services.moderation.safety import hold_checked_inputs
from bot.services.requests.drafts import draft_ends_ms
from bot.worker.context import WorkerContext
from bot.worker.inputs.convert import Found
from storage.engine.retry import repeated
from storage.engine.transaction import Transaction
from storage.privacy import retention
from storage.quotas import ledger
from storage.records import NEVER_DUE, Input, Request, State
from storage.requests import inputs, requests, series


class InputsChanged(Exception):
    """A repeated download differs from the bytes that a moderator was shown."""


class NoRoom(Exception):
    """The member's disk space was used up while the files were fetched."""

    def __init__(self, faults: list[Violation]) -> None:
        super().__init__("no room is left for the member's files")
        self.faults = faults


async def room_faults(
    context: WorkerContext, tx: Transaction, request: Request, size_bytes: int
) -> list[Violation]:
    """Faults if these files exceed the member's disk space; links do not tell sizes beforehand."""
    if not size_bytes:
        return []
    used = await retention.stored_bytes(tx, request.user_id) - request.stored_bytes
    limit = context.settings.member_bytes
    if used + size_bytes <= limit:
        return []
    left = megabytes(max(0, limit - used))
    return [Violation(field="files", rule="member-room", value=megabytes(size_bytes), allowed=left)]


async def pin_inputs(
    context: WorkerContext, request: Request, video: VideoRequest, found: Found
) -> Request:
    """Record the files, the request as it is known by them, and its price.

    Raises: InputsChanged, NoRoom, LeaseLost.
    """
    rows = await asyncio.to_thread(_rows, context, request, video, found)
    if await _have_changed(context, request, rows):
        raise InputsChanged
    # clips are billed by length, which may be unknown until now
    quoted = VideoRequest.model_validate_json(request.spec)
    cost_micros = requoted_micros(
        context.catalogue.require(request.model), request.cost_micros, quoted, video
    )
    return await record_inputs(context, request, rows, video, cost_micros)


@repeated
async def record_inputs(
    context: WorkerContext,
    request: Request,
    rows: Sequence[Input],
    video: VideoRequest,
    cost_micros: int | None,
) -> Request:
    """The transaction of `pin_inputs`. Raises: NoRoom, LeaseLost."""
    size_bytes, now_ms = sum(row.size_bytes for row in rows), context.clock()

    async def record(tx: Transaction) -> Request:
        await requests.lock(tx, request.id)
        if size_bytes:
            # other requests of the member may have been fetched meanwhile
            await ledger.lock_accounts(tx, request.guild_id, request.user_id)
            if faults := await room_faults(context, tx, request, size_bytes):
                raise NoRoom(faults)
        for row in rows:
            await inputs.put(tx, row)
        pinned = await requests.note(
            tx,
            request.id,
            source=request.state,
            owner=context.settings.owner,
            spec=video.model_dump_json(exclude_none=True),
            cost_micros=cost_micros,
            prepared_at_ms=now_ms,
            host=context.files.host if any(row.path for row in rows) else "",
            stored_bytes=size_bytes,
            due_at_ms=_due_ms(request, now_ms),
            lease_owner="",
            attempt=0,
        )
        pinned = await hold_checked_inputs(tx, pinned, now_ms)
        await inputs_are_ready(tx, pinned, now_ms)
        await series.wake(tx, pinned.series_of, now_ms)
        return pinned

    return await context.database.write(record)


def _due_ms(pinned: Request, now_ms: int) -> int:
    """When a request whose inputs are there is due again."""
    if pinned.state is State.DRAFT:
        return NEVER_DUE if pinned.series_of else draft_ends_ms(pinned)
    return now_ms if pinned.state is State.AUDITING else NEVER_DUE


async def _have_changed(context: WorkerContext, request: Request, rows: Sequence[Input]) -> bool:
    async def read_pinned(tx: Transaction) -> list[Input]:
        is_bound = await is_pinned(tx, request)
        return await inputs.of_request(tx, request.id) if is_bound else []

    earlier = await context.database.read(read_pinned)
    seen = {row.position: row.sha256 for row in earlier}
    return any(seen.get(row.position, row.sha256) != row.sha256 for row in rows)


def _rows(
    context: WorkerContext, request: Request, video: VideoRequest, found: Found
) -> list[Input]:
    rows = []
    for position, (media, path) in enumerate(zip(video.media, found.paths, strict=True)):
        rows.append(
            Input(
                request_id=request.id,
                position=position,
                role=media.role,
                kind=media.kind or "",
                source=media.source,
                url=media.url,
                name=media.name,
                path=context.files.key(path) if path else "",
                sha256=sha256_of(path) if path else "",
                size_bytes=path.stat().st_size if path else 0,
                format=media.format or "",
                width=media.width or 0,
                height=media.height or 0,
                duration_ms=round((media.duration_s or 0) * 1000),
                look=found.looks.get(position, ""),
            )
        )
    return rows
