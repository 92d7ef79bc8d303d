"""When the database was last backed up, as far as the bot itself knows."""

from typing import Final

from storage.engine.transaction import Transaction
from storage.operations import key_values

BACKUP: Final = "backup"
"""The key under which `video-bot backup` keeps when it made the last copy."""


async def note_backup(tx: Transaction, now_ms: int) -> None:
    """Record that a copy was made."""
    await key_values.set(tx, BACKUP, "made", now_ms)


async def last_backup_ms(tx: Transaction) -> int | None:
    """When `video-bot backup` made its last copy; None if it never did."""
    return await key_values.since_ms(tx, BACKUP)
