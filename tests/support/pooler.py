"""A pooler in transaction mode, as hosters put one before their PostgreSQL.

Clients believe they have a session each; the few real sessions are handed out by the transaction,
every time another one. So what is prepared or set for the session is not there the next time, or
is somebody else's.
"""

import asyncio
import contextlib
import struct
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

_SSL_REQUEST: Final = 80877103
_CANCEL_REQUEST: Final = 80877102
_PROTOCOL: Final = 196608
_AGAIN_S: Final = 0.2


@dataclass(eq=False)
class _Session:
    """A real one."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter


@dataclass
class Pooler:
    """Listens on this machine; `url` is what a client is given."""

    socket: str
    database: str
    port: int = 0
    greeting: bytes = b""
    """What the server said when a session began, which every client is told."""
    lent: int = 0
    """How often a session was handed out."""
    _idle: deque[_Session] = field(default_factory=deque)
    _free: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(0))

    @property
    def url(self) -> str:
        """The way in, by the scheme that many hosters write."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{self.database}"

    async def add_session(self) -> None:
        """Open one more real session; the server must trust who comes by its socket."""
        self._idle.append(await self._open())
        self._free.release()

    async def _open(self) -> _Session:
        reader, writer = await asyncio.open_unix_connection(self.socket)
        asked = b"user\0postgres\0database\0" + self.database.encode() + b"\0\0"
        writer.write(struct.pack("!II", len(asked) + 8, _PROTOCOL) + asked)
        greeting, kind = b"", b""
        while kind != b"Z":
            kind, body = await _message(reader)
            assert kind != b"E", body
            greeting += _packed(kind, body)
        # whole at once: clients come while sessions are opened anew, or can't be
        self.greeting = greeting
        return _Session(reader, writer)

    async def _reopen(self) -> _Session:
        """A session in place of one that the server has ended; waits until the server is back."""
        while True:
            with contextlib.suppress(OSError, AssertionError, asyncio.IncompleteReadError):
                return await self._open()
            await asyncio.sleep(_AGAIN_S)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, until it goes."""
        try:
            if await _is_session(reader, writer):
                writer.write(self.greeting)
                while True:
                    await self._transaction(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _transaction(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Lend a session from a client's first message until the server says it is idle."""
        first = await _message(reader)
        if first[0] == b"X":
            raise ConnectionResetError
        async with self._free:
            session = self._idle.popleft()
            self.lent += 1
            is_clean = False
            try:
                await self._relayed(first, session, reader, writer)
                is_clean = not session.reader.at_eof()
            finally:
                if not is_clean:
                    # it may be in a transaction, with answers that nobody has read
                    session.writer.close()
                    session = await self._reopen()
                self._idle.append(session)

    async def _relayed(
        self,
        message: tuple[bytes, bytes],
        session: _Session,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        while True:
            session.writer.write(_packed(*message))
            if message[0] in (b"Q", b"S") and await _answered(session, writer) == b"I":
                return
            message = await _message(reader)
            if message[0] == b"X":
                # the client went inside a transaction, which ends with the session
                raise ConnectionResetError


async def _answered(session: _Session, writer: asyncio.StreamWriter) -> bytes:
    """Pass an answer on; returns whether the session is idle, in a transaction or in a lost one."""
    while True:
        kind, body = await _message(session.reader)
        if not writer.is_closing():
            writer.write(_packed(kind, body))
        if kind == b"Z":
            return body


async def _is_session(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
    while True:
        size, code = struct.unpack("!II", await reader.readexactly(8))
        await reader.readexactly(size - 8)
        if code != _SSL_REQUEST:
            return bool(code != _CANCEL_REQUEST)
        writer.write(b"N")


async def _message(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    head = await reader.readexactly(5)
    return head[:1], await reader.readexactly(struct.unpack("!I", head[1:])[0] - 4)


def _packed(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


@asynccontextmanager
async def pooler(folder: str, database: str, *, sessions: int) -> AsyncIterator[Pooler]:
    """A pooler before the server whose socket is in a folder."""
    made = Pooler(f"{folder}/.s.PGSQL.5432", database)
    for _ in range(sessions):
        await made.add_session()
    clients: set[asyncio.Task[None]] = set()

    def start(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(made.serve(reader, writer))
        clients.add(task)
        task.add_done_callback(clients.discard)

    server = await asyncio.start_server(start, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
        for task in tuple(clients):
            task.cancel()
        await asyncio.gather(*clients, return_exceptions=True)
        for session in made._idle:
            session.writer.close()
            with contextlib.suppress(ConnectionError):
                await session.writer.wait_closed()
