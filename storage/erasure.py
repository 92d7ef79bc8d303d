"""Removing what members gave: prompts, references, results, and their ids from rows that stay.

A request's row stays for the sums and the history, without anything that its member typed or
attached. Rows that still count go on under the member's pseudonym until they have run out.
"""

import json
from typing import Final

from storage import typed
from storage.pseudonyms import is_pseudonym, pseudonym_of
from storage.records import PARKED, Post, Request
from storage.rows import decode, spell
from storage.transaction import Transaction

_IN_REVIEW: Final = """
SELECT 1 FROM reviews WHERE reviews.request_id = requests.id AND reviews.state = 'open'"""
_GUILDS: Final = """
SELECT DISTINCT guild_id FROM requests
WHERE erased_at_ms = 0 AND ended_at_ms > 0 AND ended_at_ms < :before_ms
ORDER BY guild_id"""
_OLD: Final = spell(
    """
SELECT {columns} FROM requests
WHERE guild_id = :guild_id AND erased_at_ms = 0 AND ended_at_ms > 0 AND ended_at_ms < :before_ms
  AND NOT EXISTS ({in_review})
ORDER BY ended_at_ms, id
LIMIT :limit""".replace("{in_review}", _IN_REVIEW),
    Request,
)
_OWNERLESS: Final = spell(
    """
SELECT {columns} FROM requests
WHERE user_id < 0 AND erased_at_ms = 0 AND ended_at_ms > 0 AND NOT EXISTS ({in_review})
ORDER BY user_id, id
LIMIT :limit""".replace("{in_review}", _IN_REVIEW),
    Request,
)
_ERASE: Final = """
UPDATE requests SET spec = :spec, result_path = '', result_url = '', failure_note = '{}',
  provider_text = '', host = '', result_host = '', stored_bytes = 0, erased_at_ms = :now_ms
WHERE id = :id AND ended_at_ms > 0"""
_ERASE_INPUTS: Final = "DELETE FROM inputs WHERE request_id = :id"
_ERASE_BODIES: Final = """
UPDATE posts SET body = '{}' WHERE request_id = :id AND state <> 'owed' AND kind <> 'log'"""
_PURGE_REVIEWS: Final = "UPDATE reviews SET is_purged = 1 WHERE request_id = :id"
_UNFINISHED: Final = spell(
    """
SELECT {columns} FROM requests
WHERE {whose} = :whose AND state NOT IN ('posted', 'failed', 'rejected', 'cancelled')
ORDER BY created_at_ms, id""",
    Request,
)

_RENAMED: Final = (
    ("requests", "user_id"),
    ("posts", "user_id"),
    ("ledger", "user_id"),
    ("events", "actor_id"),
    ("quotas", "set_by"),
    ("grants", "user_id"),
    ("grants", "by_id"),
    ("resets", "user_id"),
    ("resets", "by_id"),
    ("reviews", "user_id"),
    ("reviews", "decided_by"),
    ("decisions", "user_id"),
    ("decisions", "actor_id"),
    ("words", "by_id"),
    ("blocks", "user_id"),
    ("blocks", "by_id"),
    ("reports", "by_id"),
)
"""Every column that may hold a member's id, but for those that need a condition."""
_RENAME: Final = tuple(
    f"UPDATE {table} SET {column} = :pseudonym WHERE {column} = :user_id"  # noqa: S608 - our names
    for table, column in _RENAMED
)
_RENAME_QUOTAS: Final = """
UPDATE quotas SET subject_id = :pseudonym WHERE scope = 'member' AND subject_id = :user_id"""
_REPORTED_TWICE: Final = """
DELETE FROM reports WHERE by_id = :user_id AND EXISTS (
  SELECT 1 FROM reports AS earlier
  WHERE earlier.request_id = reports.request_id AND earlier.by_id = :pseudonym)"""
