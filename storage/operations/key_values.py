"""Bot-wide values by key: paused, circuit breaker state, registered commands."""

from typing import Final

from storage.engine.transaction import Transaction

_MEMO: Final = "key_values"
_GET: Final = "SELECT value FROM key_values WHERE key = :key"
_GET_ALL: Final = "SELECT key, value FROM key_values WHERE key IN ({names})"
_SINCE: Final = "SELECT at_ms FROM key_values WHERE key = :key"
_SET: Final = """
INSERT INTO key_values (key, value, at_ms) VALUES (:key, :value, :now_ms)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms"""
_ADD: Final = """
INSERT INTO key_values (key, value, at_ms) VALUES (:key, :value, :now_ms)
ON CONFLICT (key) DO NOTHING"""
_REPLACE: Final = """
UPDATE key_values SET value = :value, at_ms = :now_ms WHERE key = :key AND value = :expected"""
_DELETE: Final = "DELETE FROM key_values WHERE key = :key"
_BEGUN: Final = """
SELECT key FROM key_values
WHERE key >= :prefix AND key < :end AND at_ms < :before_ms ORDER BY key"""
# writes the value unchanged: the row lock makes other writers wait
_HOLD: Final = """
INSERT INTO key_values (key, value, at_ms) VALUES (:key, '', 0)
ON CONFLICT (key) DO UPDATE SET value = key_values.value"""

# a moment long after now was written by a clock that has been set back since
_TAKE_TURN: Final = """
INSERT INTO key_values (key, value, at_ms) VALUES (:key, :value, :at_ms)
ON CONFLICT (key) DO UPDATE SET value = excluded.value, at_ms = excluded.at_ms
WHERE key_values.at_ms <= :now_ms - :pace_ms OR key_values.at_ms > :now_ms + 2 * :pace_ms"""


async def get(tx: Transaction, key: str) -> str | None:
    """The value, or None."""
    place = (_MEMO, key)
    if place not in tx.memo:
        row = await tx.fetch_one(_GET, {"key": key})
        tx.memo[place] = None if row is None else str(row["value"])
    value: str | None = tx.memo[place]
    return value


async def read_ahead(tx: Transaction, *keys: str) -> None:
    """Read values that the transaction will `get`, all in one statement."""
    unread = [key for key in keys if (_MEMO, key) not in tx.memo]
    if not unread:
        return
    wanted = {f"key{number}": key for number, key in enumerate(unread)}
    names = ", ".join(f":{name}" for name in wanted)
    rows = await tx.fetch_all(_GET_ALL.replace("{names}", names), wanted)
    found = {str(row["key"]): str(row["value"]) for row in rows}
    for key in unread:
        tx.memo[_MEMO, key] = found.get(key)


async def since_ms(tx: Transaction, key: str) -> int | None:
    """When the value was last written, or None."""
    row = await tx.fetch_one(_SINCE, {"key": key})
    return None if row is None else int(row["at_ms"])


async def set(tx: Transaction, key: str, value: str, now_ms: int) -> None:  # noqa: A001 - read as key_values.set
    """Write a value, whatever it was."""
    _forget(tx, key)
    await tx.execute(_SET, {"key": key, "value": value, "now_ms": now_ms})


async def delete(tx: Transaction, key: str) -> bool:
    """Delete a value; False when there was none."""
    _forget(tx, key)
    return await tx.execute(_DELETE, {"key": key}) == 1


async def compare_and_set(
    tx: Transaction, key: str, *, expected: str | None, value: str, now_ms: int
) -> bool:
    """Write a value if it still is `expected` (None: absent); of two callers one gets True."""
    _forget(tx, key)
    change = {"key": key, "value": value, "now_ms": now_ms}
    if expected is None:
        return await tx.execute(_ADD, change) == 1
    return await tx.execute(_REPLACE, change | {"expected": expected}) == 1


async def take_turn(
    tx: Transaction, key: str, value: str, *, now_ms: int, at_ms: int, pace_ms: int
) -> bool:
    """Write a value for a moment unless one was written within `pace_ms` before now.

    Of two callers one gets True. `at_ms` is now or at most `pace_ms` later.
    """
    _forget(tx, key)
    turn = {"key": key, "value": value, "now_ms": now_ms, "at_ms": at_ms, "pace_ms": pace_ms}
    return await tx.execute(_TAKE_TURN, turn) == 1


async def begun(tx: Transaction, prefix: str, *, before_ms: int) -> list[str]:
    """Keys that begin so and were last written before a moment; a prefix ends with a colon."""
    wanted = {"prefix": prefix, "end": prefix[:-1] + ";", "before_ms": before_ms}
    return [str(row["key"]) for row in await tx.fetch_all(_BEGUN, wanted)]


async def hold(tx: Transaction, key: str) -> None:
    """Lock a value until the transaction ends; read it after this.

    A value that was never written becomes empty.
    """
    await tx.execute(_HOLD, {"key": key})
    _forget(tx, key)


def _forget(tx: Transaction, key: str) -> None:
    tx.memo.pop((_MEMO, key), None)
