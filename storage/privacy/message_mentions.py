"""Indexes which messages mention a member, so that a deletion finds them without a scan.

Recorded when a message is enqueued. Older messages are indexed page by page, each in a transaction
of its own; the page reached is a key-value, so that a restart continues from it.
"""

import re
from typing import Final

from storage.engine.transaction import Database, Transaction
from storage.operations import key_values
from storage.privacy import typed_text

_NOTED: Final = "mentions-noted"
_ALL: Final = "all"
_PAGE: Final = 500

# an id is alone in a parameter, or somewhere in typed text
_IDS: Final = re.compile(r'"(\d{1,18}|\d{19})"|(?<!\d)(\d{15,19})(?!\d)')
_LARGEST: Final = 2**63 - 1
_ADD: Final = """
INSERT INTO message_mentions (user_id, outbox_id) VALUES (:user_id, :outbox_id)
ON CONFLICT (user_id, outbox_id) DO NOTHING"""
_OLD: Final = """
SELECT id, body FROM outbox WHERE id > :after ORDER BY id LIMIT :limit"""
_OF_MEMBER: Final = """
SELECT outbox.id AS id, outbox.body AS body
FROM message_mentions JOIN outbox ON outbox.id = message_mentions.outbox_id
WHERE message_mentions.user_id = :user_id
ORDER BY outbox.id
LIMIT :limit
{for_update}"""
_SET_BODY: Final = "UPDATE outbox SET body = :body WHERE id = :id"
_FORGET: Final = "DELETE FROM message_mentions WHERE user_id = :user_id AND outbox_id IN {each:ids}"


def ids_in(body: str) -> set[int]:
    """The numbers in a message's body that may be somebody's id."""
    found = {int(quoted or bare) for quoted, bare in _IDS.findall(body)}
    return {number for number in found if 0 < number <= _LARGEST}


async def note(tx: Transaction, outbox_id: str, body: str) -> None:
    """Note whom a message names."""
    if body == "{}":
        return
    for user_id in sorted(ids_in(body)):
        await tx.execute(_ADD, {"user_id": user_id, "outbox_id": outbox_id})


async def note_old(database: Database) -> None:
    """Index messages older than this table; does nothing once all are indexed."""
    while True:
        async with database.reading() as tx:
            reached = await key_values.get(tx, _NOTED)
            if reached == _ALL:
                return
            rows = await tx.fetch_all(_OLD, {"after": reached or "", "limit": _PAGE})
        async with database.transaction() as tx:
            for row in rows:
                await note(tx, row["id"], row["body"])
            to = str(rows[-1]["id"]) if len(rows) == _PAGE else _ALL
            await key_values.set(tx, _NOTED, to, 0)


async def rename(tx: Transaction, user_id: int, pseudonym: int, *, limit: int) -> int:
    """Put a pseudonym into some of the messages that name a member; returns how many.

    They are locked first, as another member whom they name may be deleted at the same time.
    """
    rows = await tx.fetch_all(_OF_MEMBER, {"user_id": user_id, "limit": limit})
    for row in rows:
        body = row["body"].replace(str(user_id), str(pseudonym))
        await tx.execute(_SET_BODY, {"id": row["id"], "body": body})
        await typed_text.withdraw_notices(tx, row["id"], row["body"], user_id)
    parameters = {"ids": [row["id"] for row in rows]}
    await tx.execute(_FORGET, parameters | {"user_id": user_id})
    return len(rows)
