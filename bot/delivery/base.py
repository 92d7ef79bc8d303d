"""What every kind of poster needs: the client, the renderer, and where messages are."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import discord

from bot.delivery.rendering import MessageRenderer
from bot.discord_rest.errors import discord_faults
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

    async def _send(
        self,
        outgoing: OutboxMessage,
        content: str,
        attached: Sequence[discord.File],
        *,
        size_bytes: int = 0,
        mentions: discord.AllowedMentions = NOBODY,
        **more: Any,
    ) -> tuple[int, int]:
        """Send once with the message's nonce; return the channel's and the message's id.

        Closes the files. `size_bytes` of them lengthens the time-out; `more` is discord.py's own.
        Raises: PlaceGone, FileTooLarge, MessageGone, DeliveryRefused, DiscordUnavailable.
        """
        try:
            async with discord_faults("send", CALL_TIMEOUT_S + size_bytes / SLOWEST_BYTES_PER_S):
                place = await self._place(outgoing)
                message = await place.send(
                    content,
                    files=attached,
                    nonce=outgoing.nonce,
                    allowed_mentions=mentions,
                    suppress_embeds=True,
                    **more,
                )
        finally:
            for each in attached:
                each.close()
        return message.channel.id, message.id

    def _is_own(self, message: discord.Message) -> bool:
        return self._client.user is not None and message.author.id == self._client.user.id


async def size_of(*files: Path | None) -> int:
    """How many bytes are to be uploaded."""
    there = [file for file in files if file is not None]
    if not there:
        return 0
    return await asyncio.to_thread(lambda: sum(file.stat().st_size for file in there))


async def upload_s(file: Path | None) -> float:
    """The time that uploading a file takes on a slow connection."""
    return await size_of(file) / SLOWEST_BYTES_PER_S
