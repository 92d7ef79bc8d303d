"""Figures of a server's requests, or of one member's, added up by the database itself.

Drafts took nothing and are not counted. What somebody had deleted goes on in the server's figures
without their id, and is nobody's own any more: not even under the pseudonym that quotas know.
"""

from dataclasses import dataclass
from typing import Final

from storage.rows import decode
from storage.transaction import Transaction

DAY_MS: Final = 24 * 60 * 60 * 1000


@dataclass(frozen=True, slots=True)
class Ended:
    """So many requests of one day, counted from 0 at `since_ms`, are in this state now.

    `state` is empty where the request itself is gone.
    """

    day: int
    state: str
    number: int


@dataclass(frozen=True, slots=True)
class Waited:
    """From being asked for to being posted: half of a day's videos took at most `half_ms`.

    Nine of ten took at most `most_ms`. Both are waits that somebody had, none is a mean.
    """

    day: int
    number: int
    half_ms: int
    most_ms: int


@dataclass(frozen=True, slots=True)
class Used:
    """How many requests there were for a model."""

    model: str
    number: int


_OF: Final = """
FROM ledger AS entry {join} JOIN requests AS request ON request.id = entry.request_id
WHERE entry.account = 'count' AND entry.kind = 'reserve' AND entry.guild_id = :guild_id
  AND entry.counts_at_ms >= :since_ms{whose}"""
_BY_DAY: Final = """
SELECT day, state, COUNT(*) AS number FROM (
  SELECT (entry.counts_at_ms - :since_ms) / :day_ms AS day, COALESCE(request.state, '') AS state
  {of}) AS asked
GROUP BY day, state
ORDER BY day, state"""
# the place of the median and of the ninth tenth among the day's waits, from 1, rounded up
_WAITS: Final = """
SELECT day, number,
  MAX(CASE WHEN place = (number + 1) / 2 THEN waited_ms ELSE 0 END) AS half_ms,
  MAX(CASE WHEN place = (number * 9 + 9) / 10 THEN waited_ms ELSE 0 END) AS most_ms
FROM (
  SELECT day, waited_ms, ROW_NUMBER() OVER (PARTITION BY day ORDER BY waited_ms) AS place,
    COUNT(*) OVER (PARTITION BY day) AS number
  FROM (
    SELECT (entry.counts_at_ms - :since_ms) / :day_ms AS day,
      request.ended_at_ms - entry.counts_at_ms AS waited_ms
    {of} AND request.state = 'posted' AND request.ended_at_ms >= entry.counts_at_ms) AS posted
  ) AS ranked
GROUP BY day, number
ORDER BY day"""
_MODELS: Final = """
SELECT request.model AS model, COUNT(*) AS number
{of}
GROUP BY request.model
ORDER BY number DESC, model"""
_ONE_SPAN_MS: Final = 2**62
"""A day so long that everything lies in it."""


async def by_day(
    tx: Transaction, guild_id: int, *, since_ms: int, user_id: int | None = None
) -> list[Ended]:
    """Requests by day and by how they stand now, of a server or of one of its members."""
    sql, wanted = _asked(_BY_DAY, "LEFT", guild_id, since_ms, user_id)
    return [decode(Ended, row) for row in await tx.fetch_all(sql, wanted | {"day_ms": DAY_MS})]


async def waits(
    tx: Transaction, guild_id: int, *, since_ms: int, user_id: int | None = None
) -> list[Waited]:
    """How long videos took, by the day on which they were asked for; days without any are left out.

    By the wall clock of who waited, with queue and review.
    """
    sql, wanted = _asked(_WAITS, "", guild_id, since_ms, user_id)
    return [decode(Waited, row) for row in await tx.fetch_all(sql, wanted | {"day_ms": DAY_MS})]


async def waits_in_all(
    tx: Transaction, guild_id: int, *, since_ms: int, user_id: int | None = None
) -> Waited | None:
    """The same over the whole time; None where nothing was posted."""
    sql, wanted = _asked(_WAITS, "", guild_id, since_ms, user_id)
    row = await tx.fetch_one(sql, wanted | {"day_ms": _ONE_SPAN_MS})
    return None if row is None else decode(Waited, row)


async def models(
    tx: Transaction, guild_id: int, *, since_ms: int, user_id: int | None = None
) -> list[Used]:
    """Which models were asked for how often, the most asked for first."""
    sql, wanted = _asked(_MODELS, "", guild_id, since_ms, user_id)
    return [decode(Used, row) for row in await tx.fetch_all(sql, wanted)]


def _asked(
    sql: str, join: str, guild_id: int, since_ms: int, user_id: int | None
) -> tuple[str, dict[str, int]]:
    whose = "" if user_id is None else " AND entry.user_id = :user_id"
    wanted = {"guild_id": guild_id, "since_ms": since_ms}
    if user_id is not None:
        wanted["user_id"] = user_id
    of = _OF.replace("{join}", join).replace("{whose}", whose)
    return sql.replace("{of}", of), wanted
