"""A statement that reads a table that grows is named, whoever runs it first."""

import sqlite3
from contextlib import closing

import psycopg

from storage.engine.migrate import known_migrations
from storage.engine.sql import render
from storage.engine.sql import statements as statements_of
from storage.engine.transaction import Database
from storage.operations import status
from tests.support.database_rows import MEMBERS, fill, filling
from tests.support.postgres import PostgresServer
from tests.support.query_plans import SMALL, postgres_faults, sqlite_faults
from tests.support.sqlite import migrated
from tests.support.statements import Statements, constants

SCANS = (
    "SELECT id, body FROM outbox WHERE body LIKE :pattern",
    "SELECT COUNT(*) AS number FROM ledger WHERE kind = 'settle'",
    "UPDATE events SET note = '' WHERE note = :note",
    "SELECT id FROM requests WHERE state = 'posted'",
    "DELETE FROM reviews WHERE stage = :stage",
)
FINE = (
    "SELECT id FROM requests WHERE id = :id",
    "SELECT id FROM outbox WHERE request_id = :request_id",
    "SELECT key FROM key_values WHERE value = :value",
)


def test_a_scan_is_named_on_sqlite() -> None:
    assert len(sqlite_faults({sql: {} for sql in SCANS})) >= len(SCANS)
    assert sqlite_faults({sql: {} for sql in FINE}) == []


def test_a_scan_is_named_on_postgresql(postgres: PostgresServer) -> None:
    name = postgres.create()
    try:
        migrated(postgres.url(name))
        text = {"pattern": "%x%", "note": "x", "stage": "x", "id": "x", "request_id": "x"}
        wanted = dict.fromkeys((*SCANS, *FINE), text | {"value": "x"})
        faults = postgres_faults(postgres.url(name), wanted)
        assert len(faults) == len(SCANS)
        assert {each.partition(": ")[2].partition(": ")[2] for each in faults} == set(SCANS)
    finally:
        postgres.drop(name)


async def test_what_the_code_runs_is_noted_and_what_a_test_runs_is_not(
    database: Database, statements: Statements
) -> None:
    own = "SELECT 41 + 1 AS answer"
    async with database.reading() as tx:
        await tx.fetch_one(own)
    assert own not in statements.seen[database.dialect]
    async with database.reading() as tx:
        await status.count_uncertain(tx)
    assert any("newest_ms" in sql for sql in statements.seen[database.dialect])


def test_a_list_of_ids_is_looked_up_in_the_primary_key_on_sqlite() -> None:
    listed = (
        "SELECT id FROM requests WHERE id IN {each:ids} AND state || '' IN ('posted', 'failed')"
    )
    assert sqlite_faults({listed: {}}) == []


def test_every_statement_in_the_code_is_fine_on_sqlite() -> None:
    assert len(constants()) > 300
    assert sqlite_faults(constants()) == []


def test_every_statement_in_the_code_is_fine_on_postgresql(postgres: PostgresServer) -> None:
    name = postgres.create()
    try:
        migrated(postgres.url(name))
        assert postgres_faults(postgres.url(name), constants()) == []
    finally:
        postgres.drop(name)


def test_every_table_that_grows_is_filled_before_plans_are_looked_at(
    postgres: PostgresServer,
) -> None:
    name = postgres.create()
    try:
        migrated(postgres.url(name))
        with psycopg.connect(postgres.url(name), autocommit=True) as connection:
            fill(connection)
            tables = connection.execute(
                "SELECT relname FROM pg_class WHERE relkind = 'r' AND reltuples <= 0"
                " AND relnamespace = 'public'::regnamespace"
            ).fetchall()
        assert {row[0] for row in tables} - set(SMALL) == set()
    finally:
        postgres.drop(name)


def test_a_large_database_can_be_made_on_sqlite_too() -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for migration in known_migrations():
            for statement in statements_of(migration.script):
                connection.execute(render(statement, "sqlite"))
        for sql in filling("sqlite", 2 * MEMBERS):
            connection.execute(sql)
        assert connection.execute("SELECT COUNT(*) FROM requests").fetchone() == (2 * MEMBERS,)
