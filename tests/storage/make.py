"""Rows for tests: valid ones, each field as the test wants it."""

import itertools
from collections.abc import Collection
from typing import Any

from storage.engine.transaction import Database, Transaction
from storage.privacy import pseudonymize
from storage.privacy.pseudonyms import pseudonym_of
from storage.quotas.ledger_records import Account, EntryKind, LedgerEntry
from storage.records import Input, MessageKind, OutboxMessage, Request, State
from storage.requests import due_work, leases, outbox, requests

_numbers = itertools.count(1)


def make_request(**fields: Any) -> Request:
    """A queued request, fetched and seen by its member, parked nowhere."""
    number = next(_numbers)
    usual: dict[str, Any] = {
        "id": f"request{number}",
        "interaction_id": 1_000_000_000_000_000_000 + number,
        "guild_id": 10,
        "channel_id": 20,
        "user_id": 30,
        "state": State.QUEUED,
        "model": "seedance2.0-fast-i2v",
        "seconds": 5,
        "spec": '{"prompt": "100 % \'quoted\' :name {skip_locked} — 猫"}',
        "created_at_ms": number,
        "acked_at_ms": 1,
        "prepared_at_ms": 1,
    }
    return Request(**(usual | fields))


async def added(database: Database, *made: Request) -> None:
    """Record requests in a transaction of their own."""
    async with database.transaction() as tx:
        for request in made:
            assert await requests.add(tx, request)


async def stored(database: Database, request: Request) -> Request:
    """The request as it is in the database now."""
    async with database.reading() as tx:
        return await requests.require(tx, request.id)


async def renamed(tx: Transaction, user_id: int) -> int:
    """Rename a member everywhere, a few rows at a time; returns the pseudonym."""
    pseudonym = await pseudonym_of(tx, user_id)
    while await pseudonymize.rename_some(tx, user_id, pseudonym, limit=2):
        pass
    return pseudonym


def make_input(request: Request, position: int, **fields: Any) -> Input:
    usual: dict[str, Any] = {
        "request_id": request.id,
        "position": position,
        "role": "reference",
        "kind": "image",
        "source": "attachment",
        "url": "https://cdn.example/picture.png",
    }
    return Input(**(usual | fields))


def make_message(**fields: Any) -> OutboxMessage:
    usual: dict[str, Any] = {
        "id": f"post{next(_numbers)}",
        "kind": MessageKind.NOTICE,
        "request_id": "request0",
        "guild_id": 10,
        "channel_id": 20,
        "user_id": 30,
        "created_at_ms": 1,
    }
    return OutboxMessage(**(usual | fields))


def make_entry(**fields: Any) -> LedgerEntry:
    usual: dict[str, Any] = {
        "request_id": f"request{next(_numbers)}",
        "account": Account.COUNT,
        "kind": EntryKind.RESERVE,
        "guild_id": 10,
        "user_id": 30,
        "videos": 1,
        "seconds": 5,
        "cost_micros": 250_000,
        "reason": "asked",
        "counts_at_ms": 1_000,
        "at_ms": 1_000,
    }
    return LedgerEntry(**(usual | fields))


async def claim_requests(
    tx: Transaction,
    *,
    owner: str,
    now_ms: int,
    lease_ms: int,
    limit: int,
    host: str = "here",
    exclude: Collection[str] = (),
) -> list[Request]:
    """Look for what is due and claim it, longest due first, as one whose slots never end."""
    found = await due_work.requests_due(
        tx, host=host, now_ms=now_ms, expired_ms=0, exclude=exclude, share=1_000, window=1_000
    )
    ids = await _longest_due(tx, "requests", [each.id for each in found], limit)
    return await leases.claim(tx, ids, owner=owner, host=host, now_ms=now_ms, lease_ms=lease_ms)


async def claim_messages(
    tx: Transaction,
    *,
    owner: str,
    now_ms: int,
    lease_ms: int,
    limit: int,
    host: str = "here",
    exclude: Collection[str] = (),
) -> list[OutboxMessage]:
    """The same for messages."""
    found = await due_work.messages_due(
        tx, host=host, now_ms=now_ms, exclude=exclude, share=1_000, window=1_000
    )
    ids = await _longest_due(tx, "outbox", [each.id for each in found], limit)
    return await outbox.claim(tx, ids, owner=owner, now_ms=now_ms, lease_ms=lease_ms)


async def _longest_due(tx: Transaction, table: str, ids: list[str], limit: int) -> list[str]:
    rows = await tx.fetch_all(f"SELECT id FROM {table} ORDER BY due_at_ms, id")
    return [row["id"] for row in rows if row["id"] in set(ids)][:limit]
