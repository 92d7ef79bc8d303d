"""Scripted HTTP host on the loopback interface, down to single bytes and resets."""

import asyncio
import socket
import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from aiohttp.abc import AbstractResolver, ResolveResult

from tests.support.loopback import LoopbackServer, read_head


@dataclass(frozen=True)
class Asked:
    """A received request; header names in lower case."""

    target: str
    headers: Mapping[str, str]


@dataclass(frozen=True)
class Answer:
    """A response: the whole body is announced, `cut` bytes are sent before a reset."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    cut: int | None = None
    announce: bool = True
    stall: bool = False


Script = Callable[[Asked], Answer]


class Host(LoopbackServer):
    """`async with Host(script) as host`; `host.asked` has every received request."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script
        self.asked: list[Asked] = []
        self.connections = 0

    def url(self, path: str = "/file", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    @property
    def name(self) -> str:
        return f"127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one request as the script says."""
        self.connections += 1
        first, headers = read_head(await reader.readuntil(b"\r\n\r\n"))
        asked = Asked(first.split(" ")[1], {name.lower(): text for name, text in headers.items()})
        self.asked.append(asked)
        await self._send(writer, self._script(asked))

    async def _send(self, writer: asyncio.StreamWriter, answer: Answer) -> None:
        headers = dict(answer.headers)
        if answer.announce:
            headers.setdefault("Content-Length", str(len(answer.body)))
        lines = [f"HTTP/1.1 {answer.status} X", *(f"{k}: {v}" for k, v in headers.items())]
        writer.write("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        writer.write(answer.body if answer.cut is None else answer.body[: answer.cut])
        await writer.drain()
        if answer.stall:
            await asyncio.Event().wait()
        elif answer.cut is None:
            # the peer reads to the end before the connection closes
            writer.write_eof()
        else:
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 0, 0))


def ranged(body: bytes, **headers: str) -> Script:
    """A host that serves ranges of one file."""

    def script(asked: Asked) -> Answer:
        wanted = asked.headers.get("range")
        if wanted is None:
            return Answer(headers=headers, body=body)
        first, _, last = wanted.removeprefix("bytes=").partition("-")
        start, end = int(first), min(int(last or len(body) - 1), len(body) - 1)
        if start >= len(body):
            return Answer(416, {**headers, "Content-Range": f"bytes */{len(body)}"})
        spoken = {**headers, "Content-Range": f"bytes {start}-{end}/{len(body)}"}
        return Answer(206, spoken, body[start : end + 1])

    return script


Names = Mapping[str, list[list[str]]]


class ScriptedNames(AbstractResolver):
    """Resolver for DNS rebinding: each look-up returns the next list of addresses."""

    def __init__(self, names: Names) -> None:
        self._names = {name: list(answers) for name, answers in names.items()}
        self.look_ups = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        self.look_ups += 1
        answers = self._names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=socket.AI_NUMERICHOST,
            )
            for address in addresses
        ]

    async def close(self) -> None:
        return None
