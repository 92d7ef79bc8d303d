"""A channel's message history: permission to read it, and markers in its messages."""

from collections.abc import Iterator
from typing import Any

import discord


async def is_history_open(client: discord.Client, guild_id: int, channel_id: int) -> bool:
    """Whether the bot may read a channel's history, for a channel that shows no messages.

    Discord answers with an empty list where Read Message History is missing, so an empty answer
    proves nothing by itself. Raises discord.HTTPException where the place can't be asked.
    """
    place = client.get_partial_messageable(channel_id, guild_id=guild_id or None)
    async for _ in place.history(limit=1):
        return True
    known = _from_cache(client, guild_id, channel_id)
    if known is None:
        known = await asked_permissions(client, guild_id, channel_id)
    return known.administrator or known.read_message_history


def _from_cache(
    client: discord.Client, guild_id: int, channel_id: int
) -> discord.Permissions | None:
    guild = client.get_guild(guild_id)
    if guild is None or guild.me is None:
        return None
    channel = guild.get_channel_or_thread(channel_id)
    if channel is None or (isinstance(channel, discord.Thread) and channel.parent is None):
        return None
    return channel.permissions_for(guild.me)


async def asked_permissions(
    client: discord.Client, guild_id: int, channel_id: int
) -> discord.Permissions:
    """The bot's own permissions in a channel or thread, by REST alone.

    Raises discord.HTTPException, and discord.InvalidData for a channel of another server.
    """
    guild = await client.fetch_guild(guild_id, with_counts=False)
    channel: Any = await guild.fetch_channel(channel_id)
    if isinstance(channel, discord.Thread):
        # a thread has the permissions of the channel it belongs to
        channel = await guild.fetch_channel(channel.parent_id)
    own_id = client.user.id if client.user is not None else 0
    permissions: discord.Permissions = channel.permissions_for(await guild.fetch_member(own_id))
    return permissions


def custom_ids_of(message: discord.Message) -> tuple[str, ...]:
    """Every custom_id of a message's components, however deep."""
    return tuple(_walk(message.components))


def _walk(components: Any) -> Iterator[str]:
    for component in components:
        custom_id = getattr(component, "custom_id", None)
        if isinstance(custom_id, str):
            yield custom_id
        yield from _walk(getattr(component, "children", ()))
