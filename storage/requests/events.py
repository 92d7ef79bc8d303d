"""Event history of requests: one append-only line for each move and decision."""

from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a request's history: a move, a decision, a loss; never a prompt, never a secret."""

    request_id: str
    at_ms: int
    action: str
    from_state: str = ""
    to_state: str = ""
    actor_id: int = 0
    note: str = ""


_ADD: Final = """
INSERT INTO events (request_id, at_ms, action, from_state, to_state, actor_id, note)
VALUES (:request_id, :at_ms, :action, :from_state, :to_state, :actor_id, :note)"""
_OF_REQUEST: Final = "SELECT * FROM events WHERE request_id = :request_id ORDER BY id"


async def add(tx: Transaction, event: Event) -> None:
    """Write one line."""
    await tx.execute(_ADD, encode(event))


async def of_request(tx: Transaction, request_id: str) -> list[Event]:
    """A request's history, oldest first."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(Event, row) for row in rows]
