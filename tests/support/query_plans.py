"""What may read how much: the plan of every statement, as it is with a million ended requests.

SQLite plans by the schema alone, for the bot never runs ANALYZE there: an empty database has the
plans of the largest. PostgreSQL plans by its statistics: a few thousand rows of the right shape are
analysed, and the catalogue is told that there are so many times more of them.
"""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from typing import Any, Final

import psycopg
from psycopg.sql import SQL, Composed, Literal

from storage.engine.migrate import CREATE, known_migrations
from storage.engine.sql import render, statements
from tests.support.database_rows import NOW_MS, fill

SMALL: Final = {
    "key_values": "one row a key",
    "workers": "one row a process",
    "gateways": "one row a process",
    "servers": "one row a server; all of them are read by the doctor alone",
    "migrations": "one row a migration",
    "daily_ends": "four rows a day",
    "key_usage": "one row a day and key, and a few hundred of each of the last three days",
    "cost_checks": "ended tasks of the last days whose cost is not known for good",
    "stored_files": "as many as DATA_MAX_GB has room for; added up once a minute, under no lock",
    "saved_forms": "what members gave within the last minutes",
}
"""Tables that may be read whole."""

LIVE: Final = {
    "outbox_cards": "cards of requests that are under way",
    "outbox_due": "messages that are owed",
    "outbox_joined_films": "films that stand; looked over once a minute, under no lock",
    "outbox_orphaned": "messages that are still to be taken down",
    "outbox_pseudonyms": "messages that are over and still have a pseudonym",
    "outbox_review_cards": "review cards that do not show a decision yet",
    "reviews_due": "open reviews",
    "reviews_queue": "open reviews",
    "requests_appealable": "rejections of the last three days",
    "reviews_pending": "rejections of the last half minute",
    "reviews_claimed": "open reviews that somebody looks at",
    "reviews_claimer": "open reviews that somebody looks at",
    "requests_waiting": "queued requests",
    "requests_auditing": "requests whose files the provider reviews",
    "asset_reviews_pending": "files without a verdict yet",
    "cast_entries_due": "names whose pictures are still to be fetched",
    "cast_entries_leased": "names that a worker has",
    "cast_entries_removed": "removed names whose files are still there",
    "requests_unfinished": "requests under way",
    "requests_leftover": "requests that ended without a video and still have files",
    "stored_files_erased": "files in the media store that are still to be deleted",
    "templates_examples": "templates with an example; looked over once a minute, under no lock",
    "showcase_entries_due": "counts that are to be shown, and forwards by when to look at them",
    "template_panels_due": "panels that are to be changed",
    "reports_ownerless": "deleted members' reports whose review is open",
    "audit_log_ownerless": "deleted members' decisions whose review is open",
    "requests_ownerless": "deleted members' requests that are still to be erased",
}
"""Indexes that hold only what is under way, so that they may be read whole."""

NEEDED: Final = {
    "ledger_bot": 2,
    "ledger_server": 3,
    "ledger_member": 3,
    "cast_entries_owner": 2,
    "cast_entries_name": 2,
    "requests_guild": 2,
    "requests_member": 2,
    "requests_member_started": 2,
    "requests_unerased": 2,
    "audit_log_member": 2,
    "audit_log_request": 2,
    "reviews_member": 2,
    "outbox_films_member": 3,
    "grants_member": 2,
    "resets_member": 2,
    "outbox_guild": 2,
    "reports_guild": 2,
    "showcase_entries_posted": 2,
    "showcase_votes_member": 1,
    "saved_forms_guild": 2,
    "sqlite_autoindex_ledger_hours_1": 3,
    "sqlite_autoindex_privacy_notices_1": 2,
    "sqlite_autoindex_blocks_1": 2,
    "ledger_hours_pkey": 3,
    "told_pkey": 2,
    "blocks_pkey": 2,
}
"""How many columns of an index a statement must name so that it reads one member's rows, or a short
span of time, instead of a server's or everything. Fewer are fine with a LIMIT."""

LISTED: Final = {
    "SELECT request_id, account AS problem FROM ledger": "the doctor's check of the books",
    "WITH counted AS ( SELECT r.id AS id": "the doctor's check of the books",
    "SELECT request_id, 'more came back than": "the doctor's check of the books",
    "SELECT account, guild_id, hour FROM ( SELECT account": "the doctor's check of the books",
    "WITH RECURSIVE guild (id) AS": "one look into the index for each server",
    "SELECT CAST(COALESCE(SUM(settled), 0) AS BIGINT)": "24 rows a day, of the whole bot's alone",
    "SELECT MIN(hour) AS hour FROM ledger_hours": "one look into the index",
    "SELECT COALESCE(MAX(day), -1)": "one look into the index",
    "SELECT created_at_ms AS at_ms FROM requests ORDER BY": "one look into the index",
    "SELECT MIN(created_at_ms) AS at_ms FROM outbox": "messages that are owed, once a scrape",
    "SELECT (SELECT COALESCE(MAX(interaction_id), 0)": "once in a restore, of a stopped bot",
    "SELECT id, body FROM outbox WHERE id > ": "once after an update, page by page, under no lock",
}
"""Statements that may read more, by how they begin, and why."""