_NO_SKETCH: Final = "DELETE FROM sketches WHERE user_id = :user_id"
_NOT_TOLD: Final = "DELETE FROM told WHERE user_id = :pseudonym"
_NO_SKETCHES: Final = "DELETE FROM sketches WHERE user_id = :user_id"
_DROP_OWED: Final = """
UPDATE posts SET state = 'dropped', due_at_ms = :parked, lease_owner = '', body = '{}'
WHERE user_id = :pseudonym AND state = 'owed' AND intent_at_ms = 0 AND kind <> 'review'"""
_BODIES: Final = "SELECT id, body FROM posts WHERE body LIKE :pattern"
_SET_BODY: Final = "UPDATE posts SET body = :body WHERE id = :id"

_ORPHANED: Final = spell(
    """
SELECT {columns} FROM posts
WHERE user_id < 0 AND state = 'sent'
  AND kind IN ('card', 'result', 'notice', 'direct', 'log') AND again_at_ms <= :now_ms
ORDER BY again_at_ms, id
LIMIT :limit""",
    Post,
)

_RUN_OUT: Final = (
    "UPDATE ledger SET user_id = 0 WHERE user_id < 0 AND counts_at_ms < :before_ms",
    """UPDATE requests SET user_id = 0
WHERE user_id < 0 AND erased_at_ms > 0 AND ended_at_ms < :before_ms""",
    """UPDATE posts SET user_id = 0, body = '{}'
WHERE user_id < 0 AND state NOT IN ('owed', 'sent')""",
    "DELETE FROM grants WHERE user_id < 0 AND until_ms < :now_ms",
    "DELETE FROM resets WHERE user_id < 0 AND at_ms < :before_ms",
    "DELETE FROM blocks WHERE user_id < 0 AND until_ms > 0 AND until_ms < :now_ms",
)

_SERVER_TABLES: Final = (
    "quotas",
    "grants",
    "resets",
    "words",
    "blocks",
    "decisions",
    "reports",
    "reviews",
    "told",
    "sketches",
    "sketches",
    "posts",
    "servers",
)
_CLEAR_SERVER: Final = (
    "DELETE FROM showings WHERE request_id IN (SELECT id FROM requests WHERE guild_id = :guild_id)",
    "DELETE FROM events WHERE request_id IN (SELECT id FROM requests WHERE guild_id = :guild_id)",
    "DELETE FROM films WHERE film_id IN (SELECT id FROM posts WHERE guild_id = :guild_id)",
    *(
        f"DELETE FROM {table} WHERE guild_id = :guild_id"  # noqa: S608 - our own names
        for table in _SERVER_TABLES
    ),
)
_MEMBERS_OF: Final = """
SELECT user_id FROM requests WHERE guild_id = :guild_id AND user_id > 0
UNION SELECT user_id FROM ledger WHERE guild_id = :guild_id AND user_id > 0
ORDER BY user_id"""
_RENAME_IN_SERVER: Final = (
    """UPDATE requests SET user_id = :pseudonym
WHERE guild_id = :guild_id AND user_id = :user_id""",
    """UPDATE ledger SET user_id = :pseudonym
WHERE guild_id = :guild_id AND user_id = :user_id""",
)


async def guilds_with_old(tx: Transaction, before_ms: int) -> list[int]:
    """Servers in which requests ended before a moment and still have their prompts."""
    rows = await tx.fetch_all(_GUILDS, {"before_ms": before_ms})
    return [int(row["guild_id"]) for row in rows]


async def ended_before(
    tx: Transaction, guild_id: int, before_ms: int, *, limit: int
) -> list[Request]:
    """A server's requests to be erased, longest ended first; none that is under review."""
    wanted = {"guild_id": guild_id, "before_ms": before_ms, "limit": limit}
    return [decode(Request, row) for row in await tx.fetch_all(_OLD, wanted)]


async def ownerless(tx: Transaction, *, limit: int) -> list[Request]:
    """Ended requests of members whose data was deleted, still to be erased.

    What a moderator is looking at, as after a report, waits until that is decided.
    """
    rows = await tx.fetch_all(_OWNERLESS, {"limit": limit})
    return [decode(Request, row) for row in rows]


