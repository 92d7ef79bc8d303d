"""The table of requests: adds, finds and moves them from state to state.

A move names the state and lease it expects; one conditional UPDATE decides, so of two concurrent
moves one fails.
"""

from typing import Any, Final

from storage.engine.rows import assignments, decode, encode
from storage.engine.transaction import Transaction
from storage.errors import Conflict, IllegalMove, LeaseLost, UnknownRequest
from storage.records import ENDS, NEVER_DUE, Request, State
from storage.requests import events, series
from storage.requests.events import Event
from storage.requests.legal_moves import LEGAL_MOVES
from storage.stats import daily_counts

_FIXED: Final = frozenset({"id", "interaction_id", "state", "created_at_ms"})

_ADD: Final = """
INSERT INTO requests (
  id, interaction_id, guild_id, channel_id, user_id, state, model, seconds, spec, created_at_ms,
  parent_channel_id, locale, guild_locale, is_nsfw, is_private, upload_limit_bytes, cost_micros,
  updated_at_ms, due_at_ms, lease_owner, attempt, acked_at_ms, prepared_at_ms, host,
  started_at_ms, intent_at_ms, slot_until_ms, task_id, submitted_at_ms, progress, polled_at_ms,
  result_url, result_path, result_bytes, rendered_at_ms, took_ms, ended_at_ms, failure,
  failure_note, provider_text, origin, result_host, stored_bytes, needs_audit, audits,
  audit_since_ms, appeal_until_ms, appealed_at_ms, reopened_at_ms, billed_micros, billed_at_ms,
  is_unbilled, key_usage_id, restored_after_id, parked_from, variation_of, variation, variations,
  template, series_of, shot, shots)
VALUES (
  :id, :interaction_id, :guild_id, :channel_id, :user_id, :state, :model, :seconds, :spec,
  :created_at_ms, :parent_channel_id, :locale, :guild_locale, :is_nsfw, :is_private,
  :upload_limit_bytes, :cost_micros, :updated_at_ms, :due_at_ms, :lease_owner, :attempt,
  :acked_at_ms, :prepared_at_ms, :host, :started_at_ms, :intent_at_ms, :slot_until_ms, :task_id,
  :submitted_at_ms, :progress, :polled_at_ms, :result_url, :result_path, :result_bytes,
  :rendered_at_ms, :took_ms, :ended_at_ms, :failure, :failure_note, :provider_text, :origin,
  :result_host, :stored_bytes, :needs_audit, :audits, :audit_since_ms, :appeal_until_ms,
  :appealed_at_ms, :reopened_at_ms, :billed_micros, :billed_at_ms, :is_unbilled, :key_usage_id,
  :restored_after_id, :parked_from, :variation_of, :variation, :variations, :template,
  :series_of, :shot, :shots)
ON CONFLICT (interaction_id) DO NOTHING"""
_GET: Final = "SELECT * FROM requests WHERE id = :id"
# while the row is read, and so before it is locked; it asks nothing of anybody but shots
_SERIES_FIRST: Final = """(series_of = '' OR (SELECT COUNT(*) FROM (
  SELECT whole.id FROM requests AS whole
  WHERE whole.id = requests.series_of {for_update}) AS held) >= 0)"""
_LOCK: Final = f"SELECT id FROM requests WHERE id = :id AND {_SERIES_FIRST} {{for_update}}"  # noqa: S608 - constants
_LOCKED: Final = f"SELECT * FROM requests WHERE id = :id AND {_SERIES_FIRST} {{for_update}}"  # noqa: S608 - constants
_BY_INTERACTION: Final = "SELECT * FROM requests WHERE interaction_id = :interaction_id"
_PAGE: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND series_of = ''
  AND (created_at_ms < :before_ms OR (created_at_ms = :before_ms AND id < :before_id))
