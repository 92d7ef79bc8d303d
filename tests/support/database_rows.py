"""Ended requests by the thousand or the million, with what they leave in every table."""

from collections.abc import Mapping
from typing import Any, Final

import psycopg

NOW_MS: Final = 1_790_000_000_000
YEAR_MS: Final = 365 * 24 * 3_600_000
STAND_IN: Final = 4_000
"""So many requests are enough for the statistics of a million."""
MILLION: Final = 1_000_000
SERVERS: Final = 40
MEMBERS: Final = 2_000

# request n: member n % MEMBERS, whose server is always the same; spread over a year, oldest first
_REQUESTS: Final = """
INSERT INTO requests (id, interaction_id, guild_id, channel_id, user_id, state, model, seconds,
  spec, created_at_ms, parent_channel_id, locale, guild_locale, is_nsfw, is_private,
  upload_limit_bytes, cost_micros, updated_at_ms, due_at_ms, lease_owner, attempt, acked_at_ms,
  prepared_at_ms, host, started_at_ms, intent_at_ms, slot_until_ms, task_id, submitted_at_ms,
  progress, polled_at_ms, result_url, result_path, result_bytes, rendered_at_ms, took_ms,
  ended_at_ms, failure, failure_note, provider_text, erased_at_ms, origin)
SELECT 'r' || n, 1000000 + n, n % {servers}, 7, 1000 + n % {members},
  CASE n % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'cancelled' WHEN 2 THEN 'rejected' ELSE 'posted' END,
  'seedance2.0-fast-i2v', 5, '{{"prompt": "a fox in the snow, slowly turning its head"}}',
  {at}, 0, 'en-US', 'en-US', 0, 0, 20971520, 250000, {at} + 90000, {parked}, '', 0, {at}, {at},
  'host', {at}, {at}, {at} + 1800000, 'task' || n, {at}, 100, {at}, '', 'results/r' || n || '.mp4',
  4000000, {at} + 80000, 75000, {at} + 90000, CASE n % 10 WHEN 0 THEN 'busy' ELSE '' END, '{{}}',
  '', CASE WHEN n < {count} - {count} / 12 THEN {at} + 100000 ELSE 0 END, ''
FROM numbers"""
_LEDGER: Final = """
INSERT INTO ledger (request_id, account, kind, guild_id, user_id, videos, seconds, cost_micros,
  reason, counts_at_ms, at_ms)
SELECT 'r' || n, account, kind, n % {servers}, 1000 + n % {members},
  CASE kind WHEN 'reserve' THEN 1 ELSE 0 END, CASE kind WHEN 'reserve' THEN 5 ELSE 0 END,
  CASE kind WHEN 'reserve' THEN 250000 ELSE 0 END, 'requested', {at}, {at}
FROM numbers,
  (SELECT 'count' AS account UNION ALL SELECT 'cost') AS accounts,
  (SELECT 'reserve' AS kind UNION ALL SELECT 'settle') AS kinds"""
