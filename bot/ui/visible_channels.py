"""Names channels to a member only where they can see them: others show as `#unknown` to them."""

import re
from typing import Any, Final

import discord

from bot.errors import NotAllowed, UserError

CHANNEL_NOT_ALLOWED: Final = "refused-channel"
UNSEEN: Final = "refused-channel-unseen"


def for_reader(interaction: discord.Interaction[Any], error: UserError) -> UserError:
    """The refusal as this member may read it: with the channels that are open to them."""
    named = str(error.params.get("channels", ""))
    if error.key != CHANNEL_NOT_ALLOWED or not named:
        return error
    seen = [each for each in named.split() if _sees(interaction, each)]
    if not seen:
        return NotAllowed(UNSEEN)
    return NotAllowed(error.key, {**error.params, "channels": " ".join(seen)})


def _sees(interaction: discord.Interaction[Any], mention: str) -> bool:
    """By the server's roles and channels, which the gateway keeps current, and the member's own."""
    guild, member = interaction.guild, interaction.user
    number = re.fullmatch(r"<#([0-9]+)>", mention)
    if guild is None or number is None or not isinstance(member, discord.Member):
        return False
    channel = guild.get_channel(int(number[1]))
    return channel is not None and channel.permissions_for(member).view_channel
