"""Leases on the rows of a table, which share one column with their due times.

As with a visibility timeout, claiming a row moves `due_at_ms` ahead, and a lease that nobody renews
becomes due again. What may be claimed differs, so each table claims with a statement of its own.
"""

from collections.abc import Collection
from typing import Final

from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE

# in whatever order, so it waits for nobody: what is being changed is renewed the next time
_RENEW: Final = """
UPDATE {table} SET due_at_ms = :until_ms
WHERE {key} IN (
  SELECT {key} FROM {table}
  WHERE {waiting} AND lease_owner = :owner AND due_at_ms < :until_ms AND {key} IN {each:ids}
  {skip_locked})"""
# both conditions on the owner: an index on leased rows serves both statements
_RELEASE_ALL: Final = """
UPDATE {table} SET lease_owner = '', due_at_ms = :now_ms
WHERE {waiting} AND lease_owner <> '' AND due_at_ms > :now_ms AND due_at_ms < :never_due"""
_RELEASE_OF_OWNER: Final = """
UPDATE {table} SET lease_owner = '', due_at_ms = :now_ms
WHERE {waiting} AND lease_owner <> '' AND lease_owner = :owner
  AND due_at_ms > :now_ms AND due_at_ms < :never_due"""
_NEXT_DUE: Final = """
SELECT MIN(due_at_ms) AS due_at_ms FROM {table} WHERE {waiting} AND due_at_ms < :never_due"""


class Leases:
    """The leases of one table; `waiting` is what holds for each row that can be leased."""

    def __init__(self, table: str, *, key: str = "id", waiting: str = "") -> None:
        def of_table(sql: str) -> str:
            chosen = "WHERE {waiting} AND " if waiting else "WHERE "
            sql = sql.replace("WHERE {waiting} AND ", chosen)
            for word, name in (("{table}", table), ("{key}", key), ("{waiting}", waiting)):
                sql = sql.replace(word, name)
            return sql

        self._renew = of_table(_RENEW)
        self._release_all = of_table(_RELEASE_ALL)
        self._release_of_owner = of_table(_RELEASE_OF_OWNER)
        self._next_due = of_table(_NEXT_DUE)

    async def renew(
        self, tx: Transaction, *, owner: str, ids: Collection[str], until_ms: int
    ) -> int:
        """Extend an owner's leases; returns how many it extended.

        Never brings a row forward: one that was postponed meanwhile stays so. A row that another
        transaction has locked is left out, so renew several times in a lease.
        """
        renewed = {"ids": list(ids), "owner": owner, "until_ms": until_ms}
        return await tx.execute(self._renew, renewed)

    async def release_all(self, tx: Transaction, now_ms: int) -> int:
        """Make every leased row due at once, at a start when no other process can be running."""
        return await tx.execute(self._release_all, {"now_ms": now_ms, "never_due": NEVER_DUE})

    async def release(self, tx: Transaction, *, owner: str, now_ms: int) -> int:
        """Make everything one owner has leased due at once, as when its process stops."""
        released = {"owner": owner, "now_ms": now_ms, "never_due": NEVER_DUE}
        return await tx.execute(self._release_of_owner, released)

    async def next_due_ms(self, tx: Transaction) -> int | None:
        """When the next row becomes due; None when none ever will by itself."""
        row = await tx.fetch_one(self._next_due, {"never_due": NEVER_DUE})
        return None if row is None or row["due_at_ms"] is None else int(row["due_at_ms"])
