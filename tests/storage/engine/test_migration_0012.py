"""Migration 0012 renames tables, columns, indexes and a state; a database of version 11 keeps all.

Every row, value and index definition is compared before and after, and the code reads the rows.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

import pytest

from storage.engine.database import open_database
from storage.engine.rows import encode
from storage.engine.sql import statements
from storage.engine.transaction import Database, Transaction
from storage.moderation import audit_log, visibility
from storage.moderation.visibility import Display
from storage.operations import key_values
from storage.privacy import message_mentions, privacy_notices
from storage.privacy.pseudonyms import pseudonym_of
from storage.records import OutboxState, Request, SavedForm, State
from storage.requests import joined_films, outbox, saved_forms
from storage.stats import daily_counts
from tests.storage.make import claim_messages, make_request
from tests.support.migrations import migrate_to

TABLES: Final = {
    "posts": "outbox",
    "films": "joined_films",
    "sketches": "saved_forms",
    "facts": "key_values",
    "told": "privacy_notices",
    "decisions": "audit_log",
    "showings": "visibility",
    "mentions": "message_mentions",
    "days": "daily_counts",
    "ended_days": "daily_ends",
}
LATER: Final = frozenset(
    {"needs_audit", "audits", "audit_since_ms"}
    | {"billed_micros", "billed_at_ms", "is_unbilled", "key_usage_id"}
    | {"restored_after_id", "parked_from"}
    | {"appeal_until_ms", "appealed_at_ms", "reopened_at_ms"}
    | {"variation_of", "variation", "variations", "template"}
    | {"series_of", "shot", "shots"}
)
"""Columns of requests that later migrations add."""
COLUMNS: Final = {"wish": "video_request", "post_id": "outbox_id"}

_POST: Final = """
INSERT INTO posts (id, kind, request_id, guild_id, channel_id, user_id, created_at_ms, body, state,
  nonce, intent_at_ms, message_id, sent_channel_id, shown, due_at_ms, lease_owner, attempt,
  sent_at_ms, needs, host, aim_bytes, again_at_ms, after_id)
VALUES (:id, :kind, :request_id, 10, 20, 30, 5, :body, :state, :nonce, :intent_at_ms, :message_id,
  20, :shown, :due_at_ms, '', 2, 7, '', '', 3, 0, 9)"""
_ROWS: Final = """
INSERT INTO films (film_id, part_id, position) VALUES ('part:film:1', 'part', 0);
INSERT INTO sketches (id, guild_id, user_id, wish, suggestion, origin, created_at_ms)
VALUES ('form', 10, 30, '{"prompt": "a fox"}', 'seedance', 'again:part', 40);
INSERT INTO facts (key, value, at_ms) VALUES ('privacy-key', '00', 4), ('paused', 'yes', 6);
INSERT INTO told (guild_id, user_id, at_ms) VALUES (10, -77, 8);
INSERT INTO decisions (guild_id, request_id, user_id, actor_id, action, reason, note, at_ms)
VALUES (10, 'part', 30, 31, 'rejected', 'spam', 'no', 11),
  (10, '', 30, 31, 'blocked', 'again', '3', 12);
INSERT INTO showings (request_id, wanted, shown, is_purged, due_at_ms, lease_owner, attempt,
  version, is_edit_refused, limit_bytes)
VALUES ('part', 'gone', 'plain', 0, 13, '', 1, 2, 1, 5);
INSERT INTO mentions (user_id, post_id) VALUES (30, 'part:notice:failed');
INSERT INTO days (guild_id, day, figures)
VALUES (10, 100, '{"ended": {"posted": 7}, "models": {"m": 7}, "waits": [9]}');
INSERT INTO ended_days (day, state, number) VALUES (100, 'posted', 7)"""
_INDEXES: Final = {
    "sqlite": "SELECT sql AS definition FROM sqlite_master WHERE type = 'index' AND sql <> ''",
    "postgres": "SELECT indexdef AS definition FROM pg_indexes WHERE schemaname = 'public'",
}


@pytest.fixture
async def version_11(empty_database_url: str) -> AsyncIterator[Database]:
    """A database as the last version left it, with rows in every table that is renamed."""
    database = await open_database(empty_database_url, migrate=False, check=False)
    try:
        await migrate_to(database, 11)
        async with database.transaction() as tx:
            await _add_request(tx, make_request(id="part", state=State.POSTED, ended_at_ms=9))
            await _add_post(tx, "part:notice:failed", "notice", "owed", '{"user": "30"}')
            await _add_post(tx, "part:card", "card", "sent", message_id=501, shown="running")
            await _add_post(tx, "part:result", "result", "sent", message_id=502)
            await _add_post(tx, "part:film:1", "film", "sent", message_id=503, shown="plain")
            for sql in statements(_ROWS):
                await tx.execute(sql)
        yield database
    finally:
        await database.close()


async def _add_request(tx: Transaction, request: Request) -> None:
    row = {name: value for name, value in encode(request).items() if name not in LATER}
    values = ", ".join(f":{name}" for name in row)
    await tx.execute(f"INSERT INTO requests ({', '.join(row)}) VALUES ({values})", row)


async def _add_post(
    tx: Transaction, outbox_id: str, kind: str, state: str, body: str = "{}", **fields: Any
) -> None:
    row = {"id": outbox_id, "kind": kind, "state": state, "body": body, "request_id": "part"}
    usual = {"nonce": f"n-{kind}", "intent_at_ms": 3, "message_id": 0, "shown": "", "due_at_ms": 1}
    await tx.execute(_POST, {**usual, **row, **fields})


async def _rows(database: Database, tables: Mapping[str, str]) -> dict[str, Counter[str]]:
    """Every row of each table by the table's new name, as sorted (column, value) pairs."""
    found = {}
    async with database.reading() as tx:
        for table, new_name in tables.items():
            rows = await tx.fetch_all(f"SELECT * FROM {table}")
            found[new_name] = Counter(str(sorted(_renamed(row).items())) for row in rows)
    return found


