"""Erases what members gave: prompts, inputs, results, and their ids in rows that stay.

A request's row stays for the sums and the history, without anything that its member typed or
attached. Rows that still count go on under the member's pseudonym until they have run out.
"""

import json
from collections.abc import Sequence
from typing import Final

from storage.engine.rows import decode
from storage.engine.transaction import Transaction
from storage.files import stored_files
from storage.moderation import decided_content, reviews, safety_checks
from storage.privacy import typed_text
from storage.privacy.pseudonyms import is_pseudonym
from storage.records import OutboxMessage, Request
from storage.requests import requests
from storage.showcase import entries

# one look into the index for each server that still has anything to be erased
_GUILDS: Final = """
WITH RECURSIVE guild (id) AS (
  SELECT MIN(guild_id) FROM requests WHERE erased_at_ms = 0
  UNION ALL
  SELECT (SELECT MIN(other.guild_id) FROM requests AS other
    WHERE other.erased_at_ms = 0 AND other.guild_id > guild.id) FROM guild
  WHERE guild.id IS NOT NULL
)
SELECT id AS guild_id FROM guild
WHERE id IS NOT NULL AND EXISTS (
  SELECT 1 FROM requests WHERE requests.guild_id = guild.id AND requests.erased_at_ms = 0
    AND requests.ended_at_ms > 0 AND requests.ended_at_ms < :before_ms)
ORDER BY id"""
_DECIDED: Final = """NOT EXISTS (
    SELECT 1 FROM reviews WHERE reviews.request_id = requests.id
      AND (reviews.state = 'open' OR reviews.takes_effect_at_ms > 0))"""
_OLD: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND erased_at_ms = 0 AND ended_at_ms > 0 AND ended_at_ms < :before_ms
  AND {decided}
ORDER BY ended_at_ms, id
LIMIT :limit""".replace("{decided}", _DECIDED)
_OWNERLESS: Final = """
SELECT * FROM requests
WHERE user_id < 0 AND erased_at_ms = 0 AND ended_at_ms > 0 AND {decided}
ORDER BY user_id, id
LIMIT :limit""".replace("{decided}", _DECIDED)
_UNFINISHED_OWNERLESS: Final = """
SELECT * FROM requests
WHERE user_id < 0 AND erased_at_ms = 0 AND ended_at_ms = 0
ORDER BY user_id, id"""
_ERASABLE: Final = f"""
SELECT * FROM requests
WHERE id IN {{each:ids}} AND erased_at_ms = 0 AND ended_at_ms > 0 AND {_DECIDED}
ORDER BY id"""  # noqa: S608 - a constant
_ERASE: Final = """
UPDATE requests SET spec = :spec, result_path = '', result_url = '', failure_note = '{}',
  provider_text = '', template = '', host = '', result_host = '', stored_bytes = 0,
  appeal_until_ms = 0,
  erased_at_ms = :now_ms
WHERE id = :id AND ended_at_ms > 0"""
_TYPED: Final = frozenset({"prompt", "typed", "cast", "media"})
"""What a member gave of a request; the rest says what it was made with."""
_ERASE_INPUTS: Final = "DELETE FROM inputs WHERE request_id = :id"
_ERASE_APPEALS: Final = "UPDATE reviews SET appeal = '' WHERE request_id = :id"
_ERASE_BODIES: Final = """
UPDATE outbox SET body = '{}' WHERE request_id = :id AND state <> 'pending' AND kind <> 'log'"""
_UNFINISHED_OF_MEMBER: Final = """
SELECT * FROM requests
WHERE user_id = :user_id AND state NOT IN ('posted', 'failed', 'rejected', 'cancelled')
ORDER BY created_at_ms, id"""
_UNFINISHED_OF_SERVER: Final = """
SELECT * FROM requests
WHERE guild_id = :guild_id AND state NOT IN ('posted', 'failed', 'rejected', 'cancelled')
ORDER BY created_at_ms, id"""

_ORPHANED: Final = """
SELECT * FROM outbox
WHERE user_id < 0 AND state = 'sent'
  AND kind IN ('card', 'result', 'notice', 'direct', 'log', 'forward') AND again_at_ms <= :now_ms
ORDER BY again_at_ms, id
LIMIT :limit"""

# in batches: a deleted server may have left all the rows it ever had
_RUN_OUT: Final = (
    """
UPDATE ledger SET user_id = 0 WHERE id IN (
  SELECT id FROM ledger WHERE user_id < 0 AND counts_at_ms < :before_ms LIMIT :limit)""",
    """
UPDATE requests SET user_id = 0 WHERE id IN (
  SELECT id FROM requests
  WHERE user_id < 0 AND erased_at_ms > 0 AND ended_at_ms < :before_ms LIMIT :limit)""",
    """
UPDATE outbox SET user_id = 0, body = '{}' WHERE id IN (
  SELECT id FROM outbox WHERE user_id < 0 AND state NOT IN ('pending', 'sent') LIMIT :limit)""",
    """
