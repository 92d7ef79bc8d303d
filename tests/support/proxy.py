"""HTTP proxy on the loopback interface that records CONNECT and plain requests."""

import asyncio
import base64
from collections.abc import Mapping
from urllib.parse import urlsplit

from tests.support.loopback import LoopbackServer, read_head


class RecordingProxy(LoopbackServer):
    """`async with RecordingProxy() as proxy`; `proxy.passed` has each target as it was asked for.

    `names` maps `host:port` to an address, for names that only the proxy can resolve. With `login`
    (`user:password`) other credentials get 407; with `refuses` every request gets that status.
    """

    def __init__(
        self,
        names: Mapping[str, tuple[str, int]] | None = None,
        *,
        login: str = "",
        refuses: int = 0,
    ) -> None:
        super().__init__()
        self.names = dict(names or {})
        self.passed: list[str] = []
        """`CONNECT host:port` or `GET http://host:port/path`, without queries, in order."""
        self.refuses = refuses
        self._wanted = f"Basic {base64.b64encode(login.encode()).decode()}" if login else ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def targets(self) -> set[str]:
        """Every requested `host:port`."""
        return {_target(line)[0] for line in self.passed}

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Forward one request, or refuse it."""
        first, headers = read_head(await reader.readuntil(b"\r\n\r\n"))
        method, target, _ = first.split(" ")
        self.passed.append(f"{method} {target.partition('?')[0]}")
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
            # one request per connection, so that each is recorded
            kept = [
                f"{name}: {text}"
                for name, text in headers.items()
                if name not in ("Proxy-Authorization", "Connection")
            ]
            rest = "Connection: " + ("Upgrade" if "Upgrade" in headers else "close")
            request_line = f"{method} {path} HTTP/1.1"
            far_writer.write("\r\n".join([request_line, *kept, rest, "", ""]).encode("latin-1"))
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
    """Copy in both directions until one side ends."""

    async def copy(source: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
        while block := await source.read(65536):
            to.write(block)
            await to.drain()

    copies = [
        asyncio.create_task(copy(reader, far_writer)),
        asyncio.create_task(copy(far_reader, writer)),
    ]
    try:
        await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for each in copies:
            each.cancel()
        await asyncio.gather(*copies, return_exceptions=True)
