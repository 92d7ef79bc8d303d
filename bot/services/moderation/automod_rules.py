"""Reads a server's AutoMod rules: which are taken, as what, and which are left out and why."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from bot.services.moderation.word_filter.keyword import read_keyword
from bot.services.moderation.word_filter.matcher import folded
from storage.moderation.imported_rules import ImportedRule

MOST_RULES: Final = 6
MOST_KEYWORDS: Final = 1000
MOST_ALLOWED: Final = 100
LONGEST_KEYWORD: Final = 60
LONGEST_NAME: Final = 100
"""Discord's limits; a rule within them is taken whole. Source: its documentation, “Auto
Moderation”: trigger types, and the trigger metadata's field limits.
"""


class RuleKind(StrEnum):
    """What a rule looks at; only keywords are words that can be looked for in a prompt."""

    KEYWORD = "keyword"
    PRESET = "preset"
    MENTIONS = "mentions"
    SPAM = "spam"
    PROFILE = "profile"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class AutoModRule:
    """A rule as Discord has it; keywords and allowed words in Discord's form, such as `cat*`."""

    id: int
    name: str
    kind: RuleKind
    is_enabled: bool = True
    keywords: tuple[str, ...] = ()
    allowed: tuple[str, ...] = ()
    pattern_count: int = 0
    """Regular expressions in it."""
    exempt_role_ids: tuple[int, ...] = ()
    exempt_channel_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class RuleOutcome:
    """What became of one rule.

    `left_out` is why it was not taken, empty where it was: `disabled`, `patterns` (nothing but
    regular expressions), `empty`, `too-many`, or its kind. `keywords` counts what was taken,
    `patterns` and `signs` (keywords without letter or digit) what was not.
    """

    name: str
    keywords: int = 0
    patterns: int = 0
    signs: int = 0
    left_out: str = ""


def read_rules(
    given: Sequence[AutoModRule], guild_id: int, by_id: int, now_ms: int
) -> tuple[list[ImportedRule], list[RuleOutcome]]:
    """The rules to store, and what became of each one given, in the same order."""
    taken: list[ImportedRule] = []
    outcomes: list[RuleOutcome] = []
    for rule in given:
        keywords = _usable(rule.keywords)[:MOST_KEYWORDS]
        outcome = _outcome(rule, len(keywords), is_full=len(taken) >= MOST_RULES)
        outcomes.append(outcome)
        if outcome.left_out:
            continue
        taken.append(
            ImportedRule(
                guild_id=guild_id,
                rule_id=rule.id,
                name=outcome.name,
                keywords=json.dumps(keywords, ensure_ascii=False),
                allowed=json.dumps(_usable(rule.allowed)[:MOST_ALLOWED], ensure_ascii=False),
                exempt_roles=json.dumps(sorted(rule.exempt_role_ids)),
                exempt_channels=json.dumps(sorted(rule.exempt_channel_ids)),
                by_id=by_id,
                at_ms=now_ms,
            )
        )
    return taken, outcomes


def _outcome(rule: AutoModRule, count: int, *, is_full: bool) -> RuleOutcome:
    name = " ".join(rule.name.split())[:LONGEST_NAME]
    if rule.kind is not RuleKind.KEYWORD:
        return RuleOutcome(name, left_out=rule.kind)
    if not rule.is_enabled:
        return RuleOutcome(name, left_out="disabled")
    if not count:
        left_out = "patterns" if rule.pattern_count and not rule.keywords else "empty"
        return RuleOutcome(name, left_out=left_out)
    if is_full:
        return RuleOutcome(name, left_out="too-many")
    return RuleOutcome(name, count, rule.pattern_count, len(rule.keywords) - count)


def _usable(keywords: Sequence[str]) -> list[str]:
    """Those with a letter or a digit: others, such as emoji, can't be told from what parts words.

    A keyword written twice is kept once.
    """
    short = (each for each in keywords if len(each) <= LONGEST_KEYWORD)
    return list(dict.fromkeys(each for each in short if folded(read_keyword(each).text)))