DELETE FROM grants WHERE interaction_id IN (
  SELECT interaction_id FROM grants WHERE user_id < 0 AND until_ms < :now_ms LIMIT :limit)""",
    """
DELETE FROM resets WHERE interaction_id IN (
  SELECT interaction_id FROM resets WHERE user_id < 0 AND at_ms < :before_ms LIMIT :limit)""",
    """
DELETE FROM blocks WHERE (guild_id, user_id) IN (
  SELECT guild_id, user_id FROM blocks
  WHERE user_id < 0 AND until_ms > 0 AND until_ms < :now_ms LIMIT :limit)""",
)


async def guilds_with_old(tx: Transaction, before_ms: int) -> list[int]:
    """Servers in which requests ended before a moment and still have their prompts."""
    rows = await tx.fetch_all(_GUILDS, {"before_ms": before_ms})
    return [int(row["guild_id"]) for row in rows]


async def ended_before(
    tx: Transaction, guild_id: int, before_ms: int, *, limit: int
) -> list[Request]:
    """A server's requests to be erased, longest ended first; none that is under review.

    Nor one whose review was rejected and may be opened again.
    """
    wanted = {"guild_id": guild_id, "before_ms": before_ms, "limit": limit}
    return [decode(Request, row) for row in await tx.fetch_all(_OLD, wanted)]


async def ownerless(tx: Transaction, *, limit: int) -> list[Request]:
    """Ended requests of members whose data was deleted, still to be erased.

    What a moderator is looking at, as after a report, waits until that is decided.
    """
    rows = await tx.fetch_all(_OWNERLESS, {"limit": limit})
    return [decode(Request, row) for row in rows]


async def unfinished_ownerless(tx: Transaction) -> list[Request]:
    """Requests under way of members whose data was deleted meanwhile."""
    return [decode(Request, row) for row in await tx.fetch_all(_UNFINISHED_OWNERLESS)]


async def erase_some(tx: Transaction, chosen: Sequence[Request], now_ms: int) -> int:
    """Remove what members gave for some requests, and what came of it; returns of how many.

    What they were made with (model, length, shape) stays. The files follow from this. Whoever
    appeals or reports at this moment comes first: such a request is left as it is.
    """
    ids = sorted(request.id for request in chosen)
    for request_id in ids:
        await requests.lock(tx, request_id)
    rows = await tx.fetch_all(_ERASABLE, {"ids": ids}) if ids else []
    for row in rows:
        await _erase(tx, decode(Request, row), now_ms)
    return len(rows)


async def _erase(tx: Transaction, request: Request, now_ms: int) -> None:
    try:
        asked = json.loads(request.spec)
    except ValueError:
        # whatever it is, it goes; and it keeps no other from going
        asked = {}
    bare = {name: value for name, value in asked.items() if name not in _TYPED}
    spec = json.dumps({**bare, "prompt": ""}, ensure_ascii=False)
    await tx.execute(_ERASE, {"id": request.id, "spec": spec, "now_ms": now_ms})
    for sql in (_ERASE_INPUTS, _ERASE_APPEALS, _ERASE_BODIES):
        await tx.execute(sql, {"id": request.id})
    await stored_files.erase(tx, request.id, now_ms)
    await safety_checks.erase(tx, request.id)
    await reviews.purge(tx, request.id)
    if is_pseudonym(request.user_id):
        await typed_text.erase_words_about(tx, request.id)
        await decided_content.forget(tx, request.id)
        await entries.forget(tx, request.id)


async def unfinished_of_member(tx: Transaction, user_id: int) -> list[Request]:
    """A member's requests in every server that have not ended, oldest first."""
    rows = await tx.fetch_all(_UNFINISHED_OF_MEMBER, {"user_id": user_id})
    return [decode(Request, row) for row in rows]


async def unfinished_of_server(tx: Transaction, guild_id: int) -> list[Request]:
    """A server's requests that have not ended, oldest first."""
    rows = await tx.fetch_all(_UNFINISHED_OF_SERVER, {"guild_id": guild_id})
    return [decode(Request, row) for row in rows]


async def orphaned_messages(tx: Transaction, *, now_ms: int, limit: int) -> list[OutboxMessage]:
    """Messages that stand somewhere about members whose data was deleted, and may be tried now."""
    rows = await tx.fetch_all(_ORPHANED, {"now_ms": now_ms, "limit": limit})
    return [decode(OutboxMessage, row) for row in rows]


async def end_pseudonyms(tx: Transaction, *, before_ms: int, now_ms: int, limit: int) -> bool:
    """Let some pseudonyms go where nothing runs any more that they were kept for.

    `before_ms` is a moment so long ago that no quota counts it. False when none is left.
    """
    times = {"before_ms": before_ms, "now_ms": now_ms}
    for sql in _RUN_OUT:
        wanted = {name: ms for name, ms in times.items() if f":{name}" in sql}
        if await tx.execute(sql, wanted | {"limit": limit}):
            return True
    return False
