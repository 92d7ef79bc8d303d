"""The bot's present permissions in a server's channels, by REST."""

import asyncio
from typing import Any, Final

import discord

from bot.discord_rest.errors import discord_faults
from bot.services.servers.channels import Place

TIMEOUT_S: Final = 20.0


async def places_of(client: discord.Client, guild_id: int) -> dict[int, Place]:
    """Every channel of a server, by REST: a cache may be outdated.

    Raises: DeliveryError where Discord is unavailable.
    """
    async with discord_faults("read", TIMEOUT_S):
        guild = await client.fetch_guild(guild_id, with_counts=False)
        own_id = client.user.id if client.user is not None else 0
        channels, me = await asyncio.gather(guild.fetch_channels(), guild.fetch_member(own_id))
    everyone: Any = guild.default_role
    return {
        channel.id: Place(
            channel.id,
            kind=channel.type.name,
            permissions=channel.permissions_for(me).value,
            is_public=channel.permissions_for(everyone).view_channel,
        )
        for channel in channels
    }


async def place_of(client: discord.Client, guild_id: int, channel_id: int) -> Place:
    """One channel of a server; without a kind where there is none of that id.

    Raises: DeliveryError where Discord is unavailable.
    """
    return (await places_of(client, guild_id)).get(channel_id, Place(channel_id))