_ENDS: Final = re.compile(r"state (?:=|IN) ?\(?[^)]*'(?:posted|failed|rejected|cancelled)'")
_WORDS: Final = re.compile(r"\s+")
_STEP: Final = re.compile(
    r"(?P<how>SCAN|SEARCH) (?P<name>\w+)"
    r"(?: USING (?:AUTOMATIC )?(?:PARTIAL )?(?:COVERING )?INDEX (?P<index>\w+)?)?"
    r"(?: ?USING INTEGER PRIMARY KEY)?(?: ?\((?P<columns>.*)\))?"
)
_ALIAS: Final = re.compile(r"(?:FROM|JOIN|UPDATE|INTO|,)\s+(\w+)(?:\s+AS)?\s+(\w+)")
_NAMES: Final = re.compile(r"(?<!:):([A-Za-z_]\w*)")
SCAN_NODES: Final = frozenset(
    {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan", "Sample Scan"}
)


# a condition on a later column alone reads the whole index
_FIRSTS: Final = """
SELECT index.relname, attribute.attname FROM pg_index
JOIN pg_class AS index ON index.oid = pg_index.indexrelid
JOIN pg_attribute AS attribute
  ON attribute.attrelid = pg_index.indrelid AND attribute.attnum = pg_index.indkey[0]
WHERE index.relnamespace = 'public'::regnamespace"""


def shortened(sql: str) -> str:
    """A statement on one line."""
    return _WORDS.sub(" ", sql).strip()


def is_planned(sql: str) -> bool:
    """Whether a text is a statement on rows, and not one that is listed."""
    text = shortened(sql)
    return text.startswith(("SELECT", "INSERT", "UPDATE", "DELETE", "WITH")) and not any(
        text.startswith(each) for each in LISTED
    )


def sqlite_faults(found: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every statement that reads too much on SQLite, with the step that does."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(CREATE)
        for migration in known_migrations():
            for statement in statements(migration.script):
                connection.execute(render(statement, "sqlite"))
        tables = {
            row[0]: row[1]
            for row in connection.execute("SELECT name, tbl_name FROM sqlite_master").fetchall()
        }
        return [
            f"{fault}: {shortened(sql)}"
            for sql in found
            if is_planned(sql)
            for fault in _sqlite_faults(connection, tables, sql)
        ]


def _sqlite_faults(
    connection: sqlite3.Connection, tables: Mapping[str, str], sql: str
) -> Iterator[str]:
    text = render(sql, "sqlite")
    given = dict.fromkeys(_NAMES.findall(text), "1")
    aliases = {alias: table for table, alias in _ALIAS.findall(text) if table in tables}
    for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", given).fetchall():
        step = _STEP.match(row[3])
        if step is None:
            continue
        table = tables.get(step["name"]) or aliases.get(step["name"], "")
        index = step["index"] or ""
        if not table or table in SMALL:
            continue
        if step["how"] == "SCAN":
            if index not in LIVE:
                yield f"SQLite: {row[3]}"
        elif index and _is_wide(index, len(re.findall(r"[=<>]+\?", step["columns"] or "")), text):
            yield f"SQLite: too wide, {row[3]}"


def _is_wide(index: str, columns: int, sql: str) -> bool:
    if index == "requests_state":
        # half of all requests may be in one of the ends
        return bool(_ENDS.search(sql)) and "NOT IN" not in sql
    return columns < NEEDED.get(index, 1) and "LIMIT" not in sql


def postgres_faults(url: str, seen: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """Every statement that reads too much on PostgreSQL; `url` is a migrated database to fill."""
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection)
        connection.execute("SET client_min_messages TO warning")
        firsts: dict[str, str] = dict(connection.execute(_FIRSTS).fetchall())
        faults = []
        for sql, parameters in seen.items():
            if is_planned(sql):
                plan, values = _explained(connection, sql, parameters)
                plans = [plan, *_kept(connection, sql, values, plan)]
                found = (fault for each in plans for fault in _postgres_faults(each, sql, firsts))
                faults += [f"{fault}: {shortened(sql)}" for fault in dict.fromkeys(found)]
        return faults


_PLANNING: Final = 2.5
"""What PostgreSQL takes for planning a statement, and again for each of its tables."""

_STANDARD: Final[Mapping[str, Any]] = {
    "guild_id": 3,
    "user_id": 1003,
    "pseudonym": -1003,
    "now_ms": NOW_MS,
    "since_ms": NOW_MS - 24 * 3_600_000,
    "until_ms": NOW_MS,
    "before_ms": NOW_MS - 40 * 24 * 3_600_000,
    "whole_ms": NOW_MS - 23 * 3_600_000,
    "hour": NOW_MS // 3_600_000 - 23,
    "first": NOW_MS // 86_400_000 - 90,
    "last": NOW_MS // 86_400_000,
    "never_due": 2**62,
    "limit": 50,
    "account": "count",
}


def _explained(
    connection: psycopg.Connection[Any], sql: str, parameters: Mapping[str, Any]
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """A plan for certain values, and the values."""
    text = render(sql, "postgres")
    values: dict[str, Any] = {}
    for name in re.findall(r"%\((\w+)\)s", text):
        values[name] = _STANDARD.get(name, parameters.get(name, 1))
    # the types are the statement's own: a text where a number is wanted is tried as the other, and
    # a moment is a number even where its column is not beside it
    texts = {name: str(value) for name, value in values.items()}
    moments = {name: value for name, value in values.items() if name.endswith("_ms")}
    for given in (values, texts, texts | moments):
        try:
            row = connection.execute(f"EXPLAIN (FORMAT JSON) {text}".encode(), given).fetchone()
        except (psycopg.errors.UndefinedFunction, psycopg.errors.DatatypeMismatch):
            continue
        assert row is not None
        found: list[dict[str, Mapping[str, Any]]] = row[0]
        return found[0]["Plan"], given
    raise AssertionError(f"its parameters' types are not known: {shortened(sql)}")


def _kept(
    connection: psycopg.Connection[Any],
    sql: str,
    values: Mapping[str, Any],
    plan: Mapping[str, Any],
) -> Iterator[Mapping[str, Any]]:
    """The plan for any values, where PostgreSQL would keep it for a prepared statement.

    It does where that costs no more than plans for certain values and the work of making them,
    for which it takes `_PLANNING`.
    """
    names = list(dict.fromkeys(re.findall(r"%\((\w+)\)s", render(sql, "postgres"))))
    places = {name: f"${number}" for number, name in enumerate(names, 1)}
    text = (render(sql, "postgres") % places).encode()
    given: SQL | Composed = SQL(", ").join(Literal(values[name]) for name in names)
    given = SQL("({})").format(given) if names else SQL("")
    execute = SQL("EXPLAIN (FORMAT JSON) EXECUTE kept{}").format(given)
    connection.execute("SET plan_cache_mode TO force_generic_plan")
    types = ", ".join(_type_of(values[name]) for name in names)
    head = f"PREPARE kept ({types}) AS " if names else "PREPARE kept AS "
    connection.execute(head.encode() + text)
    try:
        row = connection.execute(execute).fetchone()
    finally:
        connection.execute("DEALLOCATE kept")
        connection.execute("RESET plan_cache_mode")
    assert row is not None
    kept: Mapping[str, Any] = row[0][0]["Plan"]
    if kept["Total Cost"] <= plan["Total Cost"] + _PLANNING * (1 + len(_tables(kept))):
        yield kept


def _type_of(value: object) -> str:
    """What the driver sends it as."""
    if isinstance(value, list):
        return "bigint[]" if value and isinstance(value[0], int) else "text[]"
    return "bigint" if isinstance(value, int) else "unknown"


def _tables(node: Mapping[str, Any]) -> list[str]:
    mine = [node["Relation Name"]] if "Relation Name" in node else []
    return [*mine, *(table for child in node.get("Plans", ()) for table in _tables(child))]


def _postgres_faults(node: Mapping[str, Any], sql: str, firsts: Mapping[str, str]) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name", "")
    index = node.get("Index Name", "")
    condition = node.get("Index Cond", "")
    if kind == "Seq Scan" and table not in SMALL:
        yield f"PostgreSQL: Seq Scan on {table}"
    elif kind in SCAN_NODES and index and index not in LIVE:
        columns = len(re.findall(r"(?<![<>!])[=<>]+", condition))
        if not condition and table not in SMALL and "LIMIT" not in sql:
            yield f"PostgreSQL: all of {index}"
        elif condition and firsts.get(index, "") not in condition:
            yield f"PostgreSQL: all of {index}, {condition}"
        elif condition and _is_wide(index, columns, sql):
            yield f"PostgreSQL: too wide, {index} {condition}"
    for child in node.get("Plans", ()):
        yield from _postgres_faults(child, sql, firsts)
