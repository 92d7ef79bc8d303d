"""Gateway processes and their shards, by heartbeats."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from storage.engine.transaction import Row, Transaction


@dataclass(frozen=True, slots=True)
class Gateway:
    """A process with a part of the shards, as it last said of itself."""

    owner: str
    """New with each start."""
    host: str
    first_shard: int
    last_shard: int
    total_shards: int
    down: Mapping[int, int]
    """Its shards that are not connected, and since when."""
    seen_at_ms: int


_BEAT: Final = """
INSERT INTO gateways (owner, host, first_shard, last_shard, total_shards, down, seen_at_ms)
VALUES (:owner, :host, :first_shard, :last_shard, :total_shards, :down, :seen_at_ms)
ON CONFLICT (owner) DO UPDATE SET down = excluded.down, seen_at_ms = excluded.seen_at_ms"""
_ALIVE: Final = """
SELECT owner, host, first_shard, last_shard, total_shards, down, seen_at_ms FROM gateways
WHERE seen_at_ms >= :since_ms ORDER BY total_shards, first_shard, owner"""
_LEAVE: Final = "DELETE FROM gateways WHERE owner = :owner"
_FORGET: Final = "DELETE FROM gateways WHERE seen_at_ms < :before_ms"


async def heartbeat(tx: Transaction, gateway: Gateway, *, forgotten_before_ms: int) -> None:
    """Record what a process says of itself, and delete those that were last seen before."""
    await tx.execute(
        _BEAT,
        {
            "owner": gateway.owner,
            "host": gateway.host,
            "first_shard": gateway.first_shard,
            "last_shard": gateway.last_shard,
            "total_shards": gateway.total_shards,
            "down": json.dumps({str(shard): ms for shard, ms in gateway.down.items()}),
            "seen_at_ms": gateway.seen_at_ms,
        },
    )
    await tx.execute(_FORGET, {"before_ms": forgotten_before_ms})


async def alive(tx: Transaction, since_ms: int) -> list[Gateway]:
    """Those with a heartbeat since a moment, that moment included, in the order of shards."""
    return [_gateway(row) for row in await tx.fetch_all(_ALIVE, {"since_ms": since_ms})]


async def leave(tx: Transaction, owner: str) -> None:
    """Record that a process ends."""
    await tx.execute(_LEAVE, {"owner": owner})


def _gateway(row: Row) -> Gateway:
    down = {int(shard): int(ms) for shard, ms in json.loads(row["down"]).items()}
    return Gateway(
        owner=str(row["owner"]),
        host=str(row["host"]),
        first_shard=int(row["first_shard"]),
        last_shard=int(row["last_shard"]),
        total_shards=int(row["total_shards"]),
        down=down,
        seen_at_ms=int(row["seen_at_ms"]),
    )
