"""Checks the ledger's invariants against the requests, as they must hold after any crash.

A balance is the sum of its rows, so it is right when every request has exactly the rows that its
state calls for, and those add up to what is reserved, settled or released.
"""

from dataclasses import dataclass
from typing import Final

from storage.durations import DAY_MS, HOUR_MS
from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.quotas.refund_rules import EXPIRED, GOODWILL, Refund, closings


@dataclass(frozen=True, slots=True)
class Difference:
    """A request whose rows are not what they must be; `problem` says how, for people."""

    request_id: str
    problem: str


# what holds for each account of each request, whatever became of the request itself
_ROWS: Final = """
SELECT request_id, account AS problem FROM ledger
GROUP BY request_id, account
HAVING SUM(CASE WHEN kind = 'reserve' THEN 1 ELSE 0 END) <> 1
  OR MIN(guild_id) <> MAX(guild_id) OR MIN(user_id) <> MAX(user_id)
  OR MIN(counts_at_ms) <> MAX(counts_at_ms)
  OR SUM(videos) NOT IN (0, 1)
  OR (SUM(videos) = 0 AND (SUM(seconds) <> 0 OR SUM(cost_micros) <> 0))
  OR (SUM(videos) = 1
    AND SUM(seconds) <> SUM(CASE WHEN kind = 'reserve' THEN seconds ELSE 0 END))
  OR (SUM(CASE WHEN kind = 'adjust' THEN 1 ELSE 0 END) = 0
    AND SUM(videos) <> 1 - SUM(CASE WHEN kind = 'release' THEN 1 ELSE 0 END))
  OR (account = 'count' AND COUNT(*) > 2)
ORDER BY request_id, account
LIMIT :limit"""


def _reasons(*comebacks: Refund) -> str:
    """The ends of such comebacks as a list for SQL."""
    return ", ".join(f"'{each}'" for comeback in comebacks for each in closings(comeback))


# rows of before a member's deletion stand under another id, and under none once they ran out
_FORGIVEN: Final = f"""
SELECT request_id, 'more came back than the first {GOODWILL} in 24 hours' AS problem FROM (
  SELECT request_id, user_id, COUNT(*) OVER (
    PARTITION BY guild_id, user_id ORDER BY at_ms
    RANGE BETWEEN {DAY_MS - 1} PRECEDING AND CURRENT ROW) AS forgiven
  FROM ledger
  WHERE account = 'count' AND kind = 'release'
    AND reason IN ({_reasons(Refund.FIRST_TWO)})) AS forgiveness
WHERE forgiven > {GOODWILL} AND user_id <> 0
ORDER BY request_id
LIMIT :limit"""  # noqa: S608 - our own words

