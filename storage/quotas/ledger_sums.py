"""The ledger's sums, by counting time: of a member in a server, of a server, of the whole bot.

Those of server and bot come from the hourly sums: they stay cheap however many rows there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from storage.durations import HOUR_MS
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import known_as
from storage.quotas.ledger_hours import WHOLE_BOT, first_whole_hour
from storage.quotas.ledger_records import Account, Usage


@dataclass(frozen=True, slots=True)
class Window:
    """What counts since a moment, that moment included, by counting time.

    Of a member in a server, of a server, or, without either, of the whole bot.
    """

    account: Account
    since_ms: int
    guild_id: int | None = None
    user_id: int | None = None


# sums of BIGINT are NUMERIC on PostgreSQL; {n} is the window's number
_OF_MEMBER: Final = """
SELECT {n} AS number, CAST(COALESCE(SUM(videos), 0) AS BIGINT) AS videos,
  CAST(COALESCE(SUM(seconds), 0) AS BIGINT) AS seconds,
  CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros
FROM ledger
WHERE account = :account{n} AND counts_at_ms >= :since_ms{n}
  AND guild_id = :guild_id{n} AND user_id IN (:user_id{n}, :pseudonym{n})"""
# the same, from the sums by the hour and the rows of the hour in which the window begins
_BY_HOURS: Final = """
SELECT {n} AS number, CAST(COALESCE(SUM(videos), 0) AS BIGINT) AS videos,
  CAST(COALESCE(SUM(seconds), 0) AS BIGINT) AS seconds,
  CAST(COALESCE(SUM(cost_micros), 0) AS BIGINT) AS cost_micros
FROM (
  SELECT videos, seconds, cost_micros FROM ledger
  WHERE account = :account{n} AND counts_at_ms >= :since_ms{n}
    AND counts_at_ms < :whole_ms{n}{whose}
  UNION ALL
  SELECT videos, seconds, cost_micros FROM ledger_hours
  WHERE account = :account{n} AND guild_id = :hours_of{n} AND hour >= :hour{n}) AS parts"""
_COUNTING: Final = """
SELECT MIN(counts_at_ms) AS counted_ms, CAST(SUM(videos) AS BIGINT) AS videos,
  CAST(SUM(seconds) AS BIGINT) AS seconds, CAST(SUM(cost_micros) AS BIGINT) AS cost_micros
FROM ledger
WHERE account = :account AND counts_at_ms >= :since_ms{whose}
GROUP BY request_id
HAVING SUM(videos) > 0 OR SUM(cost_micros) > 0
ORDER BY counted_ms, request_id"""


async def usage(
    tx: Transaction,
    account: Account,
    *,
    since_ms: int,
    guild_id: int | None = None,
    user_id: int | None = None,
) -> Usage:
    """What was used since a moment; see `usages`."""
    (found,) = await usages(tx, (Window(account, since_ms, guild_id, user_id),))
    return found


async def usages(tx: Transaction, windows: Sequence[Window]) -> list[Usage]:
    """What was used in each window, in one statement.

    Rows of every kind are summed: a settlement carries the difference to its reservation.
    """
    parts: list[str] = []
    wanted: dict[str, str | int] = {}
    for number, window in enumerate(windows):
        sql, parameters = await _part_of(tx, window)
        parts.append(sql.replace("{n}", str(number)))
        wanted |= {f"{name}{number}": value for name, value in parameters.items()}
    if not parts:
        return []
    rows = await tx.fetch_all(" UNION ALL ".join(parts), wanted)
    found = {int(row["number"]): decode(Usage, row) for row in rows}
    return [found[number] for number in range(len(windows))]


async def _part_of(tx: Transaction, window: Window) -> tuple[str, dict[str, str | int]]:
    """The statement of one window, and its parameters."""
    wanted: dict[str, str | int] = {"account": window.account.value, "since_ms": window.since_ms}
    if window.guild_id is not None:
        wanted["guild_id"] = window.guild_id
    if window.guild_id is not None and window.user_id is not None:
        wanted["user_id"], wanted["pseudonym"] = await known_as(tx, window.user_id)
        return _OF_MEMBER, wanted
    hour = first_whole_hour(window.since_ms)
    wanted |= {"hour": hour, "whole_ms": hour * HOUR_MS}
    if window.guild_id is None:
        return _BY_HOURS.replace("{whose}", ""), wanted | {"hours_of": WHOLE_BOT}
    whose = " AND guild_id = :guild_id{n}"
    return _BY_HOURS.replace("{whose}", whose), wanted | {"hours_of": window.guild_id}


async def counting(
    tx: Transaction,
    account: Account,
    *,
    since_ms: int,
    guild_id: int | None = None,
    user_id: int | None = None,
) -> list[tuple[int, Usage]]:
    """Every request that still counts since a moment, with its counting time, oldest first."""
    whose, parameters = await _whose(tx, guild_id, user_id)
    rows = await tx.fetch_all(
        _COUNTING.replace("{whose}", whose),
        parameters | {"account": account.value, "since_ms": since_ms},
    )
    return [(int(row["counted_ms"]), decode(Usage, row)) for row in rows]


async def _whose(
    tx: Transaction, guild_id: int | None, user_id: int | None
) -> tuple[str, dict[str, str | int]]:
    clause, parameters = "", dict[str, str | int]()
    if guild_id is not None:
        clause += " AND guild_id = :guild_id"
        parameters["guild_id"] = guild_id
    if user_id is not None:
        clause += " AND user_id IN (:user_id, :pseudonym)"
        parameters["user_id"], parameters["pseudonym"] = await known_as(tx, user_id)
    return clause, parameters
