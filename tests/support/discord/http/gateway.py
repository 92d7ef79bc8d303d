"""The gateway: WebSocket sessions that identify, resume, beat, and are told what happens."""

import asyncio
import json
import zlib
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.support.discord import payloads
from tests.support.discord.http.sharding import Sharding
from tests.support.discord.records import Channel, ChannelType, Guild, Payload
from tests.support.discord.world import World

DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT = 0, 1, 2, 6, 7
INVALID_SESSION, HELLO, HEARTBEAT_ACK = 9, 10, 11
GUILDS, GUILD_MESSAGES, DIRECT_MESSAGES = 1 << 0, 1 << 9, 1 << 12
AUTHENTICATION_FAILED, NOT_AUTHENTICATED, NORMAL = 4004, 4003, 1000
REMEMBERED_EVENTS = 5000


@dataclass(eq=False)
class Connection:
    """One open WebSocket and the compressor that lives as long as it."""

    socket: web.WebSocketResponse
    compressor: Any = None
    was_cut: bool = False
    """Closed by Discord's side, whatever code the client says goodbye with."""
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def send(self, op: int, data: Any, *, event: str | None = None, seq: int = 0) -> None:
        text = json.dumps({"op": op, "d": data, "t": event, "s": seq or None})
        async with self.lock:
            if self.compressor is None:
                await self.socket.send_str(text)
                return
            packed = self.compressor.compress(text.encode())
            await self.socket.send_bytes(packed + self.compressor.flush(zlib.Z_SYNC_FLUSH))


@dataclass(eq=False)
class Session:
    """What Discord remembers of a client between its connections."""

    id: str
    intents: int
    shard: tuple[int, int]
    connection: Connection | None = None
    seq: int = 0
    is_ready: bool = False
    events: deque[tuple[int, str, Any]] = field(
        default_factory=lambda: deque(maxlen=REMEMBERED_EVENTS)
    )

    def concerns(self, guild_id: int) -> bool:
        """Whether this shard hears of that guild; shard 0 hears of what is in none."""
        number, total = self.shard
        return (guild_id >> 22) % total == number

    async def push(self, event: str, data: Any, stamp: Callable[[], None] | None = None) -> bool:
        """Write an event down and send it if somebody listens; False when nobody does."""
        self.seq += 1
        seq = self.seq
        self.events.append((seq, event, data))
        connection = self.connection
        if connection is None or connection.socket.closed:
            return False
        if stamp is not None:
            stamp()
        try:
            await connection.send(DISPATCH, data, event=event, seq=seq)
        except (ConnectionError, RuntimeError):
            return False
        return True


