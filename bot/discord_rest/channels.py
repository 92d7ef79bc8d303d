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


async def is_as_restricted(client: discord.Client, source_id: int, target_id: int) -> bool:
    """Whether a message of one channel may be shown in another.

    Out of no private thread, and from an age-restricted channel only into another one. By REST: a
    cache may be outdated. Raises: discord.HTTPException.
    """
    source: Any = await client.fetch_channel(source_id)
    if source.type is discord.ChannelType.private_thread:
        return False
    if isinstance(source, discord.Thread):
        # a thread is as restricted as the channel it belongs to
        source = await client.fetch_channel(source.parent_id)
    if not getattr(source, "nsfw", False):
        return True
    target: Any = await client.fetch_channel(target_id)
    return bool(getattr(target, "nsfw", False))


async def place_of(client: discord.Client, guild_id: int, channel_id: int) -> Place:
    """One channel of a server; without a kind where there is none of that id.

    Raises: DeliveryError where Discord is unavailable.
    """
    return (await places_of(client, guild_id)).get(channel_id, Place(channel_id))
