"""Erases stored data: of one member everywhere, of one server, and past the retention time.

Nothing is done in one long transaction: others would wait for it. What was begun is written down
first, so that the sweep goes on with it whatever dies in between. A member's id in rows that stay
gives way to a pseudonym; what follows (prompts, files, messages) is found again by it.
"""

from collections.abc import Callable
from typing import Final

from bot.services.requests import lifecycle
from storage.engine.retry import repeated
from storage.engine.transaction import Database, Transaction
from storage.errors import Conflict
from storage.moderation import decided_content, reviews
from storage.operations import key_values
from storage.privacy import erasure, message_mentions, pseudonymize, server_erasure, typed_text
from storage.privacy.pseudonyms import pseudonym_of
from storage.records import NEVER_DUE, Request, State

BATCH: Final = 25
"""Requests erased in one transaction: a few statements each."""
ROWS: Final = 200
"""Rows changed in one transaction where one statement changes them all."""
ROUNDS: Final = 10
"""So often it is looked for requests that were made while others were being cancelled."""
LONGEST_QUOTA_MS: Final = 32 * 24 * 60 * 60 * 1000
"""Nothing counts the ledger's rows longer than a calendar month."""
LEFT_MS: Final = 2 * 60 * 1000
"""A deletion that was begun so long ago may be a dead process': going on twice does no harm."""

_MEMBER: Final = "forgetting:member:"
_SERVER: Final = "forgetting:server:"


async def forget_member(database: Database, user_id: int, clock: Callable[[], int]) -> int:
    """Cancel what is on its way, put the pseudonym in the id's place; returns how many were left.

    What the provider is making is discarded there, and nothing comes back for it.
    """
    async with database.transaction() as tx:
        await key_values.set(tx, f"{_MEMBER}{user_id}", "", clock())
    number = 0
    for _ in range(ROUNDS):
        async with database.reading() as tx:
            unfinished = await erasure.unfinished_of_member(tx, user_id)
        if not unfinished:
            break
        number += await _discard_all(database, unfinished, clock)
    await _withdraw_appeals(database, user_id, clock)
    while await _forget_decided(database, user_id):
        pass
    await _rename(database, user_id)
    await erase_ownerless(database, clock)
    return number


@repeated
async def _withdraw_appeals(database: Database, user_id: int, clock: Callable[[], int]) -> None:
    """Or moderators would go on reading what is to be erased."""
    async with database.transaction() as tx:
        await reviews.withdraw_appeals(tx, user_id, clock())


@repeated
async def _forget_decided(database: Database, user_id: int) -> bool:
    """Forget some of what was decided about a member's words and pictures; False: all of it."""
    async with database.transaction() as tx:
        return await decided_content.forget_member(tx, user_id, limit=ROWS)


@repeated
async def _rename(database: Database, user_id: int) -> None:
    await message_mentions.note_old(database)
    while True:
        async with database.transaction() as tx:
            pseudonym = await pseudonym_of(tx, user_id)
            if not await pseudonymize.rename_some(tx, user_id, pseudonym, limit=ROWS):
                await key_values.delete(tx, f"{_MEMBER}{user_id}")
                return


async def forget_server(database: Database, guild_id: int, clock: Callable[[], int]) -> None:
    """Remove a server's settings, lists and history, and what its members gave there."""
    async with database.transaction() as tx:
        await key_values.set(tx, f"{_SERVER}{guild_id}", "", clock())
    for _ in range(ROUNDS):
        async with database.reading() as tx:
            unfinished = await erasure.unfinished_of_server(tx, guild_id)
        if not unfinished:
            break
        await _discard_all(database, unfinished, clock)
    await _clear(database, guild_id, clock)
    await erase_ownerless(database, clock)


@repeated
async def _clear(database: Database, guild_id: int, clock: Callable[[], int]) -> None:
    """The fact's value is the last request whose history is gone, so that none is read twice."""
    key = f"{_SERVER}{guild_id}"
    while True:
        async with database.transaction() as tx:
            reached = await key_values.get(tx, key) or ""
            reached = await server_erasure.clear_requests(tx, guild_id, reached, limit=ROWS)
            if not reached:
                break
            await key_values.set(tx, key, reached, clock())
    while True:
        async with database.transaction() as tx:
            if not await server_erasure.clear_some(tx, guild_id, limit=ROWS):
                await key_values.delete(tx, key)
                return


async def go_on(database: Database, clock: Callable[[], int]) -> None:
    """Finish deletions that a dead process began."""
    async with database.reading() as tx:
        begun = {
            prefix: await key_values.begun(tx, prefix, before_ms=clock() - LEFT_MS)
            for prefix in (_MEMBER, _SERVER)
        }
    for key in begun[_MEMBER]:
        await forget_member(database, int(key.removeprefix(_MEMBER)), clock)
    for key in begun[_SERVER]:
        await forget_server(database, int(key.removeprefix(_SERVER)), clock)


@repeated
async def erase_ownerless(database: Database, clock: Callable[[], int]) -> int:
    """Erase the ended requests of members whose data was deleted; returns how many.

    Those that were made while the data was being deleted are cancelled first: nobody is left to
    wait for them.
    """
    async with database.reading() as tx:
        unfinished = await erasure.unfinished_ownerless(tx)
    await _discard_all(database, unfinished, clock)
    number = 0
    while True:
        async with database.transaction() as tx:
            rows = await erasure.ownerless(tx, limit=BATCH)
            number += await erasure.erase_some(tx, rows, clock())
        if len(rows) < BATCH:
            break
    await _erase_closed(database)
    return number


@repeated
async def _erase_closed(database: Database) -> None:
    while True:
        async with database.transaction() as tx:
            if not await typed_text.erase_closed(tx, limit=ROWS):
                return


@repeated
async def end_pseudonyms(database: Database, now_ms: int) -> None:
    """Let pseudonyms go that nothing counts any more."""
    before_ms = now_ms - LONGEST_QUOTA_MS
    while True:
        async with database.transaction() as tx:
            if not await erasure.end_pseudonyms(tx, before_ms=before_ms, now_ms=now_ms, limit=ROWS):
                return


@repeated
async def erase_old(
    database: Database, guild_id: int, *, before_ms: int, clock: Callable[[], int]
) -> int:
    """Erase a server's requests that ended before a moment; returns how many."""
    number = 0
    while True:
        async with database.transaction() as tx:
            rows = await erasure.ended_before(tx, guild_id, before_ms, limit=BATCH)
            number += await erasure.erase_some(tx, rows, clock())
        if len(rows) < BATCH:
            return number


@repeated
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
    """Cancel without a notice: the member's data is being deleted."""
    was_sent = request.intent_at_ms > 0
    await lifecycle.end(
        tx,
        request,
        State.CANCELLED,
        now_ms=now_ms,
        is_told=False,
        due_at_ms=now_ms if request.task_id else NEVER_DUE,
        slot_until_ms=request.slot_until_ms if was_sent else 0,
        event_note="data deleted",
    )
    await reviews.withdraw(tx, request.id, now_ms)