ORDER BY created_at_ms DESC, id DESC
LIMIT :limit"""
_CHANGE: Final = f"""
UPDATE requests SET state = :target{{assignments}}
WHERE id = :id AND state = :source{{lease}} AND {_SERIES_FIRST}
RETURNING *"""  # noqa: S608 - constants
_SAMPLES: Final = """
SELECT took_ms FROM requests
WHERE model = :model AND seconds = :seconds AND took_ms > 0
ORDER BY rendered_at_ms DESC
LIMIT :limit"""
# a series is one, whatever becomes of its shots
_ACTIVE: Final = """
SELECT COUNT(*) AS active FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND series_of = '' AND id <> :but
  AND state IN ('held', 'auditing', 'queued', 'submitting', 'running', 'rendered', 'reviewing')"""
_DRAFTS: Final = """
SELECT COUNT(*) AS number FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND state = 'draft' AND variation < 2
  AND series_of = ''"""
_VARIATIONS: Final = """
SELECT * FROM requests
WHERE variation_of = :first_id AND variation_of <> ''
ORDER BY variation"""
_VARIATIONS_LOCKED: Final = f"{_VARIATIONS} {{for_update}}"
_MADE_FROM: Final = """
SELECT * FROM requests
WHERE origin = :origin AND user_id = :user_id AND created_at_ms >= :since_ms
ORDER BY created_at_ms DESC, id
LIMIT 1"""
_LAST: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND user_id = :user_id AND series_of = '' AND shots = 0
ORDER BY created_at_ms DESC, id DESC
LIMIT 1"""
_HOSTS: Final = "SELECT host, result_host FROM requests WHERE id = :id"


async def add(tx: Transaction, request: Request) -> bool:
    """Record a request; False when its interaction already made one.

    Raises: Conflict when another request has its id.
    """
    return await tx.execute(_ADD, encode(request)) == 1


async def get(tx: Transaction, request_id: str) -> Request | None:
    """The request, or None."""
    row = await tx.fetch_one(_GET, {"id": request_id})
    return None if row is None else decode(Request, row)


async def require(tx: Transaction, request_id: str) -> Request:
    """The request. Raises: UnknownRequest."""
    request = await get(tx, request_id)
    if request is None:
        raise UnknownRequest(f"there is no request {request_id}")
    return request


async def lock(tx: Transaction, request_id: str) -> None:
    """Lock a request's row until the transaction ends, before anything of it is changed.

    Who decides, cancels or delivers locks the request first, then its reviews, then the accounts:
    different orders would deadlock. Of a series and its shots the series comes first: here, and in
    every `move` and `note`, so that whoever has its row has them all. SQLite has one writer anyway.
    """
    if tx.dialect == "postgres":
        await tx.fetch_one(_LOCK, {"id": request_id})


async def locked(tx: Transaction, request_id: str) -> Request | None:
    """The request, whose row is locked as by `lock`, or None."""
    row = await tx.fetch_one(_LOCKED, {"id": request_id})
    return None if row is None else decode(Request, row)


async def by_interaction(tx: Transaction, interaction_id: int) -> Request | None:
    """The request an interaction made, or None."""
    row = await tx.fetch_one(_BY_INTERACTION, {"interaction_id": interaction_id})
    return None if row is None else decode(Request, row)


async def page_of_member(
    tx: Transaction,
    guild_id: int,
    user_id: int,
    *,
    before_ms: int,
    limit: int,
    before_id: str = "",
) -> list[Request]:
    """A member's requests in one server, newest first; of series not their shots.

    The next page begins before the last one's `created_at_ms` and `id`; without the id, others of
    the very same millisecond would be left out.
    """
    page = {
        "guild_id": guild_id,
        "user_id": user_id,
        "before_ms": before_ms,
        "before_id": before_id,
        "limit": limit,
    }
    return [decode(Request, row) for row in await tx.fetch_all(_PAGE, page)]


async def move(
    tx: Transaction,
    request_id: str,
    *,
    source: State,
    target: State,
    owner: str | None = None,
    now_ms: int,
    actor_id: int = 0,
    event_note: str = "",
    **changes: Any,
) -> Request:
    """Move a request on, change fields with it, and write the event.

    A shot's move locks its series first, and has it looked at. `attempt` is reset. Due time and
    lease stay as they are unless changed here; an end is never due, has no lease and gets its time,
    which goes when a granted appeal leaves it.
    Freeing the provider slot is up to the caller: a cancelled task may go on at the provider.
    Raises: IllegalMove; LeaseLost (with an owner) or Conflict (without) when the row is not in
    `source` any more, or somebody else's.
    """
    if target not in LEGAL_MOVES[source]:
        raise IllegalMove(f"a request cannot go from {source} to {target}")
    defaults: dict[str, Any] = {"attempt": 0, "updated_at_ms": now_ms}
    if target in ENDS:
        defaults |= {"due_at_ms": NEVER_DUE, "lease_owner": "", "ended_at_ms": now_ms}
    elif source in ENDS:
        defaults |= {"ended_at_ms": 0}
    request = await _change(tx, request_id, (source, target), owner, defaults | changes)
    if request.series_of:
        await series.wake(tx, request.series_of, now_ms)
    moved = Event(request_id, now_ms, "moved", source, target, actor_id, event_note)
    await events.add(tx, moved)
    return request


