"""Lists every column that may hold typed text, and erases it.

A member's own words go when they delete their data, and so do others' words about them. What an
open report or review rests on stays until it is closed.
"""

import json
from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from storage.engine.transaction import Transaction
from storage.privacy.pseudonyms import pseudonym_of

TYPED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "requests.spec": "erasure.erase_some",
        "requests.failure_note": "erasure.erase_some; erase_notes_to for a moderator's note",
        "requests.provider_text": "erasure.erase_some",
        "inputs.url": "erasure.erase_some",
        "inputs.name": "erasure.erase_some",
        "outbox.body": "erasure.erase_some; erase_notices_to; withdraw_notices for log lines",
        "reviews.note": "pseudonymize.rename_some of its author; erase_words_about",
        "reviews.appeal": "erasure.erase_some",
        "audit_log.reason": "erase_closed",
        "audit_log.note": "erase_closed",
        "blocks.reason": "pseudonymize.rename_some of its author; it goes with the block",
        "reports.reason": "erase_closed; erase_words_about",
        "cast_entries.name": "pseudonymize.rename_some; server_erasure.clear_some",
        "cast_entries.folded": "pseudonymize.rename_some; server_erasure.clear_some",
        "cast_entries.note": "pseudonymize.rename_some; server_erasure.clear_some",
        "cast_pictures.url": "pseudonymize.rename_some; server_erasure.clear_some",
        "cast_pictures.name": "pseudonymize.rename_some; server_erasure.clear_some",
        "saved_forms.video_request": "pseudonymize.rename_some; by itself in minutes",
        "words.word": "the server's own list: server_erasure.clear_some",
        "words.folded": "the server's own list: server_erasure.clear_some",
        "safety_checks.findings": "erasure.erase_some; server_erasure.clear_some",
        "imported_rules.name": "the server's own rules: server_erasure.clear_some",
        "imported_rules.keywords": "the server's own rules: server_erasure.clear_some",
        "imported_rules.allowed": "the server's own rules: server_erasure.clear_some",
        "templates.name": "the server's own: server_erasure.clear_some",
        "templates.folded": "the server's own: server_erasure.clear_some",
        "templates.prompt": "the server's own: server_erasure.clear_some",
        "requests.template": "a server's own name for it: erasure.erase_some",
        "servers.settings": "the server's own settings: server_erasure.clear_some",
    }
)
"""Columns that may hold what a person typed, and what erases it."""

NEVER_TYPED: Final = frozenset(
    {
        *("asset_reviews.asset_id", "asset_reviews.key_id", "asset_reviews.kind"),
        *("asset_reviews.sha256", "asset_reviews.state"),
        *("cast_entries.id", "cast_entries.state", "cast_entries.host", "cast_entries.lease_owner"),
        *("cast_pictures.cast_id", "cast_pictures.source", "cast_pictures.path"),
        *("cast_pictures.sha256", "cast_pictures.format"),
        *("accounts.key", "accounts.scope", "daily_counts.figures", "daily_ends.state"),
        *("audit_log.action", "audit_log.request_id"),
        *("events.action", "events.from_state", "events.note", "events.request_id"),
        *(
            "events.to_state",
            "key_values.key",
            "key_values.value",
            "joined_films.film_id",
            "joined_films.part_id",
        ),
        *("imported_rules.exempt_channels", "imported_rules.exempt_roles"),
        *("inputs.format", "inputs.kind", "inputs.path", "inputs.provider_url"),
        *("decided_content.hash", "decided_content.lookup", "decided_content.outcome"),
        *("decided_content.request_id", "inputs.look"),
        *("showcase_votes.request_id", "showcase_entries.request_id"),
        *("inputs.request_id", "inputs.role", "inputs.sha256", "inputs.source"),
        *("ledger.account", "ledger.kind", "ledger.reason", "ledger.request_id"),
        *("ledger_hours.account", "message_mentions.outbox_id"),
        *("cost_checks.request_id", "key_usage.key_id"),
        *("task_costs.request_id", "task_costs.source", "task_costs.task_id"),
        *("outbox.id", "outbox.kind", "outbox.lease_owner", "outbox.nonce", "outbox.request_id"),
        *(
            "outbox.host",
            "outbox.needs",
            "outbox.shown",
            "outbox.state",
            "quotas.period",
            "quotas.scope",
            "quotas.unit",
        ),
        *("reports.request_id", "reports.review_id"),
        *("safety_checks.request_id", "safety_checks.stage", "safety_checks.checker"),
        *("safety_checks.digest", "safety_checks.outcome"),
        *("stored_files.path", "stored_files.owner_id", "stored_files.sha256"),
        *("requests.failure", "requests.guild_locale", "requests.host", "requests.id"),
        *(
            "requests.parked_from",
            "requests.lease_owner",
            "requests.locale",
            "requests.model",
            "requests.origin",
        ),
        *(
            "requests.result_host",
            "requests.result_path",
            "requests.result_url",
            "requests.state",
            "requests.task_id",
            "requests.variation_of",
            "requests.series_of",
        ),
        *("reviews.id", "reviews.reason", "reviews.request_id", "reviews.stage"),
        *("reviews.appeal_of", "reviews.state", "reviews.why"),
        *(
            "visibility.lease_owner",
            "visibility.request_id",
            "visibility.shown",
            "visibility.wanted",
        ),
        *("templates.id", "templates.picture", "templates.model", "templates.ratio"),
        *("templates.resolution", "templates.example_id"),
        *("template_panels.outbox_id", "template_panels.template_id"),
        "template_panels.example_id",
        *("saved_forms.id", "saved_forms.origin", "saved_forms.suggestion"),
        *("gateways.down", "gateways.host", "gateways.owner"),
        *("workers.host", "workers.owner", "workers.role"),
    }
)
"""Columns of words, ids and names that the bot or the provider made."""

