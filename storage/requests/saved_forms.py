"""Saved forms: what members entered, kept for minutes until the form is submitted."""

from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.records import SavedForm

_PUT: Final = """
INSERT INTO saved_forms (id, guild_id, user_id, video_request, created_at_ms, suggestion, origin)
VALUES (:id, :guild_id, :user_id, :video_request, :created_at_ms, :suggestion, :origin)
ON CONFLICT (id) DO NOTHING"""
_GET: Final = "SELECT * FROM saved_forms WHERE id = :id"
_DROP_OLD: Final = "DELETE FROM saved_forms WHERE created_at_ms < :before_ms"
_DROP_MOST: Final = """
DELETE FROM saved_forms WHERE user_id = :user_id AND id NOT IN (
  SELECT id FROM saved_forms WHERE user_id = :user_id
  ORDER BY created_at_ms DESC, id LIMIT :kept)"""


async def put(tx: Transaction, saved_form: SavedForm, *, kept: int) -> None:
    """Keep a saved form; of its member's, the newest `kept` stay."""
    await tx.execute(_PUT, encode(saved_form))
    await tx.execute(_DROP_MOST, {"user_id": saved_form.user_id, "kept": kept})


async def get(tx: Transaction, saved_form_id: str) -> SavedForm | None:
    """The saved form, or None."""
    row = await tx.fetch_one(_GET, {"id": saved_form_id})
    return None if row is None else decode(SavedForm, row)


async def drop_old(tx: Transaction, before_ms: int) -> int:
    """Remove what is older than a moment; returns how many that were."""
    return await tx.execute(_DROP_OLD, {"before_ms": before_ms})
