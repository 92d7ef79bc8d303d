"""Worker processes and their heartbeats."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Worker:
    """A process that takes work, as it last said of itself."""

    owner: str
    """The name under which it holds leases; new with each start."""
    host: str
    role: str
    seen_at_ms: int


_BEAT: Final = """
INSERT INTO workers (owner, host, role, seen_at_ms)
VALUES (:owner, :host, :role, :seen_at_ms)
ON CONFLICT (owner) DO UPDATE SET
  host = excluded.host, role = excluded.role, seen_at_ms = excluded.seen_at_ms"""
_ALIVE: Final = "SELECT * FROM workers WHERE seen_at_ms >= :since_ms ORDER BY owner"
_LEAVE: Final = "DELETE FROM workers WHERE owner = :owner"
_FORGET: Final = "DELETE FROM workers WHERE seen_at_ms < :before_ms"


async def heartbeat(tx: Transaction, *, owner: str, host: str, role: str, now_ms: int) -> None:
    """Record a heartbeat."""
    await tx.execute(_BEAT, encode(Worker(owner, host, role, now_ms)))


async def alive(tx: Transaction, since_ms: int) -> list[Worker]:
    """The processes with a heartbeat since a moment, that moment included."""
    return [decode(Worker, row) for row in await tx.fetch_all(_ALIVE, {"since_ms": since_ms})]


async def leave(tx: Transaction, owner: str) -> None:
    """Record that a process ends, so that others need not wait for its heartbeat."""
    await tx.execute(_LEAVE, {"owner": owner})


async def forget(tx: Transaction, before_ms: int) -> int:
    """Delete processes without a heartbeat since a moment; returns how many."""
    return await tx.execute(_FORGET, {"before_ms": before_ms})