_EVENTS: Final = """
INSERT INTO events (request_id, at_ms, action, from_state, to_state, actor_id, note)
SELECT 'r' || n, {at}, 'moved', from_state, 'posted',
  CASE WHEN n % 20 = 0 THEN 1000 + n % {members} ELSE 0 END, ''
FROM numbers, (SELECT 'queued' AS from_state UNION ALL SELECT 'running') AS states"""
_MESSAGES: Final = """
INSERT INTO outbox (id, kind, request_id, guild_id, channel_id, user_id, created_at_ms, body, state,
  nonce, intent_at_ms, message_id, sent_channel_id, shown, due_at_ms, lease_owner, attempt,
  sent_at_ms)
SELECT 'r' || n || ':' || kind, kind, 'r' || n, n % {servers}, 7, 1000 + n % {members}, {at},
  '{{}}', CASE kind WHEN 'card' THEN 'deleted' ELSE 'sent' END, 'v', {at}, 5000000 + n, 7,
  CASE kind WHEN 'card' THEN 'posted' WHEN 'review' THEN 'approved:0:1' ELSE '' END,
  {parked}, '', 0, {at}
FROM numbers, (SELECT 'card' AS kind UNION ALL SELECT 'result' UNION ALL SELECT 'review') AS kinds
WHERE kind <> 'review' OR n % 10 = 0"""
_INPUTS: Final = """
INSERT INTO inputs (request_id, position, role, kind, source, url, name, path, sha256, size_bytes,
  format, width, height, duration_ms, provider_url, provider_url_at_ms)
SELECT 'r' || n, 0, 'reference', 'image', 'attachment', 'https://cdn.example/a.png', 'a.png', '',
  '', 1, 'png', 1, 1, 0, '', 0
FROM numbers WHERE n % 2 = 0"""
_REVIEWS: Final = """
INSERT INTO reviews (id, request_id, number, guild_id, user_id, stage, why, state, opened_at_ms,
  due_at_ms, ends_at_ms, reminded_at_ms, reports, decided_by, decided_at_ms, reason, note,
  is_purged, appeal_of, appeal)
SELECT 'r' || n || ':review', 'r' || n, 1, n % {servers}, 1000 + n % {members}, 'prompt', 'mode',
  'approved', {at}, {parked}, {at}, 0, 0, 1000 + n % 50, {at}, '', '', 1,
  CASE WHEN n % 100 = 0 THEN 'r' ELSE '' END, ''
FROM numbers WHERE n % 10 = 0"""
_DECISIONS: Final = """
INSERT INTO audit_log (guild_id, request_id, user_id, actor_id, action, reason, note, at_ms)
SELECT n % {servers}, 'r' || n, 1000 + n % {members}, 1000 + n % 50, 'approved', '', '', {at}
FROM numbers"""
_REPORTS: Final = """
INSERT INTO reports (request_id, by_id, guild_id, review_id, reason, at_ms)
SELECT 'r' || n, 1000 + n % {members}, n % {servers}, 'r' || n || ':review', 'no', {at}
FROM numbers WHERE n % 10 = 0"""
_VISIBILITY: Final = """
INSERT INTO visibility (request_id, wanted, shown, is_purged, due_at_ms)
SELECT 'r' || n, 'gone', 'gone', 1, {parked} FROM numbers WHERE n % 10 = 0"""
_MENTIONS: Final = """
INSERT INTO message_mentions (user_id, outbox_id)
SELECT 1000 + n % {members}, 'r' || n || ':result' FROM numbers WHERE n % 10 = 0"""
_TOLD: Final = """
INSERT INTO privacy_notices (guild_id, user_id, at_ms)
SELECT n % {servers}, -1000 - n, {at} FROM numbers WHERE n <= {members}"""
_GRANTS: Final = """
INSERT INTO grants (interaction_id, guild_id, user_id, videos, by_id, at_ms, until_ms)
SELECT n, n % {servers}, 1000 + n % {members}, 1, 1000, {at}, {at} + 86400000
FROM numbers WHERE n % 10 = 0"""
_RESETS: Final = """
INSERT INTO resets (interaction_id, guild_id, user_id, by_id, at_ms)
SELECT n, n % {servers}, 1000 + n % {members}, 1000, {at} FROM numbers WHERE n % 10 = 0"""
_BLOCKS: Final = """
INSERT INTO blocks (guild_id, user_id, by_id, reason, at_ms, until_ms)
SELECT n % {servers}, 1000 + n, 1000, '', {at}, {at} FROM numbers WHERE n <= {members}"""
_QUOTAS: Final = """
INSERT INTO quotas (guild_id, scope, subject_id, unit, period, amount, set_by, set_at_ms)
SELECT n % {servers}, 'member', 1000 + n, 'videos', 'day', 5, 1000, {at}
FROM numbers WHERE n <= {members}"""
_WORDS: Final = """
INSERT INTO words (guild_id, folded, word, by_id, at_ms)
SELECT n % {servers}, 'word' || n, 'word' || n, 1000, {at} FROM numbers WHERE n <= {members}"""
_IMPORTED_RULES: Final = """
INSERT INTO imported_rules (guild_id, rule_id, name, keywords, allowed, exempt_roles,
  exempt_channels, by_id, at_ms)
SELECT n % {servers}, n, 'rule', '["cat*"]', '[]', '[]', '[]', 1000, {at}
FROM numbers WHERE n <= {members}"""
_SAVED_FORMS: Final = """
INSERT INTO saved_forms (id, guild_id, user_id, video_request, suggestion, origin, created_at_ms)
SELECT 's' || n, n % {servers}, 1000 + n, '{{}}', '', '', {at} FROM numbers WHERE n <= {members}"""
_DAYS: Final = """
INSERT INTO daily_counts (guild_id, day, figures)
SELECT n % {servers}, {now} / 86400000 - 2 - n / {servers},
  '{{"ended": {{"posted": 7}}, "models": {{"seedance2.0-fast-i2v": 7}}, "waits": [90000]}}'
FROM numbers WHERE n <= {servers} * 90"""
_FILMS: Final = """
INSERT INTO joined_films (film_id, part_id, position)
SELECT 'f' || n, 'r' || n, 0 FROM numbers WHERE n % 10 = 0"""
_SERVERS_ROWS: Final = """
INSERT INTO servers (guild_id, settings, joined_at_ms)
SELECT n, '{{}}', 1 FROM numbers WHERE n < {servers}"""
_HOURS: Final = """
INSERT INTO ledger_hours (account, guild_id, hour, videos, seconds, cost_micros, settled)
SELECT account, guild_id, counts_at_ms / 3600000, SUM(videos), SUM(seconds), SUM(cost_micros),
  SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END)
FROM ledger WHERE guild_id <> 0 GROUP BY account, guild_id, counts_at_ms / 3600000
UNION ALL SELECT account, 0, counts_at_ms / 3600000, SUM(videos), SUM(seconds), SUM(cost_micros),
  SUM(CASE WHEN kind = 'settle' THEN 1 ELSE 0 END)
FROM ledger GROUP BY account, counts_at_ms / 3600000"""

