"""AutoMod rules as Discord describes and limits them.

Source: Discord's documentation, “Auto Moderation”: the rule object, trigger types and metadata.
"""

from enum import IntEnum
from typing import Any

from tests.support.discord.records import Guild, Payload
from tests.support.discord.world import World


class Trigger(IntEnum):
    """What a rule looks at."""

    KEYWORD = 1
    SPAM = 3
    KEYWORD_PRESET = 4
    MENTION_SPAM = 5
    MEMBER_PROFILE = 6


_MOST = {
    Trigger.KEYWORD: 6,
    Trigger.SPAM: 1,
    Trigger.KEYWORD_PRESET: 1,
    Trigger.MENTION_SPAM: 1,
    Trigger.MEMBER_PROFILE: 1,
}
"""Rules of a sort in one server."""


def add_automod_rule(
    world: World, guild: Guild, name: str, trigger: Trigger = Trigger.KEYWORD, **more: Any
) -> Payload:
    """Make a rule as a manager would; `more` is its trigger metadata, and fields of the rule.

    Raises: ValueError for what Discord refuses.
    """
    fields = ("enabled", "exempt_roles", "exempt_channels")
    metadata = {key: value for key, value in more.items() if key not in fields}
    _check(guild, trigger, metadata)
    rule: Payload = {
        "id": str(world.new_id()),
        "guild_id": str(guild.id),
        "name": name,
        "creator_id": str(guild.owner.id),
        "event_type": 2 if trigger is Trigger.MEMBER_PROFILE else 1,
        "trigger_type": int(trigger),
        "trigger_metadata": _complete(trigger, metadata),
        "actions": [{"type": 1, "metadata": {}}],
        "enabled": more.get("enabled", True),
        "exempt_roles": [str(role_id) for role_id in more.get("exempt_roles", ())],
        "exempt_channels": [str(channel_id) for channel_id in more.get("exempt_channels", ())],
    }
    guild.automod_rules.append(rule)
    return rule


def _check(guild: Guild, trigger: Trigger, metadata: Payload) -> None:
    of_sort = [rule for rule in guild.automod_rules if rule["trigger_type"] == trigger]
    if len(of_sort) >= _MOST[trigger]:
        raise ValueError(f"{_MOST[trigger]} rules of this sort are the most")
    for key, most, longest in (
        ("keyword_filter", 1000, 60),
        ("regex_patterns", 10, 260),
        ("allow_list", 100, 60),
    ):
        values = metadata.get(key, [])
        if len(values) > most or any(not 1 <= len(value) <= longest for value in values):
            raise ValueError(f"{key}: at most {most} of 1 to {longest} characters")


def _complete(trigger: Trigger, metadata: Payload) -> Payload:
    """With the empty lists that Discord sends along."""
    if trigger in (Trigger.KEYWORD, Trigger.MEMBER_PROFILE):
        return {"keyword_filter": [], "regex_patterns": [], "allow_list": [], **metadata}
    if trigger is Trigger.KEYWORD_PRESET:
        return {"presets": [], "allow_list": [], **metadata}
    return metadata