_COUNTED: Final = """
WITH counted AS (
  SELECT r.id AS id, r.state AS state, r.intent_at_ms AS intent_at_ms,
    r.started_at_ms AS started_at_ms, r.cost_micros AS cost_micros,
    r.billed_micros AS billed_micros, r.is_unbilled AS is_unbilled,
    r.rendered_at_ms AS rendered_at_ms, r.shots AS shots,
    (SELECT COUNT(*) FROM ledger AS l WHERE l.request_id = r.id AND l.kind = 'reserve') AS opened,
    (SELECT COUNT(DISTINCT l.account) FROM ledger AS l
      WHERE l.request_id = r.id AND l.kind IN ('settle', 'release')) AS closed,
    (SELECT COUNT(*) FROM ledger AS l
      WHERE l.request_id = r.id AND l.kind <> 'reserve' AND l.reason <> 'uncertain') AS ended,
    (SELECT COALESCE(SUM(l.videos), 0) FROM ledger AS l
      WHERE l.request_id = r.id AND l.account = 'cost') AS cost_kept,
    (SELECT l.reason FROM ledger AS l WHERE l.request_id = r.id AND l.account = 'count'
      AND l.kind = 'release') AS count_released_for,
    (SELECT l.reason FROM ledger AS l WHERE l.request_id = r.id AND l.account = 'count'
      AND l.kind = 'settle') AS count_settled_for,
    (SELECT COALESCE(SUM(l.cost_micros), 0) FROM ledger AS l
      WHERE l.request_id = r.id AND l.account = 'cost') AS booked
  FROM requests AS r
)
SELECT id AS request_id, {problem} AS problem FROM counted
WHERE {problem} <> ''
ORDER BY id
LIMIT :limit"""
_PROBLEM: Final = f"""CASE
  WHEN shots > 0 THEN CASE WHEN opened > 0 THEN 'a series has taken what its shots take'
    ELSE '' END
  WHEN state = 'draft' THEN CASE WHEN opened > 0 THEN 'a draft has taken quota' ELSE '' END
  WHEN state NOT IN ('posted', 'failed', 'rejected', 'cancelled') THEN CASE
    WHEN opened <> 2 THEN 'under way and not reserved'
    WHEN ended > 0 THEN 'under way and closed already' ELSE '' END
  WHEN opened = 0 THEN CASE
    WHEN started_at_ms > 0 OR state = 'posted' THEN 'made and never reserved' ELSE '' END
  WHEN opened <> 2 THEN 'reserved in one account only'
  WHEN closed <> 2 THEN 'over and not closed'
  WHEN (state = 'posted' OR rendered_at_ms > 0 OR intent_at_ms > 0) AND is_unbilled = 0
    AND cost_kept = 0 THEN 'may be billed and its cost released'
  WHEN cost_kept > 0 AND (is_unbilled > 0 OR (intent_at_ms = 0 AND state <> 'posted'))
    THEN 'surely not billed and its cost kept'
  WHEN count_released_for NOT IN ('{EXPIRED}',
    {_reasons(Refund.ALWAYS, Refund.FIRST_TWO)}) THEN 'its count came back and must not'
  WHEN count_settled_for IN ({_reasons(Refund.ALWAYS)}) THEN 'its count must come back'
  WHEN cost_kept > 0 AND booked <> COALESCE(billed_micros, cost_micros, booked)
    THEN 'settled at another price'
  ELSE '' END"""

# each kept sum beside what it is the sum of; an hour without a row on either side is a sum of 0
_HOURS: Final = """
SELECT account, guild_id, hour FROM (
  SELECT account, guild_id, counts_at_ms / :hour_ms AS hour, videos, seconds, cost_micros,
    CASE WHEN kind = 'settle' THEN 1 ELSE 0 END AS settled FROM ledger WHERE guild_id <> 0
  UNION ALL SELECT account, 0, counts_at_ms / :hour_ms, videos, seconds, cost_micros,
    CASE WHEN kind = 'settle' THEN 1 ELSE 0 END FROM ledger
  UNION ALL SELECT account, guild_id, hour, -videos, -seconds, -cost_micros, -settled
    FROM ledger_hours) AS parts
GROUP BY account, guild_id, hour
HAVING SUM(videos) <> 0 OR SUM(seconds) <> 0 OR SUM(cost_micros) <> 0 OR SUM(settled) <> 0
ORDER BY account, guild_id, hour
LIMIT :limit"""


async def hour_differences(tx: Transaction, *, limit: int = 50) -> list[str]:
    """Every sum by the hour that is not what its rows add up to, in words; none is right."""
    rows = await tx.fetch_all(_HOURS, {"limit": limit, "hour_ms": HOUR_MS})
    return [
        f"{row['account']} of {row['guild_id'] or 'the whole bot'}, hour {row['hour']}"
        for row in rows
    ]


async def differences(tx: Transaction, *, limit: int = 50) -> list[Difference]:
    """Every request whose rows are wrong, up to `limit` of each sort; none is as it must be."""
    rows = await tx.fetch_all(_ROWS, {"limit": limit})
    found = [
        Difference(row["request_id"], f"the rows of its {row['problem']} do not add up")
        for row in rows
    ]
    for sql in (_FORGIVEN, _COUNTED.replace("{problem}", _PROBLEM)):
        rows = await tx.fetch_all(sql, {"limit": limit})
        found += [decode(Difference, row) for row in rows]
    return found