_ASSET_REVIEWS: Final = """
INSERT INTO asset_reviews (key_id, kind, sha256, asset_id, state, tries, submitted_at_ms, due_at_ms,
  checked_at_ms, used_at_ms)
SELECT 'key', 'image', 'sha' || n, 'asset-' || n, 'active', 1, {at}, {at}, {at}, {at}
FROM numbers WHERE n % 2 = 0"""
_TASK_COSTS: Final = """
INSERT INTO task_costs (request_id, task_id, cost_micros, change_micros, source, since_ms, at_ms)
SELECT 'r' || n, 'task' || n, 250000, 250000, 'query', {at}, {at} + 1000 FROM numbers"""
_COST_CHECKS: Final = """
INSERT INTO cost_checks (request_id, due_at_ms, tries, left_at_ms)
SELECT 'r' || n, {now}, 1, CASE n % 2 WHEN 0 THEN 0 ELSE {now} END
FROM numbers WHERE n % 10 = 0"""
_KEY_USAGE: Final = """
INSERT INTO key_usage (key_id, used_micros, asked_at_ms, answered_at_ms)
SELECT 'key', 250000 * n, {at}, {at} + 100 FROM numbers WHERE n % 10 = 0"""

_CAST: Final = """
INSERT INTO cast_entries (id, guild_id, user_id, name, folded, state, created_at_ms, host, note,
  stored_bytes, removed_at_ms, due_at_ms, lease_owner, attempt)
SELECT 'c' || n, 0, 1000 + n, 'fox' || n, 'fox' || n, 'ready', {at}, 'host', '', 1, 0, {parked}, '',
  0
FROM numbers WHERE n <= {members}"""
_CAST_PICTURES: Final = """
INSERT INTO cast_pictures (cast_id, position, source, url, name, path, sha256, size_bytes, format,
  width, height)
SELECT 'c' || n, 0, 'attachment', 'https://cdn.example/a.png', 'a.png', 'cast/c/0', '', 1, 'png', 1,
  1
FROM numbers WHERE n <= {members}"""

_DECIDED_CONTENT: Final = """
INSERT INTO decided_content (request_id, lookup, guild_id, hash, outcome, at_ms)
SELECT 'r' || n, 'file:' || n, n % {servers}, 'h' || n, 'approved', {at}
FROM numbers WHERE n % 10 = 0"""
_TEMPLATES: Final = """
INSERT INTO templates (id, guild_id, folded, name, prompt, picture, model, duration, ratio,
  resolution, example_id, by_id, version, changed_at_ms, removed_at_ms)
SELECT 't' || n, n % {servers}, 'name' || n, 'name' || n, 'a fox', 'none', 'seedance2.0-fast-i2v',
  5, '16:9', '', '', 1000, 1, {at}, 0
FROM numbers WHERE n <= {members}"""
_PANELS: Final = """
INSERT INTO template_panels (outbox_id, template_id, guild_id, example_id, attempt, due_at_ms)
SELECT 'panel:t' || n, 't' || n, n % {servers}, '', 0, {parked} FROM numbers WHERE n <= {members}"""
_VOTES: Final = """
INSERT INTO showcase_votes (request_id, user_id, guild_id, at_ms)
SELECT 'r' || n, 1000 + n % {members}, n % {servers}, {at} FROM numbers WHERE n % 2 = 0"""
_ENTRIES: Final = """
INSERT INTO showcase_entries (request_id, guild_id, votes, shown, is_private, is_nsfw, is_removed,
  posted_at_ms, attempt, due_at_ms)
SELECT 'r' || n, n % {servers}, 1, 1, 0, 0, 0, {at}, 0, {parked} FROM numbers WHERE n % 2 = 0"""

