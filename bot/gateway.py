"""The connections to Discord's gateway, one for each shard of this process.

discord.py 2.7.1 launches its shards one after another and brings them back one after another, and
waits out each one's backoff before it looks at the next. Here each shard has a task of its own, so
that one that can't connect holds up no other, and resumes its session wherever it had one.
"""

import asyncio
import contextlib
import logging
import math
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from typing import Any, Final

import aiohttp
import discord
from discord.backoff import ExponentialBackoff
from discord.ext import commands
from discord.gateway import DiscordWebSocket, ReconnectWebSocket
from discord.shard import EventItem, EventType, Shard

from bot.services.operations.identify_pace import IdentifyPace
from bot.shards import Shards, ShardState

logger = logging.getLogger(__name__)

CONNECT_BACKOFF_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Waits before a shard's first connection is tried again."""
RECONNECT_DOUBLINGS: Final = 5
"""A lost shard waits for a random part of 2^5 s at most; discord.py's, of 2^10 s."""
LEAVE_S: Final = 3.0
OPENING_S: Final = 1.0
"""A connection that is being opened may take so long before it is given up at the end."""
WRONG_SHARD: Final = 4010
MORE_SHARDS: Final = 4011
ONLY: Final = Shards(0, 0, 1)
_EVENTS: Final = "_AutoShardedClient__queue"
"""Where discord.py's shards say that they have lost their connection; there is no public name."""
_SHARDS: Final = "_AutoShardedClient__shards"
"""Where discord.py looks for a shard's connection."""


class PatientShard(Shard):
    """A shard that is back soon after a long outage."""

    def __init__(self, ws: DiscordWebSocket, bot: "ShardedBot") -> None:
        events: asyncio.PriorityQueue[EventItem] = getattr(bot, _EVENTS)
        super().__init__(ws, bot, events.put_nowait)
        self._backoff = ExponentialBackoff()
        self._backoff._max = RECONNECT_DOUBLINGS  # noqa: SLF001 - there is no public way