def _renamed(row: Mapping[str, Any]) -> dict[str, Any]:
    renamed = {COLUMNS.get(column, column): value for column, value in row.items()}
    if renamed.get("state") == "owed":
        renamed["state"] = "pending"
    return renamed


async def _indexes(database: Database) -> Counter[str]:
    """What every index covers, without its name, in the words of after the migration."""
    async with database.reading() as tx:
        rows = await tx.fetch_all(_INDEXES[database.dialect])
    return Counter(_defined(str(row["definition"])) for row in rows)


def _defined(definition: str) -> str:
    text = re.sub(r"INDEX \S+ ON", "INDEX ON", " ".join(definition.split()))
    text = text.replace("'owed'", "'pending'")
    for old, new in (TABLES | COLUMNS).items():
        text = re.sub(rf'"?\b{old}\b"?', new, text)
    return text.replace('"', "")


async def test_every_row_value_and_index_is_there_under_its_new_name(version_11: Database) -> None:
    rows, indexes = await _rows(version_11, TABLES), await _indexes(version_11)
    assert all(rows.values())
    await migrate_to(version_11, 12)
    assert await _rows(version_11, {name: name for name in TABLES.values()}) == rows
    assert await _indexes(version_11) == indexes
    await version_11.migrate()
    assert await version_11.is_current()


async def test_no_index_keeps_the_name_of_a_renamed_table(version_11: Database) -> None:
    await version_11.migrate()
    async with version_11.reading() as tx:
        rows = await tx.fetch_all(_INDEXES[version_11.dialect])
    named = [re.findall(r"INDEX (\w+) ON", str(row["definition"]))[0] for row in rows]
    stale = [name for name in named if name.startswith(tuple(f"{old}_" for old in TABLES))]
    # PostgreSQL keeps the names of primary keys
    assert [name for name in stale if not name.endswith("_pkey")] == []


async def test_a_message_that_was_owed_is_claimed_and_delivered(version_11: Database) -> None:
    await version_11.migrate()
    async with version_11.transaction() as tx:
        assert await outbox.count_pending(tx) == 1
        assert await outbox.LEASES.next_due_ms(tx) == 1
        (message,) = await claim_messages(tx, owner="me", now_ms=50, lease_ms=10, limit=5)
        assert (message.id, message.nonce, message.attempt) == ("part:notice:failed", "n-notice", 2)
        held = await outbox.intend(
            tx, message.id, owner="me", nonce="other", now_ms=51, after_id=99
        )
        assert (held.nonce, held.intent_at_ms, held.after_id) == ("n-notice", 3, 9)
        sent = await outbox.sent(
            tx, message.id, owner="me", message_id=504, channel_id=20, now_ms=52
        )
        assert sent.state is OutboxState.SENT
        assert await outbox.count_pending(tx) == 0


async def test_the_code_reads_forms_decisions_films_and_visibility(version_11: Database) -> None:
    await version_11.migrate()
    async with version_11.transaction() as tx:
        assert await saved_forms.get(tx, "form") == SavedForm(
            "form", 10, 30, '{"prompt": "a fox"}', 40, "seedance", "again:part"
        )
        first = await audit_log.page(tx, 10, limit=1, user_id=30)
        second = await audit_log.page(tx, 10, limit=1, user_id=30, before=first[0].id)
        assert [row.action for row in (*first, *second)] == ["blocked", "rejected"]
        added = await audit_log.add(tx, second[0])
        assert added > first[0].id
        assert [part.id for part in await joined_films.parts_of(tx, "part:film:1")] == ["part"]
        assert [film.id for film in await joined_films.unwanted(tx, now_ms=99, limit=5)] == [
            "part:film:1"
        ]
        (change,) = await visibility.claim(tx, ["part"], owner="me", now_ms=50, lease_ms=10)
        assert (change.wanted, change.version, change.limit_bytes) == (Display.GONE, 2, 5)
        behind = await outbox.cards_behind(tx, 50, limit=5)
        assert [card.id for card, _ in behind] == ["part:card"]


async def test_the_code_reads_key_values_notices_mentions_and_counts(version_11: Database) -> None:
    await version_11.migrate()
    async with version_11.transaction() as tx:
        assert await key_values.get(tx, "paused") == "yes"
        assert await key_values.since_ms(tx, "paused") == 6
        assert await privacy_notices.given_ms(tx, 10, -77) is not None
        (day,) = await daily_counts.of_server(tx, 10, first=100, last=100)
        assert (day.ended, day.waits) == ({"posted": 7}, [9])
        assert (await daily_counts.requests_by_state(tx))["posted"] == 7
        assert await message_mentions.rename(tx, 30, await pseudonym_of(tx, 30), limit=5) == 1
        message = await outbox.get(tx, "part:notice:failed")
        assert message is not None
        assert "30" not in message.body.split('"')
        # a mention goes with its message: the foreign key follows the renamed table
        await message_mentions.note(tx, "part:card", '{"user": "31"}')
        await tx.execute("DELETE FROM outbox WHERE id = 'part:card'")
        assert not await tx.fetch_all("SELECT * FROM message_mentions")
