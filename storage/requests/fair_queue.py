"""The fair queue: in which order waiting requests get the provider's slots.

By the server's active count, then when the server was last started, then the same for the member,
then age. Counts alone are not enough: with one slot, who has one active fewer for a moment would
win by age again and again. The order is that of giving out slots one by one: who was given one in
thought counts one more, and as started just now. A series has no place of its own, and a shot has
one once its turn in its series has come.
"""

from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.records import NEVER_DUE, Request

# Scalar subqueries, not joins: each is one look into an index, whatever the planner believes of
# how many wait.
_QUEUE: Final = """
WITH active AS MATERIALIZED (
  SELECT guild_id, user_id FROM requests WHERE {active}
), waiting AS MATERIALIZED (
  SELECT id, guild_id, user_id, created_at_ms,
    (SELECT COUNT(*) FROM active AS a WHERE a.guild_id = w.guild_id) AS server_active,
    (SELECT COALESCE(MAX(s.started_at_ms), 0) FROM requests AS s
      WHERE s.guild_id = w.guild_id) AS server_started,
    (SELECT COUNT(*) FROM active AS a
      WHERE a.guild_id = w.guild_id AND a.user_id = w.user_id) AS member_active,
    (SELECT COALESCE(MAX(s.started_at_ms), 0) FROM requests AS s
      WHERE s.guild_id = w.guild_id AND s.user_id = w.user_id) AS member_started
  FROM requests AS w
  WHERE state = 'queued' AND shots = 0 AND (series_of = '' OR acked_at_ms > 0){ready}
), nth_of_member AS (
  SELECT waiting.*, ROW_NUMBER() OVER (
    PARTITION BY guild_id, user_id ORDER BY created_at_ms, id) AS member_nth
  FROM waiting
), by_member AS (
  SELECT nth_of_member.*, member_active + member_nth AS member_turn,
    CASE WHEN member_nth > 1 THEN 1 ELSE 0 END AS member_again
  FROM nth_of_member
), nth_of_server AS (
  SELECT by_member.*, ROW_NUMBER() OVER (
    PARTITION BY guild_id
    ORDER BY member_turn, member_again, member_started, created_at_ms, id) AS server_nth
  FROM by_member
), queue AS (
  SELECT id, ROW_NUMBER() OVER (
    ORDER BY server_active + server_nth, CASE WHEN server_nth > 1 THEN 1 ELSE 0 END,
      server_started, member_turn, member_again, member_started, created_at_ms, id) AS place
  FROM nth_of_server
){rest}"""

_READY: Final = """
    AND prepared_at_ms > 0 AND acked_at_ms > 0
    AND (due_at_ms = :never_due OR due_at_ms <= :now_ms) AND (host = '' OR host = :host)"""
_CHOSEN: Final = """, chosen AS MATERIALIZED (
  SELECT id, place FROM queue ORDER BY place LIMIT :limit
)
SELECT r.* FROM chosen JOIN requests AS r ON r.id = chosen.id
ORDER BY chosen.place"""
_NEXT: Final = (
    _QUEUE.replace("{active}", "slot_until_ms > :now_ms")
    .replace("{ready}", _READY)
    .replace("{rest}", _CHOSEN)
)

# positions shown to members need no clock: every submitted request counts, however old
_PLACES: Final = (
    _QUEUE.replace(
        "{active}", "state IN ('submitting', 'running', 'uncertain') AND slot_until_ms > 0"
    )
    .replace("{ready}", "")
    .replace("{rest}", " SELECT id, place FROM queue")
)
_PLACE: Final = _PLACES + " WHERE id = :id"
_SLOTS: Final = "SELECT COUNT(*) AS taken FROM requests WHERE slot_until_ms > :now_ms"


async def slots_taken(tx: Transaction, now_ms: int) -> int:
    """How many of the provider's slots are held, over all processes."""
    row = await tx.fetch_one(_SLOTS, {"now_ms": now_ms})
    return int(row["taken"]) if row else 0


async def next_in_queue(tx: Transaction, now_ms: int, *, host: str, limit: int) -> list[Request]:
    """The next `limit` requests this host may submit, in the order in which slots are due to them.

    Only requests that are fetched, acknowledged and due. Call it under `slots_lock`, and move the
    chosen ones in the same transaction.
    """
    chosen = {"now_ms": now_ms, "host": host, "limit": limit, "never_due": NEVER_DUE}
    return [decode(Request, row) for row in await tx.fetch_all(_NEXT, chosen)]


async def waiting_before(tx: Transaction, request: Request) -> int:
    """How many queued requests are ahead of this one; 0 when it is next or not queued."""
    row = await tx.fetch_one(_PLACE, {"id": request.id})
    return int(row["place"]) - 1 if row else 0


async def places(tx: Transaction) -> dict[str, int]:
    """Every queued request's id with how many are ahead of it: `waiting_before` for all at once."""
    return {row["id"]: row["place"] - 1 for row in await tx.fetch_all(_PLACES)}
