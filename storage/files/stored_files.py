"""The list of files in the media store: what each is, whose, and how large.

A row is written after its object and deleted after it, so an object without a row is left over.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file in the media store. `erased_at_ms`: 0 while what it belongs to is there."""

    path: str
    owner_id: str
    size_bytes: int
    sha256: str
    stored_at_ms: int
    erased_at_ms: int = 0


_PUT: Final = """
INSERT INTO stored_files (path, owner_id, size_bytes, sha256, stored_at_ms, erased_at_ms)
VALUES (:path, :owner_id, :size_bytes, :sha256, :stored_at_ms, :erased_at_ms)
ON CONFLICT (path) DO UPDATE SET
  size_bytes = excluded.size_bytes, sha256 = excluded.sha256,
  stored_at_ms = excluded.stored_at_ms"""
_GET: Final = "SELECT * FROM stored_files WHERE path = :path"
_KNOWN: Final = "SELECT path FROM stored_files WHERE path IN {each:paths}"
_OF_OWNER: Final = "SELECT * FROM stored_files WHERE owner_id = :owner_id ORDER BY path"
_ERASE: Final = """
UPDATE stored_files SET erased_at_ms = :now_ms WHERE owner_id = :owner_id AND erased_at_ms = 0"""
_ERASED: Final = """
SELECT owner_id FROM stored_files WHERE erased_at_ms > 0 AND owner_id NOT IN {each:excluded}
ORDER BY erased_at_ms, path LIMIT :limit"""
_DELETE: Final = "DELETE FROM stored_files WHERE path IN {each:paths}"
_TOTAL: Final = "SELECT COALESCE(SUM(size_bytes), 0) AS bytes, COUNT(*) AS files FROM stored_files"


async def put(tx: Transaction, file: StoredFile) -> None:
    """Record that an object is in the store, in this version."""
    await tx.execute(_PUT, encode(file))


async def get(tx: Transaction, path: str) -> StoredFile | None:
    """What is recorded of a file, or None."""
    row = await tx.fetch_one(_GET, {"path": path})
    return None if row is None else decode(StoredFile, row)


async def known(tx: Transaction, paths: Collection[str]) -> set[str]:
    """Those of some files that are recorded."""
    rows = await tx.fetch_all(_KNOWN, {"paths": list(paths)})
    return {str(row["path"]) for row in rows}


async def of_owner(tx: Transaction, owner_id: str) -> list[StoredFile]:
    """The files of a request, or of a name."""
    rows = await tx.fetch_all(_OF_OWNER, {"owner_id": owner_id})
    return [decode(StoredFile, row) for row in rows]


async def erase(tx: Transaction, owner_id: str, now_ms: int) -> None:
    """Have a request's files deleted soon."""
    await tx.execute(_ERASE, {"owner_id": owner_id, "now_ms": now_ms})


async def erased(tx: Transaction, *, exclude: Collection[str], limit: int) -> list[str]:
    """Requests that were erased and still have files, of up to `limit` files."""
    rows = await tx.fetch_all(_ERASED, {"excluded": list(exclude), "limit": limit})
    return list(dict.fromkeys(str(row["owner_id"]) for row in rows))


async def delete(tx: Transaction, paths: Collection[str]) -> None:
    """Record that some objects are gone."""
    if paths:
        await tx.execute(_DELETE, {"paths": list(paths)})


async def total(tx: Transaction) -> tuple[int, int]:
    """How many bytes the store has for us, in how many files."""
    row = await tx.fetch_one(_TOTAL)
    return (int(row["bytes"]), int(row["files"])) if row else (0, 0)
