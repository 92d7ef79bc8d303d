"""Inputs of requests: pictures, clips and sounds, pinned by hash."""

from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.records import Input

_PUT: Final = """
INSERT INTO inputs (
  request_id, position, role, kind, source, url, name, path, sha256, size_bytes, format, width,
  height, duration_ms, provider_url, provider_url_at_ms, look)
VALUES (
  :request_id, :position, :role, :kind, :source, :url, :name, :path, :sha256, :size_bytes,
  :format, :width, :height, :duration_ms, :provider_url, :provider_url_at_ms, :look)
ON CONFLICT (request_id, position) DO UPDATE SET
  role = excluded.role, kind = excluded.kind, source = excluded.source, url = excluded.url,
  name = excluded.name, path = excluded.path, sha256 = excluded.sha256,
  size_bytes = excluded.size_bytes, format = excluded.format, width = excluded.width,
  height = excluded.height, duration_ms = excluded.duration_ms,
  provider_url = excluded.provider_url, provider_url_at_ms = excluded.provider_url_at_ms,
  look = excluded.look"""
_OF_REQUEST: Final = "SELECT * FROM inputs WHERE request_id = :request_id ORDER BY position"

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
