"""What every kind of poster needs: the client, the renderer, and where messages are."""

import asyncio
from pathlib import Path
from typing import Final

import discord

from bot.delivery.rendering import MessageRenderer
from bot.errors import DiscordUnavailable
from bot.rules.catalogue import Catalogue
from bot.ui.texts import Texts
from storage.records import OutboxMessage

CALL_TIMEOUT_S: Final = 30.0
"""Includes discord.py's own retries."""
SLOWEST_BYTES_PER_S: Final = 100_000
"""Uploads get the time that a slow connection takes."""
NOBODY: Final = discord.AllowedMentions.none()

Place = discord.PartialMessageable | discord.DMChannel


class Poster:
    """Reaches channels and messages by their ids alone."""

    def __init__(
        self, client: discord.Client, texts: Texts, catalogue: Catalogue, currency: str = ""
    ) -> None:
        self._client = client
        self._renderer = MessageRenderer(texts, catalogue, currency)

    def _require_login(self) -> None:
        # before the log-in discord.py has no session to send with
        if self._client.user is None:
            raise DiscordUnavailable("not logged in yet")

    def _message(self, channel_id: int, message_id: int) -> discord.PartialMessage:
        self._require_login()
        return self._client.get_partial_messageable(channel_id).get_partial_message(message_id)

    async def _place(self, outgoing: OutboxMessage) -> Place:
        self._require_login()
        if outgoing.channel_id:
            return self._client.get_partial_messageable(
                outgoing.channel_id, guild_id=outgoing.guild_id or None
            )
        return await self._client.create_dm(discord.Object(outgoing.user_id))

    def _is_own(self, message: discord.Message) -> bool:
        return self._client.user is not None and message.author.id == self._client.user.id


async def upload_s(file: Path | None) -> float:
    """The time that uploading a file takes on a slow connection."""
    if file is None:
        return 0.0
    return (await asyncio.to_thread(file.stat)).st_size / SLOWEST_BYTES_PER_S
