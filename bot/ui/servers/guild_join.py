"""Reads a joined server from the gateway, with the channel to greet its managers in."""

import discord

from bot.services.servers.onboarding import JoinedServer
from bot.ui.markdown import inline

NAME_SHOWN = 60


def joined_server_of(guild: discord.Guild) -> JoinedServer:
    """A server as the gateway describes it."""
    joined = guild.me.joined_at
    return JoinedServer(
        guild_id=guild.id,
        name=inline(guild.name, NAME_SHOWN),
        joined_at_ms=round(joined.timestamp() * 1000) if joined is not None else 1,
        owner_id=guild.owner_id or 0,
        channel_id=_quiet_place(guild),
        locale=str(guild.preferred_locale),
    )


def _quiet_place(guild: discord.Guild) -> int:
    """Discord's channel for community updates, else the system channel.

    0 where the bot may write in neither.
    """
    for channel in (guild.public_updates_channel, guild.system_channel):
        if channel is not None:
            may = channel.permissions_for(guild.me)
            if may.view_channel and may.send_messages:
                return channel.id
    return 0
