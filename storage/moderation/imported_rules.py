"""AutoMod keyword rules that were imported: prompts they match wait for a moderator."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from storage.engine.rows import decode, encode
from storage.engine.transaction import Transaction


@dataclass(frozen=True, slots=True)
class ImportedRule:
    """A rule as it was when it was read.

    `keywords` and `allowed` are JSON lists of keywords in Discord's form, `exempt_roles` and
    `exempt_channels` of ids.
    """

    guild_id: int
    rule_id: int
    name: str
    keywords: str
    allowed: str
    exempt_roles: str
    exempt_channels: str
    by_id: int
    at_ms: int


_ADD: Final = """
INSERT INTO imported_rules (guild_id, rule_id, name, keywords, allowed, exempt_roles,
  exempt_channels, by_id, at_ms)
VALUES (:guild_id, :rule_id, :name, :keywords, :allowed, :exempt_roles, :exempt_channels,
  :by_id, :at_ms)"""
_CLEAR: Final = "DELETE FROM imported_rules WHERE guild_id = :guild_id"
_OF_SERVER: Final = "SELECT * FROM imported_rules WHERE guild_id = :guild_id ORDER BY rule_id"


async def replace(tx: Transaction, guild_id: int, rules: Collection[ImportedRule]) -> None:
    """Put these rules in place of all that were imported before; serialise with a lock."""
    await tx.execute(_CLEAR, {"guild_id": guild_id})
    for rule in rules:
        await tx.execute(_ADD, encode(rule))


async def of_server(tx: Transaction, guild_id: int) -> list[ImportedRule]:
    """A server's imported rules, the oldest rule first."""
    rows = await tx.fetch_all(_OF_SERVER, {"guild_id": guild_id})
    return [decode(ImportedRule, row) for row in rows]