async def erase(tx: Transaction, request: Request, now_ms: int) -> None:
    """Remove a request's prompt, references and result from the database; it must have ended.

    What it was made with (model, length, shape) stays. The files follow from this.
    """
    try:
        asked = json.loads(request.spec)
    except ValueError:
        # whatever it is, it goes; and it keeps no other from going
        asked = {}
    bare = {name: value for name, value in asked.items() if name not in {"prompt", "media"}}
    spec = json.dumps({**bare, "prompt": ""}, ensure_ascii=False)
    await tx.execute(_ERASE, {"id": request.id, "spec": spec, "now_ms": now_ms})
    for sql in (_ERASE_INPUTS, _ERASE_BODIES, _PURGE_REVIEWS):
        await tx.execute(sql, {"id": request.id})
    if is_pseudonym(request.user_id):
        await typed.erase_words_about(tx, request.id)


async def unfinished_of_member(tx: Transaction, user_id: int) -> list[Request]:
    """A member's requests in every server that have not ended, oldest first."""
    sql = _UNFINISHED.replace("{whose}", "user_id")
    return [decode(Request, row) for row in await tx.fetch_all(sql, {"whose": user_id})]


async def unfinished_of_server(tx: Transaction, guild_id: int) -> list[Request]:
    """A server's requests that have not ended, oldest first."""
    sql = _UNFINISHED.replace("{whose}", "guild_id")
    return [decode(Request, row) for row in await tx.fetch_all(sql, {"whose": guild_id})]


async def rename_member(tx: Transaction, user_id: int) -> int:
    """Put the member's pseudonym in the place of their id everywhere; returns the pseudonym.

    Messages owed to them are dropped, unless one may have arrived already.
    """
    pseudonym = await pseudonym_of(tx, user_id)
    names = {"user_id": user_id, "pseudonym": pseudonym}
    await tx.execute(_REPORTED_TWICE, names)
    for sql in (*_RENAME, _RENAME_QUOTAS):
        await tx.execute(sql, names)
    await tx.execute(_NOT_TOLD, {"pseudonym": pseudonym})
    await tx.execute(_NO_SKETCH, {"user_id": user_id})
    await tx.execute(_NO_SKETCHES, {"user_id": user_id})
    for row in await tx.fetch_all(_BODIES, {"pattern": f"%{user_id}%"}):
        body = row["body"].replace(str(user_id), str(pseudonym))
        await tx.execute(_SET_BODY, {"id": row["id"], "body": body})
        await typed.take_line_back(tx, row["id"], row["body"], user_id)
    await tx.execute(_DROP_OWED, {"pseudonym": pseudonym, "parked": PARKED})
    await typed.erase_words_of(tx, pseudonym)
    return pseudonym


async def orphaned_posts(tx: Transaction, *, now_ms: int, limit: int) -> list[Post]:
    """Messages that stand somewhere about members whose data was deleted, and may be tried now."""
    rows = await tx.fetch_all(_ORPHANED, {"now_ms": now_ms, "limit": limit})
    return [decode(Post, row) for row in rows]


async def end_pseudonyms(tx: Transaction, *, before_ms: int, now_ms: int) -> None:
    """Let pseudonyms go where nothing runs any more that they were kept for.

    `before_ms` is a moment so long ago that no quota counts it.
    """
    for sql in _RUN_OUT:
        times = {"before_ms": before_ms, "now_ms": now_ms}
        await tx.execute(sql, {name: ms for name, ms in times.items() if f":{name}" in sql})


async def clear_server(tx: Transaction, guild_id: int) -> None:
    """Remove all that is stored of a server but its requests and the sums of what they cost.

    Those lose their members' ids; the requests are erased like those of deleted members.
    """
    for row in await tx.fetch_all(_MEMBERS_OF, {"guild_id": guild_id}):
        user_id = int(row["user_id"])
        names = {"user_id": user_id, "pseudonym": await pseudonym_of(tx, user_id)}
        for sql in _RENAME_IN_SERVER:
            await tx.execute(sql, names | {"guild_id": guild_id})
    for sql in _CLEAR_SERVER:
        await tx.execute(sql, {"guild_id": guild_id})
