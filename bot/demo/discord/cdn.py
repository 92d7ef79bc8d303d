"""Attachment server of the simulated Discord, on a real socket."""

import io
import re
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

from aiohttp import hdrs, web
from PIL import Image, UnidentifiedImageError
from simcord.backend.cdn import CdnStore

from bot.demo.loopback import on_loopback

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9._-]+")


class LoopbackCdn(CdnStore):
    """SimCord's attachment store with links to a local server.

    `async with LoopbackCdn() as cdn:` serves until the block ends; `cdn.address` is `host:port`.
    Like Discord it sanitises file names and reports the size of pictures.
    """

    def __init__(self) -> None:
        super().__init__()
        self.address = ""
        self._files: dict[str, tuple[bytes, str]] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/attachments/{channel}/{attachment}/{name}", self._serve)
        self.address = await self._stack.enter_async_context(on_loopback(app))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    def store_attachment(
        self,
        attachment_id: int,
        channel_id: int,
        filename: str,
        data: bytes,
        description: str | None,
    ) -> dict[str, Any]:
        """Store a file and return Discord's attachment payload."""
        name = _UNSAFE.sub("_", filename).strip("._") or "file"
        payload = super().store_attachment(attachment_id, channel_id, name, data, description)
        path = f"/attachments/{channel_id}/{attachment_id}/{quote(name)}"
        url = f"http://{self.address}{path}"
        self._blobs[url] = self._blobs.pop(payload["url"])
        self._files[path] = (data, str(payload["content_type"]))
        return payload | {"url": url, "proxy_url": url} | _dimensions(payload["content_type"], data)

    async def _serve(self, request: web.Request) -> web.Response:
        found = self._files.get(request.rel_url.raw_path)
        if found is None:
            raise web.HTTPNotFound
        body, content_type = found
        return web.Response(body=body, headers={hdrs.CONTENT_TYPE: content_type})


def _dimensions(content_type: str, data: bytes) -> dict[str, int]:
    if not content_type.startswith("image/"):
        return {}
    try:
        with Image.open(io.BytesIO(data)) as picture:
            return {"width": picture.width, "height": picture.height}
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return {}
