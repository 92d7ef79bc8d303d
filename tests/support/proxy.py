"""An HTTP proxy on the loopback interface that records what passes: CONNECT and plain requests."""

import asyncio
import base64
from collections.abc import Mapping
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit


class RecordingProxy:
    """`async with RecordingProxy() as proxy`; `proxy.passed` has each target as it was asked for.

    `names` says where a `host:port` leads, as a proxy knows names that nobody else can look up.
    With `login` (`user:password`) it answers 407 to who brings another; with `refuses` it answers
    every request with that status.
    """

    def __init__(
        self,
        names: Mapping[str, tuple[str, int]] | None = None,
        *,
        login: str = "",
        refuses: int = 0,
    ) -> None:
        self.names = dict(names or {})
        self.passed: list[str] = []
        """`CONNECT host:port` or `GET http://host:port/path`, without queries, in their order."""
        self.refuses = refuses
        self._wanted = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""
        self._running: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def targets(self) -> set[str]:
        """Every `host:port` that was asked for."""
        return {_target(line)[0] for line in self.passed}

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            self._running.discard(task)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        method, target, _ = head[0].split(" ")
        line = f"{method} {target.partition('?')[0]}"
        self.passed.append(line)
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        status = self.refuses
        if self._wanted and headers.get("Proxy-Authorization") != self._wanted:
            status = 407
        if status:
            writer.write(f"HTTP/1.1 {status} No\r\nContent-Length: 0\r\n\r\n".encode())
            await writer.drain()
            return
        authority, path = _target(f"{method} {target}")
        host, _, port = authority.rpartition(":")
        there = self.names.get(authority, (host.strip("[]"), int(port)))
        far_reader, far_writer = await asyncio.open_connection(*there)
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            # one request a connection, so that each is seen
            kept = [
                f"{name}: {text}"
                for name, text in headers.items()
                if name not in ("Proxy-Authorization", "Connection")
            ]
            rest = "Connection: " + ("Upgrade" if "Upgrade" in headers else "close")
            first = f"{method} {path} HTTP/1.1"
            far_writer.write("\r\n".join([first, *kept, rest, "", ""]).encode("latin-1"))
        try:
            await _join(reader, far_writer, far_reader, writer)
        finally:
            far_writer.close()


def _target(line: str) -> tuple[str, str]:
    """`host:port` and path of a request line."""
    method, _, target = line.partition(" ")
    if method == "CONNECT":
        return target, ""
    url = urlsplit(target)
    path = url.path + (f"?{url.query}" if url.query else "")
    return f"{url.hostname}:{url.port or 80}", path or "/"


async def _join(
    reader: asyncio.StreamReader,
    far_writer: asyncio.StreamWriter,
    far_reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
) -> None:
    """Copy both ways until one side has ended."""

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while block := await source.read(65536):
            to.write(block)
            await to.drain()

    ways = [
        asyncio.create_task(copy(reader, far_writer)),
        asyncio.create_task(copy(far_reader, writer)),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
