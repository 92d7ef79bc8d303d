"""What members gave that is no request yet: kept for minutes, until a form comes back."""

from typing import Final

from storage.engine.rows import decode, encode, spell
from storage.engine.transaction import Transaction
from storage.records import Sketch

_PUT: Final = spell(
    "INSERT INTO sketches ({columns}) VALUES ({values}) ON CONFLICT (id) DO NOTHING", Sketch
)
_GET: Final = spell("SELECT {columns} FROM sketches WHERE id = :id", Sketch)
_DROP_OLD: Final = "DELETE FROM sketches WHERE created_at_ms < :before_ms"
_DROP_MOST: Final = """
DELETE FROM sketches WHERE user_id = :user_id AND id NOT IN (
  SELECT id FROM sketches WHERE user_id = :user_id ORDER BY created_at_ms DESC, id LIMIT :kept)"""


async def put(tx: Transaction, sketch: Sketch, *, kept: int) -> None:
    """Keep a sketch; of its member's, the newest `kept` stay."""
    await tx.execute(_PUT, encode(sketch))
    await tx.execute(_DROP_MOST, {"user_id": sketch.user_id, "kept": kept})


async def get(tx: Transaction, sketch_id: str) -> Sketch | None:
    """The sketch, or None."""
    row = await tx.fetch_one(_GET, {"id": sketch_id})
    return None if row is None else decode(Sketch, row)


async def drop_old(tx: Transaction, before_ms: int) -> int:
    """Remove what is older than a moment; returns how many that were."""
    return await tx.execute(_DROP_OLD, {"before_ms": before_ms})
