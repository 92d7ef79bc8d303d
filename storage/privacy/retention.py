"""Files on disk: bytes per member, what may be removed, and recording what was."""

from collections.abc import Collection
from typing import Final

from storage.engine.transaction import Transaction
from storage.files import stored_files
from storage.moderation import reviews

APPEAL_GRACE_MS: Final = 60_000
"""Files outlive the time to appeal by so much: the machine that takes an appeal has its own clock.
"""

_FORGET_RESULT: Final = """
UPDATE requests SET result_path = '', stored_bytes = 0 WHERE id = :id"""
_FORGET_INPUTS: Final = "UPDATE inputs SET path = '' WHERE request_id = :id"
_SHOTS: Final = "SELECT id FROM requests WHERE series_of = :id AND series_of <> ''"

_STORED: Final = """
SELECT CAST(SUM(bytes) AS BIGINT) AS bytes FROM (
  SELECT COALESCE(SUM(stored_bytes), 0) AS bytes FROM requests
  WHERE user_id = :user_id AND stored_bytes > 0
    AND (state NOT IN ('failed', 'rejected', 'cancelled') OR appeal_until_ms > 0)
  UNION ALL
  SELECT COALESCE(SUM(stored_bytes), 0) AS bytes FROM cast_entries
  WHERE guild_id = 0 AND user_id = :user_id AND removed_at_ms = 0) AS parts"""
# a shot's files stay while its series is under way, or an appeal may bring it back
_KEPT_FOR_SERIES: Final = """
  AND NOT EXISTS (
    SELECT 1 FROM requests AS whole
    WHERE whole.id = requests.series_of AND (whole.appeal_until_ms > :kept_until_ms
      OR whole.state NOT IN ('posted', 'failed', 'rejected', 'cancelled')))"""
# an index of its own: nothing but what is still to be done
_LEFT_OVER: Final = (
    """
SELECT id FROM requests
WHERE stored_bytes > 0 AND state IN ('failed', 'rejected', 'cancelled')
  AND appeal_until_ms <= :kept_until_ms
  AND (host = :host OR result_host = :host OR (host = '' AND result_host = ''))
  AND id NOT IN {each:excluded}"""
    + _KEPT_FOR_SERIES
    + """
ORDER BY ended_at_ms, id
LIMIT :limit"""
)
_INPUTS_GONE: Final = """
UPDATE inputs SET path = '' WHERE request_id = :id AND EXISTS (
  SELECT 1 FROM requests WHERE requests.id = :id AND requests.host IN ('', :host)
    AND requests.appeal_until_ms <= :kept_until_ms)"""
_GONE: Final = """
UPDATE requests SET
  stored_bytes = CASE WHEN host IN ('', :host) AND result_host IN ('', :host)
    THEN 0 ELSE stored_bytes END,
  result_path = CASE WHEN result_host IN ('', :host) THEN '' ELSE result_path END,
  host = CASE WHEN host = :host THEN '' ELSE host END,
  result_host = CASE WHEN result_host = :host THEN '' ELSE result_host END
WHERE id = :id AND state IN ('failed', 'rejected', 'cancelled')
  AND appeal_until_ms <= :kept_until_ms"""
_REMOVABLE: Final = (
    """
SELECT id FROM requests
WHERE id IN {each:ids} AND (erased_at_ms > 0
  OR (state IN ('failed', 'rejected', 'cancelled') AND appeal_until_ms <= :kept_until_ms"""
    + _KEPT_FOR_SERIES
    + """)
  OR (state = 'posted' AND result_path = ''))"""
)


async def forget_files(tx: Transaction, request_id: str) -> None:
    """Note that a request's files are gone, from its review cards as well; what it was stays.

    With a film go the videos of its shots.
    """
    shots = await tx.fetch_all(_SHOTS, {"id": request_id})
    for each in (request_id, *sorted(str(row["id"]) for row in shots)):
        await tx.execute(_FORGET_RESULT, {"id": each})
        await tx.execute(_FORGET_INPUTS, {"id": each})
        await stored_files.erase(tx, each)
        await reviews.purge(tx, each)


async def stored_bytes(tx: Transaction, user_id: int) -> int:
    """What a member's files take, in every server.

    What will never be posted counts no more, once no appeal can bring it back.
    """
    row = await tx.fetch_one(_STORED, {"user_id": user_id})
    return int(row["bytes"]) if row else 0


async def left_over(
    tx: Transaction, host: str, *, now_ms: int, exclude: Collection[str], limit: int
) -> list[str]:
    """Requests that will never be posted and whose files are this host's to remove."""
    wanted = {"host": host, "limit": limit, "kept_until_ms": now_ms - APPEAL_GRACE_MS}
    rows = await tx.fetch_all(_LEFT_OVER, {"excluded": list(exclude)} | wanted)
    return [str(row["id"]) for row in rows]


async def removed(tx: Transaction, request_id: str, host: str, now_ms: int) -> None:
    """Note that this host has removed what it had of a request that will never be posted.

    Cards that moderators saw keep their pictures: those are Discord's.
    """
    wanted = {"id": request_id, "host": host, "kept_until_ms": now_ms - APPEAL_GRACE_MS}
    await tx.execute(_INPUTS_GONE, wanted)
    await tx.execute(_GONE, wanted)


async def removable(tx: Transaction, ids: Collection[str], now_ms: int) -> set[str]:
    """Those of some requests that need no file any more: erased, taken down, or never posted."""
    wanted = {"ids": list(ids), "kept_until_ms": now_ms - APPEAL_GRACE_MS}
    rows = await tx.fetch_all(_REMOVABLE, wanted)
    return {str(row["id"]) for row in rows}
