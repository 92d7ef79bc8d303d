"""The end of what is stored: of one member everywhere, of one server, of what is too old.

A member's id in rows that stay gives way to a pseudonym in one transaction; that alone decides.
What follows (prompts, files, messages) is found again by it, whatever dies in between.
"""

from collections.abc import Callable
from typing import Final

from bot.desk import ends
from storage import erasure, reviews, typed
from storage.database import Database, Transaction
from storage.errors import Conflict
from storage.records import PARKED, Request, State

BATCH: Final = 100
ROUNDS: Final = 10
"""So often it is looked for requests that were made while others were being cancelled."""
LONGEST_QUOTA_MS: Final = 32 * 24 * 60 * 60 * 1000
"""Nothing counts the ledger's rows longer than a calendar month."""


async def forget_member(database: Database, user_id: int, clock: Callable[[], int]) -> int:
    """Cancel what is on its way, put the pseudonym in the id's place; returns how many were left.

    What the provider is making is discarded there, and nothing comes back for it.
    """
    number = 0
    for _ in range(ROUNDS):
        async with database.reading() as tx:
            unfinished = await erasure.unfinished_of_member(tx, user_id)
        if not unfinished:
            break
        number += await _discard_all(database, unfinished, clock)
    async with database.transaction() as tx:
        await erasure.rename_member(tx, user_id)
    await erase_ownerless(database, clock)
    return number


async def forget_server(database: Database, guild_id: int, clock: Callable[[], int]) -> None:
    """Remove a server's settings, lists and history, and what its members gave there."""
    for _ in range(ROUNDS):
        async with database.reading() as tx:
            unfinished = await erasure.unfinished_of_server(tx, guild_id)
        if not unfinished:
            break
        await _discard_all(database, unfinished, clock)
    async with database.transaction() as tx:
        await erasure.clear_server(tx, guild_id)
    await erase_ownerless(database, clock)


async def erase_ownerless(database: Database, clock: Callable[[], int]) -> int:
    """Erase the ended requests of members whose data was deleted; returns how many."""
    number = 0
    while True:
        async with database.transaction() as tx:
            rows = await erasure.ownerless(tx, limit=BATCH)
            for row in rows:
                await erasure.erase(tx, row, clock())
        number += len(rows)
        if len(rows) < BATCH:
            break
    async with database.transaction() as tx:
        await typed.erase_closed(tx)
    return number


async def erase_old(
    database: Database, guild_id: int, *, before_ms: int, clock: Callable[[], int]
) -> int:
    """Erase a server's requests that ended before a moment; returns how many."""
    number = 0
    while True:
        async with database.transaction() as tx:
            rows = await erasure.ended_before(tx, guild_id, before_ms, limit=BATCH)
            for row in rows:
                await erasure.erase(tx, row, clock())
        number += len(rows)
        if len(rows) < BATCH:
            return number


async def _discard_all(
    database: Database, unfinished: list[Request], clock: Callable[[], int]
) -> int:
    number = 0
    for request in unfinished:
        try:
            # one at a time: two servers' accounts in one transaction could wait for each other
            async with database.transaction() as tx:
                await _discard(tx, request, clock())
        except Conflict:
            continue
        number += 1
    return number


async def _discard(tx: Transaction, request: Request, now_ms: int) -> None:
    """Cancel without a word to anybody: there is nobody left to tell."""
    was_sent = request.intent_at_ms > 0
    await ends.end(
        tx,
        request,
        State.CANCELLED,
        now_ms=now_ms,
        is_told=False,
        due_at_ms=now_ms if request.task_id else PARKED,
        slot_until_ms=request.slot_until_ms if was_sent else 0,
        event_note="data deleted",
    )
    await reviews.withdraw(tx, request.id, now_ms)
