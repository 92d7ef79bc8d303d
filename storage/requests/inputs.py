"""The pictures, clips and sounds of requests."""

from typing import Final

from storage.engine.rows import decode, encode, names, spell
from storage.engine.transaction import Transaction
from storage.records import Input

_PUT: Final = spell(
    "INSERT INTO inputs ({columns}) VALUES ({values})"
    " ON CONFLICT (request_id, position) DO UPDATE SET {updates}",
    Input,
).replace(
    "{updates}",
    ", ".join(
        f"{name} = excluded.{name}"
        for name in names(Input)
        if name not in {"request_id", "position"}
    ),
)
_OF_REQUEST: Final = spell(
    "SELECT {columns} FROM inputs WHERE request_id = :request_id ORDER BY position", Input
)

_PUT_UP: Final = """
UPDATE inputs SET provider_url = :provider_url, provider_url_at_ms = :now_ms
WHERE request_id = :request_id AND position = :position"""


async def put(tx: Transaction, entry: Input) -> None:
    """Write an input, in place of an earlier one at its position."""
    await tx.execute(_PUT, encode(entry))


async def of_request(tx: Transaction, request_id: str) -> list[Input]:
    """A request's inputs by position."""
    rows = await tx.fetch_all(_OF_REQUEST, {"request_id": request_id})
    return [decode(Input, row) for row in rows]


async def note_uploaded(
    tx: Transaction, request_id: str, position: int, *, provider_url: str, now_ms: int
) -> None:
    """Note where the provider keeps an input that was put up."""
    place = {"request_id": request_id, "position": position}
    await tx.execute(_PUT_UP, place | {"provider_url": provider_url, "now_ms": now_ms})
