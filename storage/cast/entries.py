"""The cast: named pictures of a member, in every server, or of a server.

A removed entry is nameless at once. Its row stays until no request needs its files any more.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction
from storage.errors import LeaseLost
from storage.records import NEVER_DUE


class CastState(StrEnum):
    """Whether an entry's pictures are there."""

    NEW = "new"
    """They are still being fetched."""
    READY = "ready"
    FAILED = "failed"
    """They can't be used; the entry is removed with it, and its note says why."""


@dataclass(frozen=True, slots=True)
class CastEntry:
    """A name and its pictures: a member's (`guild_id` 0) or a server's (`user_id` 0).

    `host` has the files. `note`: the violations of a failed one, as JSON. `stored_bytes` as
    announced until the files are fetched. `due_at_ms` is its visibility timeout; see NEVER_DUE.
    """

    id: str
    guild_id: int
    user_id: int
    name: str
    folded: str
    state: CastState
    created_at_ms: int
    host: str = ""
    note: str = ""
    stored_bytes: int = 0
    removed_at_ms: int = 0
    due_at_ms: int = 0
    lease_owner: str = ""
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class CastPicture:
    """One of an entry's pictures; `path` is relative to the data directory."""

    cast_id: str
    position: int
    source: str
    url: str
    name: str = ""
    path: str = ""
    sha256: str = ""
    size_bytes: int = 0
    format: str = ""
    width: int = 0
    height: int = 0


_ADD: Final = """
INSERT INTO cast_entries (
  id, guild_id, user_id, name, folded, state, created_at_ms, host, note, stored_bytes,
  removed_at_ms, due_at_ms, lease_owner, attempt)
VALUES (
  :id, :guild_id, :user_id, :name, :folded, :state, :created_at_ms, :host, :note, :stored_bytes,
  :removed_at_ms, :due_at_ms, :lease_owner, :attempt)
ON CONFLICT DO NOTHING"""
_PUT_PICTURE: Final = """
INSERT INTO cast_pictures (
  cast_id, position, source, url, name, path, sha256, size_bytes, format, width, height)
VALUES (
  :cast_id, :position, :source, :url, :name, :path, :sha256, :size_bytes, :format, :width, :height)
ON CONFLICT (cast_id, position) DO UPDATE SET
  path = excluded.path, sha256 = excluded.sha256, size_bytes = excluded.size_bytes,
  format = excluded.format, width = excluded.width, height = excluded.height"""
_GET: Final = "SELECT * FROM cast_entries WHERE id = :id"
_OF_OWNER: Final = """
SELECT * FROM cast_entries
WHERE guild_id = :guild_id AND user_id = :user_id AND removed_at_ms = 0
ORDER BY folded"""
_PICTURES: Final = (
    "SELECT * FROM cast_pictures WHERE cast_id IN {each:ids} ORDER BY cast_id, position"
)
_READY: Final = """
UPDATE cast_entries SET state = 'ready', host = :host, stored_bytes = :stored_bytes,
  due_at_ms = :never_due, lease_owner = '', attempt = 0
WHERE id = :id AND lease_owner = :owner AND removed_at_ms = 0"""
_FAIL: Final = """
UPDATE cast_entries SET state = 'failed', note = :note, name = '', folded = '', stored_bytes = 0,
  removed_at_ms = :now_ms, due_at_ms = :never_due, lease_owner = ''
WHERE id = :id AND lease_owner = :owner AND removed_at_ms = 0"""
_PUT_OFF: Final = """
UPDATE cast_entries SET attempt = attempt + :more, due_at_ms = :due_at_ms, lease_owner = ''
WHERE id = :id AND lease_owner = :owner AND removed_at_ms = 0"""
_BLANK: Final = """
UPDATE cast_pictures SET url = '', name = '' WHERE cast_id IN {each:ids}"""
_REMOVE: Final = """
UPDATE cast_entries SET name = '', folded = '', note = '', guild_id = 0, user_id = 0,
  stored_bytes = 0, due_at_ms = :never_due, lease_owner = '',
  removed_at_ms = CASE WHEN removed_at_ms = 0 THEN :now_ms ELSE removed_at_ms END
WHERE id IN {each:ids}"""
_HOME: Final = """
SELECT host FROM cast_entries
WHERE guild_id IN (0, :guild_id) AND user_id IN (0, :user_id) AND removed_at_ms = 0
  AND host <> ''
ORDER BY created_at_ms DESC, id LIMIT 1"""
# requests under way are few, and so are removed names
_UNUSED: Final = """
SELECT id FROM cast_entries
WHERE removed_at_ms > 0 AND (note = '' OR removed_at_ms < :before_ms)
  AND (host = '' OR host = :host)
  AND NOT EXISTS (
    SELECT 1 FROM requests
    WHERE state NOT IN ('posted', 'failed', 'rejected', 'cancelled')
      AND spec LIKE :any || '"cast:' || cast_entries.id || '/' || :any)
ORDER BY removed_at_ms, id
LIMIT :limit"""
_DELETE: Final = (
    "DELETE FROM cast_pictures WHERE cast_id IN {each:ids}",
    "DELETE FROM cast_entries WHERE id IN {each:ids} AND removed_at_ms > 0",
)
_KNOWN: Final = "SELECT id FROM cast_entries WHERE id IN {each:ids}"