class ShardedBot(commands.AutoShardedBot):
    """A bot with a part of the shards, or all of them; one shard until `use_shards` says more.

    `pace` is kept when there is more than one shard in all; without one each shard waits 5 s before
    it identifies anew, as discord.py does. `sleep` paces what is tried again.
    """

    def __init__(
        self,
        *args: Any,
        pace: IdentifyPace | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        **options: Any,
    ) -> None:
        super().__init__(*args, shard_count=ONLY.total, shard_ids=list(ONLY.ids), **options)
        self._pace = pace
        self._sleep = sleep
        self._max_concurrency = 1
        self.connected_shards = ONLY
        """The shards of this process."""
        self._turns: dict[int, str] = {}
        self._waiting: set[asyncio.Task[Any] | None] = set()
        """Tasks that wait and have nothing open."""
        self._up: set[int] = set()

    def use_shards(self, shards: Shards, max_concurrency: int = 1) -> None:
        """Connect these; before `connect`. So many may identify in the same five seconds."""
        self.connected_shards = shards
        self._max_concurrency = max(1, max_concurrency)
        self.shard_count = self._connection.shard_count = shards.total
        self.shard_ids = self._connection.shard_ids = list(shards.ids)

    def shard_states(self) -> Mapping[int, ShardState]:
        """The state of each shard of this process."""
        known = self.shards
        return {
            number: self._state_of(number, known.get(number)) for number in self.shard_ids or ()
        }

    def _state_of(self, number: int, shard: discord.ShardInfo | None) -> ShardState:
        if shard is None:
            return ShardState(is_up=False, latency_s=None)
        latency_s = shard.latency
        return ShardState(
            is_up=number in self._up and not shard.is_closed(),
            latency_s=latency_s if math.isfinite(latency_s) else None,
        )

    async def on_shard_connect(self, shard_id: int) -> None:
        """Note a shard with a new session."""
        self._up.add(shard_id)

    async def on_shard_resumed(self, shard_id: int) -> None:
        """Note a shard that has its session back."""
        self._up.add(shard_id)

    async def on_shard_disconnect(self, shard_id: int) -> None:
        """Note a shard that has lost its connection."""
        self._up.discard(shard_id)

    async def connect(self, *, reconnect: bool = True) -> None:
        """Keep every shard connected until the client is closed.

        Raises: ConnectionClosed, PrivilegedIntentsRequired, when Discord wants no reconnection.
        """
        self._reconnect = reconnect
        events: asyncio.PriorityQueue[EventItem] = getattr(self, _EVENTS)
        tasks: set[asyncio.Task[None]] = set()
        try:
            for shard_id in self.connected_shards.ids:
                _start(self._launch(shard_id), tasks)
            while not self.is_closed():
                item = await events.get()
                if item.type == EventType.clean_close:
                    return
                if item.type in (EventType.close, EventType.terminate):
                    _raise_for(item)
                    return
                if item.shard is not None:
                    _start(self._bring_back(item.shard, item), tasks)
        finally:
            await self._end(tasks)

    async def _end(self, tasks: set[asyncio.Task[None]]) -> None:
        """End what still connects.

        An opened connection ends cleanly only as one of the shards: given up before, it would leave
        discord.py's heartbeat thread behind.
        """
        for task in tasks & self._waiting:
            task.cancel()
        if tasks:
            await asyncio.wait(tasks, timeout=OPENING_S)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _launch(self, shard_id: int) -> None:
        """Connect a shard for the first time, however long that takes.

        discord.py's `launch_shard` tries again by recursion: at its limit the shard is given up.
        """
        attempt = 0
        while True:
            await self._take_turn(shard_id)
            try:
                ws = await asyncio.wait_for(
                    DiscordWebSocket.from_client(self, initial=not attempt, shard_id=shard_id),
                    self.shard_connect_timeout,
                )
                break
            except Exception as error:  # noqa: BLE001 - nobody else would bring the shard up
                wait_s = CONNECT_BACKOFF_S[min(attempt, len(CONNECT_BACKOFF_S) - 1)]
                attempt += 1
                logger.warning(
                    "A shard can't connect, trying again",
                    extra={
                        "action": "gateway.launch",
                        "shard": shard_id,
                        "wait_s": wait_s,
                        "error": repr(error),
                    },
                )
            with self._nothing_open():
                await self._sleep(wait_s)
        shard = getattr(self, _SHARDS)[shard_id] = PatientShard(ws, self)
        shard.launch()

    async def _bring_back(self, shard: Shard, item: EventItem) -> None:
        error = item.error
        if not isinstance(error, ReconnectWebSocket):
            # discord.py's `reconnect` would begin a new session and lose what happened meanwhile
            error = ReconnectWebSocket(shard.id, resume=shard.ws.session_id is not None)
        if not error.resume:
            await self._take_turn(shard.id)
        await shard.reidentify(error)

    @property
    def _is_paced(self) -> bool:
        return self._pace is not None and self.connected_shards.total > 1

    async def _take_turn(self, shard_id: int) -> None:
        if self._pace is None or not self._is_paced:
            return
        with self._nothing_open():
            self._turns[shard_id] = await self._pace.take(shard_id % self._max_concurrency)

    @contextlib.contextmanager
    def _nothing_open(self) -> Iterator[None]:
        """While the current task waits in here, the end need not wait for it."""
        task = asyncio.current_task()
        self._waiting.add(task)
        try:
            yield
        finally:
            self._waiting.discard(task)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Identify at Discord's pace: right after this returns it is sent."""
        if shard_id is None or self._pace is None or not self._is_paced:
            await super().before_identify_hook(shard_id, initial=initial)
            return
        bucket = shard_id % self._max_concurrency
        turn = self._turns.pop(shard_id, None)
        if turn is None or not await self._pace.confirm(bucket, turn):
            await self._pace.take(bucket)

    def forget_left_guilds(self, ready: Mapping[str, Any]) -> None:
        """Drop servers that a shard's new session doesn't name; discord.py keeps them."""
        shard_id = ready["shard"][0]
        named = {int(guild["id"]) for guild in ready["guilds"]}
        for guild in list(self.guilds):
            if guild.shard_id == shard_id and guild.id not in named:
                self._connection._remove_guild(guild)  # noqa: SLF001 - there is no public way

    async def leave_gateway(self) -> None:
        """Say goodbye on every open connection; REST calls go on working."""

        async def leave(shard: discord.ShardInfo) -> None:
            with contextlib.suppress(TimeoutError, OSError, aiohttp.ClientError):
                async with asyncio.timeout(LEAVE_S):
                    await shard.disconnect()

        await asyncio.gather(*(leave(shard) for shard in self.shards.values()))

    async def close(self) -> None:
        """Close the connections and the session, also of a client that has never logged in."""
        if not hasattr(self, _EVENTS):
            # discord.py's own `close` wants what the log-in makes
            await self._async_setup_hook()
        await super().close()


def _start(work: Coroutine[Any, Any, None], tasks: set[asyncio.Task[None]]) -> None:
    task = asyncio.create_task(work)
    tasks.add(task)
    task.add_done_callback(tasks.discard)


def _raise_for(item: EventItem) -> None:
    error = item.error
    if isinstance(error, discord.ConnectionClosed):
        if error.code == 4014:
            raise discord.PrivilegedIntentsRequired(error.shard_id)
        if error.code == 1000:
            return
    if error is not None:
        raise error


def refusal(code: int, shards: Shards | None) -> str:
    """Why Discord wants no reconnection, and what to do."""
    if code in (WRONG_SHARD, MORE_SHARDS):
        what = (
            "Start again: the number is asked for anew"
            if shards is None
            else f"SHARDS={shards} has too small a total: raise it in all gateways"
        )
        return f"Discord refuses the number of shards (code {code}). {what}"
    return f"Discord closed the gateway for good (code {code})"
