"""A classifier at an address: it flags by colour, and lies, is slow or down on demand."""

import base64
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from PIL import Image

SECRET = "shared-with-the-classifier"


@dataclass
class Call:
    """One call as it arrived."""

    body: bytes
    signature: str
    asked: dict[str, Any]

    @property
    def ids(self) -> list[str]:
        return [item["id"] for item in self.asked["items"]]


@dataclass
class Classifier:
    """Red pictures are `explicit`, with `score`; frames as `score_of_frame` says."""

    url: str = ""
    score: float = 0.97
    score_of_frame: float = 0.0
    answer: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None
    """Answers in place of the usual."""
    calls: list[Call] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.calls.append(
            Call(body, request.headers.get("X-Signature", ""), json.loads(body or b"{}"))
        )
        if self.answer is not None:
            return await self.answer(request)
        items = [self._seen(item) for item in self.calls[-1].asked["items"]]
        return web.json_response({"items": items})

    def _seen(self, item: dict[str, str]) -> dict[str, Any]:
        assert item["type"] == "image/jpeg"
        score = self.score_of_frame
        if not item["id"].startswith("frame@"):
            score = self.score if _is_red(base64.b64decode(item["data"])) else 0.1
        elif not item["id"].startswith("frame@2"):
            score = score / 2
        return {"id": item["id"], "labels": [{"label": "explicit", "score": score}]}

    async def is_down(self, _: web.Request) -> web.StreamResponse:
        return web.Response(status=503)


def _is_red(data: bytes) -> bool:
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        red, green, blue = picture.convert("RGB").resize((1, 1)).getpixel((0, 0))  # type: ignore[misc]
    return red > 180 and green < 80 and blue < 80


@asynccontextmanager
async def open_classifier(**behaviour: Any) -> AsyncIterator[Classifier]:
    """Serve a classifier on a port of its own."""
    classifier = Classifier(**behaviour)
    app = web.Application(client_max_size=64 * 1024 * 1024)
    app.router.add_post("/check", classifier.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        host, port = runner.addresses[0][:2]
        classifier.url = f"http://{host}:{port}/check"
        yield classifier
    finally:
        await runner.cleanup()