async def add(tx: Transaction, entry: CastEntry, pictures: Sequence[CastPicture]) -> bool:
    """Add an entry with its pictures; False where its owner has the name already."""
    if not await tx.execute(_ADD, encode(entry)):
        return False
    for picture in pictures:
        await tx.execute(_PUT_PICTURE, encode(picture))
    return True


async def get(tx: Transaction, entry_id: str) -> CastEntry | None:
    """The entry, also a removed one, or None."""
    row = await tx.fetch_one(_GET, {"id": entry_id})
    return None if row is None else decode(CastEntry, row)


async def of_member(tx: Transaction, user_id: int) -> list[CastEntry]:
    """A member's own cast by name."""
    return await _of_owner(tx, 0, user_id)


async def of_server(tx: Transaction, guild_id: int) -> list[CastEntry]:
    """A server's cast by name."""
    return await _of_owner(tx, guild_id, 0)


async def _of_owner(tx: Transaction, guild_id: int, user_id: int) -> list[CastEntry]:
    rows = await tx.fetch_all(_OF_OWNER, {"guild_id": guild_id, "user_id": user_id})
    return [decode(CastEntry, row) for row in rows]


async def pictures_of(tx: Transaction, entry_ids: Collection[str]) -> dict[str, list[CastPicture]]:
    """The pictures of some entries, each entry's in order."""
    found: dict[str, list[CastPicture]] = {entry_id: [] for entry_id in entry_ids}
    for row in await tx.fetch_all(_PICTURES, {"ids": list(entry_ids)}) if found else ():
        picture = decode(CastPicture, row)
        found[picture.cast_id].append(picture)
    return found


async def ready(
    tx: Transaction, held: CastEntry, pictures: Sequence[CastPicture], host: str
) -> None:
    """Record an entry's fetched pictures and end the lease. Raises: LeaseLost."""
    stored_bytes = sum(picture.size_bytes for picture in pictures)
    await _write(tx, held, _READY, {"host": host, "stored_bytes": stored_bytes})
    for picture in pictures:
        await tx.execute(_PUT_PICTURE, encode(picture))


async def fail(tx: Transaction, held: CastEntry, note: str, now_ms: int) -> None:
    """Remove an entry whose pictures can't be used. Raises: LeaseLost."""
    await _write(tx, held, _FAIL, {"note": note, "now_ms": now_ms})


async def put_off(tx: Transaction, held: CastEntry, due_at_ms: int, *, counts: bool = True) -> None:
    """Try again later; `counts` as a failed attempt. Raises: LeaseLost."""
    held_by = {"id": held.id, "owner": held.lease_owner}
    if not await tx.execute(_PUT_OFF, held_by | {"due_at_ms": due_at_ms, "more": int(counts)}):
        raise LeaseLost(f"{held.id} is not ours any more")


async def _write(tx: Transaction, held: CastEntry, sql: str, change: dict[str, str | int]) -> None:
    held_by = {"id": held.id, "owner": held.lease_owner, "never_due": NEVER_DUE}
    if not await tx.execute(sql, held_by | change):
        raise LeaseLost(f"{held.id} is not ours any more")


async def erase(tx: Transaction, entry_ids: Collection[str], now_ms: int = 1) -> None:
    """Take entries from their owner, with all that was typed.

    Their files go once no request needs them.
    """
    ids = {"ids": list(entry_ids)}
    if entry_ids:
        await tx.execute(_BLANK, ids)
        await tx.execute(_REMOVE, ids | {"now_ms": now_ms, "never_due": NEVER_DUE})


async def home_of(tx: Transaction, guild_id: int, user_id: int) -> str:
    """The host with the newest of the member's and the server's pictures; empty for none."""
    row = await tx.fetch_one(_HOME, {"guild_id": guild_id, "user_id": user_id})
    return str(row["host"]) if row else ""


async def unused(tx: Transaction, host: str, *, before_ms: int, limit: int) -> list[str]:
    """Removed entries whose files are this host's to remove, and needed by no request.

    One that failed after `before_ms` stays: its owner is still to be told why.
    """
    wanted = {"host": host, "before_ms": before_ms, "limit": limit, "any": "%"}
    return [str(row["id"]) for row in await tx.fetch_all(_UNUSED, wanted)]


async def delete(tx: Transaction, entry_ids: Collection[str]) -> None:
    """Delete the rows of removed entries whose files are gone."""
    for sql in _DELETE:
        await tx.execute(sql, {"ids": list(entry_ids)})


async def known(tx: Transaction, entry_ids: Collection[str]) -> set[str]:
    """Those of some ids that have a row."""
    rows = await tx.fetch_all(_KNOWN, {"ids": list(entry_ids)})
    return {str(row["id"]) for row in rows}
