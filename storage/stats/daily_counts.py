"""Daily aggregates: a server's figures of a finished day, and how many requests ended.

A day is counted when it lies back so far that no clock of ours can still be in it and nothing of it
is under way. It changes after that only where a granted appeal lets a request go on, as requests
stay when their data is deleted. Whoever asks adds the few days that are not counted yet. All days
are UTC, numbered from 1970.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from storage.durations import DAY_MS
from storage.engine.transaction import Transaction
from storage.operations import key_values
from storage.records import ENDS, Request, State
from storage.requests.series import IS_UNDER_WAY

_COUNTING: Final = "counting-days"
"""Held by whoever counts days or takes a request out of one: a count must not miss the other."""
FOREVER: Final = 10_000_000
"""A day that never comes."""
MARGIN_DAYS: Final = 2
"""A day is over only after another whole one: clocks differ, and midnight is somewhere always."""


@dataclass(slots=True)
class DayFigures:
    """Requests of one day by how they stand now and by model, and the waits of those posted.

    `ended` has an empty state for requests that are gone themselves. `waits` are sorted, in
    milliseconds from being asked for to being posted.
    """

    day: int
    ended: dict[str, int] = field(default_factory=dict)
    models: dict[str, int] = field(default_factory=dict)
    waits: list[int] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        """Whether none of its requests is under way."""
        return all(state in ENDS or not state for state in self.ended)


_ROWS: Final = """
SELECT entry.counts_at_ms AS asked_at_ms, COALESCE(request.state, '') AS state,
  COALESCE(request.model, '') AS model, COALESCE(request.ended_at_ms, 0) AS ended_at_ms
FROM ledger AS entry LEFT JOIN requests AS request ON request.id = entry.request_id
WHERE entry.account = 'count' AND entry.kind = 'reserve' AND entry.guild_id = :guild_id
  AND entry.counts_at_ms >= :since_ms AND entry.counts_at_ms < :until_ms{whose}"""
_COUNTED: Final = """
SELECT day, figures FROM daily_counts
WHERE guild_id = :guild_id AND day >= :first AND day <= :last ORDER BY day"""
_COUNTED_DAYS: Final = """
SELECT day FROM daily_counts WHERE guild_id = :guild_id AND day >= :first AND day <= :last"""
_KEEP: Final = """
INSERT INTO daily_counts (guild_id, day, figures) VALUES (:guild_id, :day, :figures)
ON CONFLICT (guild_id, day) DO UPDATE SET figures = excluded.figures"""
_DROP_OLD: Final = "DELETE FROM daily_counts WHERE day < :first"
# one look into the index for each server
_GUILDS: Final = """
WITH RECURSIVE guild (id) AS (
  SELECT MIN(guild_id) FROM ledger_hours WHERE account = 'count' AND guild_id > 0
  UNION ALL
  SELECT (SELECT MIN(hours.guild_id) FROM ledger_hours AS hours
    WHERE hours.account = 'count' AND hours.guild_id > guild.id) FROM guild WHERE guild.id > 0
)
SELECT id FROM guild WHERE id > 0 ORDER BY id"""

_COUNT_ANEW: Final = """
DELETE FROM daily_counts WHERE guild_id = :guild_id AND day IN (
  SELECT counts_at_ms / 86400000 FROM ledger
  WHERE request_id = :id AND account = 'count' AND kind = 'reserve')"""
_TAKE_END_OUT: Final = """
UPDATE daily_ends SET number = number - 1 WHERE day = :day AND state = :state"""

_FIRST_HOUR: Final = """
SELECT MIN(hour) AS hour FROM ledger_hours WHERE account = 'count' AND guild_id = :guild_id"""

_FIRST_ENDED: Final = """
SELECT MIN(ended_at_ms) AS ended_at_ms FROM requests WHERE ended_at_ms >= :since_ms"""
_LAST_COUNTED: Final = "SELECT COALESCE(MAX(day), -1) AS day FROM daily_ends"
_COUNT_DAY: Final = """
INSERT INTO daily_ends (day, state, number)
SELECT :day, state || '', COUNT(*) FROM requests
WHERE ended_at_ms >= :since_ms AND ended_at_ms < :until_ms AND shots = 0 GROUP BY state || ''"""
# `|| ''` keeps SQLite from reading the whole index on states to spare itself the sorting
_BY_STATE: Final = f"""
SELECT state, CAST(SUM(number) AS BIGINT) AS number FROM (
  SELECT state, number FROM daily_ends
  UNION ALL SELECT state || '', COUNT(*) FROM requests
    WHERE ended_at_ms >= :since_ms AND shots = 0 GROUP BY state || ''
  UNION ALL SELECT state, COUNT(*) FROM requests
    WHERE state IN ('draft', 'held', 'auditing', 'queued', 'submitting', 'running', 'rendered',
      'reviewing', 'uncertain')
      AND NOT {IS_UNDER_WAY}
      AND NOT (series_of <> '' AND (state IN ('draft', 'rendered')
        OR (state = 'queued' AND acked_at_ms = 0)))
    GROUP BY state
) AS parts
GROUP BY state"""  # noqa: S608 - a constant


async def of_server(tx: Transaction, guild_id: int, *, first: int, last: int) -> list[DayFigures]:
    """A server's days from one to another; those without any request may be left out.

    With the last one comes what lies in days to come: a clock may have been set back.
    """
    span = {"guild_id": guild_id, "first": first, "last": last}
    found = {
        int(row["day"]): _decoded(int(row["day"]), row["figures"])
        for row in await tx.fetch_all(_COUNTED, span)
    }
    start = first
    for day in (*sorted(found), FOREVER):
        # what lies between two counted days is asked for at once
        if start < day and start <= last:
            found |= {each.day: each for each in await _count(tx, guild_id, start, day - 1)}
        start = day + 1
    return [found[day] for day in sorted(found)]


async def of_member(
    tx: Transaction, guild_id: int, user_id: int, *, first: int
) -> list[DayFigures]:
    """The same of one member alone, from a day on: from the rows, which are theirs only."""
    return await _count(tx, guild_id, first, FOREVER, user_id)


async def servers_with_requests(tx: Transaction) -> list[int]:
    """Every server that ever reserved anything."""
    return [int(row["id"]) for row in await tx.fetch_all(_GUILDS)]


async def uncounted(tx: Transaction, guild_id: int, *, first: int, last: int) -> list[int]:
    """Which days of a server are still to be counted, from its first request on."""
    row = await tx.fetch_one(_FIRST_HOUR, {"guild_id": guild_id})
    if row is not None and row["hour"] is not None:
        first = max(first, int(row["hour"]) // 24)
    span = {"guild_id": guild_id, "first": first, "last": last}
    counted = {int(row["day"]) for row in await tx.fetch_all(_COUNTED_DAYS, span)}
    return [day for day in range(first, last + 1) if day not in counted]


async def count_day(tx: Transaction, guild_id: int, day: int) -> bool:
    """Keep a server's figures of a day; False while something of it is under way."""
    await key_values.hold(tx, _COUNTING)
    found = await _count(tx, guild_id, day, day)
    figures = found[0] if found else DayFigures(day)
    if not figures.is_over:
        return False
    kept = {"ended": figures.ended, "models": figures.models, "waits": figures.waits}
    await tx.execute(_KEEP, {"guild_id": guild_id, "day": day, "figures": json.dumps(kept)})
    return True