_SAFETY_CHECKS: Final = """
INSERT INTO safety_checks (request_id, stage, guild_id, checker, digest, outcome, top_score,
  findings, checked_at_ms)
SELECT 'r' || n, 'prompt', n % {servers}, 'nudenet', 'd' || n,
  CASE n % 20 WHEN 0 THEN 'flagged' ELSE 'clear' END, n % 100, '[]', {at}
FROM numbers WHERE n % 2 = 0"""

_STORED_FILES: Final = """
INSERT INTO stored_files (path, owner_id, size_bytes, sha256, stored_at_ms, erased_at_ms)
SELECT 'results/r' || n || '.mp4', 'r' || n, 4000000, 'h' || n, {at}, 0 FROM numbers"""
_ACCOUNTS: Final = """
INSERT INTO accounts (scope, key, touched)
SELECT 'member', CAST(n % {servers} AS TEXT) || ':' || CAST(1000 + n AS TEXT), 1
FROM numbers WHERE n <= {members}"""

_TABLES: Final = (
    _REQUESTS,
    _LEDGER,
    _EVENTS,
    _MESSAGES,
    _INPUTS,
    _REVIEWS,
    _DECISIONS,
    _REPORTS,
    _VISIBILITY,
    _MENTIONS,
    _TOLD,
    _GRANTS,
    _RESETS,
    _BLOCKS,
    _QUOTAS,
    _WORDS,
    _IMPORTED_RULES,
    _SAVED_FORMS,
    _DAYS,
    _FILMS,
    _SERVERS_ROWS,
    _HOURS,
    _ASSET_REVIEWS,
    _DECIDED_CONTENT,
    _SAFETY_CHECKS,
    _STORED_FILES,
    _TEMPLATES,
    _PANELS,
    _VOTES,
    _ENTRIES,
    _CAST,
    _CAST_PICTURES,
    _TASK_COSTS,
    _COST_CHECKS,
    _KEY_USAGE,
    _ACCOUNTS,
)
_NUMBERS: Final[Mapping[str, str]] = {
    "sqlite": "(WITH RECURSIVE counter(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counter"
    " WHERE n < {count}) SELECT n FROM counter) AS numbers",
    "postgres": "(SELECT CAST(n AS BIGINT) AS n FROM generate_series(1, {count}) AS n) AS numbers",
}


def filling(dialect: str, count: int) -> list[str]:
    """The statements that make so many ended requests, and all they leave, in an empty database."""
    at = f"({NOW_MS - YEAR_MS} + n * {YEAR_MS // count})"
    words = {
        "at": at,
        "count": count,
        "servers": SERVERS,
        "members": MEMBERS,
        "parked": 2**62,
        "now": NOW_MS,
    }
    numbers = _NUMBERS[dialect].format(count=count)
    return [sql.format(**words).replace("FROM numbers", f"FROM {numbers}") for sql in _TABLES]


def fill(connection: psycopg.Connection[Any]) -> None:
    """Fill a migrated PostgreSQL so that it plans as with a million requests."""
    tables = [
        str(row[0])
        for row in connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
    ]
    for table in tables:
        # nobody corrects what the catalogue is told below
        connection.execute(f"ALTER TABLE {table} SET (autovacuum_enabled = false)".encode())
    for sql in filling("postgres", STAND_IN):
        connection.execute(sql.encode())
    connection.execute("ANALYZE")
    connection.execute(
        "UPDATE pg_class SET reltuples = reltuples * %s"
        " WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace"
        " AND reltuples > 100",
        (MILLION // STAND_IN,),
    )
