"""File store behind the simulated provider's upload call."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from aiohttp import BodyPartReader, web

from bot.demo.provider.checks import FRAMES, LISTS
from bot.demo.provider.faults import Call

MAX_UPLOAD_BYTES: Final = 100 * 10**6
HOST: Final = "https://uploads.seedance-simulator.example/"
"""An unresolvable name: only the simulator itself reads these files."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One uploaded file; `path` exists as long as the simulator."""

    url: str
    path: Path = field(repr=False)
    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    at_s: float
    headers: Mapping[str, str]


class UploadStore:
    """Stores uploaded files by their links."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._by_url: dict[str, Upload] = {}

    @property
    def all(self) -> list[Upload]:
        """Every file, oldest first."""
        return list(self._by_url.values())

    async def receive(self, request: web.Request, call: Call) -> Upload | None:
        """Stream the form field `file` to disk; None if it is missing or too large."""
        if not request.content_type.startswith("multipart/"):
            return None
        form = await request.multipart()
        while part := await form.next():
            if isinstance(part, BodyPartReader) and part.name == "file" and part.filename:
                return await self._keep(part, call)
        return None

    async def _keep(self, part: BodyPartReader, call: Call) -> Upload | None:
        name = f"{secrets.token_hex(8)}{Path(part.filename or '').suffix.lower()[:8]}"
        path = self._folder / name
        digest, size = hashlib.sha256(), 0
        with path.open("wb") as file:
            while block := await part.read_chunk(256 * 1024):
                size += len(block)
                if size > MAX_UPLOAD_BYTES:
                    break
                digest.update(block)
                file.write(block)
        if not 0 < size <= MAX_UPLOAD_BYTES:
            path.unlink()
            return None
        upload = Upload(
            url=f"{HOST}{name}?X-Expires=259200&X-Signature={secrets.token_hex(16)}",
            path=path,
            filename=part.filename or "",
            content_type=part.headers.get("Content-Type", ""),
            size_bytes=size,
            sha256=digest.hexdigest(),
            at_s=call.at_s,
            headers=call.headers,
        )
        self._by_url[upload.url] = upload
        return upload

    def pictures(self, body: Mapping[str, object]) -> tuple[Path, ...]:
        """Files of a create's pictures, in display order."""
        found = (self._by_url.get(link) for name, link in _links(body) if _is_picture(name))
        return tuple(upload.path for upload in found if upload)

    def missing_links(self, body: Mapping[str, object]) -> list[str]:
        """Fields that refer to a missing file of this store."""
        return [
            name
            for name, link in _links(body)
            if link.startswith(HOST) and link not in self._by_url
        ]


def _links(body: Mapping[str, object]) -> list[tuple[str, str]]:
    found = [(name, str(body[name])) for name in FRAMES if name in body]
    for name in LISTS:
        value = body.get(name)
        items = value if isinstance(value, list) else []
        found += [(f"{name}[{position}]", str(item)) for position, item in enumerate(items)]
    return found


def _is_picture(name: str) -> bool:
    return name in FRAMES or name.startswith("images[")
