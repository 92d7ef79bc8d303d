"""Apply injected faults on the wire: resets, stalls, truncated responses, corrupt files."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

from aiohttp import hdrs, web

from bot.demo.provider.faults import (
    BadVideo,
    Cut,
    Delay,
    Drop,
    Fault,
    Refuse,
    Reply,
    Stall,
    Throttle,
)

Act = Callable[[], Awaitable[web.StreamResponse]]

BLOCK_BYTES: Final = 256 * 1024


class VideoFile(web.FileResponse):
    """A video response with Range, ETag and Last-Modified that exposes its path."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, headers={hdrs.CONTENT_TYPE: "video/mp4"})
        self.file = path


async def apply_fault(
    fault: Fault, request: web.Request, act: Act, closing: asyncio.Event
) -> web.StreamResponse:
    """Respond as the fault says; `act` carries the request out and returns the real response."""
    match fault:
        case Refuse(code, msg, status):
            return web.json_response({"code": code, "msg": msg, "data": None}, status=status)
        case Throttle(retry_after):
            headers = {} if retry_after is None else {hdrs.RETRY_AFTER: retry_after}
            return web.json_response({"code": "429", "msg": ""}, status=429, headers=headers)
        case Delay(release):
            await release()
            return await act()
        case Cut():
            return await cut(request, await act())
        case Reply(status, body, content_type, carried_out, extra):
            if carried_out:
                await act()
            return web.Response(
                status=status, body=body, headers={"Content-Type": content_type, **extra}
            )
        case Drop(carried_out) | Stall(carried_out):
            if carried_out:
                await act()
            if isinstance(fault, Stall):
                await closing.wait()
            return reset(request)


def reset(request: web.Request) -> web.StreamResponse:
    """Abort the connection without a response."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


async def cut(request: web.Request, response: web.StreamResponse) -> web.StreamResponse:
    """Send the headers and half of the body, then abort the connection."""
    if isinstance(response, VideoFile):
        return await _cut_file(request, response.file)
    body = response.body if isinstance(response, web.Response) else b""
    content = body if isinstance(body, bytes) else b"{}"
    half = web.StreamResponse(
        headers={
            hdrs.CONTENT_TYPE: "application/json",
            hdrs.CONTENT_LENGTH: str(max(2, len(content))),
        }
    )
    await half.prepare(request)
    await half.write(content[: len(content) // 2])
    return reset(request)


async def _cut_file(request: web.Request, path: Path) -> web.StreamResponse:
    """Send half of the requested range; the ETag equals that of `VideoFile`."""
    stat = await asyncio.to_thread(path.stat)
    start = request.http_range.start or 0
    headers = {
        hdrs.CONTENT_TYPE: "video/mp4",
        hdrs.CONTENT_LENGTH: str(stat.st_size - start),
        hdrs.ACCEPT_RANGES: "bytes",
        hdrs.ETAG: f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"',
    }
    if start:
        headers[hdrs.CONTENT_RANGE] = f"bytes {start}-{stat.st_size - 1}/{stat.st_size}"
    half = web.StreamResponse(status=206 if start else 200, headers=headers)
    await half.prepare(request)
    end = start + (stat.st_size - start) // 2
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(start)
        while start < end:
            block = await asyncio.to_thread(file.read, min(BLOCK_BYTES, end - start))
            await half.write(block)
            start += len(block)
    return reset(request)


def spoiled_copy(video: Path, fault: BadVideo) -> Path:
    """A copy of the video as this fault leaves it, beside the video. Blocks on the disk."""
    bad = video.with_name(f"{fault}-{video.name}")
    content = video.read_bytes()
    if fault is BadVideo.TRUNCATED:
        bad.write_bytes(content[: len(content) * 2 // 3])
    else:
        bad.write_bytes(b"" if fault is BadVideo.EMPTY else b"<!doctype html><title>Gone</title>")
    return bad
