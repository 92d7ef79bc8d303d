"""Which gateway process has which shards: heartbeats, and the view of them for owners."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from bot.shards import Shards, ShardState
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import StorageError
from storage.operations import gateways
from storage.operations.gateways import Gateway

logger = logging.getLogger(__name__)

BEAT_S: Final = 10.0
SEEN_MS: Final = 30_000
"""A gateway not heard of for longer counts as gone."""
FORGET_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class ShardsView:
    """The shards of all processes; none of them while one process has the only one."""

    gateways: Sequence[Gateway] = ()
    total: int = 0
    """As most processes have it; while one after another is started anew, two are in use."""
    down: Mapping[int, int] = field(default_factory=dict)
    """Shards that are not connected, and since when."""
    missing: Sequence[int] = ()
    """Shards that no process has."""

    @property
    def connected(self) -> int:
        """How many are connected."""
        return self.total - len(self.missing) - len(self.down)


async def read_shards_view(tx: Transaction, now_ms: int) -> ShardsView:
    """The shards as the processes last said."""
    return view_of(await gateways.alive(tx, now_ms - SEEN_MS))


def view_of(alive: Sequence[Gateway]) -> ShardsView:
    """Put together what the processes say.

    With two numbers of shards in use, the one with more shards connected or being so is shown;
    a shard that one process has lost and another has is connected.
    """
    if not alive:
        return ShardsView()
    known: dict[int, dict[int, int]] = {}
    for gateway in alive:
        shards = known.setdefault(gateway.total_shards, {})
        for shard in range(gateway.first_shard, gateway.last_shard + 1):
            since_ms = gateway.down.get(shard, 0)
            shards[shard] = min(since_ms, shards.get(shard, since_ms))
    total = max(known, key=lambda each: (len(known[each]) / each, each))
    shards = known[total]
    return ShardsView(
        gateways=tuple(alive),
        total=total,
        down={shard: ms for shard, ms in sorted(shards.items()) if ms},
        missing=tuple(shard for shard in range(total) if shard not in shards),
    )


class GatewayHeartbeat:
    """Says of this process which shards it has, while there is more than one in all."""

    def __init__(
        self,
        database: Database,
        *,
        owner: str,
        host: str,
        shards: Callable[[], Shards | None],
        states: Callable[[], Mapping[int, ShardState]],
        clock: Callable[[], int],
    ) -> None:
        self._database = database
        self._owner = owner
        self._host = host
        self._shards = shards
        self._states = states
        self._clock = clock
        self._down: dict[int, int] = {}

    async def run(self, stop: asyncio.Event) -> None:
        """Beat until `stop` is set, then sign off."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                await self._try(self.beat)
                await asyncio.wait({stopped}, timeout=BEAT_S)
        finally:
            stopped.cancel()
            await asyncio.gather(stopped, return_exceptions=True)
        await self._try(self.leave)

    async def _try(self, act: Callable[[], Awaitable[None]]) -> None:
        try:
            await act()
        except StorageError as error:
            logger.warning(
                "The shards could not be recorded",
                extra={"action": "gateway.heartbeat", "error": repr(error)},
            )

    @repeated
    async def beat(self) -> None:
        """Record this process' shards and which of them are not connected."""
        shards, now_ms = self._shards(), self._clock()
        if shards is None or shards.total == 1:
            return
        states = self._states()
        up = {shard for shard, state in states.items() if state.is_up}
        self._down = {
            shard: self._down.get(shard, now_ms) for shard in shards.ids if shard not in up
        }
        said = Gateway(
            owner=self._owner,
            host=self._host,
            first_shard=shards.first,
            last_shard=shards.last,
            total_shards=shards.total,
            down=self._down,
            seen_at_ms=now_ms,
        )
        async with self._database.transaction() as tx:
            await gateways.heartbeat(tx, said, forgotten_before_ms=now_ms - FORGET_MS)

    @repeated
    async def leave(self) -> None:
        """Sign off, so that nobody waits for the next heartbeat."""
        shards = self._shards()
        if shards is None or shards.total == 1:
            return
        async with self._database.transaction() as tx:
            await gateways.leave(tx, self._owner)