# the conditions are the partial indexes' own, word for word; what an open review rests on stays
# there, so each turn reads it again: that is as much as moderators have before them
_CLOSED: Final = (
    """
UPDATE reports SET reason = ''
WHERE (request_id, by_id) IN (
  SELECT request_id, by_id FROM reports
  WHERE by_id < 0 AND reason <> '' AND NOT EXISTS (
    SELECT 1 FROM reviews WHERE reviews.id = reports.review_id
      AND (reviews.state = 'open' OR reviews.takes_effect_at_ms > 0))
  LIMIT :limit)""",
    """
UPDATE audit_log SET note = '',
  reason = CASE WHEN action IN ('reported', 'blocked', 'unblocked') THEN '' ELSE reason END
WHERE id IN (
  SELECT id FROM audit_log
  WHERE (actor_id < 0 OR user_id < 0)
    AND (note <> '' OR (reason <> '' AND action IN ('reported', 'blocked', 'unblocked')))
    AND NOT EXISTS (
      SELECT 1 FROM reviews
      WHERE reviews.request_id = audit_log.request_id
        AND (reviews.state = 'open' OR reviews.takes_effect_at_ms > 0))
  LIMIT :limit)""",
)
# `|| ''` keeps SQLite from the index on states, which has all that were ever rejected
_TO_MEMBERS: Final = """
UPDATE requests SET failure_note = '{}' WHERE id IN {each:ids} AND state || '' = 'rejected'"""
_NOTICES: Final = """
SELECT id, body FROM outbox WHERE kind = 'notice' AND request_id IN {each:ids}
ORDER BY id {for_update}"""
_SET_BODY: Final = "UPDATE outbox SET body = :body WHERE id = :id"
_ABOUT: Final = (
    "UPDATE reviews SET note = '' WHERE request_id = :request_id",
    "UPDATE reports SET reason = '' WHERE request_id = :request_id",
)
# one that may have arrived is looked for first, by what it says
_LINE: Final = """
UPDATE outbox SET user_id = :pseudonym,
  body = CASE WHEN state = 'pending' AND intent_at_ms > 0 THEN body ELSE '{}' END
WHERE id = :id AND kind = 'log'"""


async def erase_notes_to(tx: Transaction, request_ids: Collection[str]) -> None:
    """Erase what a moderator typed to members from the requests that they rejected."""
    parameters = {"ids": list(request_ids)}
    await tx.execute(_TO_MEMBERS, parameters)


async def erase_notices_to(tx: Transaction, request_ids: Collection[str]) -> None:
    """The same from the notices of such requests."""
    parameters = {"ids": list(request_ids)}
    for row in await tx.fetch_all(_NOTICES, parameters):
        body = json.loads(row["body"])
        if body.pop("note", ""):
            said = json.dumps(body, ensure_ascii=False)
            await tx.execute(_SET_BODY, {"id": row["id"], "body": said})


async def erase_closed(tx: Transaction, *, limit: int) -> bool:
    """Erase texts of and about deleted members from closed reports and decisions.

    Of up to `limit` of each; False when none is left.
    """
    changed = [await tx.execute(sql, {"limit": limit}) for sql in _CLOSED]
    return any(changed)


async def erase_words_about(tx: Transaction, request_id: str) -> None:
    """Erase what others typed about a deleted member's request that is not under review."""
    for sql in _ABOUT:
        await tx.execute(sql, {"request_id": request_id})


async def withdraw_notices(tx: Transaction, outbox_id: str, body: str, user_id: int) -> None:
    """Let a line of the log channel go that is about a member, or quotes what they typed.

    `body` as it was before their id gave way. Lines of what they did as a moderator or manager
    stay, and name nobody any more in what is stored; messages of other kinds are not touched.
    """
    params = json.loads(body).get("params") or {}
    is_about = params.get("user") == str(user_id)
    is_quoting = params.get("by") == str(user_id) and (params.get("reason") or params.get("note"))
    if is_about or is_quoting:
        pseudonym = await pseudonym_of(tx, user_id)
        await tx.execute(_LINE, {"id": outbox_id, "pseudonym": pseudonym})
