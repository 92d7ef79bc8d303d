"""The files of one of the bot's messages, with links that are valid now, by REST."""

from typing import Final

import discord

from bot.discord_rest.errors import discord_faults

TIMEOUT_S: Final = 5.0


async def attachments_of(
    client: discord.Client, channel_id: int, message_id: int
) -> list[discord.Attachment]:
    """What is attached to a message. Raises: DeliveryError."""
    async with discord_faults("read", TIMEOUT_S):
        place = client.get_partial_messageable(channel_id)
        return (await place.fetch_message(message_id)).attachments