async def take_out(tx: Transaction, request: Request) -> None:
    """Undo the counting of an ended request that goes on, before its accounts are opened again.

    Its row must be locked.
    """
    await key_values.hold(tx, _COUNTING)
    await tx.execute(_COUNT_ANEW, {"guild_id": request.guild_id, "id": request.id})
    ended = {"day": request.ended_at_ms // DAY_MS, "state": request.state.value}
    await tx.execute(_TAKE_END_OUT, ended)


async def drop_old(tx: Transaction, first: int) -> None:
    """Delete figures of days before the oldest that can be shown."""
    await tx.execute(_DROP_OLD, {"first": first})


async def count_ended(tx: Transaction, *, last: int) -> bool:
    """Count the next day's ended requests, up to a last day; False when all are counted."""
    await key_values.hold(tx, _COUNTING)
    row = await tx.fetch_one(_LAST_COUNTED)
    since_ms = (int(row["day"]) + 1 if row else 0) * DAY_MS
    row = await tx.fetch_one(_FIRST_ENDED, {"since_ms": max(1, since_ms)})
    if row is None or row["ended_at_ms"] is None:
        return False
    day = int(row["ended_at_ms"]) // DAY_MS
    if day > last:
        return False
    span = {"since_ms": max(1, day * DAY_MS), "until_ms": (day + 1) * DAY_MS}
    await tx.execute(_COUNT_DAY, {"day": day, **span})
    return True


async def requests_by_state(tx: Transaction) -> dict[str, int]:
    """How many requests are in each state; states without any may be left out.

    A series counts as its shots at the provider and at the end, and as one while it is asked about,
    held, or its film is under way; a shot whose turn has not come counts nowhere.
    """
    row = await tx.fetch_one(_LAST_COUNTED)
    since_ms = max(1, (int(row["day"]) + 1 if row else 0) * DAY_MS)
    rows = await tx.fetch_all(_BY_STATE, {"since_ms": since_ms})
    return {str(row["state"]): int(row["number"]) for row in rows}


async def _count(
    tx: Transaction, guild_id: int, first: int, last: int, user_id: int | None = None
) -> list[DayFigures]:
    sql = _ROWS.replace("{whose}", "" if user_id is None else " AND entry.user_id = :user_id")
    wanted = {"guild_id": guild_id, "since_ms": first * DAY_MS, "until_ms": (last + 1) * DAY_MS}
    if user_id is not None:
        wanted["user_id"] = user_id
    return _added_up(await tx.fetch_all(sql, wanted))


def _added_up(rows: Iterable[Any]) -> list[DayFigures]:
    found: dict[int, DayFigures] = {}
    for row in rows:
        asked_ms, state, model = int(row["asked_at_ms"]), row["state"], row["model"]
        figures = found.setdefault(asked_ms // DAY_MS, DayFigures(asked_ms // DAY_MS))
        figures.ended[state] = figures.ended.get(state, 0) + 1
        if model:
            figures.models[model] = figures.models.get(model, 0) + 1
        waited_ms = int(row["ended_at_ms"]) - asked_ms
        if state == State.POSTED and waited_ms >= 0:
            figures.waits.append(waited_ms)
    for figures in found.values():
        figures.waits.sort()
    return [found[day] for day in sorted(found)]


def _decoded(day: int, text: str) -> DayFigures:
    return DayFigures(day, **json.loads(text))