async def note(
    tx: Transaction,
    request_id: str,
    *,
    source: State,
    owner: str | None,
    **changes: Any,
) -> Request:
    """Change fields without a move, under the same guard as `move`; writes no event."""
    return await _change(tx, request_id, (source, source), owner, changes)


async def _change(
    tx: Transaction,
    request_id: str,
    states: tuple[State, State],
    owner: str | None,
    changes: dict[str, Any],
) -> Request:
    source, target = states
    clause, parameters = assignments(Request, changes, _FIXED)
    sql = _CHANGE.replace("{assignments}", clause)
    sql = sql.replace("{lease}", "" if owner is None else " AND lease_owner = :holder")
    guard = {"id": request_id, "source": source.value, "target": target.value, "holder": owner}
    row = await tx.fetch_one(sql, parameters | guard)
    if row is None:
        problem = f"request {request_id} is no longer {source}"
        raise Conflict(problem) if owner is None else LeaseLost(f"{problem}, or not ours")
    return decode(Request, row)


async def samples(tx: Transaction, model: str, seconds: int, limit: int = 50) -> list[int]:
    """How many milliseconds the provider took for like videos, newest first.

    Read once in a transaction: one that looks at many requests has few kinds of them.
    """
    place = ("samples", f"{model} {seconds} {limit}")
    if place not in tx.memo:
        wanted = {"model": model, "seconds": seconds, "limit": limit}
        tx.memo[place] = [row["took_ms"] for row in await tx.fetch_all(_SAMPLES, wanted)]
    found: list[int] = tx.memo[place]
    return found


async def active_of_member(tx: Transaction, guild_id: int, user_id: int, *, but: str = "") -> int:
    """How many of a member's requests are under way: neither a draft, uncertain nor ended.

    `but`: an id that is not counted. A series is one.
    """
    row = await tx.fetch_one(_ACTIVE, {"guild_id": guild_id, "user_id": user_id, "but": but})
    return int(row["active"]) if row else 0


async def count_by_state(tx: Transaction) -> dict[State, int]:
    """How many requests are in each state; all states are there."""
    found = await daily_counts.requests_by_state(tx)
    return {state: found.get(state, 0) for state in State}


async def count_drafts(tx: Transaction, guild_id: int, user_id: int) -> int:
    """How many drafts a member has in a server; variations of one prompt, or a series, are one."""
    row = await tx.fetch_one(_DRAFTS, {"guild_id": guild_id, "user_id": user_id})
    return int(row["number"]) if row else 0


async def variations_of(tx: Transaction, request: Request, *, locks: bool = False) -> list[Request]:
    """The request's group in order, or the request alone where it has none.

    With `locks` their rows are locked until the transaction ends, so that they stay as they are.
    """
    if not request.variation_of:
        return [request]
    sql = _VARIATIONS_LOCKED if locks else _VARIATIONS
    rows = await tx.fetch_all(sql, {"first_id": request.variation_of})
    return [decode(Request, row) for row in rows]


async def made_from(tx: Transaction, origin: str, user_id: int, *, since_ms: int) -> Request | None:
    """A member's newest request of an origin, if it is not older than a moment."""
    wanted = {"origin": origin, "user_id": user_id, "since_ms": since_ms}
    row = await tx.fetch_one(_MADE_FROM, wanted)
    return None if row is None else decode(Request, row)


async def last_of_member(tx: Transaction, guild_id: int, user_id: int) -> Request | None:
    """A member's newest request in a server that is no series."""
    row = await tx.fetch_one(_LAST, {"guild_id": guild_id, "user_id": user_id})
    return None if row is None else decode(Request, row)


async def host_of(tx: Transaction, request_id: str, *, is_result: bool = False) -> str:
    """The host that stores a request's inputs, or its result; empty where unknown."""
    row = await tx.fetch_one(_HOSTS, {"id": request_id})
    return str(row["result_host" if is_result else "host"]) if row is not None else ""
