"""Pseudonyms: after a deletion a keyed hash stands in kept rows instead of the member's id.

A pseudonym is a negative number, so that it fits every column of ids and is never taken for one of
Discord's, which are positive. Who has the key can work it out from an id, but never the other way
round: rows that still count for a member are found under both.
"""

import hashlib
import hmac
import secrets
from functools import lru_cache
from typing import Final

from storage.engine.transaction import Transaction
from storage.operations import key_values

KEY: Final = "privacy-key"
"""The fact that holds the key; made once, when it is first needed."""
_BITS: Final = 62


def is_pseudonym(user_id: int) -> bool:
    """Whether this id is the pseudonym of a deleted member."""
    return user_id < 0


async def pseudonym_of(tx: Transaction, user_id: int) -> int:
    """The member's pseudonym, a pseudonym's own self. Makes the key: only where one may write."""
    if user_id <= 0:
        return user_id
    key = await key_values.get(tx, KEY)
    if key is None:
        await key_values.compare_and_set(
            tx, KEY, expected=None, value=secrets.token_hex(32), now_ms=0
        )
        key = await key_values.get(tx, KEY)
    return _hashed(key or "", user_id)


async def known_as(tx: Transaction, user_id: int) -> tuple[int, int]:
    """The ids a member's rows may be stored under; twice the same before the key was made."""
    if user_id <= 0:
        return user_id, user_id
    key = await key_values.get(tx, KEY)
    return user_id, user_id if key is None else _hashed(key, user_id)


async def keyed_hash(tx: Transaction, text: str) -> str:
    """A text's hash under the same key, so that nobody without it can guess short texts.

    Empty before the key was made, as where nothing may be written.
    """
    key = await key_values.get(tx, KEY)
    if key is None:
        return ""
    return hmac.digest(bytes.fromhex(key), text.encode(), hashlib.sha256).hex()


@lru_cache(maxsize=4096)
def _hashed(key: str, user_id: int) -> int:
    digest = hmac.digest(bytes.fromhex(key), str(user_id).encode(), hashlib.sha256)
    return -1 - (int.from_bytes(digest[:8], "big") >> (64 - _BITS))
