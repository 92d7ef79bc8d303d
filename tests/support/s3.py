"""An S3 server on the loopback interface (moto), behind a gate that can be shut."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import obstore
from moto.server import ThreadedMotoServer
from obstore.store import S3Store

from tests.support.loopback import LoopbackServer

BUCKET = "media"
PREFIX = "bots/one"
KEY = {"access_key_id": "test-access-key", "secret_access_key": "test-secret-key-0123456789"}


class Gate(LoopbackServer):
    """Passes connections on to the server; while it is shut, new ones and open ones are reset."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._target = port
        self.is_open = True
        self._writers: set[asyncio.StreamWriter] = set()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.is_open:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        try:
            await asyncio.gather(_pump(reader, back), _pump(there, writer))
        finally:
            self._writers -= {writer, back}
            back.close()

    def shut(self) -> None:
        """The store does not answer any more."""
        self.is_open = False
        for writer in list(self._writers):
            writer.transport.abort()

    def open(self) -> None:
        """It does again."""
        self.is_open = True


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while (block := await reader.read(64 * 1024)) and not writer.is_closing():
            writer.write(block)
            await writer.drain()
    writer.close()


@dataclass
class S3:
    """A bucket, and settings under which a bot uses it. The tests' own client has no prefix."""

    gate: Gate
    client: S3Store
    settings: dict[str, Any] = field(default_factory=dict)

    async def keys(self, prefix: str = "") -> list[str]:
        """Every key of the bucket, or those in a folder, sorted."""
        pages = obstore.list(self.client, prefix or None)
        return sorted([each["path"] async for page in pages for each in page])

    async def files(self, folder: str = "") -> list[str]:
        """The bot's own keys in a folder, without the prefix; not the marker."""
        inside = f"{PREFIX}/{folder}".rstrip("/")
        found = [key.removeprefix(f"{PREFIX}/") for key in await self.keys(inside)]
        return [key for key in found if "/" in key]

    async def write(self, key: str, data: bytes) -> None:
        """Write an object by its whole key."""
        await obstore.put_async(self.client, key, data)

    async def read(self, key: str) -> bytes:
        """An object by its whole key."""
        return bytes(await (await obstore.get_async(self.client, key)).bytes_async())


@asynccontextmanager
async def open_s3() -> AsyncIterator[S3]:
    """A server with one empty bucket."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    await asyncio.to_thread(server.start)
    try:
        _, port = server.get_host_and_port()
        await _make_bucket(port)
        async with Gate(port) as gate:
            client = S3Store(
                BUCKET,
                endpoint=f"http://127.0.0.1:{port}",
                region="us-east-1",
                client_options={"allow_http": True},
                **KEY,  # type: ignore[arg-type]
            )
            settings = {
                "media_store": f"s3://{BUCKET}/{PREFIX}",
                "aws_endpoint_url": f"http://127.0.0.1:{gate.port}",
                **{f"aws_{name}": value for name, value in KEY.items()},
            }
            try:
                yield S3(gate, client, settings)
            finally:
                gate.shut()
    finally:
        await asyncio.to_thread(server.stop)


async def _make_bucket(port: int) -> None:
    """A new one: the server's state is the test process's, whatever ran before."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for line in ("POST /moto-api/reset", f"PUT /{BUCKET}"):
        head = f"{line} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n"
        writer.write(f"{head}Connection: close\r\n\r\n".encode())
        await writer.drain()
        assert b" 200 " in await reader.read()
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.close()