class Gateway:
    """All sessions of one bot. `is_down` refuses new connections with 503.

    A too hasty identify invalidates the session that it asks for: see `Sharding`.
    """

    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token
        self.sessions: dict[str, Session] = {}
        self.connections: set[Connection] = set()
        self.is_down = False
        self.acknowledges_heartbeats = True
        self.heartbeat_s = 41.25
        self.sharding = Sharding()
        self.down_shards: set[int] = set()
        """Shards whose connections are cut as soon as they identify or resume."""
        self.refused = 0
        """Connections that were refused while it was down."""
        self.identified = 0
        self.resumed = 0

    @property
    def url(self) -> str:
        """Where clients connect."""
        return self._world.base_url.replace("http", "ws", 1) + "/gateway"

    def ready(self) -> list[Session]:
        """Sessions that have been told of their guilds and can hear."""
        return [s for s in self.sessions.values() if s.is_ready and s.connection is not None]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        """One client's connection, from HELLO to its end."""
        if self.is_down:
            self.refused += 1
            await self._world.notify()
            raise web.HTTPServiceUnavailable
        socket = web.WebSocketResponse(max_msg_size=4 * 1024 * 1024)
        await socket.prepare(request)
        is_packed = request.query.get("compress") == "zlib-stream"
        connection = Connection(socket, zlib.compressobj() if is_packed else None)
        self.connections.add(connection)
        session: Session | None = None
        try:
            await connection.send(HELLO, {"heartbeat_interval": int(self.heartbeat_s * 1000)})
            async for message in socket:
                if message.type is WSMsgType.TEXT:
                    session = await self._hear(connection, session, json.loads(message.data))
        except (ConnectionError, RuntimeError):
            pass  # the client went away while it was written to
        finally:
            self.connections.discard(connection)
            self._part(connection, session)
            await self._world.notify()
        return socket

    def _part(self, connection: Connection, session: Session | None) -> None:
        if session is None or session.connection is not connection:
            return
        session.connection = None
        # A client that says goodbye has no session any more; one that vanishes may resume.
        if connection.socket.close_code in {NORMAL, 1001} and not connection.was_cut:
            self.sessions.pop(session.id, None)

    async def _hear(
        self, connection: Connection, session: Session | None, message: Payload
    ) -> Session | None:
        op: int = message["op"]
        data: Any = message.get("d")
        if op == HEARTBEAT and self.acknowledges_heartbeats:
            await connection.send(HEARTBEAT_ACK, None)
        elif op == IDENTIFY:
            return await self._identify(connection, data)
        elif op == RESUME:
            return await self._resume(connection, data)
        elif session is None and op != HEARTBEAT:
            await connection.socket.close(code=NOT_AUTHENTICATED, message=b"Not authenticated.")
        return session

    async def _identify(self, connection: Connection, data: Payload) -> Session | None:
        if data["token"].removeprefix("Bot ") != self._token:
            await connection.socket.close(
                code=AUTHENTICATION_FAILED, message=b"Authentication failed."
            )
            return None
        number, total = data.get("shard") or (0, 1)
        if not await self._admits(connection, number, total):
            return None
        session = Session(f"session-{self._world.new_id()}", data["intents"], (number, total))
        session.connection = connection
        self.sessions[session.id] = session
        self.identified += 1
        guilds = [g for g in self._world.guilds.values() if session.concerns(g.id)]
        await session.push("READY", self._ready_json(session, guilds))
        if session.intents & GUILDS:
            for guild in guilds:
                await session.push("GUILD_CREATE", payloads.guild_json(self._world, guild))
        session.is_ready = True
        await self._world.notify()
        return session

    async def _admits(self, connection: Connection, number: int, total: int) -> bool:
        """Refuse what Discord refuses of a shard: its number, its total, its haste."""
        code = self.sharding.refusal(number, total)
        if code:
            await connection.socket.close(code=code, message=b"Not with these shards.")
            return False
        if await self._is_cut(connection, number):
            return False
        if self.sharding.is_hasty(number):
            await connection.send(INVALID_SESSION, False)
            return False
        return True

    async def _is_cut(self, connection: Connection, number: int) -> bool:
        if number not in self.down_shards:
            return False
        connection.was_cut = True
        await connection.socket.close(code=4000)
        return True

    def _ready_json(self, session: Session, guilds: list[Guild]) -> Payload:
        return {
            "v": 10,
            "user": payloads.user_json(self._world.bot) | {"verified": True, "mfa_enabled": True},
            "guilds": [{"id": str(guild.id), "unavailable": True} for guild in guilds],
            "session_id": session.id,
            "resume_gateway_url": self.url,
            "shard": list(session.shard),
            "application": {"id": str(self._world.application_id), "flags": 0},
            "private_channels": [],
            "session_type": "normal",
        }

    async def _resume(self, connection: Connection, data: Payload) -> Session | None:
        session = self.sessions.get(data["session_id"])
        if session is None or data["token"].removeprefix("Bot ") != self._token:
            await connection.send(INVALID_SESSION, False)
            return None
        if await self._is_cut(connection, session.shard[0]):
            return None
        missed = [event for event in session.events if event[0] > (data.get("seq") or 0)]
        for seq, event, payload in missed:
            await connection.send(DISPATCH, payload, event=event, seq=seq)
        session.connection = connection
        self.resumed += 1
        await session.push("RESUMED", {})
        await self._world.notify()
        return session

    async def push(
        self,
        event: str,
        data: Any,
        *,
        guild_id: int = 0,
        intent: int = 0,
        stamp: Callable[[], None] | None = None,
    ) -> bool:
        """Tell every session that this concerns; False when none could hear it at once.

        `stamp` is called right before the event is first written to a socket.
        """
        heard = False
        for session in list(self.sessions.values()):
            if session.concerns(guild_id) and (not intent or session.intents & intent):
                heard = await session.push(event, data, None if heard else stamp) or heard
        return heard

    async def push_message_event(self, event: str, channel: Channel | None, data: Payload) -> None:
        """Tell of a message to those who asked for messages, and wake whoever waits."""
        guild_id = channel.guild_id if channel is not None else 0
        is_direct = channel is not None and channel.type is ChannelType.DIRECT
        if guild_id:
            data = data | {"guild_id": str(guild_id)}
        intent = DIRECT_MESSAGES if is_direct else GUILD_MESSAGES
        await self.push(event, data, guild_id=guild_id, intent=intent)
        await self._world.notify()

    async def disconnect(self, code: int = 4000, *, forgets: bool = False) -> None:
        """Cut every connection; `forgets` makes the sessions impossible to resume."""
        if forgets:
            self.sessions.clear()
        for connection in list(self.connections):
            connection.was_cut = True
            await connection.socket.close(code=code)

    async def cut_shard(self, number: int) -> None:
        """Cut a shard's connections and every later one, until it leaves `down_shards`."""
        self.down_shards.add(number)
        for session in list(self.sessions.values()):
            if session.shard[0] == number and session.connection is not None:
                session.connection.was_cut = True
                await session.connection.socket.close(code=4000)

    async def ask_to_reconnect(self) -> None:
        """Send every client the order to reconnect, as Discord does before maintenance."""
        for connection in list(self.connections):
            await connection.send(RECONNECT, None)
