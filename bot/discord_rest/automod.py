"""A server's AutoMod rules, by REST."""

from typing import Final

import discord
from discord import AutoModRuleTriggerType as Trigger

from bot.discord_rest.channels import TIMEOUT_S
from bot.discord_rest.errors import LOWEST_CODE, discord_faults
from bot.errors import NotAllowed
from bot.services.moderation.automod_rules import AutoModRule, RuleKind

_KINDS: Final = {
    Trigger.keyword: RuleKind.KEYWORD,
    Trigger.keyword_preset: RuleKind.PRESET,
    Trigger.mention_spam: RuleKind.MENTIONS,
    Trigger.spam: RuleKind.SPAM,
    Trigger.member_profile: RuleKind.PROFILE,
}


async def automod_rules_of(client: discord.Client, guild_id: int) -> list[AutoModRule]:
    """All AutoMod rules of a server, in Discord's order.

    Raises: NotAllowed where the bot lacks Manage Server, which Discord asks for; DeliveryError
    where Discord is unavailable.
    """
    async with discord_faults("read", TIMEOUT_S):
        guild = client.get_guild(guild_id)
        if guild is None:
            guild = await client.fetch_guild(guild_id, with_counts=False)
        try:
            rules = await guild.fetch_automod_rules()
        except discord.Forbidden as error:
            if error.code < LOWEST_CODE:
                # a proxy's page, not Discord's answer
                raise
            raise NotAllowed("refused-import-permission") from error
        return [_rule(each) for each in rules]


def _rule(rule: discord.AutoModRule) -> AutoModRule:
    trigger = rule.trigger
    return AutoModRule(
        id=rule.id,
        name=rule.name,
        kind=_KINDS.get(trigger.type, RuleKind.OTHER),
        is_enabled=rule.enabled,
        keywords=tuple(trigger.keyword_filter),
        allowed=tuple(trigger.allow_list),
        pattern_count=len(trigger.regex_patterns),
        exempt_role_ids=tuple(rule.exempt_role_ids),
        exempt_channel_ids=tuple(rule.exempt_channel_ids),
    )
