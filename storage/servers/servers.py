"""Servers (guilds) and their settings."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from storage.engine.transaction import Row, Transaction


@dataclass(frozen=True, slots=True)
class Server:
    """A guild's settings; keys missing in `settings` have their defaults."""

    guild_id: int
    settings: Mapping[str, Any] = field(default_factory=dict)
    joined_at_ms: int = 0
    left_at_ms: int = 0
    """When the bot was removed from it; 0 while it is there."""


_GET: Final = (
    "SELECT guild_id, settings, joined_at_ms, left_at_ms FROM servers WHERE guild_id = :guild_id"
)
_EVERY: Final = """
SELECT guild_id, settings, joined_at_ms, left_at_ms FROM servers ORDER BY guild_id"""
_PUT: Final = """
INSERT INTO servers (guild_id, settings, joined_at_ms)
VALUES (:guild_id, :settings, :joined_at_ms)
ON CONFLICT (guild_id) DO UPDATE SET settings = excluded.settings,
  joined_at_ms = CASE WHEN excluded.joined_at_ms > 0 THEN excluded.joined_at_ms
    ELSE servers.joined_at_ms END"""
_WITH_WORK: Final = """
SELECT DISTINCT guild_id FROM requests
WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting', 'running', 'rendered',
  'reviewing', 'uncertain')"""
_LEFT: Final = """
UPDATE servers SET left_at_ms = :left_at_ms
WHERE guild_id = :guild_id AND left_at_ms <> :left_at_ms"""

_LOCK: Final = """
INSERT INTO servers (guild_id, settings, joined_at_ms) VALUES (:guild_id, '{}', 0)
ON CONFLICT (guild_id) DO UPDATE SET joined_at_ms = servers.joined_at_ms"""


async def get(tx: Transaction, guild_id: int) -> Server | None:
    """A guild's row, or None when there is none."""
    row = await tx.fetch_one(_GET, {"guild_id": guild_id})
    return None if row is None else _server(row)


async def require(tx: Transaction, guild_id: int) -> Server:
    """A guild's row; one without settings where there is none."""
    return await get(tx, guild_id) or Server(guild_id)


async def lock(tx: Transaction, guild_id: int) -> None:
    """Hold a guild's row until the transaction ends; made where there is none.

    Settings are read, changed and written back whole, so concurrent changes must be serialised.
    """
    await tx.execute(_LOCK, {"guild_id": guild_id})


async def every(tx: Transaction) -> list[Server]:
    """All guilds that have settings, by id."""
    return [_server(row) for row in await tx.fetch_all(_EVERY)]


async def with_work(tx: Transaction) -> set[int]:
    """Guilds in which something was asked for and is not over."""
    return {int(row["guild_id"]) for row in await tx.fetch_all(_WITH_WORK)}


async def put(tx: Transaction, server: Server) -> None:
    """Write a guild's settings whole; a `joined_at_ms` of 0 keeps the one known."""
    settings = json.dumps(dict(server.settings), ensure_ascii=False, sort_keys=True)
    row = {
        "guild_id": server.guild_id,
        "settings": settings,
        "joined_at_ms": server.joined_at_ms,
    }
    await tx.execute(_PUT, row)


async def note_left(tx: Transaction, guild_id: int, left_at_ms: int) -> bool:
    """Note when the bot was removed from a guild, or 0 for its being back.

    False where that changes nothing.
    """
    changed = await tx.execute(_LEFT, {"guild_id": guild_id, "left_at_ms": left_at_ms})
    return changed > 0


def _server(row: Row) -> Server:
    return Server(
        guild_id=row["guild_id"],
        settings=json.loads(row["settings"]),
        joined_at_ms=row["joined_at_ms"],
        left_at_ms=row["left_at_ms"],
    )
