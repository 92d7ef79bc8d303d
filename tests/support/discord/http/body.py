"""Reads what a bot sends: JSON, or a form with JSON and files that are written straight to disk."""

import asyncio
import hashlib
import json
from pathlib import Path
from typing import Any

from aiohttp import BodyPartReader, web

from tests.support.discord.errors import ApiError, invalid_form
from tests.support.discord.records import StoredFile
from tests.support.discord.world import World

CHUNK_BYTES = 256 * 1024


def answer(payload: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """JSON as Discord sends it: the type without a charset, or discord.py passes on text."""
    body = json.dumps(payload, ensure_ascii=False).encode()
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)


async def read_body(request: web.Request, world: World) -> tuple[Any, list[StoredFile]]:
    """The JSON of a call and its files. Raises: ApiError 50109 or 50035 for what cannot be read."""
    if request.content_type.startswith("multipart/"):
        return await _read_form(request, world)
    raw = await request.read()
    if not raw:
        return None, []
    if request.content_type != "application/json":
        raise invalid_form([f"content type {request.content_type}"])
    return _parse(raw), []


def _parse(raw: bytes | bytearray) -> Any:
    try:
        return json.loads(raw)
    except ValueError as error:
        raise ApiError(400, 50109, "The request body contains invalid JSON.") from error


async def _read_form(request: web.Request, world: World) -> tuple[Any, list[StoredFile]]:
    body: Any = None
    files: list[StoredFile] = []
    async for part in await request.multipart():
        if not isinstance(part, BodyPartReader):
            raise invalid_form(["a form within the form"])
        if part.name == "payload_json":
            body = _parse(await part.read())
        else:
            files.append(await _store(part, world))
    return body, files


async def _store(part: BodyPartReader, world: World) -> StoredFile:
    path: Path | None = world.part_path() if world.keeps_files else None
    digest = hashlib.sha256()
    size = 0
    with (path or Path("/dev/null")).open("wb") as target:
        while chunk := await part.read_chunk(CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            target.write(chunk)
            await asyncio.sleep(0)
    return StoredFile(
        field=part.name or "",
        filename=part.filename or "unnamed",
        size=size,
        sha256=digest.hexdigest(),
        content_type=part.headers.get("Content-Type"),
        path=path,
    )
